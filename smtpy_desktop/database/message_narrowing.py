"""What a query for messages comes down to: domains, statuses and a time that counts answer for, and all the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.message_conditions import Condition, any_term, has_status, is_in_span
from smtpy_desktop.database.models import Domain, Message
from smtpy_desktop.schemas.message_search import (
    DomainName,
    Feature,
    Has,
    MessageQuery,
    SizeSpan,
    Statuses,
    Term,
    TimeSpan,
)
from smtpy_desktop.schemas.messages import MessageStatus


@dataclass(frozen=True)
class Narrowing:
    """Which messages are wanted.

    ``domain_ids`` and ``statuses`` None: any. No table of counts knows the other conditions: ``carried`` look only at
    what the indexes of the orders carry along, ``of_rows`` at more.
    """

    domain_ids: frozenset[int] | None
    statuses: frozenset[MessageStatus] | None
    span: TimeSpan
    carried: tuple[Condition, ...] = ()
    of_rows: tuple[Condition, ...] = ()

    @property
    def others(self) -> tuple[Condition, ...]:
        """The conditions that no table of counts knows."""
        return (*self.carried, *self.of_rows)

    @property
    def is_empty(self) -> bool:
        """Whether it is clear without looking that there are none."""
        span = self.span
        is_no_time = span.since is not None and span.until is not None and span.since >= span.until
        return is_no_time or self.domain_ids == frozenset() or self.statuses == frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether every message is wanted."""
        return not self.conditions()

    def conditions(
        self, *, of_domains: bool = True, of_statuses: bool = True, of_rows: bool = True, for_planner: bool = False
    ) -> list[Condition]:
        """Return everything (or all but domains, statuses, what needs the rows) as conditions on messages.

        With ``for_planner`` nothing is said twice, which would make it expect far too few.
        """
        found = list(self.others if of_rows else self.carried)
        if of_domains and self.domain_ids is not None:
            found.append(_in_domains(self.domain_ids))
        if of_statuses and self.statuses is not None:
            found.append(Message.status.in_(sorted(self.statuses)) if for_planner else has_status(self.statuses))
        if self.span != TimeSpan(None, None):
            found.append(is_in_span(self.span))
        return found


async def narrow(db: AsyncSession, query: MessageQuery) -> Narrowing:
    """Return what a query comes down to; domains are looked up by their names."""
    names = {term.meaning for group in query.search.groups for term in group if isinstance(term.meaning, DomainName)}
    ids = {name: await _ids_of(db, name) for name in names}
    domains: frozenset[int] | None = None
    if query.organization_id is not None:
        domains = await _ids_of_organization(db, query.organization_id)
    if query.domain_id is not None:
        domains = _both(domains, frozenset({int(query.domain_id)}))
    statuses: frozenset[MessageStatus] | None = None
    span = TimeSpan(None, None)
    carried: list[Condition] = []
    of_rows: list[Condition] = []
    for group in query.search.groups:
        found = _of_one_kind(group)
        if found is DomainName:
            named = (ids[term.meaning] for term in group if isinstance(term.meaning, DomainName))
            domains = _both(domains, frozenset().union(*named))
        elif found is Statuses:
            wanted = (term.meaning.statuses for term in group if isinstance(term.meaning, Statuses))
            statuses = _both(statuses, frozenset[MessageStatus]().union(*wanted))
        elif found is TimeSpan and len(group) == 1 and isinstance(group[0].meaning, TimeSpan):
            span = _overlap(span, group[0].meaning)
        else:
            (carried if all(map(_is_carried, group)) else of_rows).append(any_term(group, ids))
    return Narrowing(domains, statuses, span, tuple(carried), tuple(of_rows))


def _is_carried(term: Term) -> bool:
    """Say whether the indexes of the orders carry along what a term looks at."""
    meaning = term.meaning
    if isinstance(meaning, Has):
        return meaning.feature is Feature.ATTACHMENT
    return isinstance(meaning, (DomainName, Statuses, TimeSpan, SizeSpan))


def _of_one_kind(group: tuple[Term, ...]) -> type | None:
    kinds = {type(term.meaning) for term in group}
    return kinds.pop() if len(kinds) == 1 and not any(term.is_excluded for term in group) else None


def _both(one: frozenset[Any] | None, other: frozenset[Any]) -> frozenset[Any]:
    return other if one is None else one & other


def _overlap(one: TimeSpan, other: TimeSpan) -> TimeSpan:
    since = max(filter(None, (one.since, other.since)), default=None)
    until = min(filter(None, (one.until, other.until)), default=None)
    return TimeSpan(since, until)


def _in_domains(ids: Iterable[int]) -> Condition:
    wanted = sorted(ids)
    return Message.domain_id == wanted[0] if len(wanted) == 1 else is_one_of(Message.domain_id, wanted)


async def _ids_of(db: AsyncSession, name: DomainName) -> tuple[int, ...]:
    columns = (Domain.name, Domain.unicode_name)
    if name.is_open:
        wanted = (func.concat(".", column).contains(f".{name.name}", autoescape=True) for column in columns)
    else:
        wanted = (column == name.name for column in columns)
    return tuple(await db.scalars(select(Domain.id).where(or_(*wanted))))


async def _ids_of_organization(db: AsyncSession, organization_id: int) -> frozenset[int] | None:
    """Return the ids of an organization's domains; None when there are no others."""
    others = select(literal(1)).where(Domain.organization_id != organization_id).exists()
    if not await db.scalar(select(others)):
        return None
    return frozenset(await db.scalars(select(Domain.id).where(Domain.organization_id == organization_id)))
