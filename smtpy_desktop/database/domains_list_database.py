"""Reading long lists of domains by key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Row,
    Select,
    Text,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from smtpy_desktop.database.models import Domain, Organization
from smtpy_desktop.schemas.dns import RecordKind, Verdict
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainSort, DomainStatus, DomainTotals
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position

# A domain that was never checked sorts before all others; NULL would break the comparison of keys.
_LAST_CHECK: ColumnElement[Any] = literal_column("coalesce(domains.last_checked_at, '-infinity'::timestamptz)")

_SORT_COLUMNS: dict[DomainSort, Any] = {
    DomainSort.NAME: Domain.name,
    DomainSort.STATUS: Domain.status,
    DomainSort.ORGANIZATION: func.lower(Organization.name),
    DomainSort.LAST_CHECK: _LAST_CHECK,
    DomainSort.CREATED: Domain.created_at,
    DomainSort.ACTIVE: Domain.is_active,
}

_TIMES = (DomainSort.LAST_CHECK, DomainSort.CREATED)


async def list_domains(db: AsyncSession, query: DomainQuery, position: Position, limit: int) -> Page[DomainRow]:
    """Return up to ``limit`` consecutive domains of the sorted and filtered list, beginning at ``position``."""
    is_whole_organizations = query == DomainQuery(query.organization_id, sort=query.sort, descending=query.descending)
    if query.sort is DomainSort.ORGANIZATION and is_whole_organizations:
        statement = _by_organization(query, position, limit)
    else:
        statement = _ordered(_after(_filtered(_columns(_sort_value(query), Domain), query), query, position), query)
    rows = (await db.execute(statement.limit(limit))).all()
    return Page(tuple(_row(row) for row in rows), tuple((row.sort_text, row.id) for row in rows))


async def list_shape(db: AsyncSession, query: DomainQuery, step: int) -> ListShape:
    """Return the length of the list and the key of every ``step``-th row of it, in one pass."""
    place = func.row_number().over(order_by=_order(query)).label("place")
    total = func.count().over().label("total")
    numbered = _filtered(
        _joined(select(_sort_value(query).label("sort_text"), Domain.id.label("id"), place, total), query), query
    ).subquery()
    rows = await db.execute(
        select(numbered.c.sort_text, numbered.c.id, numbered.c.total)
        .where((numbered.c.place - 1) % step == 0)
        .order_by(numbered.c.place)
    )
    found = rows.all()
    return ListShape(found[0].total if found else 0, step, tuple((row.sort_text, row.id) for row in found))


async def domain_totals(db: AsyncSession, organization_id: OrganizationId | None) -> DomainTotals:
    """Count the domains of one organization (or of all) by state."""
    counts = [func.count().filter(Domain.status == status) for status in DomainStatus]
    statement = select(
        func.count(),
        *counts,
        func.count().filter(Domain.is_active.is_(False)),
        func.count().filter(Domain.needs_attention),
    )
    if organization_id is not None:
        statement = statement.where(Domain.organization_id == organization_id)
    counted = tuple((await db.execute(statement)).one())
    return DomainTotals(*counted)


async def list_ids(db: AsyncSession, query: DomainQuery) -> tuple[DomainId, ...]:
    """Return the ids of all domains that the filters let through, in the list's order."""
    statement = _ordered(_filtered(_joined(select(Domain.id), query), query), query)
    return tuple(DomainId(found) for found in (await db.scalars(statement)))


def _by_organization(query: DomainQuery, position: Position, limit: int) -> Select[Any]:
    """Take the first rows of each organization in turn: sorting all domains would cost the same for every page."""
    own = _after(select(Domain).where(Domain.organization_id == Organization.id), query, position)
    nearest = aliased(Domain, own.order_by(_direction(query, Domain.id)).limit(limit).lateral())
    statement = _columns(_sort_value(query), nearest)
    if position.key is not None:
        name = func.lower(Organization.name)
        statement = statement.where(name <= position.key[0] if query.descending else name >= position.key[0])
    if query.organization_id is not None:
        statement = statement.where(Organization.id == query.organization_id)
    return statement.order_by(_direction(query, func.lower(Organization.name)), _direction(query, nearest.id))


def _direction(query: DomainQuery, column: Any) -> Any:
    return column.desc() if query.descending else column


def _columns(sort: Any, domain: type[Domain]) -> Select[Any]:
    return select(
        domain.id,
        domain.name,
        domain.unicode_name,
        domain.organization_id,
        Organization.name.label("organization_name"),
        domain.status,
        domain.is_active,
        domain.record_states,
        domain.last_checked_at,
        domain.created_at,
        domain.updated_at,
        sort.label("sort_text"),
    ).join_from(Organization, domain, Organization.id == domain.organization_id)


def _joined(statement: Select[Any], query: DomainQuery) -> Select[Any]:
    if query.sort is DomainSort.ORGANIZATION:
        return statement.join(Organization, Organization.id == Domain.organization_id)
    return statement


def _sort_value(query: DomainQuery) -> Any:
    # Times travel as text: Python's datetime knows no infinity.
    column = _SORT_COLUMNS[query.sort]
    return cast(column, Text) if query.sort in _TIMES else column


def _filtered(statement: Select[Any], query: DomainQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if query.organization_id is not None:
        conditions.append(Domain.organization_id == query.organization_id)
    if query.statuses:
        conditions.append(Domain.status.in_(sorted(query.statuses)))
    if query.active is not None:
        conditions.append(Domain.is_active.is_(query.active))
    if query.needs_attention:
        conditions.append(Domain.needs_attention.is_(True))
    wanted = query.searched_name
    if wanted:
        conditions.append(
            or_(Domain.name.contains(wanted, autoescape=True), Domain.unicode_name.contains(wanted, autoescape=True))
        )
    return statement.where(*conditions)


def _order(query: DomainQuery) -> tuple[Any, ...]:
    return (_direction(query, _SORT_COLUMNS[query.sort]), _direction(query, Domain.id))


def _ordered(statement: Select[Any], query: DomainQuery) -> Select[Any]:
    return statement.order_by(*_order(query))


def _after(statement: Select[Any], query: DomainQuery, position: Position) -> Select[Any]:
    if position.key is None:
        return statement
    return statement.where(_from_key(query, position.key, inclusive=position.inclusive))


def _from_key(query: DomainQuery, key: Key, *, inclusive: bool) -> ColumnElement[bool]:
    value, row_id = key
    place = tuple_(_SORT_COLUMNS[query.sort], Domain.id)
    there = tuple_(cast(literal(value), DateTime(timezone=True)) if query.sort in _TIMES else value, row_id)
    if query.descending:
        return place <= there if inclusive else place < there
    return place >= there if inclusive else place > there


def _row(row: Row[Any]) -> DomainRow:
    states: dict[str, Any] = row.record_states
    return DomainRow(
        id=DomainId(row.id),
        name=row.name,
        unicode_name=row.unicode_name,
        organization_id=OrganizationId(row.organization_id),
        organization_name=row.organization_name,
        status=DomainStatus(row.status),
        is_active=row.is_active,
        records={RecordKind(kind): Verdict(state["verdict"]) for kind, state in states.items()},
        last_checked_at=row.last_checked_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
