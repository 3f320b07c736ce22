"""How many messages there are, by status, time, domain, sender and reason: read from the database's own counts.

Times are UTC: a day is a day in UTC. Everything adds up exactly, at any moment, whatever others are writing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, and_, cast, delete, func, literal_column, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.message_count_sources import DURATION_STEPS, EVERYTHING, CountKind, Scope, Source, counts
from smtpy_desktop.database.models import (
    MESSAGE_COUNT_CHANGES,
    Domain,
    MessageHourCount,
    MessagePeriodCount,
    MessageSenderCount,
)
from smtpy_desktop.schemas.messages import CountPoint, MessageStatus, MessageTotals, RankedCount

_STEPS = {"hour": Source.HOURS, "day": Source.DAYS, "month": Source.MONTHS}


async def totals(db: AsyncSession, scope: Scope = EVERYTHING) -> MessageTotals:
    """Count messages by status."""
    found = counts(scope, CountKind.STATUS)
    statement = select(found.c.label, _sum(found.c.count), _sum(found.c.size_bytes)).group_by(found.c.label)
    rows = {label: (count, size) for label, count, size in await db.execute(statement)}
    by_status = {status.value: rows.get(status.value, (0, 0))[0] for status in MessageStatus}
    return MessageTotals(
        total=sum(by_status.values()),
        size_bytes=sum(size for _, size in rows.values()),
        median_delivery_seconds=await _median_seconds(db, scope),
        **by_status,
    )


async def series(db: AsyncSession, step: str, scope: Scope = EVERYTHING) -> tuple[CountPoint, ...]:
    """Return the counts by status of every ``hour``, ``day`` or ``month`` that has messages, oldest first."""
    found = counts(scope, CountKind.STATUS, coarsest=_STEPS[step])
    start = func.date_trunc(step, found.c.start, "UTC").label("step")
    total = _sum(found.c.count)
    statement = select(start, found.c.label, total).group_by(start, found.c.label).having(total != 0).order_by(start)
    points: dict[datetime, dict[MessageStatus, int]] = {}
    for moment, label, count in await db.execute(statement):
        points.setdefault(moment, {})[MessageStatus(label)] = count
    return tuple(CountPoint(moment, by_status) for moment, by_status in points.items())


async def top_domains(db: AsyncSession, limit: int, scope: Scope = EVERYTHING) -> tuple[RankedCount, ...]:
    """Return the domains with the most messages, the busiest first."""
    found = counts(scope, CountKind.STATUS, by_domain=True)
    summed = select(found.c.domain_id, _sum(found.c.count).label("total")).group_by(found.c.domain_id).subquery()
    statement = (
        select(Domain.name, summed.c.total)
        .join(Domain, Domain.id == summed.c.domain_id)
        .where(summed.c.total > 0)
        .order_by(summed.c.total.desc(), Domain.name)
    )
    return await _ranked(db, statement.limit(limit))


async def top_senders(db: AsyncSession, limit: int, scope: Scope = EVERYTHING) -> tuple[RankedCount, ...]:
    """Return the senders (lower case, their first 200 characters) with the most messages, the busiest first.

    At once for all time and for whole months; the broken months at the ends of a range are counted message by message.
    """
    if scope.since is None and scope.until is None and scope.organization_id is None:
        return await _ranked(db, _senders_ever(scope.domain_id or 0, limit))
    found = counts(scope, CountKind.SENDER)
    return await _ranked(db, _most(found, limit))


async def top_reasons(db: AsyncSession, limit: int, scope: Scope = EVERYTHING) -> tuple[RankedCount, ...]:
    """Return the bounce classes of failed, bounced and rejected messages, the most frequent first."""
    found = counts(scope, CountKind.REASON)
    return await _ranked(db, _most(found, limit))


async def fold_changes(db: AsyncSession) -> int:
    """Fold what writers told into the counts (it changes no result), and return how many changes that were.

    0 also when somebody else is at it.
    """
    return int((await db.execute(text("SELECT smtpy_fold_message_counts(50000)"))).scalar_one())


async def drop_empty_counts(db: AsyncSession, limit: int) -> int:
    """Delete up to ``limit`` counts of each kind that have become 0, as those of deleted messages; return how many."""
    hours, periods, senders = MessageHourCount, MessagePeriodCount, MessageSenderCount
    gone = 0
    for table, is_empty in (
        (hours, and_(hours.count == 0, hours.size_bytes == 0)),
        (periods, and_(periods.count == 0, periods.size_bytes == 0)),
        (senders, senders.count == 0),
    ):
        place: Any = literal_column("ctid")
        few = select(place).select_from(table).where(is_empty).limit(limit).with_for_update(skip_locked=True)
        statement = delete(table).where(place.in_(few), is_empty).returning(table.domain_id)
        found = await db.execute(statement, execution_options={"synchronize_session": False})
        gone += len(found.all())
    return gone


async def recount(db: AsyncSession) -> None:
    """Count all messages anew; writers wait meanwhile."""
    await db.execute(text("SELECT smtpy_recount_messages()"))


async def _median_seconds(db: AsyncSession, scope: Scope) -> float | None:
    found = counts(scope, CountKind.DURATION)
    statement = select(found.c.label, _sum(found.c.count)).group_by(found.c.label)
    return median_seconds({int(label): count for label, count in await db.execute(statement) if count > 0})


def median_seconds(by_step: Mapping[int, int]) -> float | None:
    """Return the median out of a histogram, as if a step's durations were spread evenly over it."""
    middle = sum(by_step.values()) / 2
    for step, count in sorted(by_step.items()):
        if count >= middle:
            return math.expm1((step + middle / count) / DURATION_STEPS)
        middle -= count
    return None


def _senders_ever(domain_id: int, limit: int) -> Select[Any]:
    """Ask for the busiest senders ever.

    Folded counts are read from their index; as many more as there are changed senders, so that none that moves up or
    down on account of a change is missed.
    """
    changes = MESSAGE_COUNT_CHANGES.c
    kept = MessageSenderCount
    is_mine = [kept.start == literal_column("'-infinity'::timestamptz"), kept.domain_id == domain_id]
    changed = select(changes.sender, _sum(changes.count).label("count")).group_by(changes.sender)
    if domain_id:
        changed = changed.where(changes.domain_id == domain_id)
    new = changed.cte("changed")
    enough = select(func.count() + limit).select_from(new).scalar_subquery()
    busiest = select(kept.sender).where(*is_mine).order_by(kept.count.desc()).limit(enough).subquery()
    candidates = union(select(busiest.c.sender), select(new.c.sender)).subquery("candidates")
    sender = candidates.c.sender
    old_count = select(kept.count).where(*is_mine, kept.sender == sender).scalar_subquery()
    new_count = select(new.c.count).where(new.c.sender == sender).scalar_subquery()
    total = func.coalesce(old_count, 0) + func.coalesce(new_count, 0)
    ranked = select(sender, total.label("total")).subquery()
    return (
        select(ranked.c.sender, ranked.c.total)
        .where(ranked.c.total > 0)
        .order_by(ranked.c.total.desc(), ranked.c.sender)
        .limit(limit)
    )


def _most(found: Any, limit: int) -> Select[Any]:
    total = _sum(found.c.count)
    statement = select(found.c.label, total).group_by(found.c.label).having(total > 0)
    return statement.order_by(total.desc(), found.c.label).limit(limit)


async def _ranked(db: AsyncSession, statement: Select[Any]) -> tuple[RankedCount, ...]:
    return tuple(RankedCount(label, count) for label, count in await db.execute(statement))


def _sum(column: Any) -> Any:
    return cast(func.sum(column), BigInteger)
