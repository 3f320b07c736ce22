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
    numbers = await spool_database.draw_numbers(db, len(reports), len(deliveries), 0)
    await spool_database.write_messages(db, numbers.messages, reports)
    await spool_database.write_contents(db, numbers.messages, reports)
    await spool_database.write_envelopes(db, numbers.messages, reports, forwarder)
    await spool_database.write_deliveries(db, numbers, deliveries, forwarder=forwarder, lease_seconds=0)
