"""How many messages came in each of the stretches of time that follow each other, between any moments, exactly.

The roll-up counts hours, days and months of UTC. A day of Berlin is a day of UTC and what was counted between their
beginnings, one or two hours; so each bound is taken to the nearest month, from there to the nearest day, to the nearest
hour and at last, in zones with half hours, to the very moment among the messages themselves. All of it is one
statement, so that what is written meanwhile is counted in full or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Select,
    Text,
    and_,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.message_count_sources import CountKind, Scope, Source, label_of
from smtpy_desktop.database.models import MESSAGE_COUNT_CHANGES, Message, MessageHourCount, MessagePeriodCount

_LEVELS = {
    CountKind.STATUS: (Source.MONTHS, Source.DAYS, Source.HOURS),
    CountKind.REASON: (Source.MONTHS, Source.DAYS),
    CountKind.DURATION: (Source.MONTHS, Source.DAYS),
}
_COARSEST = {"hour": Source.HOURS, "day": Source.DAYS, "month": Source.MONTHS}
_CHANGES = MESSAGE_COUNT_CHANGES.c
_TIMES: ARRAY[datetime] = ARRAY(DateTime(timezone=True))


class Amount(NamedTuple):
    """So many messages, and their bytes."""

    messages: int
    size_bytes: int


Amounts = Mapping[str, Amount]
"""The amounts of one stretch of time, by status, reason or duration step."""


@dataclass(frozen=True, slots=True)
class _Span:
    """What a bound is away from the one that it was rounded to: the step before it gains it, or (-1) loses it."""

    bound: int
    start: datetime
    end: datetime
    sign: int


@dataclass(frozen=True, slots=True)
class _Level:
    """A source, the bounds rounded to it, and what is between these and the ones of the coarser source."""

    source: Source
    bounds: tuple[datetime, ...]
    spans: tuple[_Span, ...] = ()

    @property
    def cuts(self) -> tuple[datetime, ...]:
        """All ends of spans; between two of them every message belongs to the same spans."""
        return tuple(sorted({end for span in self.spans for end in (span.start, span.end)}))


async def course(
    db: AsyncSession,
    kind: CountKind,
    bounds: Sequence[datetime],
    *,
    step: str = "month",
    organization_id: int | None = None,
    domain_id: int | None = None,
) -> tuple[Amounts, ...]:
    """Count by status, reason or duration from each bound (included) to the next one (not included).

    ``step`` is about how long most steps are; the answer does not depend on it.
    """
    if len(bounds) < 2:
        return ()
    scope = Scope(organization_id, domain_id)
    sources = [source for source in _LEVELS[kind] if source <= _COARSEST[step]] or [_LEVELS[kind][-1]]
    levels = _levels(tuple(bound.astimezone(UTC) for bound in bounds), sources)
    found: dict[tuple[int, int], dict[str, Amount]] = {}
    for part, cell, label, count, size in await db.execute(_statement(levels, kind, scope)):
        found.setdefault((part, cell), {})[label] = Amount(count, size)
    return _composed(levels, found, len(bounds) - 1)


async def first_month(
    db: AsyncSession, *, organization_id: int | None = None, domain_id: int | None = None
) -> datetime | None:
    """Return the beginning of the first month (UTC) that messages were counted in."""
    scope = Scope(organization_id, domain_id)
    periods = MessagePeriodCount
    kept = select(func.min(periods.start)).where(
        periods.period == "month", periods.kind == CountKind.STATUS.value, _whose(scope), periods.count != 0
    )
    changed = select(func.min(_CHANGES.hour)).where(scope.owns(_CHANGES.domain_id))
    first = func.least(kept.scalar_subquery(), changed.scalar_subquery())
    moment: datetime | None = (await db.execute(select(func.date_trunc("month", first, "UTC")))).scalar_one()
    return moment


def _levels(bounds: tuple[datetime, ...], sources: Sequence[Source]) -> list[_Level]:
    levels: list[_Level] = []
    for source in (*sources, Source.MESSAGES):
        rounded = tuple(_nearest(bound, source) for bound in bounds)
        spans = tuple(_spans(levels[-1].bounds, rounded)) if levels else ()
        levels.append(_Level(source, rounded, spans))
    return levels


def _spans(coarse: Sequence[datetime], fine: Sequence[datetime]) -> Iterator[_Span]:
    for number, (old, new) in enumerate(zip(coarse, fine, strict=True)):
        if old < new:
            yield _Span(number, old, new, 1)
        elif new < old:
            yield _Span(number, new, old, -1)


def _nearest(moment: datetime, source: Source) -> datetime:
    if source is Source.MESSAGES:
        return moment
    start = moment.replace(minute=0, second=0, microsecond=0)
    if source is Source.HOURS:
        end = start + timedelta(hours=1)
    elif source is Source.DAYS:
        start = start.replace(hour=0)
        end = start + timedelta(days=1)
    else:
        start = start.replace(day=1, hour=0)
        end = (start + timedelta(days=32)).replace(day=1)
    return start if moment - start <= end - moment else end


def _statement(levels: Sequence[_Level], kind: CountKind, scope: Scope) -> Select[Any]:
    """Return ``part, cell, label, count, size_bytes``; the changes are the part after the levels."""
    coarsest, finest = levels[0], levels[-2]
    table, start = _table(coarsest.source)
    parts = [
        _part(0, start, coarsest.bounds, table, kind).where(
            _is_counted(coarsest.source, kind, scope), start >= coarsest.bounds[0], start < coarsest.bounds[-1]
        )
    ]
    for number, level in enumerate(levels[1:], 1):
        if not level.spans:
            continue
        table, start = _table(level.source)
        wanted = _is_counted(level.source, kind, scope)
        parts.append(_part(number, start, level.cuts, table, kind).where(wanted, _is_within(start, level)))
    label = _label(_CHANGES, kind)
    changed = _part(len(levels), _CHANGES.hour, finest.bounds, _CHANGES, kind)
    in_time = and_(finest.bounds[0] <= _CHANGES.hour, finest.bounds[-1] > _CHANGES.hour)
    parts.append(changed.where(scope.owns(_CHANGES.domain_id), label.is_not(None), in_time))
    found = union_all(*parts).subquery("found")
    names = (found.c.part, found.c.cell, found.c.label)
    sums = (_sum(found.c.count), _sum(found.c.size_bytes))
    return select(*names, *sums).group_by(*names)


def _part(number: int, start: Any, cuts: Sequence[datetime], table: Any, kind: CountKind) -> Select[Any]:
    cell = func.width_bucket(start, literal(list(cuts), _TIMES)) - 1
    is_message = table is Message
    return select(
        literal(number, Integer).label("part"),
        cell.label("cell"),
        _label(table, kind).label("label"),
        (literal(1) if is_message else table.count).label("count"),
        table.size_bytes.label("size_bytes"),
    )


def _table(source: Source) -> tuple[Any, Any]:
    if source is Source.MESSAGES:
        return Message, Message.created_at
    if source is Source.HOURS:
        return MessageHourCount, MessageHourCount.hour
    return MessagePeriodCount, MessagePeriodCount.start


def _label(table: Any, kind: CountKind) -> Any:
    if table is Message:
        return label_of(kind)
    if table is MessageHourCount:
        return MessageHourCount.status
    return MessagePeriodCount.label if table is MessagePeriodCount else cast(_CHANGES[kind.value], Text)


def _is_counted(source: Source, kind: CountKind, scope: Scope) -> Any:
    if source is Source.MESSAGES:
        return and_(scope.owns(Message.domain_id), label_of(kind).is_not(None))
    if source is Source.HOURS:
        return scope.owns(MessageHourCount.domain_id)
    period = "day" if source is Source.DAYS else "month"
    return and_(MessagePeriodCount.period == period, MessagePeriodCount.kind == kind.value, _whose(scope))


def _whose(scope: Scope) -> Any:
    column = MessagePeriodCount.domain_id
    return column == 0 if scope.is_everybody else scope.owns(column)


def _is_within(start: Any, level: _Level) -> Any:
    """Return the condition in the form that lets an index be used: a list of hours or days, or a few ranges."""
    ranges = _joined(level.spans)
    if level.source is Source.MESSAGES:
        return or_(*(and_(start >= first, start < last) for first, last in ranges))
    length = timedelta(hours=1) if level.source is Source.HOURS else timedelta(days=1)
    starts = [first + place * length for first, last in ranges for place in range((last - first) // length)]
    return start == any_(literal(starts, _TIMES))


def _joined(spans: Sequence[_Span]) -> list[tuple[datetime, datetime]]:
    ranges: list[tuple[datetime, datetime]] = []
    for span in sorted(spans, key=lambda one: one.start):
        if ranges and span.start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], span.end))
        else:
            ranges.append((span.start, span.end))
    return ranges


def _composed(
    levels: Sequence[_Level], found: Mapping[tuple[int, int], Mapping[str, Amount]], count: int
) -> tuple[Amounts, ...]:
    steps: list[dict[str, Amount]] = [{} for _ in range(count)]
    for number in range(count):
        _add(steps, number, found.get((0, number), {}), 1)
        _add(steps, number, found.get((len(levels), number), {}), 1)
    for part, level in enumerate(levels[1:], 1):
        places = {cut: place for place, cut in enumerate(level.cuts)}
        for span in level.spans:
            for cell in range(places[span.start], places[span.end]):
                amounts = found.get((part, cell), {})
                _add(steps, span.bound - 1, amounts, span.sign)
                _add(steps, span.bound, amounts, -span.sign)
    return tuple({label: amount for label, amount in step.items() if amount.messages} for step in steps)


def _add(steps: list[dict[str, Amount]], number: int, amounts: Amounts, sign: int) -> None:
    if not 0 <= number < len(steps):
        return
    step = steps[number]
    for label, amount in amounts.items():
        old = step.get(label, Amount(0, 0))
        step[label] = Amount(old.messages + sign * amount.messages, old.size_bytes + sign * amount.size_bytes)


def _sum(column: Any) -> Any:
    return cast(func.sum(column), BigInteger)
