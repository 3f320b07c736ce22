"""Reading and writing the audit log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import AuditRecord
from smtpy_desktop.schemas.audit import Actor, AuditEntry, AuditRow
from smtpy_desktop.schemas.paging import ListShape, Page, Position


async def record(db: AsyncSession, actor: Actor, *entries: AuditEntry) -> None:
    """Write down changes in the same transaction that makes them."""
    if entries:
        await db.execute(insert(AuditRecord), [_values(actor, entry) for entry in entries])


async def record_part(db: AsyncSession, actor: Actor, entry: AuditEntry, line: int | None) -> int:
    """Write down one more part of a change that takes several transactions; return the number of its line in the log.

    ``line`` is that number once the first part was written: from then on the line's ``changes`` are brought up to date.
    """
    if line is None:
        statement = insert(AuditRecord).values(_values(actor, entry)).returning(AuditRecord.id)
        return int((await db.execute(statement)).scalar_one())
    await db.execute(update(AuditRecord).where(AuditRecord.id == line).values(changes=dict(entry.changes)))
    return line


async def list_entries(
    db: AsyncSession, *, before: int | None, texts: Collection[str], limit: int
) -> tuple[AuditRow, ...]:
    """Return the newest entries with an id below ``before`` that hold one of ``texts``; all where there are none.

    Texts are searched literally in names and actions.
    """
    statement = _filtered(select(AuditRecord), texts).order_by(AuditRecord.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditRecord.id < before)
    return tuple(_row(found) for found in (await db.scalars(statement)))


async def list_page(db: AsyncSession, texts: Collection[str], position: Position, limit: int) -> Page[AuditRow]:
    """Return up to ``limit`` consecutive entries, the newest first, beginning at ``position``; keys are ids."""
    statement = _filtered(select(AuditRecord), texts).order_by(AuditRecord.id.desc()).limit(limit)
    if position.key is not None:
        row_id = position.key[1]
        statement = statement.where(AuditRecord.id <= row_id if position.inclusive else AuditRecord.id < row_id)
    rows = tuple(_row(found) for found in (await db.scalars(statement)))
    return Page(rows, tuple((row.id, row.id) for row in rows))


async def list_shape(db: AsyncSession, texts: Collection[str], step: int) -> ListShape:
    """Return how many entries there are and the key of every ``step``-th of them, in one pass."""
    place = func.row_number().over(order_by=AuditRecord.id.desc()).label("place")
    total = func.count().over().label("total")
    numbered = _filtered(select(AuditRecord.id.label("id"), place, total), texts).subquery()
    found = (
        await db.execute(
            select(numbered.c.id, numbered.c.total).where((numbered.c.place - 1) % step == 0).order_by(numbered.c.place)
        )
    ).all()
    return ListShape(found[0].total if found else 0, step, tuple((row.id, row.id) for row in found))


def _values(actor: Actor, entry: AuditEntry) -> dict[str, Any]:
    return {
        "actor": actor.name,
        "via": actor.via,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "object_name": entry.object_name,
        "organization_id": entry.organization_id,
        "changes": dict(entry.changes),
    }


def _filtered(statement: Select[Any], texts: Collection[str]) -> Select[Any]:
    if not texts:
        return statement
    columns = (AuditRecord.object_name, AuditRecord.action, AuditRecord.actor, AuditRecord.via)
    return statement.where(or_(*(column.icontains(text, autoescape=True) for column in columns for text in texts)))


def _row(found: AuditRecord) -> AuditRow:
    return AuditRow(
        id=found.id,
        at=found.at,
        actor=found.actor,
        via=found.via,
        action=found.action,
        object_type=found.object_type,
        object_id=found.object_id,
        object_name=found.object_name,
        changes=found.changes,
    )
