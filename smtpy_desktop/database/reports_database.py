"""Spooling reports of our own within the transaction that records why they are written."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database import spool_database
from smtpy_desktop.database.spool_database import NewDelivery
from smtpy_desktop.schemas.spool import SpooledMessage


async def spool_reports(db: AsyncSession, reports: Sequence[SpooledMessage], *, forwarder: str) -> None:
    """Write reports with their deliveries, which are due at once."""
    deliveries = [
        NewDelivery(place, target, is_leased=False) for place, report in enumerate(reports) for target in report.targets
    ]
    await spool_database.store(db, reports, deliveries, forwarder=forwarder, lease_seconds=0)
