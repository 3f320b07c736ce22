"""Bringing the schema to where the program needs it, up or down.

The revisions are the file names in ``migrations/versions``, in order, so that finding out whether anything is to be
done needs one query and no Alembic (whose import costs more than the query).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from smtpy_desktop.schemas.migration import SchemaReport, SchemaState

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# What is not there, or is there already; rows that do not fit; what others depend on. Not: 42501, a right is missing.
_UNFIT_CLASSES = ("22", "23", "2B", "42")
_FORBIDDEN = "42501"


class UnfitSchema(Exception):
    """The tables or rows of a database are not what its revision says; the text is PostgreSQL's reason."""


def migrations_directory() -> Path:
    """Where the migrations lie: inside the frozen or installed program, or beside the package in a clone."""
    package = Path(__file__).parents[1]
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = (Path(frozen or package) / "migrations", package.parent / "migrations")
    return next((path for path in candidates if (path / "versions").is_dir()), candidates[-1])


def known_revisions() -> tuple[str, ...]:
    """All revisions this program knows, oldest first."""
    return tuple(sorted(path.stem for path in (migrations_directory() / "versions").glob("[0-9]*.py")))


async def schema_report(engine: AsyncEngine) -> SchemaReport:
    """Compare the database's schema with the program's."""
    async with engine.connect() as connection:
        return await _report(connection)


async def upgrade(engine: AsyncEngine, revision: str = "head") -> SchemaReport:
    """Run the missing migrations in one transaction and return how the schema stands afterwards.

    Raises UnfitSchema, with nothing changed.
    """
    try:
        return await _run(engine, "upgrade", revision)
    except DBAPIError as error:
        state = str(getattr(error.orig, "sqlstate", None))
        if state == _FORBIDDEN or not state.startswith(_UNFIT_CLASSES):
            raise
        raise UnfitSchema(str(error.orig).strip().splitlines()[0]) from error


async def downgrade(engine: AsyncEngine, revision: str) -> SchemaReport:
    """Take migrations back in one transaction, down to a revision or ``base``."""
    return await _run(engine, "downgrade", revision)


async def _run(engine: AsyncEngine, direction: str, revision: str) -> SchemaReport:
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.run_sync(_alembic, direction, revision)
        return await _report(connection)


async def _report(connection: AsyncConnection) -> SchemaReport:
    known = known_revisions()
    table = (await connection.execute(text("SELECT to_regclass('alembic_version')"))).scalar_one()
    found = None
    if table is not None:
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    if found is None:
        return SchemaReport(SchemaState.EMPTY, None, known[-1], known)
    if found not in known:
        return SchemaReport(SchemaState.NEWER, found, known[-1], ())
    pending = known[known.index(found) + 1 :]
    return SchemaReport(SchemaState.OLDER if pending else SchemaState.CURRENT, found, known[-1], pending)


def _alembic(connection: Connection, direction: str, revision: str) -> None:
    from alembic import command

    run = command.upgrade if direction == "upgrade" else command.downgrade
    run(_configuration(connection), revision)


def _configuration(connection: Connection) -> Config:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(migrations_directory()).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    return configuration
