"""Opening a database: starting it where it is ours, and bringing its schema up to date where that is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from smtpy_desktop.database import migrate, roles
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.migration import SchemaReport, SchemaState
from smtpy_desktop.schemas.roles import DatabaseAccess
from smtpy_desktop.schemas.text import text

READ_ONLY = "READ_ONLY"


class OwnServer(Protocol):
    """A database server that the program starts itself."""

    def start(self) -> str:
        """Start it and return the database's address; blocking."""
        ...

    def stop(self) -> None:
        """Leave it; blocking."""
        ...


class SchemaUpgradeNeeded(UserFacingError):
    """A server's schema is older than the program; nothing is changed there without being told to."""

    def __init__(self, report: SchemaReport) -> None:
        self.report = report
        empty = report.state is SchemaState.EMPTY
        super().__init__(
            "SCHEMA_UPGRADE_NEEDED",
            text("This database has to be set up first.") if empty else text("This database has to be upgraded first."),
            detail=text("Steps: {steps}.", steps=", ".join(report.pending)),
            hint=text("Allow it in the window, or run: smtpy-desktop migrate"),
        )


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """An open database, how its schema stands, and what the role may do that opened it."""

    database: Database
    schema: SchemaReport
    access: DatabaseAccess = DatabaseAccess.FULL


Connect = Callable[[str], Database]


async def open_own(server: OwnServer, connect: Connect) -> OpenedDatabase:
    """Start our own server and open its database, upgrading the schema by itself.

    The server is left again when that fails or is cancelled; a start under way is waited for, it cannot be broken off.
    """
    starting = asyncio.ensure_future(asyncio.to_thread(server.start))
    try:
        url = await asyncio.shield(starting)
        return await open_database(connect(url), may_upgrade=True)
    except BaseException:
        await asyncio.wait([starting])
        await asyncio.to_thread(server.stop)
        raise


async def open_database(database: Database, *, may_upgrade: bool) -> OpenedDatabase:
    """Look at the schema and bring it up to date if allowed; raise SchemaUpgradeNeeded if not.

    A schema that is newer than the program, and one that the role may only read, is opened for reading alone.
    """
    try:
        with translated_errors():
            report = await _current_schema(database, may_upgrade=may_upgrade)
            async with database.read() as db:
                access = await roles.access_of_role(db)
    except BaseException:
        await database.close()
        raise
    database.read_only = _why_read_only(report, access)
    return OpenedDatabase(database, report, access)


def why_unchangeable(opened: OpenedDatabase) -> UserFacingError | None:
    """Return why the window and commands may change nothing there; None where they may.

    A forwarder's role may write mail, which is no reason to offer actions that fail at their first other table.
    """
    if opened.access is DatabaseAccess.FORWARD and opened.database.read_only is None:
        return UserFacingError(
            READ_ONLY,
            text("You are signed in to this database with a forwarder's role, which may write mail and nothing else."),
            hint=text("To make changes, sign in with a role that may, or ask the database's administrator."),
        )
    return opened.database.read_only


def _why_read_only(report: SchemaReport, access: DatabaseAccess) -> UserFacingError | None:
    """Return what is told to whoever wants to change something; None when that is possible."""
    if report.state is SchemaState.NEWER:
        return UserFacingError(
            READ_ONLY,
            text("This database was set up by a newer version of the program and is open for reading only."),
            hint=text("Update the program to make changes."),
        )
    if access is DatabaseAccess.CLOSED:
        return UserFacingError(
            READ_ONLY,
            text("The server takes no changes of this database now: it is a replica, or set to be read only."),
            hint=text("Connect to the server that takes changes, or ask the database's administrator."),
        )
    if access is DatabaseAccess.READ:
        return UserFacingError(
            READ_ONLY,
            text("You are signed in to this database with a role that may read it only."),
            hint=text("To make changes, sign in with a role that may, or ask the database's administrator."),
        )
    return None


async def _current_schema(database: Database, *, may_upgrade: bool) -> SchemaReport:
    report = await migrate.schema_report(database.engine)
    if not report.pending:
        return report
    if not may_upgrade:
        raise SchemaUpgradeNeeded(report)
    try:
        upgraded = await migrate.upgrade(database.engine)
    except migrate.UnfitSchema as error:
        raise _unfit(str(error)) from error
    async with database.begin() as db:
        if await roles.are_roles_in_use(db):
            await roles.set_up_roles(db)  # so that a new table is open to those that need it
    return upgraded


def _unfit(reason: str) -> UserFacingError:
    return UserFacingError(
        "SCHEMA_DAMAGED",
        text("This database could not be brought up to date: its tables are not as its version says."),
        detail=text("{reason}.", reason=reason.rstrip(".")),
        hint=text("Nothing was changed. Restore a backup, or undo what was changed in its tables by hand."),
    )
