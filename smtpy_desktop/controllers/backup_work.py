"""What backups, restores and moves have in common: one at a time, a database beside ours, and the proof."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from smtpy_desktop.controllers.backup_steps import BackupSteps
from smtpy_desktop.core.backup_errors import (
    busy,
    damaged,
    may_not_connect,
    may_not_create_databases,
    not_proved,
)
from smtpy_desktop.core.backup_proof import differences, prove
from smtpy_desktop.database import contents_database, copies_database
from smtpy_desktop.database.copies_database import Turn
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.backups import BackupPhase, FoundFile, Proof, TableContent
from smtpy_desktop.schemas.text import text

_log = logging.getLogger(__name__)

First = TypeVar("First")
Second = TypeVar("Second")

_EVERYWHERE = ("postgres", "template1")

ORIGIN = "smtpy-backup"
"""The name of the connections that back up and restore."""


@dataclass(frozen=True, slots=True)
class Work:
    """The right to back up or restore, with the database in use."""

    database: Database
    turn: Turn


@asynccontextmanager
async def backup_turn(backups: BackupTools) -> AsyncIterator[Work]:
    """Be the one process that backs up or restores for the block; raise ConflictError while another one is.

    What killed ones have left is removed first.
    """
    database = Database(backups.url(), origin=ORIGIN)
    try:
        with translated_errors():
            async with copies_database.turn(database.engine) as turn:
                if turn is None:
                    raise busy()
                await _sweep(turn, backups.database)
                yield Work(database, turn)
    finally:
        await database.close()


def require_room_beside(turn: Turn) -> None:
    """Raise UserFacingError when the role may not make the database that a proof needs."""
    if not turn.may_create:
        raise may_not_create_databases(turn.role)


@asynccontextmanager
async def scratch_database(backups: BackupTools, turn: Turn) -> AsyncIterator[tuple[str, Database]]:
    """Make an empty database beside ours for the block, and remove it after; raise UserFacingError."""
    require_room_beside(turn)
    name = copies_database.scratch_name(backups.database, datetime.now(UTC))
    try:
        await copies_database.create_like(turn.connection, name)
        copy = Database(backups.url(name), origin=ORIGIN)
        try:
            await _require_open(copy, name)
            yield name, copy
        finally:
            await copy.close()
    finally:
        await asyncio.shield(_dropped(turn, name))


async def restored(
    backups: BackupTools, copy: Database, found: FoundFile, role: str | None, steps: BackupSteps
) -> Proof:
    """Restore a file into an empty database and compare it with its description.

    Of a file without one the rows are counted, and its proof says so in a note. Raises UserFacingError.
    """
    steps.begin(BackupPhase.RESTORING)
    if found.manifest is not None and await backups.checksum(found.path) != found.manifest.sha256:
        raise damaged(found.path, text("Its content is not what was written when it was made."))
    url, size = copy.url.render_as_string(hide_password=False), found.size_bytes
    with translated_errors():
        version = await contents_database.server_version(copy.engine)
    await backups.restore(found.path, url, role, version, lambda done: steps.reach(done, size))
    steps.begin(BackupPhase.VERIFYING)
    with translated_errors():
        async with contents_database.at_rest(copy.engine) as connection:
            sequences = await contents_database.sequence_values(connection)
            tables = await contents_database.table_contents(connection, steps.reach)
    if found.manifest is None:
        counted = await backups.count_rows(found.path)
        before = [TableContent(table.name, counted.get(table.name, 0), table.hash) for table in tables]
        note = text("The file came without its description: its rows were counted, and nothing more could be compared.")
        return replace(prove(before, tables, {}, {}), notes=(note,))
    return prove(found.manifest.tables, tables, found.manifest.sequences, sequences)


def require(proof: Proof) -> None:
    """Raise UserFacingError unless what was restored is what was there."""
    if not proof.holds:
        raise not_proved(differences(proof))


async def both(first: Coroutine[Any, Any, First], second: Coroutine[Any, Any, Second]) -> tuple[First, Second]:
    """Do two things at once; when one fails or both are cancelled, end the other and wait for its end."""
    tasks = (asyncio.ensure_future(first), asyncio.ensure_future(second))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in tasks:
            if task.done():
                task.result()
        return await tasks[0], await tasks[1]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def database_aside(backups: BackupTools) -> AsyncIterator[Database]:
    """Open a database that every server has, to give ours another name from; raise UserFacingError."""
    for name in _EVERYWHERE:
        aside = Database(backups.url(name), origin=ORIGIN)
        try:
            await _require_open(aside, name)
        except UserFacingError:
            await aside.close()
            if name == _EVERYWHERE[-1]:
                raise
            continue
        try:
            yield aside
        finally:
            await aside.close()
        return


async def _require_open(copy: Database, name: str) -> None:
    try:
        with translated_errors():
            async with copy.engine.connect():
                pass
    except DatabaseUnavailable as error:
        raise may_not_connect(name, str(error.detail or error.message)) from error


async def _sweep(turn: Turn, database: str) -> None:
    for name in await copies_database.scratches(turn.connection, database):
        _log.info("removing the half-made database %s", name)
        await _dropped(turn, name)


async def _dropped(turn: Turn, name: str) -> None:
    """Remove a database; where that fails the next one who has the turn does it."""
    try:
        with translated_errors():
            await copies_database.drop(turn.connection, name)
    except UserFacingError as error:
        _log.info("the database %s is not removed now: %s", name, error)
