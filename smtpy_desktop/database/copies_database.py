"""Databases beside ours on the same server: making and dropping them, and putting one in the place of another.

What we make is named after the database it belongs to, so that what a killed process has left is known for what it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_TURN = 7305188406116
_LONGEST_NAME = 63
_MOMENT = "%Y%m%d_%H%M%S"
_SCRATCH = "scratch"
_BEFORE = "before"
_MAKING = "template0"
_IN_USE = "55006"

_QUOTE = text("SELECT quote_ident(:name)")


class DatabaseInUse(Exception):
    """A database cannot be renamed, because somebody is connected to it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right of one process to back up or restore, and what the role that is signed in may do.

    ``connection`` commits by itself. ``owner`` is the role that owns the database.
    """

    connection: AsyncConnection
    role: str
    may_create: bool
    owner: str
    is_owner: bool


@asynccontextmanager
async def turn(engine: AsyncEngine) -> AsyncIterator[Turn | None]:
    """Give a connection to the one process that backs up or restores; None to the others.

    The turn ends with the connection, however that ends.
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await connection.execute(text("SET statement_timeout = 0"))
            # One that was moved away is closed to writers, and can still be backed up and proved.
            await connection.execute(text("SET default_transaction_read_only = off"))
            has_turn = await connection.scalar(text("SELECT pg_try_advisory_lock(:turn)"), {"turn": _TURN})
            yield await _turn(connection) if has_turn else None
        finally:
            with suppress(SQLAlchemyError):  # the server notices only a moment later that a connection has gone
                await connection.execute(text("SELECT pg_advisory_unlock_all()"))
            await connection.invalidate()


def scratch_name(database: str, now: datetime) -> str:
    """Return the name of a database that is only needed for a while."""
    return _derived(database, _SCRATCH, now)


def previous_name(database: str, now: datetime) -> str:
    """Return what a database is called once another one has taken its place."""
    return _derived(database, _BEFORE, now)


async def scratches(connection: AsyncConnection, database: str) -> tuple[str, ...]:
    """Return the names of the databases that were only needed for a while, of the one so named."""
    return tuple([name for name, _ in await _named(connection, database, _SCRATCH)])


async def previous(connection: AsyncConnection, database: str) -> tuple[tuple[str, datetime], ...]:
    """Return the names of the databases whose place was taken, each with when, the newest first."""
    found = await _named(connection, database, _BEFORE)
    return tuple(sorted(found, key=lambda entry: entry[1], reverse=True))


async def size_of(connection: AsyncConnection, name: str) -> int:
    """Return how many bytes a database takes; 0 where the role may not know."""
    may = text("SELECT has_database_privilege(:name, 'CONNECT')")
    if not (await connection.execute(may, {"name": name})).scalar_one():
        return 0
    return int((await connection.execute(text("SELECT pg_database_size(:name)"), {"name": name})).scalar_one())


async def owner_of_tables(connection: AsyncConnection, schema: str) -> str | None:
    """Return the role that owns our tables when it is another than the one that is signed in, and may become it."""
    found = await connection.execute(
        text(
            "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(:name)"
            " AND pg_get_userbyid(relowner) <> current_user AND pg_has_role(current_user, relowner, 'MEMBER')"
        ),
        {"name": f"{schema}.alembic_version"},
    )
    owner = found.scalar_one_or_none()
    return str(owner) if owner is not None else None


async def create_like(connection: AsyncConnection, name: str) -> None:
    """Make an empty database with the encoding, the order of texts and the owner of the one that is connected to."""
    row = await connection.execute(
        text(
            "SELECT to_jsonb(d), pg_encoding_to_char(encoding), quote_ident(pg_get_userbyid(datdba)),"
            " pg_has_role(current_user, datdba, 'MEMBER') FROM pg_database AS d WHERE datname = current_database()"
        )
    )
    values, encoding, owner, may_give = row.one()
    options = [f"TEMPLATE {_MAKING}", f"ENCODING '{encoding}'", *(_locale(values))]
    if may_give:
        options.append(f"OWNER {owner}")
    statement = f"CREATE DATABASE {await _quoted(connection, name)} {' '.join(options)}"
    await connection.execute(_statement(statement))


async def drop(connection: AsyncConnection, name: str) -> None:
    """Remove a database, whoever is connected to it."""
    await connection.execute(_statement(f"DROP DATABASE IF EXISTS {await _quoted(connection, name)} WITH (FORCE)"))


async def take_over(connection: AsyncConnection, name: str) -> None:
    """Give a database the rights and settings of the one that is connected to (a dump does not hold them)."""
    target = await _quoted(connection, name)
    rights = await connection.execute(
        text(
            "SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, privilege_type,"
            " is_grantable FROM pg_database, aclexplode(datacl)"
            " WHERE datname = current_database() AND grantee <> datdba"
        )
    )
    granted = rights.all()
    known = text("SELECT datacl IS NOT NULL FROM pg_database WHERE datname = current_database()")
    if (await connection.execute(known)).scalar_one():
        await connection.execute(_statement(f"REVOKE ALL ON DATABASE {target} FROM PUBLIC"))
    for grantee, right, is_grantable in granted:
        option = " WITH GRANT OPTION" if is_grantable else ""
        await connection.execute(_statement(f"GRANT {right} ON DATABASE {target} TO {grantee}{option}"))
    settings = await connection.scalars(
        text(
            "SELECT format('%I = %L', split_part(entry, '=', 1), substring(entry FROM position('=' IN entry) + 1))"
            " FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS entry"
            " WHERE d.datname = current_database() AND s.setrole = 0"
        )
    )
    for setting in settings.all():
        await connection.execute(_statement(f"ALTER DATABASE {target} SET {setting}"))


# What kind of connection another role has is not shown to a role without rights: then it counts as a client's.
async def connected_roles(connection: AsyncConnection, database: str) -> tuple[tuple[str, bool], ...]:
    """Return the roles that are connected to a database, each with whether we may disconnect it."""
    found = await connection.execute(
        text(
            "SELECT DISTINCT usename, pg_has_role(current_user, usesysid, 'USAGE')"
            " OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE')"
            " FROM pg_stat_activity WHERE datname = :name"
            " AND coalesce(backend_type, 'client backend') = 'client backend'"
            " AND pid <> pg_backend_pid() AND usesysid IS NOT NULL ORDER BY 1"
        ),
        {"name": database},
    )
    return tuple((str(role), bool(may)) for role, may in found)


async def disconnect_all(connection: AsyncConnection, database: str) -> None:
    """End every other connection to a database that we may end."""
    await connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
            " AND coalesce(backend_type, 'client backend') = 'client backend'"
            " AND (pg_has_role(current_user, usesysid, 'USAGE')"
            " OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE'))"
        ),
        {"name": database},
    )


async def others_connected(connection: AsyncConnection, database: str, own: Collection[str]) -> int:
    """Count the programs (by the names of their connections) that use a database besides those named."""
    statement = text(
        "SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE datname = :name"
        " AND coalesce(backend_type, 'client backend') = 'client backend'"
        " AND application_name <> ALL (CAST(:own AS text[]))"
    )
    return int((await connection.execute(statement, {"name": database, "own": list(own)})).scalar_one())


async def disconnect_others(connection: AsyncConnection, database: str, own: str) -> None:
    """End the connections to a database whose program is not named ``own``."""
    await connection.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            " AND coalesce(backend_type, 'client backend') = 'client backend' AND application_name <> :own"
            " AND pg_has_role(current_user, usesysid, 'USAGE')"
        ),
        {"name": database, "own": own},
    )


async def rename(connection: AsyncConnection, old: str, new: str) -> None:
    """Give a database another name; raise DatabaseInUse when somebody is still connected to it after five seconds."""
    names = await _quoted(connection, old), await _quoted(connection, new)
    try:
        await connection.execute(_statement(f"ALTER DATABASE {names[0]} RENAME TO {names[1]}"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _IN_USE:
            raise
        raise DatabaseInUse(old) from error


async def close_to_writers(connection: AsyncConnection, name: str) -> None:
    """Let new connections to a database read alone, unless they ask for more."""
    quoted = await _quoted(connection, name)
    await connection.execute(_statement(f"ALTER DATABASE {quoted} SET default_transaction_read_only = on"))


async def tidy(engine: AsyncEngine) -> None:
    """Let PostgreSQL learn what is in a database that was just filled, so that it is quick from the start."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("SET statement_timeout = 0"))
        await connection.execute(text("VACUUM (ANALYZE)"))
        await connection.invalidate()


async def _turn(connection: AsyncConnection) -> Turn:
    found = await connection.execute(
        text(
            "SELECT current_user, (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user),"
            " pg_get_userbyid(datdba), pg_has_role(current_user, datdba, 'USAGE')"
            " FROM pg_database WHERE datname = current_database()"
        )
    )
    role, may_create, owner, is_owner = found.one()
    return Turn(connection, str(role), bool(may_create), str(owner), bool(is_owner))


def _derived(database: str, what: str, now: datetime) -> str:
    ending = f"_{what}_{now.astimezone(UTC):{_MOMENT}}"
    return f"{_stem(database, len(ending))}{ending}"


def _stem(database: str, ending: int) -> str:
    """Shorten a long name to what leaves room for the ending, told apart from others by its hash."""
    if len(database.encode()) + ending <= _LONGEST_NAME:
        return database
    digest = hashlib.sha256(database.encode()).hexdigest()[:8]
    room = _LONGEST_NAME - ending - len(digest) - 1
    return f"{database.encode()[:room].decode(errors='ignore')}_{digest}"


async def _named(connection: AsyncConnection, database: str, what: str) -> list[tuple[str, datetime]]:
    moment_length = len(datetime.now(UTC).strftime(_MOMENT))
    beginning = f"{_stem(database, len(what) + 2 + moment_length)}_{what}_"
    names = await connection.scalars(
        text("SELECT datname FROM pg_database WHERE starts_with(datname, :beginning) ORDER BY 1"),
        {"beginning": beginning},
    )
    found = []
    for name in names:
        try:
            moment = datetime.strptime(name.removeprefix(beginning), _MOMENT).replace(tzinfo=UTC)
        except ValueError:
            continue  # somebody else's
        found.append((str(name), moment))
    return found


def _locale(row: Mapping[str, Any]) -> list[str]:
    """Return the options that make texts be ordered as in an existing database (a row of ``pg_database``).

    Version 17 renamed ``daticulocale`` to ``datlocale``, and brought the provider ``b``.
    """
    options = [f"LC_COLLATE '{_escaped(row['datcollate'])}'", f"LC_CTYPE '{_escaped(row['datctype'])}'"]
    locale = row.get("datlocale") or row.get("daticulocale")
    match row.get("datlocprovider"):
        case "i":
            return ["LOCALE_PROVIDER icu", f"ICU_LOCALE '{_escaped(locale)}'", *options]
        case "b":
            return ["LOCALE_PROVIDER builtin", f"BUILTIN_LOCALE '{_escaped(locale)}'", *options]
    return ["LOCALE_PROVIDER libc", *options]


def _escaped(value: object) -> str:
    return str(value).replace("'", "''")


async def _quoted(connection: AsyncConnection, name: str) -> str:
    """Return a name as a statement holds it."""
    return str((await connection.execute(_QUOTE, {"name": name})).scalar_one())


def _statement(words: str) -> TextClause:
    """Make a statement of words without parameters: a colon in a name is nothing but that."""
    return text(words.replace(":", "\\:"))
