"""What a user may do in a database, and which version of our tables is in it; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from smtpy_desktop.core.dns_name import shown
from smtpy_desktop.core.probe_findings import Finding, failed, ok, warning
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import text

OLDEST_SERVER = 150_000

_RIGHTS = """
    SELECT current_setting('server_version_num')::int AS version_number,
           current_setting('server_version') AS version,
           pg_is_in_recovery() AS is_standby,
           current_setting('default_transaction_read_only') = 'on' AS is_read_only,
           current_setting('server_encoding') AS encoding,
           current_schema() AS schema,
           has_schema_privilege(space.oid, 'CREATE') AS may_create,
           ours.oid IS NOT NULL AS is_set_up,
           pg_get_userbyid(ours.relowner) AS owner,
           pg_has_role(ours.relowner, 'USAGE') AS is_owner
      FROM (SELECT 1) AS one
      LEFT JOIN pg_namespace AS space ON space.nspname = current_schema()
      LEFT JOIN pg_class AS ours ON ours.relnamespace = space.oid AND ours.relname = 'alembic_version'
"""

_TABLES = """
    SELECT to_regclass(format('%I.alembic_version', current_schema())) IS NOT NULL AS is_set_up,
           (SELECT count(*)
              FROM pg_class AS table_
              JOIN pg_namespace AS space ON space.oid = table_.relnamespace
             WHERE space.nspname = current_schema() AND table_.relkind IN ('r', 'p')) AS tables
"""

Connection = psycopg.AsyncConnection[Any]


async def inspect_rights(connection: Connection, address: ServerAddress) -> Finding:
    """Tell whether our tables can be made and kept up in the schema that new tables go to."""
    found = await _one(connection, _RIGHTS)
    if found.version_number < OLDEST_SERVER:
        return failed(
            "SERVER_TOO_OLD",
            text("The server runs PostgreSQL {version}; 15 or newer is needed.", version=found.version),
            text("Have it upgraded, or use another server or the built-in database."),
        )
    unsuitable = _unsuitable(found)
    if unsuitable is not None:
        return unsuitable
    user, schema = shown(address.user), shown(found.schema)
    if found.is_set_up and not found.is_owner:
        return warning(
            "TABLES_OF_ANOTHER",
            text("The tables belong to {owner}: {user} can use, but not upgrade them.", owner=found.owner, user=user),
            text("Sign in as {owner} for upgrades.", owner=found.owner),
        )
    if not found.may_create:
        hint = text("The database's owner can allow it: GRANT CREATE ON SCHEMA {schema} TO …", schema=schema)
        if found.is_set_up:
            message = text("{user} may not make tables in {schema}: upgrades will fail.", user=user, schema=schema)
            return warning("MAY_NOT_CREATE", message, hint)
        return failed("MAY_NOT_CREATE", text("{user} may not make tables in {schema}.", user=user, schema=schema), hint)
    return ok(
        "MAY_CREATE",
        text(
            "{user} may make tables in {schema} (PostgreSQL {version}).",
            user=user,
            schema=schema,
            version=found.version,
        ),
    )


async def inspect_schema(connection: Connection, known: Sequence[str]) -> Finding:
    """Compare the tables in the database with the revisions that this program knows, oldest first."""
    found = await _one(connection, _TABLES)
    if not found.is_set_up:
        return _to_be_set_up(found.tables)
    async with connection.cursor() as cursor:
        try:
            await cursor.execute("SELECT version_num FROM alembic_version")
        except psycopg.errors.InsufficientPrivilege:
            return failed(
                "TABLES_NOT_READABLE",
                text("The tables are there, but this user may not read them."),
                text("Sign in as their owner, or have the rights on them granted."),
            )
        revisions = [str(row[0]) for row in await cursor.fetchall()]
    return _to_be_set_up(0) if not revisions else _compared(revisions, known)


def _unsuitable(found: Any) -> Finding | None:
    """Return why the database itself cannot be used, whatever the rights are."""
    if found.is_standby:
        return failed(
            "SERVER_IS_STANDBY",
            text("This server is a stand-by copy and takes no changes."),
            text("Connect to the primary server."),
        )
    if found.is_read_only:
        return failed(
            "DATABASE_READ_ONLY",
            text("The database is set to take no changes (default_transaction_read_only)."),
            text("Have that setting changed, or choose another database."),
        )
    if found.encoding != "UTF8":
        return failed(
            "DATABASE_NOT_UTF8",
            text("The database's encoding is {encoding}, which cannot hold every message.", encoding=found.encoding),
            text("Have a database made with ENCODING 'UTF8'."),
        )
    if found.schema is None:
        return failed(
            "NO_SCHEMA",
            text("The database has no schema that tables could go to."),
            text("Have one made (CREATE SCHEMA) and named in the user's search_path."),
        )
    return None


def _to_be_set_up(tables: int) -> Finding:
    if tables:
        return warning(
            "SCHEMA_SHARED",
            text(
                "The database holds {count} tables of another program; ours would be added beside them.", count=tables
            ),
            text("A database of its own is better: easier to back up, and nothing can be mixed up."),
        )
    return ok("SCHEMA_EMPTY", text("The database is empty; its tables will be set up."))


def _compared(revisions: Sequence[str], known: Sequence[str]) -> Finding:
    found = ", ".join(revisions)
    if len(revisions) != 1 or revisions[0] not in known:
        return warning(
            "SCHEMA_NEWER",
            text("The tables were made by a newer version of this program ({found}).", found=shown(found)),
            text("They would be opened for reading only. Update this program to make changes."),
        )
    if found == known[-1]:
        return ok("SCHEMA_CURRENT", text("The tables are up to date ({found}).", found=found))
    return ok(
        "SCHEMA_OLDER",
        text("The tables will be upgraded from {found} to {wanted}.", found=found, wanted=known[-1]),
    )


async def _one(connection: Connection, query: str) -> Any:
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(query)
        return await cursor.fetchone()
