"""The tables of messages made bare while many rows are written into them, and whole again afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

_TABLES = ("messages", "message_contents", "deliveries", "delivery_attempts")
_RECOUNT = "SELECT smtpy_recount_messages()"


@dataclass(frozen=True, slots=True)
class SideConnections:
    """As many connections beside the given one as work can be spread over, each to be used by one thread."""

    connection: psycopg.Connection
    number: int = 2

    @contextmanager
    def open(self) -> Iterator[psycopg.Connection]:
        """Open one that commits by itself, sooner than the disk has it, and has time and memory for large work."""
        info = self.connection.info
        with psycopg.connect(info.dsn, password=info.password, autocommit=True, prepare_threshold=None) as opened:
            opened.execute("""
                SET statement_timeout = 0;
                SET synchronous_commit = off;
                SET work_mem = '128MB';
                SET maintenance_work_mem = '512MB';
                SET max_parallel_maintenance_workers = 0
            """)
            yield opened

    def execute(self, statements: Iterable[str]) -> None:
        """Execute statements that do not depend on each other, several at a time, begun in the given order."""
        with ThreadPoolExecutor(self.number) as pool:
            list(pool.map(self._execute_one, statements))

    def _execute_one(self, statement: str) -> None:
        with self.open() as connection:
            connection.execute(statement)


@dataclass(slots=True)
class _Taken:
    """What was taken away, as the statements that bring it back."""

    indexes: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextmanager
def bare_tables(side: SideConnections) -> Iterator[None]:
    """Take indexes, foreign keys and triggers away and put them back at the end, which is much faster for many rows.

    They are put back also when the block fails, and the counts are made anew from what is there.
    """
    connection = side.connection
    with connection.transaction():
        taken = _take_away(connection)
    try:
        yield
    finally:
        # Making an index and counting anew keep writers away, and not each other.
        side.execute([_RECOUNT, *taken.indexes])
        with connection.transaction():
            connection.execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'")
            for statement in taken.keys:
                connection.execute(statement)
            for table in _TABLES:
                connection.execute(f"ALTER TABLE {table} RESET (autovacuum_enabled)")
            connection.execute("ALTER TABLE messages ENABLE TRIGGER USER")


def _take_away(connection: psycopg.Connection) -> _Taken:
    taken = _Taken()
    keys = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND conrelid = ANY (%s::text[]::regclass[])",
        [list(_TABLES)],
    )
    for table, name, definition in keys.fetchall():
        taken.keys.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    # What serves a constraint (primary and unique keys) stays. The indexes of words take longest: they are first.
    indexes = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = ANY (%s::text[]::regclass[]) AND NOT indisunique "
        "ORDER BY pg_get_indexdef(indexrelid) LIKE '%% USING gin %%' DESC, indexrelid",
        [list(_TABLES)],
    )
    for name, definition in indexes.fetchall():
        taken.indexes.append(definition)
        connection.execute(f"DROP INDEX {name}")
    connection.execute("ALTER TABLE messages DISABLE TRIGGER USER")
    for table in _TABLES:
        connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    return taken
