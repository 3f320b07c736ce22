"""Reading long lists of messages by key: any filter, any sort, from either end, at any size of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Subquery, func, literal, select, true, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.message_conditions import Condition, sort_may_have, without_index
from smtpy_desktop.database.message_list_ways import MOST_GATHERED, Route, Way, planned, shortest_way
from smtpy_desktop.database.message_narrowing import Narrowing, narrow
from smtpy_desktop.database.models import Domain, Message
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageRow, MessageSort, MessageStatus
from smtpy_desktop.schemas.paging import Page, Position

SORT_VALUES: dict[MessageSort, Any] = {
    MessageSort.CREATED: Message.created_at,
    MessageSort.STATUS: Message.status,
    MessageSort.SENDER: Message.sender_sort,
    MessageSort.RECIPIENT: Message.recipient_sort,
    MessageSort.FORWARDED: Message.forwarded_sort,
    MessageSort.SUBJECT: Message.subject_sort,
    MessageSort.SIZE: Message.size_bytes,
    MessageSort.DOMAIN: Domain.name,
}
LONGEST_WALK = 400
"""Milliseconds after which a walk is given up."""

FIRST_LOOK = 15.0
"""Milliseconds for which messages are looked at one by one before anything is looked up in the index of words."""

LONGEST_LOOK = 60.0
"""Milliseconds for which messages are looked at one by one when it is known that the page is among them.

Longer where looking the words up takes longer.
"""

_MOST_LOOKED_AT = 30_000  # to count more arrivals takes longer than to look at them
_TELLING = 5
_SHORTEST_WALK = 60
_GATHERED_AT_LEAST = 1000
_GATHERED_TIMES = 4
_WINDOW_SPARE = 3
_KNOWN_SPARE = 1.6
_WINDOW_GROWTH = 6
_NO_BITMAPS = {"enable_bitmapscan": "off", "max_parallel_workers_per_gather": "0"}
# The rows of a walk come sorted out of their index. The planner would rather look at all of them, in memory at that.
_ONE_BY_ONE = {
    **_NO_BITMAPS,
    "enable_sort": "off",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
# What indexes find is put together before any row is read, and then sorted.
_BITMAPS = {
    "enable_indexscan": "off",
    "enable_indexonlyscan": "off",
    "max_parallel_workers_per_gather": "0",  # to start them takes longer than to read
    "work_mem": "64MB",
}
_TIMED_OUT = "57014"


async def list_messages(db: AsyncSession, query: MessageQuery, position: Position, limit: int) -> Page[MessageRow]:
    """Return up to ``limit`` consecutive messages of the sorted and filtered list, from or up to ``position``."""
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return Page((), ())
    asked = _Asked(query, narrowing, position, limit)
    route = await shortest_way(db, query, narrowing, asked.reach)
    rows = None
    if route.way is Way.MERGE:
        rows = await _read(db, asked, _merged(asked))
    elif route.way is Way.WINDOW:
        rows = await _in_windows(db, asked, route)
    elif route.way is Way.GATHER:
        rows = await _gathered(db, asked, route)
    if rows is None:
        was_too_much = route.way is Way.GATHER  # words come together more often than anybody can know
        if was_too_much and query.sort is MessageSort.CREATED:
            rows = await _in_windows(db, asked, route)
        else:
            rows = await _walk(db, asked, _longest_walk(route))
    return Page(tuple(_row(row) for row in rows), tuple((row.sort_value, row.id) for row in rows))


async def planned_rows(db: AsyncSession, conditions: Sequence[Condition]) -> int:
    """Return how many messages the planner expects, which costs no reading."""
    return (await planned(db, conditions)).rows


class _Asked:
    """A page as asked for, and the order in which it is read: backwards, everything is turned round."""

    def __init__(self, query: MessageQuery, narrowing: Narrowing, position: Position, limit: int) -> None:
        self.query, self.narrowing, self.position, self.limit = query, narrowing, position, limit
        self.descending = query.descending is not position.backwards

    @property
    def reach(self) -> int:
        """How many rows of a part may be on the page or skipped."""
        return self.limit + self.position.skip

    def order(self, value: Any, row_id: Any) -> tuple[Any, Any]:
        """Return the order of reading."""
        return (value.desc(), row_id.desc()) if self.descending else (value, row_id)

    def is_after(self, value: Any, row_id: Any) -> list[ColumnElement[bool]]:
        """Return the condition that a row lies where the page is."""
        if self.position.key is None:
            return []
        place, there = tuple_(value, row_id), tuple_(*self.position.key)
        if self.descending:
            return [place <= there if self.position.inclusive else place < there]
        return [place >= there if self.position.inclusive else place > there]

    def cut(self, statement: Select[Any]) -> Select[Any]:
        """Return the statement for just this page."""
        statement = statement.limit(self.limit)
        return statement.offset(self.position.skip) if self.position.skip else statement


def _longest_walk(route: Route) -> int:
    """Return when to give a walk up: when sorting everything would have taken as long, which makes it twice that."""
    if route.way is Way.GATHER:
        return LONGEST_WALK
    return min(LONGEST_WALK, max(_SHORTEST_WALK, round(route.gathering)))


async def _walk(db: AsyncSession, asked: _Asked, longest: int) -> list[Any]:
    """Walk to the page, or sort everything when the way is a desert: much is wanted, but none of it around here."""
    if asked.narrowing.is_everything:
        return await _read(db, asked, _walked(asked))
    try:
        async with db.begin_nested():
            before = await _set(db, {"statement_timeout": str(longest), **_ONE_BY_ONE})
            rows = await _read(db, asked, _walked(asked))
            await _set(db, before)
            return rows
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
            raise
    return await _with(db, _BITMAPS, asked, _sorted(asked))


@dataclass(frozen=True, slots=True)
class _Times:
    """When the first and the last message came."""

    first: datetime
    last: datetime


async def _in_windows(db: AsyncSession, asked: _Asked, route: Route) -> list[Any]:
    """Look through the time from where the page is, more and more of it until the page is full.

    At first every message of a short time: it tells how frequent words are that come together, which nobody can know
    beforehand. Then the messages of a window lie side by side, and the indexes of time and words tell together which
    are wanted.
    """
    times = await _times(db, asked)
    if times is None:
        return []
    whole = times.last - times.first
    looked_at = min(route.arrivals_in(FIRST_LOOK), _MOST_LOOKED_AT)
    edge = await _edge(db, asked, times, looked_at)
    if edge is None:
        return await _with(db, _NO_BITMAPS, asked, _sorted(asked))
    rows = await _with(db, _ONE_BY_ONE, asked, _walked(asked, _near(asked, edge)))
    if len(rows) == asked.limit:
        return rows
    seen = times.last - edge if asked.descending else edge - times.first
    # All of a short window is read sooner than frequent words are looked up.
    longest = max(LONGEST_LOOK, route.looking_up)
    is_near = len(rows) * route.arrivals_in(longest) >= asked.reach * looked_at
    if len(rows) >= _TELLING:
        width = seen * (_KNOWN_SPARE * asked.reach / len(rows))
    else:
        width = max(seen * 2, whole * min(1.0, _WINDOW_SPARE * asked.reach / max(route.wanted, 1)))
    while True:
        width = min(width, whole)
        edge = times.last - width if asked.descending else times.first + width
        near = _near(asked, edge) if width < whole else []
        if is_near:
            rows = await _with(db, _ONE_BY_ONE, asked, _walked(asked, near))
        else:
            rows = await _with(db, _BITMAPS, asked, _sorted(asked, near))
        is_near = False
        if width >= whole or len(rows) == asked.limit:
            return rows
        width = width * _WINDOW_GROWTH + timedelta(seconds=1)


def _near(asked: _Asked, edge: datetime) -> list[Condition]:
    return [Message.created_at >= edge if asked.descending else Message.created_at <= edge]


async def _edge(db: AsyncSession, asked: _Asked, times: _Times, looked_at: int) -> datetime | None:
    """Return up to when so many arrivals are looked at; None when they are so few that all are."""
    at = Message.created_at
    in_times = [at <= times.last] if asked.descending else [at >= times.first]
    order = at.desc() if asked.descending else at
    edge = await db.scalar(select(at).where(*in_times).order_by(order).offset(looked_at).limit(1))
    is_inside = edge is not None and (times.first < edge if asked.descending else edge < times.last)
    return edge if is_inside else None


async def _times(db: AsyncSession, asked: _Asked) -> _Times | None:
    """Return the time that is left from where the page is on; None when no message came in it."""
    span, key = asked.narrowing.span, asked.position.key
    ends: Any = (await db.execute(select(func.min(Message.created_at), func.max(Message.created_at)))).one()
    first, last = ends
    if first is None:
        return None
    first, last = max(first, span.since or first), min(last, span.until or last)
    if key is not None and isinstance(key[0], datetime):
        first, last = (first, min(last, key[0])) if asked.descending else (max(first, key[0]), last)
    return _Times(first, last) if first <= last else None


async def _with(db: AsyncSession, settings: dict[str, str], asked: _Asked, page: Select[Any]) -> list[Any]:
    """Read a page while some parameters are set."""
    before = await _set(db, settings)
    rows = await _read(db, asked, page)
    await _set(db, before)
    return rows


async def _set(db: AsyncSession, values: dict[str, str]) -> dict[str, str]:
    """Set parameters for this transaction, and return what they were."""
    before = (func.current_setting(name).label(name) for name in values)
    # The subquery is evaluated before anything is set.
    were = select(*before).cte("were").prefix_with("MATERIALIZED")
    changes = (func.set_config(name, value, true()) for name, value in values.items())
    found = (await db.execute(select(were, *changes))).one()
    return dict(zip(values, map(str, found), strict=False))


def _sorted(asked: _Asked, near: Sequence[Condition] = ()) -> Select[Any]:
    value = SORT_VALUES[asked.query.sort]
    statement = select(Message.id, value.label("sort_value")).where(
        *asked.narrowing.conditions(), *near, *asked.is_after(value, Message.id)
    )
    if asked.query.sort is MessageSort.DOMAIN:
        statement = statement.join(Domain, Domain.id == Message.domain_id)
    return asked.cut(statement.order_by(*asked.order(value, Message.id)))


def _walked(asked: _Asked, near: Sequence[Condition] = ()) -> Select[Any]:
    if asked.query.sort is MessageSort.DOMAIN:
        return _by_domain(asked)
    narrowing = asked.narrowing
    carried = [*narrowing.conditions(of_rows=False), *sort_may_have(asked.query.search, asked.query.sort)]
    if not (carried and narrowing.of_rows):
        return _sorted(asked, near)
    return _sifted(asked, [*carried, *near])


def _sifted(asked: _Asked, carried: Sequence[Condition]) -> Select[Any]:
    """Read only those rows of which the index of the order alone tells that they may be wanted."""
    value = SORT_VALUES[asked.query.sort]
    near = (
        select(Message.id, value.label("sort_value"))
        .where(*carried, *asked.is_after(value, Message.id))
        .order_by(*asked.order(value, Message.id))
        .offset(0)  # keeps the planner from putting both steps together again
        .subquery("near")
    )
    statement = select(near.c.id, near.c.sort_value).join(Message, Message.id == near.c.id)
    return asked.cut(statement.where(*asked.narrowing.of_rows).order_by(*asked.order(near.c.sort_value, near.c.id)))


def _by_domain(asked: _Asked) -> Select[Any]:
    """Take the domains by their names and the messages of each: sorting all would cost the same for every page."""
    own = select(Message.id).where(
        Message.domain_id == Domain.id,
        *asked.narrowing.conditions(of_domains=False),
        *asked.is_after(Domain.name, Message.id),
    )
    nearest = own.order_by(Message.id.desc() if asked.descending else Message.id).limit(asked.reach).lateral("nearest")
    statement = select(nearest.c.id, Domain.name.label("sort_value")).join_from(Domain, nearest, true())
    if asked.narrowing.domain_ids is not None:
        statement = statement.where(Domain.id.in_(sorted(asked.narrowing.domain_ids)))
    if asked.position.key is not None:
        there = asked.position.key[0]
        statement = statement.where(Domain.name <= there if asked.descending else Domain.name >= there)
    return asked.cut(statement.order_by(*asked.order(Domain.name, nearest.c.id)))


def _merged(asked: _Asked) -> Select[Any]:
    narrowing = asked.narrowing
    if narrowing.domain_ids is not None:
        column: Any = Message.domain_id
        values: list[Any] = sorted(narrowing.domain_ids)
    else:
        column = Message.status
        values = sorted(status.value for status in narrowing.statuses or ())
    # The status of a part is not known to the planner, that it has an index of its own must be said.
    said = [] if narrowing.domain_ids is not None else [Message.status != MessageStatus.DELIVERED]
    conditions = narrowing.conditions(of_domains=False, of_statuses=narrowing.domain_ids is not None)
    array = literal(values, postgresql.ARRAY(column.type))
    parts = func.unnest(array).table_valued("value").render_derived(name="part")
    value = SORT_VALUES[asked.query.sort]
    nearest = (
        select(Message.id, value.label("sort_value"))
        .where(column == parts.c.value, *said, *conditions, *asked.is_after(value, Message.id))
        .order_by(*asked.order(value, Message.id))
        .limit(asked.reach)
        .lateral("nearest")
    )
    statement = select(nearest.c.id, nearest.c.sort_value).join_from(parts, nearest, true())
    return asked.cut(statement.order_by(*asked.order(nearest.c.sort_value, nearest.c.id)))


async def _gathered(db: AsyncSession, asked: _Asked, route: Route) -> list[Any] | None:
    """Return the page out of everything wanted; None when that turns out to be too much."""
    value = SORT_VALUES[asked.query.sort]
    narrowing = asked.narrowing
    conditions = narrowing.conditions()
    if route.is_narrow:
        conditions = [*narrowing.conditions(of_rows=False), *map(without_index, narrowing.of_rows)]
    wanted = select(Message.id, value.label("sort_value")).where(*conditions)
    if asked.query.sort is MessageSort.DOMAIN:
        wanted = wanted.join(Domain, Domain.id == Message.domain_id)
    most = min(MOST_GATHERED, _GATHERED_AT_LEAST + route.wanted * _GATHERED_TIMES)
    found = wanted.limit(most + 1).cte("found").prefix_with("MATERIALIZED")
    statement = select(found.c.id, found.c.sort_value).where(*asked.is_after(found.c.sort_value, found.c.id))
    page = asked.cut(statement.order_by(*asked.order(found.c.sort_value, found.c.id)))
    counted = select(func.count().label("gathered")).select_from(found).subquery("counted")
    places = page.subquery("page")
    # The count comes with the page, and also when no row is on it.
    joined = counted.join(places, true(), isouter=True)
    rows = await _fetch(db, asked, _shown(places, joined).add_columns(counted.c.gathered))
    return None if rows[0].gathered > most else [row for row in rows if row.id is not None]


async def _read(db: AsyncSession, asked: _Asked, page: Select[Any]) -> list[Any]:
    places = page.subquery("page")
    return await _fetch(db, asked, _shown(places, places))


async def _fetch(db: AsyncSession, asked: _Asked, statement: Select[Any]) -> list[Any]:
    """Return the rows in the list's order, whichever way they are read."""
    order = asked.order(statement.selected_columns.sort_value, statement.selected_columns.id)
    rows = list((await db.execute(statement.order_by(*order))).all())
    return rows[::-1] if asked.position.backwards else rows


def _shown(places: Subquery, source: FromClause) -> Select[Any]:
    """Return what is shown of the messages whose ids and sort values are given."""
    return (
        select(
            places.c.id,
            places.c.sort_value,
            Message.created_at,
            Message.status,
            Message.sender_email,
            Message.recipient_email,
            Message.forwarded_to,
            Message.subject,
            Message.size_bytes,
            Message.has_attachments,
            Message.domain_id,
            Message.error_message,
            Domain.name.label("domain_name"),
        )
        .select_from(source)
        .join(Message, Message.id == places.c.id, isouter=True)
        .join(Domain, Domain.id == Message.domain_id, isouter=True)
    )


def _row(row: Any) -> MessageRow:
    return MessageRow(
        id=MessageId(row.id),
        created_at=row.created_at,
        status=MessageStatus(row.status),
        sender_email=row.sender_email,
        recipient_email=row.recipient_email,
        forwarded_to=row.forwarded_to,
        subject=row.subject,
        size_bytes=row.size_bytes,
        has_attachments=row.has_attachments,
        domain_id=DomainId(row.domain_id),
        domain_name=row.domain_name,
        error_message=row.error_message,
    )
