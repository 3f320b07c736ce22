"""Opening a database: starting it where it is ours, and bringing its schema up to date where that is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.migration import SchemaReport, SchemaState
from smtpy_desktop.schemas.text import text


class OwnServer(Protocol):
    """A database server that the program starts itself."""

    def start(self) -> str:
        """Start it and return the database's address; blocking."""
        ...

    def stop(self) -> None:
        """Leave it; blocking."""
        ...


class SchemaUpgradeNeeded(UserFacingError):
    """A server's schema is older than the program; nothing is changed there without being told to."""

    def __init__(self, report: SchemaReport) -> None:
        self.report = report
        empty = report.state is SchemaState.EMPTY
        super().__init__(
            "SCHEMA_UPGRADE_NEEDED",
            text("This database has to be set up first.") if empty else text("This database has to be upgraded first."),
            detail=text("Steps: {steps}.", steps=", ".join(report.pending)),
            hint=text("Allow it in the window, or run: smtpy-desktop migrate"),
        )


@dataclass(frozen=True, slots=True)
class OpenedDatabase:
    """An open database and how its schema stands."""

    database: Database
    schema: SchemaReport


Connect = Callable[[str], Database]


async def open_own(server: OwnServer, connect: Connect) -> OpenedDatabase:
    """Start our own server and open its database, upgrading the schema by itself.

    The server is left again when that fails or is cancelled; a start under way is waited for, it cannot be broken off.
    """
    starting = asyncio.ensure_future(asyncio.to_thread(server.start))
    try:
        url = await asyncio.shield(starting)
        return await open_database(connect(url), may_upgrade=True)
    except BaseException:
        await asyncio.wait([starting])
        await asyncio.to_thread(server.stop)
        raise


async def open_database(database: Database, *, may_upgrade: bool) -> OpenedDatabase:
    """Look at the schema and bring it up to date if allowed; raise SchemaUpgradeNeeded if not.

    A schema that is newer than the program is opened for reading alone.
    """
    try:
        with translated_errors():
            report = await _current_schema(database, may_upgrade=may_upgrade)
    except BaseException:
        await database.close()
        raise
    database.read_only = report.state is SchemaState.NEWER
    return OpenedDatabase(database, report)


async def _current_schema(database: Database, *, may_upgrade: bool) -> SchemaReport:
    report = await migrate.schema_report(database.engine)
    if not report.pending:
        return report
    if not may_upgrade:
        raise SchemaUpgradeNeeded(report)
    return await migrate.upgrade(database.engine)
