"""The queue in a few figures, quick to get however long it is."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import DeliveryRecord
from smtpy_desktop.schemas.forwarding_state import QueueFigures

_WAITING = ("queued", "deferred", "uncertain")


async def queue_figures(db: AsyncSession, forwarder: str) -> QueueFigures:
    """Return the figures; ``forwarder`` names the process whose leases are counted apart."""
    due = (DeliveryRecord.state.in_(_WAITING), DeliveryRecord.held_at.is_(None))
    is_sending = DeliveryRecord.state == "sending"
    late = func.extract("epoch", func.now() - func.min(DeliveryRecord.next_attempt_at))
    # One index for each figure; together they would read the table.
    return QueueFigures(
        waiting=await _count(db, *due),
        sending=await _count(db, is_sending),
        held=await _count(db, DeliveryRecord.held_at.is_not(None), DeliveryRecord.state.in_(_WAITING)),
        leased_here=await _count(db, is_sending, DeliveryRecord.leased_by == forwarder),
        overdue_seconds=max(0.0, float((await db.execute(select(late).where(*due))).scalar_one() or 0.0)),
    )


async def _count(db: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(DeliveryRecord).where(*conditions)
    return (await db.execute(statement)).scalar_one()
