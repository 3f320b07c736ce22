"""What a move that was killed has left in the server's database: told for what it is, and removed when that is wanted.

Removed is only what is provably this database's own unfinished copy: it bears this database's mark, nobody else is
connected, there is nothing but what a copy holds, and no row was written since.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from smtpy_desktop.controllers.backup_work import ORIGIN
from smtpy_desktop.database import contents_database, copies_database, migrate, move_marks_database
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.database.move_marks_database import AlreadyMarked, MoveMark, Source
from smtpy_desktop.errors import ConflictError
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import Text, text

_NAMED = 3


@dataclass(frozen=True, slots=True)
class TargetContent:
    """``leftover``: when the move began whose unfinished copy may be removed. ``obstacle``: what else is in the way."""

    leftover: datetime | None = None
    obstacle: Text | None = None


async def look_at_target(target: Database, server: ServerAddress, source: Source) -> TargetContent:
    """Return what is in the database that is to be moved to; raise UserFacingError."""
    with translated_errors():
        async with target.engine.connect() as connection:
            mark = await move_marks_database.find_mark(connection)
            there = await contents_database.foreign_objects(connection)
            others = await copies_database.others_connected(connection, server.database, (ORIGIN,))
        if mark is not None and mark.source != source.identity:
            return TargetContent(obstacle=_of_another_move(server, mark))
        if not there:
            return TargetContent()
        if mark is None:
            return TargetContent(obstacle=_not_empty(server, there))
        if others:
            return TargetContent(obstacle=_others_connected(server, others))
        if not await move_marks_database.is_copy_alone(target.engine, source):
            return TargetContent(obstacle=_used_since(server))
    return TargetContent(leftover=mark.begun_at)


async def begin_copy(target: Database, server: ServerAddress, source: Source, host: str) -> None:
    """Mark an empty database as one that is being filled; raise ConflictError when somebody else is at it."""
    try:
        with translated_errors():
            await move_marks_database.set_mark(target.engine, source, host, datetime.now(UTC))
    except AlreadyMarked as error:
        raise ConflictError("MOVE_NOT_POSSIBLE", _of_another_move(server, MoveMark())) from error


async def empty_target(target: Database) -> None:
    """Take everything of ours away again from a database that was empty before; raise UserFacingError."""
    with translated_errors():
        async with target.engine.connect() as connection:
            _, revision = await contents_database.schema_of_ours(connection)
        if revision:
            await migrate.downgrade(target.engine, "base")
            await contents_database.drop_version_table(target.engine)
        async with target.engine.begin() as connection:
            await move_marks_database.remove_mark(connection)


def _not_empty(server: ServerAddress, there: Collection[str]) -> Text:
    return text(
        "The database {database} of the server is not empty: {names}. Choose an empty one; or, if nothing in it is"
        " needed any more, have the server's administrator run: {commands}",
        database=server.database,
        names=", ".join(list(there)[:_NAMED]),
        commands=_made_anew(server),
    )


def _others_connected(server: ServerAddress, others: int) -> Text:
    return text(
        "The database {database} of the server holds the copy of a move that was broken off, and programs are connected"
        " to it: {count}. Stop them, then move again.",
        database=server.database,
        count=others,
    )


def _used_since(server: ServerAddress) -> Text:
    return text(
        "The database {database} of the server holds the copy of a move that was broken off, and it was changed since."
        " Choose an empty one; or, if nothing in it is needed any more, have the server's administrator run:"
        " {commands}",
        database=server.database,
        commands=_made_anew(server),
    )


def _of_another_move(server: ServerAddress, mark: MoveMark) -> Text:
    return text(
        "Another database is being moved to {database}, from the machine {host}. Choose an empty one; or, if that move"
        " was broken off, have the server's administrator run: {commands}",
        database=server.database,
        host=mark.host or "?",
        commands=_made_anew(server),
    )


def _made_anew(server: ServerAddress) -> str:
    database, role = _quoted(server.database), _quoted(server.user)
    return f"DROP DATABASE {database}; CREATE DATABASE {database} OWNER {role};"


def _quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
