"""Reading and writing the audit log."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import AuditRecord
from smtpy_desktop.schemas.audit import Actor, AuditEntry, AuditRow


async def record(db: AsyncSession, actor: Actor, *entries: AuditEntry) -> None:
    """Write down changes in the same transaction that makes them."""
    if entries:
        await db.execute(
            insert(AuditRecord),
            [
                {
                    "actor": actor.name,
                    "via": actor.via,
                    "action": entry.action,
                    "object_type": entry.object_type,
                    "object_id": entry.object_id,
                    "object_name": entry.object_name,
                    "organization_id": entry.organization_id,
                    "changes": dict(entry.changes),
                }
                for entry in entries
            ],
        )


async def list_entries(db: AsyncSession, *, before: int | None, text: str, limit: int) -> tuple[AuditRow, ...]:
    """Return the newest entries with an id below ``before``; ``text`` is searched literally in names and actions."""
    statement = select(AuditRecord).order_by(AuditRecord.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditRecord.id < before)
    if text:
        matches = [
            column.icontains(text, autoescape=True)
            for column in (AuditRecord.object_name, AuditRecord.action, AuditRecord.actor)
        ]
        statement = statement.where(matches[0] | matches[1] | matches[2])
    return tuple(_row(found) for found in (await db.scalars(statement)))


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
