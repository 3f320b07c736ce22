"""Finding tables of which PostgreSQL does not know what all may see, and telling it: until then no index answers alone.

A migration that writes a table anew leaves it without its visibility map, and autovacuum does not come by itself before
enough has changed. Every list of messages then reads the table for each row that it looks at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

BIG_TABLES = (
    "messages",
    "message_contents",
    "deliveries",
    "delivery_attempts",
    "message_hour_counts",
    "message_period_counts",
    "message_sender_counts",
)
"""The tables that grow with the mail."""

MANY_PAGES = 1000
"""Pages of 8 KB from which the missing map is felt."""

_TURN = 7305188406115
# Half of it may have changed since the map was made: autovacuum will see to that in its time.
_UNMAPPED = text("""
    SELECT relname FROM pg_class
    WHERE oid = ANY (ARRAY(SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name)::oid[])
        AND relkind = 'r' AND relpages >= :pages AND relallvisible < relpages / 2 AND pg_has_role(relowner, 'USAGE')
    ORDER BY relname
""")


@asynccontextmanager
async def maintenance_turn(engine: AsyncEngine) -> AsyncIterator[AsyncConnection | None]:
    """Give a connection that commits by itself to the one process that maintains tables; None to the others.

    The connection is the pool's no more afterwards: the turn, and what was set on it, end with it.
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        try:
            has_turn = await connection.scalar(text("SELECT pg_try_advisory_lock(:turn)"), {"turn": _TURN})
            yield connection if has_turn else None
        finally:
            await connection.invalidate()


async def unmapped_tables(connection: AsyncConnection, pages: int = MANY_PAGES) -> tuple[str, ...]:
    """Return which of the tables that grow with the mail have ``pages`` pages or more and no map worth its name.

    Only those that the role may maintain. By what the last VACUUM, ANALYZE or CREATE INDEX has found.
    """
    found = await connection.scalars(_UNMAPPED, {"names": list(BIG_TABLES), "pages": pages})
    return tuple(found)


async def map_table(connection: AsyncConnection, table: str) -> None:
    """Let PostgreSQL make the map of one of ``BIG_TABLES``, as long as it takes, with breaks for other programs."""
    for setting in ("statement_timeout = 0", "vacuum_cost_delay = '1ms'", "vacuum_cost_limit = 2000"):
        await connection.execute(text(f"SET {setting}"))
    await connection.execute(text(f"VACUUM (ANALYZE, PARALLEL 0) {BIG_TABLES[BIG_TABLES.index(table)]}"))
