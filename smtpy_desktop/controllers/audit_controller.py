"""The audit log, for reading."""

from __future__ import annotations

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import audit_database
from smtpy_desktop.schemas.audit import AuditRow


async def list_entries(
    sessions: Sessions, *, before: int | None = None, text: str = "", limit: int = 200
) -> tuple[AuditRow, ...]:
    """Return the newest entries below an id (go on with the id of the last one)."""
    async with sessions.read() as db:
        return await audit_database.list_entries(db, before=before, text=text, limit=limit)
