"""What tells this installation from others that use the same Stripe account, and how Stripe hears of organizations."""

from __future__ import annotations

import secrets

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import organizations_database, settings_database
from smtpy_desktop.schemas.identifiers import OrganizationId

_KEY = "installation.id"


async def installation_id(sessions: Sessions) -> str:
    """Return the installation's random name, made when it is first asked for."""
    async with sessions.begin() as db:
        return await settings_database.value_or_first(db, _KEY, secrets.token_hex(8))


async def organization_reference(sessions: Sessions, organization_id: OrganizationId) -> str:
    """Return how an organization is named at Stripe."""
    return f"{await installation_id(sessions)}/{organization_id}"


async def organization_in_reference(sessions: Sessions, reference: str) -> OrganizationId | None:
    """Return which organization of this installation is named; None when it is another's, or gone."""
    installation, _, number = reference.rpartition("/")
    if installation != await installation_id(sessions) or not number.isdecimal() or len(number) > 18:
        return None
    async with sessions.read() as db:
        found = await organizations_database.get_organization(db, OrganizationId(int(number)))
    return found.id if found is not None else None
