"""Which way to a page of messages is the shortest, by what the planner expects and what reading has been seen to cost.

Four ways lead to a page, and the wrong one costs seconds on a large table:

- *walk* the index of the sort and leave out what is not wanted: right when much is wanted;
- *gather* everything that is wanted by the index of the filter, then sort it: right when little is wanted;
- in the order of arrival, gather only a *window* of time that probably holds the page: right in between;
- *merge* the next rows of each domain or status: right when few of them are wanted, each sorted by an index.

PostgreSQL's planner sees the filter's frequency but neither trusts rare words nor merges nor knows windows.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.message_conditions import SORTED_KEYS, Condition, is_in_span
from smtpy_desktop.database.message_narrowing import Narrowing
from smtpy_desktop.database.models import Message
from smtpy_desktop.schemas.message_search import MessageQuery, SearchKey, TimeSpan, Words
from smtpy_desktop.schemas.messages import MessageSort, MessageStatus

MOST_GATHERED = 20_000
"""Rows that are gathered and sorted for a page; beyond that, walking finds a page sooner."""

SHORT_WALK = 12.0
"""Milliseconds of walking or gathering for which no window is looked through."""

_MOST_MERGED = 64
# The next messages of a domain are found by an index in these orders.
_DOMAIN_ORDERS = frozenset({MessageSort.CREATED, MessageSort.RECIPIENT, MessageSort.FORWARDED})

_DESERT = 4
# Rows that are read and looked at one by one sooner than words are looked up.
_FEW = 5000

# Milliseconds for a step of a walk. The index alone is quickest; rows lie in the table as they arrived.
_STEP_IN_INDEX = 0.0005
_STEP_BY_ARRIVAL = 0.003
_STEP_ANYWHERE = 0.012
# Milliseconds for one message that the index of the words finds.
_LOOKED_UP = 0.0003
# The planner knows no smaller part for sure.
_LEAST_PART = 0.001
# Milliseconds for what the planner calls 1, when rows are gathered from all over the table.
_COST = 0.004
# In the order of arrival what is not as rare as so many pages is found in windows: words may come together more often.
_RARE = 2


class Way(enum.Enum):
    """How the rows of a page are found."""

    WALK = enum.auto()
    GATHER = enum.auto()
    WINDOW = enum.auto()
    MERGE = enum.auto()


@dataclass(frozen=True, slots=True)
class Route:
    """A way, how many rows are expected to be wanted, and how many milliseconds gathering them would take.

    ``is_narrow``: domain, time and so on leave so few rows that no words are looked up. ``walked``: the part of all
    arrivals that the index of the order leads through; ``read``: the part that is left to be read when what that index
    carries along has been sifted out. ``looking_up``: milliseconds to look up the words alone.
    """

    way: Way
    wanted: int = 0
    gathering: float = 0.0
    is_narrow: bool = False
    walked: float = 1.0
    read: float = 1.0
    looking_up: float = 0.0

    def arrivals_in(self, milliseconds: float) -> int:
        """Return how many arrivals can be looked through one by one in this time."""
        sifting = self.walked * _STEP_IN_INDEX if self.read < self.walked else 0.0
        return int(milliseconds / (sifting + self.read * _STEP_BY_ARRIVAL))


@dataclass(frozen=True, slots=True)
class Planned:
    """How many messages the planner expects, and its cost of reading them all."""

    rows: int
    cost: float


async def planned(db: AsyncSession, conditions: Sequence[Condition]) -> Planned:
    """Return what the planner expects, which costs no reading."""
    # A column that no index holds: a row that is gathered is read.
    statement = select(Message.updated_at).where(*conditions)
    connection = await db.connection()
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    found = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params)
    plan = found.scalar_one()
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return Planned(max(int(top["Plan Rows"]), 1), float(top["Total Cost"]))


async def shortest_way(db: AsyncSession, query: MessageQuery, narrowing: Narrowing, reach: int) -> Route:
    """Return how to find a page when ``reach`` rows may be on it or skipped before it."""
    if narrowing.is_everything:
        return Route(Way.WALK)
    if _can_merge(query, narrowing):
        return Route(Way.MERGE)
    carried = narrowing.conditions(of_rows=False, for_planner=True) if narrowing.of_rows else []
    sieve = await planned(db, carried) if carried else None
    if sieve is not None and sieve.rows <= _FEW:
        return Route(Way.GATHER, sieve.rows, sieve.cost * _COST, is_narrow=True)
    wanted = await planned(db, narrowing.conditions(for_planner=True))
    gathering = wanted.cost * _COST
    by_arrival = query.sort is MessageSort.CREATED
    most = _RARE * reach if by_arrival else MOST_GATHERED
    if by_arrival and wanted.rows <= min(most, MOST_GATHERED) and gathering <= SHORT_WALK:
        return Route(Way.GATHER, wanted.rows, gathering)
    extent = (await planned(db, _served(query, narrowing))).rows
    read = 0.0 if not narrowing.of_rows else 1.0 if sieve is None else min(sieve.rows / extent, 1.0)
    walking = min(reach / wanted.rows, 1.0) * extent * _step(query, read) * (_DESERT if _is_desert(query) else 1)
    if wanted.rows <= min(most, MOST_GATHERED) and gathering < walking:
        return Route(Way.GATHER, wanted.rows, gathering)
    if not by_arrival or walking <= SHORT_WALK:
        return Route(Way.WALK, wanted.rows, gathering)
    arrivals = max((await planned(db, [is_in_span(narrowing.span)])).rows, extent)
    walked = max(extent / arrivals, _LEAST_PART)
    found = (await planned(db, narrowing.of_rows)).rows if narrowing.of_rows else 0
    return Route(
        Way.WINDOW,
        wanted.rows,
        gathering,
        walked=walked,
        read=max(read, _LEAST_PART) * walked,
        looking_up=found * _LOOKED_UP,
    )


def _served(query: MessageQuery, narrowing: Narrowing) -> list[Condition]:
    """Return the conditions that the index of the order itself serves: only what holds them is walked through."""
    conditions = []
    if query.sort is MessageSort.CREATED:
        conditions.append(is_in_span(narrowing.span))
    domains, statuses = narrowing.domain_ids, narrowing.statuses
    if domains is not None and len(domains) == 1 and query.sort in _DOMAIN_ORDERS:
        conditions.append(Message.domain_id == min(domains))
    elif statuses is not None and len(statuses) == 1 and query.sort is MessageSort.CREATED:
        conditions.append(Message.status == min(statuses))
    return conditions


def _step(query: MessageQuery, read: float) -> float:
    """Return the milliseconds for one step of a walk when this part of the rows is read."""
    step = _STEP_BY_ARRIVAL if query.sort is MessageSort.CREATED else _STEP_ANYWHERE
    is_sifted = query.sort is not MessageSort.CREATED or read < 1
    return _STEP_IN_INDEX + read * step if is_sifted else step


def _is_desert(query: MessageQuery) -> bool:
    """Say whether the list is sorted by what words are looked for in: what has them then stands together."""
    key = SORTED_KEYS.get(query.sort)
    terms = [term for group in query.search.groups for term in group if isinstance(term.meaning, Words)]
    return key is not None and any(term.key in (SearchKey.WORD, key) and not term.is_excluded for term in terms)


def _can_merge(query: MessageQuery, narrowing: Narrowing) -> bool:
    if narrowing.others:
        return False
    if narrowing.domain_ids is not None:
        return query.sort in _DOMAIN_ORDERS and 1 < len(narrowing.domain_ids) <= _MOST_MERGED
    if query.sort is not MessageSort.CREATED or narrowing.span != TimeSpan(None, None):
        return False
    statuses = narrowing.statuses
    return statuses is not None and len(statuses) > 1 and MessageStatus.DELIVERED not in statuses
