"""Reading long lists of aliases by key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, Text, cast, exists, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.aliases_database import alias_rows, with_targets
from smtpy_desktop.database.models import Alias, AliasTarget, Domain
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow, AliasSort, AliasTotals
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position

_ADDRESS: Any = Alias.address_key
# Within a domain by address: the separator sorts before everything that a name or an address may hold.
_DOMAIN: Any = func.concat(Domain.name, " ", Alias.address_key)

_SORT_COLUMNS: dict[AliasSort, Any] = {
    AliasSort.ADDRESS: _ADDRESS,
    AliasSort.DOMAIN: _DOMAIN,
    AliasSort.ACTIVE: Alias.is_active,
    AliasSort.UPDATED: Alias.updated_at,
}


async def list_aliases(db: AsyncSession, query: AliasQuery, position: Position, limit: int) -> Page[AliasRow]:
    """Return up to ``limit`` consecutive aliases of the sorted and filtered list, beginning at ``position``."""
    statement = _filtered(alias_rows().add_columns(_sort_value(query).label("sort_value")), query)
    if position.key is not None:
        statement = statement.where(_from_key(query, position.key, inclusive=position.inclusive))
    rows = (await db.execute(statement.order_by(*_order(query)).limit(limit))).all()
    return Page(await with_targets(db, rows), tuple((row.sort_value, row.id) for row in rows))


async def list_shape(db: AsyncSession, query: AliasQuery, step: int) -> ListShape:
    """Return the length of the list and the key of every ``step``-th row of it, in one pass."""
    place = func.row_number().over(order_by=_order(query)).label("place")
    total = func.count().over().label("total")
    columns = select(_sort_value(query).label("sort_value"), Alias.id.label("id"), place, total)
    numbered = _filtered(columns.join(Domain, Domain.id == Alias.domain_id), query).subquery()
    found = (
        await db.execute(
            select(numbered.c.sort_value, numbered.c.id, numbered.c.total)
            .where((numbered.c.place - 1) % step == 0)
            .order_by(numbered.c.place)
        )
    ).all()
    return ListShape(found[0].total if found else 0, step, tuple((row.sort_value, row.id) for row in found))


async def list_ids(db: AsyncSession, query: AliasQuery) -> tuple[AliasId, ...]:
    """Return the ids of all aliases that the filters let through, in the list's order."""
    statement = _filtered(select(Alias.id).join(Domain, Domain.id == Alias.domain_id), query)
    return tuple(AliasId(found) for found in await db.scalars(statement.order_by(*_order(query))))


async def alias_totals(db: AsyncSession, query: AliasQuery) -> AliasTotals:
    """Count the aliases that the filters let through, and those of them that are switched off."""
    counts: Any = select(func.count(), func.count().filter(Alias.is_active.is_(False)))
    statement = _filtered(counts.select_from(Alias).join(Domain, Domain.id == Alias.domain_id), query)
    counted = (await db.execute(statement)).one()
    return AliasTotals(counted[0], counted[1])


async def every_alias(db: AsyncSession, query: AliasQuery, at_a_time: int) -> AsyncIterator[tuple[AliasRow, ...]]:
    """Yield the whole list in pieces."""
    position = Position.start()
    while True:
        page = await list_aliases(db, query, position, at_a_time)
        if page.rows:
            yield page.rows
        if len(page.rows) < at_a_time:
            return
        position = Position.after(page.keys[-1])


def _sort_value(query: AliasQuery) -> Any:
    column = _SORT_COLUMNS[query.sort]
    return cast(column, Text) if query.sort is AliasSort.UPDATED else column


def _direction(query: AliasQuery, column: Any) -> Any:
    return column.desc() if query.descending else column


def _order(query: AliasQuery) -> tuple[Any, ...]:
    return (_direction(query, _SORT_COLUMNS[query.sort]), _direction(query, Alias.id))


def _from_key(query: AliasQuery, key: Key, *, inclusive: bool) -> ColumnElement[bool]:
    value, row_id = key
    place = tuple_(_SORT_COLUMNS[query.sort], Alias.id)
    is_time = query.sort is AliasSort.UPDATED
    there = tuple_(cast(literal(value), DateTime(timezone=True)) if is_time else value, row_id)
    if query.descending:
        return place <= there if inclusive else place < there
    return place >= there if inclusive else place > there


def _filtered(statement: Select[Any], query: AliasQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if query.organization_id is not None:
        conditions.append(Domain.organization_id == query.organization_id)
    if query.domain_id is not None:
        conditions.append(Alias.domain_id == query.domain_id)
    if query.active is not None:
        conditions.append(Alias.is_active.is_(query.active))
    wanted = query.text.strip().lower()
    if wanted:
        shown = func.concat(func.split_part(Alias.address_key, "@", 1), "@", Domain.unicode_name)
        among_targets = exists().where(
            AliasTarget.alias_id == Alias.id,
            or_(
                AliasTarget.address_key.contains(wanted, autoescape=True),
                AliasTarget.address.icontains(wanted, autoescape=True),
            ),
        )
        conditions.append(
            or_(
                Alias.address_key.contains(wanted, autoescape=True),
                shown.contains(wanted, autoescape=True),
                Alias.note.icontains(wanted, autoescape=True),
                among_targets,
            )
        )
    return statement.where(*conditions)
