"""The audit log, for reading."""

from __future__ import annotations

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.database import audit_database
from smtpy_desktop.schemas.audit import AuditRow
from smtpy_desktop.schemas.paging import ListShape, Page, Position


async def list_entries(
    sessions: Sessions, *, before: int | None = None, text: str = "", limit: int = 200
) -> tuple[AuditRow, ...]:
    """Return the newest entries below an id (go on with the id of the last one)."""
    async with sessions.read() as db:
        return await audit_database.list_entries(db, before=before, texts=_spellings(text), limit=limit)


async def list_page(sessions: Sessions, text: str, position: Position, limit: int) -> Page[AuditRow]:
    """Return consecutive entries of the log, the newest first."""
    async with sessions.read() as db:
        return await audit_database.list_page(db, _spellings(text), position, limit)


async def list_shape(sessions: Sessions, text: str, step: int) -> ListShape:
    """Return how long the log is and where its parts begin."""
    async with sessions.read() as db:
        return await audit_database.list_shape(db, _spellings(text), step)


def _spellings(text: str) -> tuple[str, ...]:
    """Return a text as it was typed and, as domains are written down by their A-labels, as those; nothing for none."""
    typed = text.strip()
    if typed.isascii():
        return (typed,) if typed else ()
    try:
        return typed, normalize_name(typed).name
    except NameFault:
        return (typed,)
