"""Where the counts of a stretch of time are read: all time, months, days and hours, and messages at its ends."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    SmallInteger,
    Subquery,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)

from smtpy_desktop.database.models import (
    MESSAGE_COUNT_CHANGES,
    Domain,
    Message,
    MessageHourCount,
    MessagePeriodCount,
    MessageSenderCount,
)

# How the database measures durations: round_down(4 * ln(1 + seconds)), one step is 28 per cent more.
DURATION_STEPS = 4
_FAILED = ("failed", "bounced", "rejected")
_CHANGES = MESSAGE_COUNT_CHANGES.c


class Source(enum.IntEnum):
    """What counts are read from, the finest first."""

    MESSAGES = 0
    HOURS = 1
    DAYS = 2
    MONTHS = 3
    EVER = 4


class CountKind(enum.StrEnum):
    """What messages are counted by."""

    STATUS = "status"
    REASON = "reason"
    DURATION = "duration"
    SENDER = "sender"


# Which parts of the roll-up know each kind; the remaining ends of a range are counted among the messages themselves,
# which are few: an hour's, a day's, and for senders (whose number has no bound) a month's.
_SOURCES = {
    CountKind.STATUS: (Source.HOURS, Source.DAYS, Source.MONTHS, Source.EVER),
    CountKind.REASON: (Source.DAYS, Source.MONTHS, Source.EVER),
    CountKind.DURATION: (Source.DAYS, Source.MONTHS, Source.EVER),
    CountKind.SENDER: (Source.MONTHS, Source.EVER),
}


# As the table of periods calls them.
_PERIODS = {Source.DAYS: "day", Source.MONTHS: "month", Source.EVER: "ever"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time, ``start`` included, ``end`` not (None: open), and what is read for it."""

    source: Source
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose messages are counted, and when they came: ``since`` included, ``until`` not; None: all."""

    organization_id: int | None = None
    domain_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everybody(self) -> bool:
        """Whether messages of all domains are counted."""
        return self.organization_id is None and self.domain_id is None

    def owns(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a column of domain ids is within the scope."""
        condition: ColumnElement[bool] = true()
        if self.domain_id is not None:
            condition = and_(condition, column == self.domain_id)
        if self.organization_id is not None:
            mine = select(Domain.id).where(Domain.organization_id == self.organization_id)
            condition = and_(condition, column.in_(mine))
        return condition


EVERYTHING = Scope()


def pieces(
    since: datetime | None, until: datetime | None, kind: CountKind, coarsest: Source = Source.EVER
) -> tuple[Piece, ...]:
    """Divide a range so that each piece is read from the coarsest source that fits, up to ``coarsest``."""
    sources = [Source.MESSAGES, *(source for source in _SOURCES[kind] if source <= coarsest)]
    if since is None and until is None and sources[-1] is Source.EVER:
        return (Piece(Source.EVER, None, None),)
    utc = [None if moment is None else moment.astimezone(UTC) for moment in (since, until)]
    return tuple(_divided(utc[0], utc[1], [source for source in sources if source is not Source.EVER]))


def _divided(since: datetime | None, until: datetime | None, sources: list[Source]) -> Iterator[Piece]:
    if since is not None and until is not None and since >= until:
        return
    finest, *coarser = sources
    if not coarser:
        yield Piece(finest, since, until)
        return
    first = None if since is None else _ceiling(since, coarser[0])
    last = None if until is None else _floor(until, coarser[0])
    if first is not None and last is not None and first >= last:
        yield Piece(finest, since, until)
        return
    if first != since:
        yield Piece(finest, since, first)
    yield from _divided(first, last, coarser)
    if last != until:
        yield Piece(finest, last, until)


def _floor(moment: datetime, source: Source) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if source is Source.HOURS:
        return hour
    return hour.replace(hour=0) if source is Source.DAYS else hour.replace(day=1, hour=0)


def _ceiling(moment: datetime, source: Source) -> datetime:
    floor = _floor(moment, source)
    if floor == moment:
        return moment
    steps = {Source.HOURS: timedelta(hours=1), Source.DAYS: timedelta(days=1), Source.MONTHS: timedelta(days=32)}
    return _floor(floor + steps[source], source)


def counts(scope: Scope, kind: CountKind, *, coarsest: Source = Source.EVER, by_domain: bool = False) -> Subquery:
    """Return a subquery of ``start, domain_id, label, count, size_bytes``, to be summed up.

    ``domain_id`` is 0 throughout where it was asked for by nobody.
    """
    found = pieces(scope.since, scope.until, kind, coarsest)
    parts = [_read(piece, scope, kind, by_domain=by_domain) for piece in found]
    rolled_up = [piece for piece in found if piece.source is not Source.MESSAGES]
    if rolled_up:
        # They follow each other without a gap.
        parts.append(_changes(scope, kind, rolled_up[0].start, rolled_up[-1].end))
    if not parts:
        parts.append(_changes(scope, kind, None, None).where(false()))
    return union_all(*parts).subquery("counts")


def _read(piece: Piece, scope: Scope, kind: CountKind, *, by_domain: bool) -> Select[Any]:
    if piece.source is Source.MESSAGES:
        return _messages(piece, scope, kind)
    if piece.source is Source.HOURS:
        hours = MessageHourCount
        statement = _columns(hours.hour, hours.domain_id, hours.status, hours.count, hours.size_bytes)
        return statement.where(scope.owns(hours.domain_id), *_within(hours.hour, piece))
    table: Any = MessageSenderCount if kind is CountKind.SENDER else MessagePeriodCount
    whose = scope.owns(table.domain_id)
    if scope.is_everybody:
        whose = table.domain_id != 0 if by_domain else table.domain_id == 0
    if kind is CountKind.SENDER:
        ever: Any = literal_column("'-infinity'::timestamptz")
        is_meant = table.start == ever if piece.source is Source.EVER else table.start > ever
        statement = _columns(table.start, table.domain_id, table.sender, table.count, literal(0))
        return statement.where(whose, is_meant, *_within(table.start, piece))
    period = _PERIODS[piece.source]
    statement = _columns(table.start, table.domain_id, table.label, table.count, table.size_bytes)
    return statement.where(whose, table.period == period, table.kind == kind.value, *_within(table.start, piece))


def _changes(scope: Scope, kind: CountKind, start: datetime | None, end: datetime | None) -> Select[Any]:
    label = cast(_CHANGES[kind.value], Text)
    statement = _columns(_CHANGES.hour, _CHANGES.domain_id, label, _CHANGES.count, _CHANGES.size_bytes)
    rows = Piece(Source.HOURS, start, end)
    return statement.where(scope.owns(_CHANGES.domain_id), label.is_not(None), *_within(_CHANGES.hour, rows))


def _messages(piece: Piece, scope: Scope, kind: CountKind) -> Select[Any]:
    label = label_of(kind)
    hour = func.date_trunc("hour", Message.created_at, "UTC")
    statement = _columns(hour, Message.domain_id, label, literal(1), Message.size_bytes)
    return statement.where(scope.owns(Message.domain_id), label.is_not(None), *_within(Message.created_at, piece))


def label_of(kind: CountKind) -> ColumnElement[Any]:
    """Return what a message is counted by, as the triggers of migration 0011 have it."""
    if kind is CountKind.STATUS:
        return Message.status.expression
    if kind is CountKind.SENDER:
        return Message.sender_sort.expression
    if kind is CountKind.REASON:
        return case((Message.status.in_(_FAILED), func.left(func.coalesce(Message.bounce_class, "other"), 100)))
    seconds = func.greatest(cast(func.extract("epoch", Message.delivered_at - Message.created_at), Double), 0)
    step = cast(func.floor(DURATION_STEPS * func.ln(1 + seconds)), SmallInteger)
    is_measured = and_(Message.status == "delivered", Message.delivered_at.is_not(None))
    return case((is_measured, cast(step, Text)))


def _columns(start: Any, domain_id: Any, label: Any, count: Any, size_bytes: Any) -> Select[Any]:
    names = ("start", "domain_id", "label", "count", "size_bytes")
    values = (start, domain_id, label, count, size_bytes)
    return select(*(value.label(name) for name, value in zip(names, values, strict=True)))


def _within(column: Any, piece: Piece) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if piece.start is not None:
        conditions.append(column >= piece.start)
    if piece.end is not None:
        conditions.append(column < piece.end)
    return conditions
