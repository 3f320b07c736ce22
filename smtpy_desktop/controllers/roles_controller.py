"""The database's groups of roles: setting them up, and what each of them is for."""

from __future__ import annotations

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import roles
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.roles import GrantedRole
from smtpy_desktop.schemas.text import Text, text

FORBIDDEN = "DATABASE_FORBIDDEN"


async def set_up_roles(sessions: Sessions) -> tuple[GrantedRole, ...]:
    """Make the groups of roles, or bring their rights up to date, and return them with those that are in each.

    Raises UserFacingError when the role that is signed in may not: it has to own the tables, and make roles.
    """
    try:
        async with sessions.begin() as db:
            if await roles.owns_tables(db):
                return await roles.set_up_roles(db)
    except UserFacingError as error:
        if error.code != FORBIDDEN:
            raise
        raise _may_not(error.detail) from error
    raise _may_not(text("The tables belong to another role."))


def _may_not(why: Text | None) -> UserFacingError:
    return UserFacingError(
        FORBIDDEN,
        text("This role may not set up the groups of roles."),
        detail=why,
        hint=text("Sign in with the role that owns the tables and may make roles (CREATEROLE), or a superuser."),
    )
