"""How much there is: rows and sizes of the tables, for support."""

from __future__ import annotations

from sqlalchemy import func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Base, Domain
from smtpy_desktop.schemas.support_bundle import TableFigures

_MOST_COUNTED = 100_000
_SIZES = text(
    "SELECT c.relname, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid) FROM pg_class c"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
)


async def table_figures(db: AsyncSession) -> tuple[TableFigures, ...]:
    """Return the figures of every table of ours by name; more than 100,000 rows are the planner's estimate."""
    sizes = {name: (int(rows), int(size)) for name, rows, size in (await db.execute(_SIZES)).tuples()}
    figures = []
    for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
        if table.name not in sizes:
            continue
        estimate, size = sizes[table.name]
        first = select(literal(1)).select_from(table).limit(_MOST_COUNTED + 1).subquery()
        counted = int(await db.scalar(select(func.count()).select_from(first)) or 0)
        is_estimate = counted > _MOST_COUNTED
        rows = max(counted, estimate) if is_estimate else counted
        figures.append(TableFigures(table.name, rows, is_estimate, size))
    return tuple(figures)


async def domain_states(db: AsyncSession) -> dict[str, int]:
    """Return how many domains are in each state."""
    counted = await db.execute(select(Domain.status, func.count()).group_by(Domain.status))
    return {str(getattr(state, "value", state)): count for state, count in counted.tuples()}
