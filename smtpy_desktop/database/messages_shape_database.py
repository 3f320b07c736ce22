"""How long a list of messages is and where its parts begin: from the counts where they know, else by reading it all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, true, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.message_conditions import is_in_span
from smtpy_desktop.database.message_narrowing import Narrowing, narrow
from smtpy_desktop.database.messages_list_database import SORT_VALUES, planned_rows
from smtpy_desktop.database.models import MESSAGE_COUNT_CHANGES, Domain, Message, MessagePeriodCount
from smtpy_desktop.schemas.message_search import MessageCount, MessageQuery, TimeSpan
from smtpy_desktop.schemas.messages import MessageSort
from smtpy_desktop.schemas.paging import Key, ListShape

HOP = 2000
"""Rows from one key to the next where an index alone tells the keys."""

MOST_LOOKED_FOR = 3000
"""Rows up to which an estimate is made exact by a look."""

_COUNTED_SORTS = frozenset({MessageSort.CREATED, MessageSort.DOMAIN, MessageSort.STATUS})
_DAY = timedelta(days=1)
_LAST_ID = 2**63 - 1
_LONGEST_READING = 60_000  # milliseconds
_SORTING_MEMORY = "128MB"


async def list_shape(db: AsyncSession, query: MessageQuery, step: int) -> ListShape:
    """Return the length of the list, and keys by which any part of it is read.

    At once for the orders of time, domain and status, unless words or sizes are asked for; else everything is counted,
    by an index alone unless words are asked for. That takes as long as it takes: cancel it when it is not wanted any
    more.
    """
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return ListShape(0, step, ())
    if query.sort is MessageSort.CREATED and not narrowing.others:
        return _by_starts(step, await _day_parts(db, narrowing, descending=query.descending))
    if query.sort in (MessageSort.DOMAIN, MessageSort.STATUS) and _is_counted(narrowing):
        return _by_starts(step, await _grouped_parts(db, query, narrowing))
    await _allow_long_reading(db)
    if query.sort in _COUNTED_SORTS:
        return _by_starts(step, await _counted_parts(db, query, narrowing))
    return await (_read_shape if narrowing.of_rows else _hop_through)(db, query, narrowing, step)


async def rough_shape(db: AsyncSession, query: MessageQuery, step: int) -> ListShape | None:
    """Return the length of the list at once, where counts know it and ``list_shape`` takes longer; else None."""
    narrowing = await narrow(db, query)
    if narrowing.is_empty or narrowing.others or query.sort in _COUNTED_SORTS:
        return None
    total = sum(count for _, count in await _day_parts(db, narrowing, descending=True))
    return ListShape(total, step, (), is_rough=True)


async def count_messages(db: AsyncSession, query: MessageQuery) -> int:
    """Return the exact number of messages, which may take seconds where words are asked for."""
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return 0
    if not narrowing.others:
        return sum(count for _, count in await _day_parts(db, narrowing, descending=True))
    await _allow_long_reading(db)
    return await _counted(db, narrowing)


async def estimate_messages(db: AsyncSession, query: MessageQuery) -> MessageCount:
    """Return the number of messages at once: exact where counts or a short look give it, else as planned."""
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return MessageCount(0, is_exact=True)
    if not narrowing.others:
        count = sum(count for _, count in await _day_parts(db, narrowing, descending=True))
        return MessageCount(count, is_exact=True)
    expected = await planned_rows(db, narrowing.conditions())
    if expected > MOST_LOOKED_FOR:
        return MessageCount(expected, is_exact=False)
    few = select(Message.id).where(*narrowing.conditions()).limit(MOST_LOOKED_FOR + 1).subquery()
    count = int(await db.scalar(select(func.count()).select_from(few)) or 0)
    return MessageCount(count, is_exact=count <= MOST_LOOKED_FOR)


Part = tuple[Key, int]
"""Where a part of the list begins, and how many rows it has."""


def _by_starts(step: int, parts: list[Part]) -> ListShape:
    anchors: list[Key] = []
    starts: list[int] = []
    total = 0
    for key, count in parts:
        if count > 0:
            anchors.append(key)
            starts.append(total)
            total += count
    return ListShape(total, step, tuple(anchors), tuple(starts))


def _is_counted(narrowing: Narrowing) -> bool:
    return not narrowing.others and narrowing.span == TimeSpan(None, None)


async def _day_parts(db: AsyncSession, narrowing: Narrowing, *, descending: bool) -> list[Part]:
    """Return the days in the order of the list; the ends of a span are counted in the table itself."""
    span = narrowing.span
    days: dict[datetime, int] = {}
    for start, count in (await _counts(db, narrowing, "start")).items():
        since, until = max(start, span.since or start), min(start + _DAY, span.until or start + _DAY)
        if since >= until:
            continue
        if until - since < _DAY:
            inside = is_in_span(TimeSpan(since, until))
            own = [*narrowing.conditions(), inside]
            count = int(await db.scalar(select(func.count()).select_from(Message).where(*own)) or 0)  # noqa: PLW2901
        days[start] = count
    return _by_day(days, descending=descending)


def _by_day(days: Mapping[datetime, int], *, descending: bool) -> list[Part]:
    # No row has the number 0: the key lies between the days.
    if descending:
        return [((start + _DAY, 0), days[start]) for start in sorted(days, reverse=True)]
    return [((start, 0), days[start]) for start in sorted(days)]


async def _grouped_parts(db: AsyncSession, query: MessageQuery, narrowing: Narrowing) -> list[Part]:
    if query.sort is MessageSort.STATUS:
        return _by_status(await _counts(db, narrowing, "label"), descending=query.descending)
    return await _by_domain(db, await _counts(db, narrowing, "domain_id"), descending=query.descending)


async def _counted_parts(db: AsyncSession, query: MessageQuery, narrowing: Narrowing) -> list[Part]:
    """Count what is wanted in the table itself, by the day, domain or status that the list is sorted by."""
    day = func.date_trunc("day", Message.created_at, "UTC")
    by: Any = {MessageSort.CREATED: day, MessageSort.STATUS: Message.status}.get(query.sort, Message.domain_id)
    counted = select(by.label("value"), func.count().label("amount")).where(*narrowing.conditions()).group_by("value")
    found = {row.value: int(row.amount) for row in await db.execute(counted)}
    if query.sort is MessageSort.CREATED:
        return _by_day({start.astimezone(UTC): found[start] for start in found}, descending=query.descending)
    if query.sort is MessageSort.STATUS:
        return _by_status(found, descending=query.descending)
    return await _by_domain(db, found, descending=query.descending)


def _by_status(counts: Mapping[str, int], *, descending: bool) -> list[Part]:
    edge = _LAST_ID if descending else 0
    return [((status, edge), counts[status]) for status in sorted(counts, reverse=descending)]


async def _by_domain(db: AsyncSession, counts: Mapping[int, int], *, descending: bool) -> list[Part]:
    edge = _LAST_ID if descending else 0
    name = Domain.name
    names = await db.execute(select(Domain.id, name).order_by(name.desc() if descending else name))
    return [((row.name, edge), counts[row.id]) for row in names if row.id in counts]


async def _counts(db: AsyncSession, narrowing: Narrowing, by: str) -> Counter[Any]:
    """Add up the counts by ``start`` (day), ``label`` (status) or ``domain_id``, of the domains and statuses wanted."""
    found: Counter[Any] = Counter()
    for row in await db.execute(union_all(_folded(narrowing, by), _unfolded(narrowing, by))):
        value = row.value.astimezone(UTC) if isinstance(row.value, datetime) else row.value
        found[value] += int(row.amount)
    return found


def _folded(narrowing: Narrowing, by: str) -> Select[Any]:
    counts = MessagePeriodCount
    column = getattr(counts, by)
    conditions: list[ColumnElement[bool]] = [
        counts.kind == "status",
        counts.period == ("day" if by == "start" else "month"),
    ]
    if narrowing.domain_ids is not None:
        conditions.append(is_one_of(counts.domain_id, narrowing.domain_ids))
    else:
        conditions.append(counts.domain_id != 0 if by == "domain_id" else counts.domain_id == 0)
    if narrowing.statuses is not None:
        conditions.append(counts.label.in_(sorted(narrowing.statuses)))
    if by == "start":
        conditions += _days_around(counts.start, narrowing.span)
    return select(column.label("value"), func.sum(counts.count).label("amount")).where(*conditions).group_by(column)


def _unfolded(narrowing: Narrowing, by: str) -> Select[Any]:
    changes = MESSAGE_COUNT_CHANGES.c
    day = func.date_trunc("day", changes.hour, "UTC")
    column = {"start": day, "label": changes.status, "domain_id": changes.domain_id}[by]
    conditions: list[ColumnElement[bool]] = []
    if narrowing.domain_ids is not None:
        conditions.append(is_one_of(changes.domain_id, narrowing.domain_ids))
    if narrowing.statuses is not None:
        conditions.append(changes.status.in_(sorted(narrowing.statuses)))
    if by == "start":
        conditions += _days_around(changes.hour, narrowing.span)
    changed = select(column.label("value"), changes.count.label("amount")).where(*conditions).subquery()
    return select(changed.c.value, func.sum(changed.c.amount).label("amount")).group_by(changed.c.value)


def _days_around(column: Any, span: TimeSpan) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if span.since is not None:
        conditions.append(column >= span.since - _DAY)
    if span.until is not None:
        conditions.append(column < span.until + _DAY)
    return conditions


async def _hop_through(db: AsyncSession, query: MessageQuery, narrowing: Narrowing, step: int) -> ListShape:
    """Hop from key to key through the index of the order, which is several times quicker than numbering every row."""
    value, conditions = SORT_VALUES[query.sort], narrowing.conditions()
    order = (value.desc(), Message.id.desc()) if query.descending else (value, Message.id)
    first = select(value.label("sort_value"), Message.id.label("id")).where(*conditions).order_by(*order).limit(1)
    hops = first.cte("hops", recursive=True)
    place, there = tuple_(value, Message.id), tuple_(hops.c.sort_value, hops.c.id)
    following = (
        select(value.label("sort_value"), Message.id.label("id"))
        .where(*conditions, place < there if query.descending else place > there)
        .order_by(*order)
        .offset(HOP - 1)
        .limit(1)
        .correlate(hops)
        .lateral("following")
    )
    hops = hops.union_all(select(following.c.sort_value, following.c.id).select_from(hops).join(following, true()))
    rows = (await db.execute(select(hops.c.sort_value, hops.c.id))).all()
    if not rows:
        return ListShape(0, step, ())
    last = tuple_(*rows[-1])
    left = (
        select(func.count())
        .select_from(Message)
        .where(*conditions, place <= last if query.descending else place >= last)
    )
    total = (len(rows) - 1) * HOP + int(await db.scalar(left) or 0)
    anchors = tuple((row.sort_value, row.id) for row in rows)
    return ListShape(total, step, anchors, tuple(range(0, len(rows) * HOP, HOP)))


async def _read_shape(db: AsyncSession, query: MessageQuery, narrowing: Narrowing, step: int) -> ListShape:
    """Number everything that is wanted, in one pass."""
    value = SORT_VALUES[query.sort]
    order = (value.desc(), Message.id.desc()) if query.descending else (value, Message.id)
    numbered = (
        select(
            value.label("sort_value"),
            Message.id,
            func.row_number().over(order_by=order).label("place"),
            func.count().over().label("total"),
        )
        .where(*narrowing.conditions())
        .subquery()
    )
    rows = (
        await db.execute(
            select(numbered.c.sort_value, numbered.c.id, numbered.c.total)
            .where((numbered.c.place - 1) % literal(step) == 0)
            .order_by(numbered.c.place)
        )
    ).all()
    return ListShape(rows[0].total if rows else 0, step, tuple((row.sort_value, row.id) for row in rows))


async def _counted(db: AsyncSession, narrowing: Narrowing) -> int:
    return int(await db.scalar(select(func.count()).select_from(Message).where(*narrowing.conditions())) or 0)


async def _allow_long_reading(db: AsyncSession) -> None:
    longer = func.set_config("statement_timeout", str(_LONGEST_READING), true())
    await db.execute(select(longer, func.set_config("work_mem", _SORTING_MEMORY, true())))
