"""Moving from the built-in database to a PostgreSQL server, with the proof that everything has arrived."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from smtpy_desktop.controllers.backup_steps import BackupSteps
from smtpy_desktop.controllers.backup_work import ORIGIN, Work, backup_turn, both, require, restored
from smtpy_desktop.controllers.move_leftovers import begin_copy, empty_target, look_at_target
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.controllers.unbroken_work import to_the_end
from smtpy_desktop.core.backup_errors import foreign
from smtpy_desktop.core.backup_manifest import file_name
from smtpy_desktop.database import audit_database, contents_database, copies_database, move_marks_database
from smtpy_desktop.database.contents_database import Snapshot
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.database.move_marks_database import Source, source_of
from smtpy_desktop.errors import ConflictError, DatabaseUnavailable, FieldError, UserFacingError
from smtpy_desktop.gateways.postgres_tools import BackupTools, Draft
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.backups import MANUAL, BackupManifest, BackupPhase, FoundFile, MovePlan, Proof
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import Text, text

_log = logging.getLogger(__name__)

_SHARES = {
    BackupPhase.DUMPING: 35,
    BackupPhase.RESTORING: 45,
    BackupPhase.VERIFYING: 15,
    BackupPhase.SWITCHING: 5,
}


async def plan_move(backups: BackupTools, sessions: Sessions, server: ServerAddress, password: str) -> MovePlan:
    """Return what moving to a server would do and what is in the way; raise UserFacingError when it is out of reach."""
    source = Database(backups.url(), origin=ORIGIN)
    try:
        with translated_errors():
            async with contents_database.at_rest(source.engine) as connection:
                rows = await contents_database.count_rows(connection)
                size = await contents_database.estimated_size(connection)
                others = await copies_database.others_connected(connection, backups.database, _own_names(sessions))
                origin = await source_of(connection)
    finally:
        await source.close()
    async with _target(backups, server, password) as target:
        try:
            content = await look_at_target(target, server, origin)
            forbidden = await _forbidden(target, server)
        except DatabaseUnavailable as error:
            raise await backups.explained(error, server, password) from error
    at_work = _others_at_work(others) if others else None
    in_the_way = content.obstacle if content.obstacle is not None else forbidden
    obstacles = tuple(obstacle for obstacle in (in_the_way, at_work) if obstacle is not None)
    return MovePlan(server, rows, size, obstacles, content.leftover)


async def move_to_server(
    backups: BackupTools,
    sessions: Sessions,
    server: ServerAddress,
    password: str,
    *,
    actor: Actor,
    progress: Progress | None = None,
    removes_leftover: bool = False,
) -> Proof:
    """Copy everything into an empty database of a server, prove it, and make that the one that is opened from now on.

    Nobody can write meanwhile: who tries waits. Until the proof nothing is switched, and a failure leaves the server's
    database empty. What was in use is kept and only to be read from then on. ``removes_leftover``: the unfinished copy
    of an earlier move (``MovePlan.leftover``) may be removed first. Raises UserFacingError.
    """
    if not password:
        raise FieldError(
            "password",
            "MOVE_NEEDS_PASSWORD",
            text("A server is opened with a password, and there is none."),
            hint=text("Type it in, or set SMTPY_DATABASE_PASSWORD. Give the role one with: ALTER ROLE … PASSWORD '…'"),
        )
    plan = await plan_move(backups, sessions, server, password)
    if plan.obstacles:
        raise ConflictError("MOVE_NOT_POSSIBLE", plan.obstacles[0])
    steps = BackupSteps(progress, _SHARES)
    name = backups.default_directory / file_name(backups.database, datetime.now(UTC), "move")
    async with (
        backup_turn(backups) as work,
        backups.draft(name) as draft,
        _target(backups, server, password) as target,
        _held(work.database) as moment,
    ):
        await _make_ready(backups, target, server, await source_of(moment.connection), removes_leftover)
        try:
            found = await _dumped(backups, moment, draft, steps)
            proof = await restored(backups, target, found, None, steps)
            require(proof)
            steps.begin(BackupPhase.SWITCHING)
            by_hand = await to_the_end(_switched(backups, target, server, password, actor))
        except BaseException:
            await to_the_end(_emptied(target))
            raise
        await to_the_end(_closed_to_writers(backups, sessions, work, server))
    steps.end()
    kept = text("The built-in database is kept as it was, and is only read from now on.")
    return replace(proof, notes=(*proof.notes, kept, *((by_hand,) if by_hand is not None else ())))


async def _make_ready(
    backups: BackupTools,
    target: Database,
    server: ServerAddress,
    source: Source,
    removes_leftover: bool,  # noqa: FBT001
) -> None:
    """Mark the server's database as one that is being filled, empty as it is or was before an earlier move."""
    content = await look_at_target(target, server, source)
    if content.obstacle is not None:
        raise ConflictError("MOVE_NOT_POSSIBLE", content.obstacle)
    if content.leftover is not None:
        if not removes_leftover:
            raise _leftover_stays(server)
        await empty_target(target)
    await begin_copy(target, server, source, backups.host)


async def _switched(
    backups: BackupTools, target: Database, server: ServerAddress, password: str, actor: Actor
) -> Text | None:
    """Make the server's database the one that is opened from now on, and return what has to be done by hand."""
    with translated_errors():
        await copies_database.tidy(target.engine)
    async with target.begin() as db:
        await audit_database.record(db, actor, AuditEntry("database.moved", "database", None, str(server)))
        await move_marks_database.remove_mark(db)  # it may be opened from here on: it is no unfinished copy any more
    return await backups.remember_server(server, password)


async def _closed_to_writers(backups: BackupTools, sessions: Sessions, work: Work, server: ServerAddress) -> None:
    """Let nobody write to the database before any more, those who wait for it now included."""
    if isinstance(sessions, Database):
        sessions.read_only = _moved(server)
    try:
        with translated_errors():
            await copies_database.close_to_writers(work.turn.connection, backups.database)
            await copies_database.disconnect_others(work.turn.connection, backups.database, ORIGIN)
    except UserFacingError as error:
        _log.warning("the database before is still open to writers: %s", error)


@asynccontextmanager
async def _held(source: Database) -> AsyncIterator[Snapshot]:
    """Hold the database still: who wants to write waits until the end of the block."""
    snapshot = contents_database.snapshot(source.engine, locks_out_writers=True)
    with translated_errors():
        async with snapshot as moment:
            yield moment


async def _dumped(backups: BackupTools, moment: Snapshot, draft: Draft, steps: BackupSteps) -> FoundFile:
    steps.begin(BackupPhase.DUMPING)
    _, revision = await contents_database.schema_of_ours(moment.connection)
    if not revision:
        raise foreign(backups.database)
    sequences = await contents_database.sequence_values(moment.connection)
    tables, (size, sha256) = await both(
        contents_database.table_contents(moment.connection, steps.reach),
        draft.dump(backups.url(), moment.name, lambda size: None),
    )
    now = datetime.now(UTC)
    manifest = BackupManifest(
        now, MANUAL, "", backups.database, backups.host, revision, size, sha256, tables, sequences
    )
    return FoundFile(draft.part, size, now, manifest)


@asynccontextmanager
async def _target(backups: BackupTools, server: ServerAddress, password: str) -> AsyncIterator[Database]:
    target = Database(backups.server_url(server, password), origin=ORIGIN)
    try:
        yield target
    finally:
        await target.close()


async def _forbidden(target: Database, server: ServerAddress) -> Text | None:
    with translated_errors():
        async with target.engine.connect() as connection:
            if await contents_database.may_create_tables(connection):
                return None
    return text(
        "The role {role} may not create tables in the database {database}. Have the server's administrator run:"
        " ALTER DATABASE {database} OWNER TO {role}",
        role=server.user,
        database=server.database,
    )


async def _emptied(target: Database) -> None:
    """Take everything of ours away again; what cannot be is told by its next use."""
    try:
        await empty_target(target)
    except UserFacingError as error:
        _log.warning("the unfinished copy is still on the server: %s", error)


def _leftover_stays(server: ServerAddress) -> ConflictError:
    return ConflictError(
        "MOVE_LEFTOVER",
        text("The database {database} of the server holds the unfinished copy of a move.", database=server.database),
        hint=text("Move again, and agree to its removal."),
    )


def _own_names(sessions: Sessions) -> tuple[str, ...]:
    return (ORIGIN, sessions.origin) if isinstance(sessions, Database) else (ORIGIN,)


def _others_at_work(others: int) -> Text:
    return text(
        "Other programs use the built-in database now: {count}. Close other windows and stop forwarders and commands on"
        " this machine first.",
        count=others,
    )


def _moved(server: ServerAddress) -> UserFacingError:
    return UserFacingError(
        "DATABASE_MOVED",
        text("The database has moved to {server}; this one is only read from now on.", server=str(server)),
        hint=text("Start the program again: it opens the new one."),
    )
