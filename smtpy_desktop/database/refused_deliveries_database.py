"""Queries on requests to the webhook that were no genuine events."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import RefusedDeliveryRecord
from smtpy_desktop.schemas.webhook_events import RefusedDelivery, SignatureVerdict

KEPT = 500
"""How many are kept, so that nobody can fill the disk with them."""


async def add(db: AsyncSession, verdict: SignatureVerdict, claimed_type: str, claimed_id: str, size: int) -> None:
    """Note a refused request, and forget those that are too many."""
    made = RefusedDeliveryRecord(verdict=verdict.value, claimed_type=claimed_type, claimed_id=claimed_id, size=size)
    db.add(made)
    await db.flush()
    if made.id % 50 == 0:  # seldom enough to cost nothing
        oldest = select(func.max(RefusedDeliveryRecord.id) - KEPT).scalar_subquery()
        await db.execute(delete(RefusedDeliveryRecord).where(RefusedDeliveryRecord.id <= oldest))


async def latest(db: AsyncSession, limit: int = KEPT) -> tuple[RefusedDelivery, ...]:
    """Return the latest refused requests, newest first."""
    statement = select(RefusedDeliveryRecord).order_by(RefusedDeliveryRecord.id.desc()).limit(limit)
    return tuple(
        RefusedDelivery(row.id, row.at, SignatureVerdict(row.verdict), row.claimed_type, row.claimed_id, row.size)
        for row in (await db.execute(statement)).scalars()
    )
