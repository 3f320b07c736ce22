"""What is in a database: how many rows each table has, the hash of all of them in order, and how far sequences are.

Works for tables of any origin and size: rows are hashed by the server, block by block, and only the result is sent.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from smtpy_desktop.database.models import Base
from smtpy_desktop.schemas.backups import TableContent

_BLOCK_ROWS = 65536
"""Rows whose hashes are put together at a time, so that no value grows with the table."""

# So that a value is the same text on every server.
_SAME_EVERYWHERE = (
    "statement_timeout = 0",
    "lock_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "timezone = 'UTC'",
    "datestyle = 'ISO, YMD'",
    "intervalstyle = 'postgres'",
    "bytea_output = 'hex'",
    "extra_float_digits = 1",
    "search_path = pg_catalog",
)

# Not what extensions bring, nor what is computed anyway. Texts are ordered by their bytes: collations differ.
_TABLES = text("""
    SELECT n.nspname || '.' || c.relname AS name, format('%I.%I', n.nspname, c.relname) AS quoted,
        pg_table_size(c.oid) AS size,
        (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
        (SELECT string_agg(quote_ident(a.attname) || CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END,
                ', ' ORDER BY array_position(i.indkey::smallint[], a.attnum))
            FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = c.oid AND i.indisprimary) AS place
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema'
        AND n.nspname !~ '^pg_'
        AND NOT EXISTS (SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
""")

# Those that number the rows of a table: they only ever go on.
_SEQUENCES = text("""
    SELECT n.nspname || '.' || s.relname AS name, coalesce(pg_sequence_last_value(s.oid::regclass), 0) AS value
    FROM pg_class AS s JOIN pg_namespace AS n ON n.oid = s.relnamespace
    WHERE s.relkind = 'S' AND n.nspname !~ '^pg_' AND EXISTS (SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)
    ORDER BY 1
""")

_SEALED = (("dkim_keys", "private_key_sealed"), ("srs_keys", "secret_sealed"))
_KEY_ID_PLACE, _KEY_ID_BYTES = 5, 8


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    quoted: str
    size: int
    columns: str
    place: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of a database that others can look at, too, while its transaction lasts."""

    connection: AsyncConnection
    name: str


@asynccontextmanager
async def snapshot(engine: AsyncEngine, *, locks_out_writers: bool = False) -> AsyncIterator[Snapshot]:
    """Hold a database as it is at this moment for the block.

    With ``locks_out_writers`` who wants to change something waits until the end of the block; the locks go with the
    connection, however it ends.
    """
    async with engine.connect() as connection, connection.begin():
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        for setting in _SAME_EVERYWHERE:
            await connection.execute(text(f"SET LOCAL {setting}"))
        if locks_out_writers:
            await _lock(engine, connection)
        name = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
        yield Snapshot(connection, str(name))


@asynccontextmanager
async def at_rest(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction for looking at a database that nobody changes."""
    async with engine.connect() as connection, connection.begin():
        for setting in _SAME_EVERYWHERE:
            await connection.execute(text(f"SET LOCAL {setting}"))
        yield connection


async def table_contents(
    connection: AsyncConnection, on_table: Callable[[int, int], object] = lambda done, total: None
) -> tuple[TableContent, ...]:
    """Count and hash the rows of every table; ``on_table`` hears how many bytes of all are done after each."""
    tables = [_table(row) for row in await connection.execute(_TABLES)]
    total = sum(table.size for table in tables)
    done, found = 0, []
    for table in tables:
        found.append(await _content(connection, table))
        done += table.size
        on_table(done, total)
    return tuple(found)


async def unreadable_tables(connection: AsyncConnection) -> tuple[str, ...]:
    """Return the tables that the role may not read."""
    tables = [_table(row) for row in await connection.execute(_TABLES)]
    may = text("SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE NOT has_table_privilege(name, 'SELECT')")
    found = await connection.scalars(may, {"names": [table.quoted for table in tables]})
    return tuple(map(str, found))


async def table_names(connection: AsyncConnection) -> tuple[str, ...]:
    """Return the names of all tables as a statement holds them."""
    return tuple([_table(row).quoted for row in await connection.execute(_TABLES)])


async def count_rows(connection: AsyncConnection) -> int:
    """Count the rows of every table."""
    counts = [
        (await connection.execute(text(_literal(f"SELECT count(*) FROM ONLY {name}")))).scalar_one()  # noqa: S608
        for name in await table_names(connection)
    ]
    return sum(map(int, counts))


async def sequence_values(connection: AsyncConnection) -> dict[str, int]:
    """Return the last number that each sequence of a table's own has given out."""
    return {str(row.name): int(row.value) for row in await connection.execute(_SEQUENCES)}


async def master_key_ids(connection: AsyncConnection, schema: str) -> tuple[str, ...]:
    """Return the ids of the master keys that our sealed columns need (``core/sealing.py`` has where the id stands)."""
    found: set[str] = set()
    for table, column in _SEALED:
        known = text("SELECT to_regclass(:name) IS NOT NULL")
        quoted = f'{schema}."{table}"'
        if not (await connection.execute(known, {"name": quoted})).scalar_one():
            continue  # an older schema
        statement = text(
            f"SELECT DISTINCT encode(substring({column} FROM :place FOR :size), 'hex') FROM {quoted}"  # noqa: S608
            f" WHERE {column} IS NOT NULL"
        )
        found.update(await connection.scalars(statement, {"place": _KEY_ID_PLACE, "size": _KEY_ID_BYTES}))
    return tuple(sorted(found))


async def schema_of_ours(connection: AsyncConnection) -> tuple[str, str]:
    """Return in which schema our tables are (quoted), and at which revision they are; empty where there are none."""
    where = text(
        "SELECT quote_ident(n.nspname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relname = 'alembic_version' AND c.relkind = 'r' ORDER BY n.nspname = 'public' DESC LIMIT 1"
    )
    schema = (await connection.execute(where)).scalar_one_or_none()
    if schema is None:
        return "", ""
    version = text(f"SELECT version_num FROM {schema}.alembic_version")  # noqa: S608 - quoted by the server
    return str(schema), str((await connection.execute(version)).scalar_one_or_none() or "")


async def server_version(engine: AsyncEngine) -> int:
    """Return the server's version as a number, such as 180004."""
    async with engine.connect() as connection:
        return int((await connection.execute(text("SHOW server_version_num"))).scalar_one())


async def estimated_size(connection: AsyncConnection) -> int:
    """Return how many bytes the database takes on its server's disk."""
    size = await connection.execute(text("SELECT pg_database_size(current_database())"))
    return int(size.scalar_one())


async def foreign_objects(connection: AsyncConnection) -> tuple[str, ...]:
    """Return the names of tables, views and sequences in a database that is meant to be empty."""
    found = await connection.scalars(
        text(
            "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't'"
            " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
            " AND NOT EXISTS (SELECT FROM pg_depend AS d"
            " WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1"
        )
    )
    return tuple(map(str, found))


async def missing_tables(connection: AsyncConnection) -> tuple[str, ...]:
    """Return the names of those tables of the program that a database with the newest schema lacks."""
    there = text("SELECT to_regclass(quote_ident(:name)) IS NOT NULL")
    names = sorted(table.name for table in Base.metadata.tables.values())
    return tuple([name for name in names if not (await connection.execute(there, {"name": name})).scalar_one()])


async def may_create_tables(connection: AsyncConnection) -> bool:
    """Tell whether the role may make tables where they are made without saying where."""
    found = await connection.execute(text("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"))
    return bool(found.scalar_one())


async def drop_version_table(engine: AsyncEngine) -> None:
    """Remove what is left when every migration was taken back."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS alembic_version"))


async def _lock(engine: AsyncEngine, connection: AsyncConnection) -> None:
    """Take the lock that lets readers in and writers wait, on every table, before the transaction's moment is fixed."""
    async with engine.connect() as looking:
        tables = [_table(row) for row in await looking.execute(_TABLES)]
    await connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    names = ", ".join(table.quoted.replace(":", "\\:") for table in tables)
    if names:
        await connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


async def _content(connection: AsyncConnection, table: _Table) -> TableContent:
    hashed = f"sha256(convert_to(CAST(ROW({table.columns}) AS text), 'UTF8'))" if table.columns else "sha256('')"
    place = table.place or hashed
    statement = (
        "SELECT coalesce(sum(rows), 0),"  # noqa: S608 - every name in it is quoted by the server
        " encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY block), '')), 'hex')"
        f" FROM (SELECT number / {_BLOCK_ROWS} AS block, count(*) AS rows,"
        "   sha256(string_agg(hash, ''::bytea ORDER BY number)) AS hash"
        f"  FROM (SELECT row_number() OVER (ORDER BY {place}) AS number, {hashed} AS hash FROM ONLY {table.quoted})"
        "  AS numbered GROUP BY 1) AS blocks"
    )
    row = (await connection.execute(text(_literal(statement)))).one()
    return TableContent(table.name, int(row[0]), str(row[1]))


def _literal(statement: str) -> str:
    """Keep a colon in a name, and the casts, from being taken for a parameter."""
    return statement.replace(":", "\\:")


def _table(row: Row[Any]) -> _Table:
    return _Table(row.name, row.quoted, int(row.size), row.columns or "", row.place or "")
