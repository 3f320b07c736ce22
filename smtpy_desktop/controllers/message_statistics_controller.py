"""Statistics of messages, read from the counts that the database keeps itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

from smtpy_desktop.controllers.side_by_side import first_failure
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.calendar_steps import step_bounds
from smtpy_desktop.database import message_counts_database, message_course_database, message_queue_database
from smtpy_desktop.database.message_count_sources import CountKind, Scope
from smtpy_desktop.database.message_course_database import Amounts
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.message_statistics import MessageStatistics, Queue, StatisticsPeriod
from smtpy_desktop.schemas.messages import CountPoint, MessageStatus, MessageTotals, RankedCount

_MOST_RANKED = 8


class _Whose(TypedDict):
    organization_id: OrganizationId | None
    domain_id: DomainId | None


async def message_totals(
    sessions: Sessions,
    *,
    organization_id: OrganizationId | None = None,
    domain_id: DomainId | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> MessageTotals:
    """Count messages by status, of all or of one organization or domain, of all time or of a range."""
    async with sessions.read() as db:
        return await message_counts_database.totals(db, Scope(organization_id, domain_id, since, until))


async def message_statistics(
    sessions: Sessions,
    period: StatisticsPeriod,
    *,
    organization_id: OrganizationId | None = None,
    domain_id: DomainId | None = None,
) -> MessageStatistics:
    """Return a period in numbers, with the period before it to compare with; its parts are read side by side."""
    whose: _Whose = {"organization_id": organization_id, "domain_id": domain_id}
    with first_failure():
        async with asyncio.TaskGroup() as group:
            course = group.create_task(_read_course(sessions, period, whose))
            outcome = group.create_task(_read_outcome(sessions, period, whose))
            domains = group.create_task(_read_domains(sessions, period, whose))
    points, steps, steps_before = course.result()
    found = outcome.result()
    return MessageStatistics(
        period,
        _totals(steps, found.durations),
        _totals(steps_before, found.durations_before) if period.since is not None else None,
        points,
        _ranked(found.reasons),
        {label: amount.messages for label, amount in found.reasons_before.items()},
        domains.result(),
        found.queue,
    )


async def top_senders(
    sessions: Sessions,
    period: StatisticsPeriod,
    *,
    organization_id: OrganizationId | None = None,
    domain_id: DomainId | None = None,
) -> tuple[RankedCount, ...]:
    """Return the busiest senders of a period; slower than the rest where the period is no whole month."""
    scope = Scope(organization_id, domain_id, period.since, _end(period))
    async with sessions.read() as db:
        return await message_counts_database.top_senders(db, _MOST_RANKED, scope)


@dataclass(frozen=True, slots=True)
class _Outcome:
    durations: Amounts
    durations_before: Amounts
    reasons: Amounts
    reasons_before: Amounts
    queue: Queue


async def _read_course(
    sessions: Sessions, period: StatisticsPeriod, whose: _Whose
) -> tuple[tuple[CountPoint, ...], Sequence[Amounts], Sequence[Amounts]]:
    """Return the points of the period, their amounts, and those of the period before."""
    async with sessions.read() as db:
        since = period.since or await message_course_database.first_month(db, **whose)
        if since is None:
            return (), (), ()
        bounds = step_bounds(since, period.until, period.step, period.zone)
        before = [] if period.before is None else [_start(period.before)]
        found = await message_course_database.course(
            db, CountKind.STATUS, (*before, *bounds), step=period.step, **whose
        )
    steps = found[len(before) :]
    points = [
        CountPoint(start, {MessageStatus(label): amount.messages for label, amount in amounts.items()})
        for start, amounts in zip(bounds, steps, strict=False)
    ]
    if period.since is None:
        first = next((place for place, point in enumerate(points) if point.counts), len(points))
        points = points[first:]
    return tuple(points), steps, found[: len(before)]


async def _read_outcome(sessions: Sessions, period: StatisticsPeriod, whose: _Whose) -> _Outcome:
    async with sessions.read() as db:
        since = period.since or await message_course_database.first_month(db, **whose)
        if since is None:
            return _Outcome({}, {}, {}, {}, Queue())
        bounds = (_start(period.before) if period.before is not None else since, since, period.until)
        durations = await message_course_database.course(db, CountKind.DURATION, bounds, **whose)
        reasons = await message_course_database.course(db, CountKind.REASON, bounds, **whose)
        queue = await message_queue_database.queue(db, **whose)
    return _Outcome(durations[1], durations[0], reasons[1], reasons[0], queue)


async def _read_domains(sessions: Sessions, period: StatisticsPeriod, whose: _Whose) -> tuple[RankedCount, ...]:
    if whose["domain_id"] is not None:
        return ()
    async with sessions.read() as db:
        scope = Scope(since=period.since, until=_end(period), **whose)
        return await message_counts_database.top_domains(db, _MOST_RANKED, scope)


def _start(period: StatisticsPeriod) -> datetime:
    """Return the beginning of a period that has one, as the period before another always has."""
    return period.since or period.until


def _end(period: StatisticsPeriod) -> datetime | None:
    """Return the end of a period; none where it has not come yet: then the whole last month is read at once."""
    return period.until if period.until <= datetime.now(UTC) else None


def _totals(steps: Sequence[Amounts], durations: Amounts) -> MessageTotals:
    counts: Counter[str] = Counter()
    size = 0
    for step in steps:
        counts.update({label: amount.messages for label, amount in step.items()})
        size += sum(amount.size_bytes for amount in step.values())
    by_status: Mapping[str, int] = {status.value: counts[status.value] for status in MessageStatus}
    return MessageTotals(
        total=sum(by_status.values()),
        size_bytes=size,
        median_delivery_seconds=message_counts_database.median_seconds(
            {int(label): amount.messages for label, amount in durations.items()}
        ),
        **by_status,
    )


def _ranked(reasons: Amounts) -> tuple[RankedCount, ...]:
    ranked = sorted(reasons.items(), key=lambda item: (-item[1].messages, item[0]))
    return tuple(RankedCount(label, amount.messages) for label, amount in ranked[:_MOST_RANKED])
