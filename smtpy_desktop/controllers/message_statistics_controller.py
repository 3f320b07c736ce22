"""Statistics of messages, read from the counts that the database keeps itself."""

from __future__ import annotations

from datetime import datetime

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import message_counts_database
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.message_statistics import MessageStatistics, StatisticsPeriod
from smtpy_desktop.schemas.messages import MessageTotals, RankedCount

_MOST_RANKED = 8


async def message_totals(
    sessions: Sessions,
    *,
    organization_id: OrganizationId | None = None,
    domain_id: DomainId | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> MessageTotals:
    """Count messages by status, of all or of one organization or domain, of all time or of a range (UTC)."""
    async with sessions.read() as db:
        return await message_counts_database.totals(
            db, organization_id=organization_id, domain_id=domain_id, since=since, until=until
        )


async def message_statistics(
    sessions: Sessions,
    period: StatisticsPeriod,
    *,
    organization_id: OrganizationId | None = None,
    domain_id: DomainId | None = None,
) -> MessageStatistics:
    """Return a period in numbers, with the period before it to compare with."""
    since, until, before = period.since, period.until, period.before
    async with sessions.read() as db:
        totals = await message_counts_database.totals(
            db, organization_id=organization_id, domain_id=domain_id, since=since, until=until
        )
        earlier = None
        if before is not None:
            earlier = await message_counts_database.totals(
                db, organization_id=organization_id, domain_id=domain_id, since=before.since, until=before.until
            )
        points = await message_counts_database.series(
            db, period.step, organization_id=organization_id, domain_id=domain_id, since=since, until=until
        )
        reasons = await message_counts_database.top_reasons(
            db, _MOST_RANKED, organization_id=organization_id, domain_id=domain_id, since=since, until=until
        )
        domains = await message_counts_database.top_domains(
            db, _MOST_RANKED, organization_id=organization_id, domain_id=domain_id, since=since, until=until
        )
        queue = await message_counts_database.totals(db, organization_id=organization_id, domain_id=domain_id)
    return MessageStatistics(period, totals, earlier, points, reasons, domains, queue.pending + queue.processing)


async def top_senders(
    sessions: Sessions,
    period: StatisticsPeriod,
    *,
    organization_id: OrganizationId | None = None,
    domain_id: DomainId | None = None,
) -> tuple[RankedCount, ...]:
    """Return the busiest senders of a period; slower than the rest where the period is no whole month."""
    async with sessions.read() as db:
        return await message_counts_database.top_senders(
            db,
            _MOST_RANKED,
            organization_id=organization_id,
            domain_id=domain_id,
            since=period.since,
            until=period.until,
        )
