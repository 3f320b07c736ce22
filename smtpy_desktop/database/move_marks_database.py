"""The mark that a move sets in the database it fills: whose unfinished copy is there, and that it is nothing else.

The mark is a type without values that carries a comment: it takes no more rights than a table does, is no table, and
goes with the transaction that completes the move.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from smtpy_desktop.database import contents_database

_MARK = "smtpy_unfinished_move"
_TAKEN = ("42710", "23505")


class AlreadyMarked(Exception):
    """Somebody else has marked the database meanwhile."""


@dataclass(frozen=True, slots=True)
class Source:
    """A database that is moved: what tells it from every other one of every server, and the names of what is in it."""

    identity: str
    objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class MoveMark:
    """Which database (its identity) is moved there, from which machine, since when; of a damaged one, nothing."""

    source: str = ""
    host: str = ""
    begun_at: datetime | None = None


async def source_of(connection: AsyncConnection) -> Source:
    """Return what is known of the database that is connected to and is to be moved."""
    objects = await contents_database.foreign_objects(connection)
    found = await connection.execute(
        text(
            "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE datname = current_database())"
            " FROM pg_control_system()"
        )
    )
    return Source(str(found.scalar_one()), frozenset(objects))


async def find_mark(connection: AsyncConnection) -> MoveMark | None:
    """Return the mark that is set in a database, if any; one that another role has set says nothing."""
    found = await connection.execute(
        text(
            "SELECT CASE WHEN pg_has_role(current_user, typowner, 'USAGE') THEN obj_description(oid, 'pg_type') END"
            " FROM pg_type WHERE oid = to_regtype(:name)"
        ),
        {"name": _MARK},
    )
    row = found.one_or_none()
    return _parsed(row[0]) if row is not None else None


async def set_mark(engine: AsyncEngine, source: Source, host: str, begun_at: datetime) -> None:
    """Mark a database before it is filled, again where it is so marked; raise AlreadyMarked where others have."""
    content = json.dumps({"source": source.identity, "host": host, "begun_at": begun_at.isoformat()})
    try:
        async with engine.begin() as connection:
            known = await find_mark(connection)
            if known is not None and known.source != source.identity:
                raise AlreadyMarked
            await remove_mark(connection)
            await connection.execute(text(f"CREATE TYPE {_MARK} AS ENUM ()"))
            literal = await connection.scalar(text("SELECT quote_literal(:content)"), {"content": content})
            await connection.execute(text(f"COMMENT ON TYPE {_MARK} IS {literal}".replace(":", "\\:")))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _TAKEN:
            raise
        raise AlreadyMarked from error


async def remove_mark(db: AsyncConnection | AsyncSession) -> None:
    """Take the mark away again, with whatever else the transaction does."""
    await db.execute(text(f"DROP TYPE IF EXISTS {_MARK}"))


async def is_copy_alone(engine: AsyncEngine, source: Source) -> bool:
    """Tell whether a marked database holds what a copy of its source has put there, and nothing else.

    Rows that were written or changed since the copy do not come from the one transaction that has restored it.
    """
    async with contents_database.at_rest(engine) as connection:
        there = await contents_database.foreign_objects(connection)
        if not source.objects.issuperset(there):
            return False
        transaction: str | None = None
        for table in await contents_database.table_names(connection):
            name = table.replace(":", "\\:")
            if transaction is None:
                first = text(f"SELECT CAST(xmin AS text) FROM ONLY {name} LIMIT 1")  # noqa: S608 - quoted by the server
                transaction = (await connection.execute(first)).scalar_one_or_none()
            others = text(f"SELECT EXISTS (SELECT FROM ONLY {name} WHERE CAST(xmin AS text) <> :known)")  # noqa: S608
            if (await connection.execute(others, {"known": transaction or ""})).scalar_one():
                return False
    return True


def _parsed(written: object) -> MoveMark:
    try:
        data = json.loads(str(written))
        return MoveMark(str(data["source"]), str(data["host"]), datetime.fromisoformat(data["begun_at"]))
    except (ValueError, TypeError, KeyError):
        return MoveMark()
