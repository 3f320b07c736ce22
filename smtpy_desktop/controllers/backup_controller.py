"""Backups: made, proved by restoring them beside the database, listed, and looked into again."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.backup_steps import BackupSteps
from smtpy_desktop.controllers.backup_work import (
    Work,
    backup_turn,
    both,
    require,
    require_room_beside,
    restored,
    scratch_database,
)
from smtpy_desktop.controllers.installation_id import installation_id
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.backup_errors import BACKUP_BUSY, damaged, foreign, may_not_read
from smtpy_desktop.core.backup_manifest import file_name
from smtpy_desktop.core.backup_setting_keys import DIRECTORY_KEY, VERIFY_KEY
from smtpy_desktop.core.backup_state import STATE_KEY, state_of, state_text, value_of
from smtpy_desktop.database import audit_database, contents_database, settings_database
from smtpy_desktop.database.engine import translated_errors
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.postgres_tools import BackupTools, Draft
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.backups import (
    MANUAL,
    BackupFile,
    BackupManifest,
    BackupPhase,
    BackupState,
    FoundFile,
    Proof,
)
from smtpy_desktop.schemas.progress import Progress

_PROVED = {BackupPhase.DUMPING: 40, BackupPhase.RESTORING: 40, BackupPhase.VERIFYING: 20}
_UNPROVED = {BackupPhase.DUMPING: 100}
_VERIFIED = {BackupPhase.RESTORING: 60, BackupPhase.VERIFYING: 40}


async def make_backup(
    backups: BackupTools,
    sessions: Sessions,
    *,
    directory: Path | None = None,
    file: Path | None = None,
    kind: str = MANUAL,
    actor: Actor,
    publish: Publish,
    progress: Progress | None = None,
) -> BackupFile:
    """Write a backup of the whole database as it is at this moment, and prove it; raise UserFacingError.

    It goes to ``file``, or under a name of its own to ``directory`` (default: where the setting says). The file is
    complete or not there at all: after a failure, and when cancelled, nothing is left behind. How it went is kept for
    everybody (``last_backup``), but for the code ``BACKUP_BUSY``: that another process is at it is no failure.
    """
    try:
        made, entry = await _made(backups, sessions, directory, file, kind, progress)
    except UserFacingError as error:
        if error.code != BACKUP_BUSY:
            await note_failure(backups, sessions, error, actor)
            publish(Change(Topic.BACKUPS))
        raise
    await note_outcome(backups, sessions, BackupState(made.made_at, made.path, None, made.made_at), actor, entry)
    publish(Change(Topic.BACKUPS))
    return made


async def _made(
    backups: BackupTools,
    sessions: Sessions,
    directory: Path | None,
    file: Path | None,
    kind: str,
    progress: Progress | None,
) -> tuple[BackupFile, AuditEntry]:
    """Make a backup as ``make_backup`` says, and return it with what the log of changes is told."""
    stored = await _settings(sessions)
    made_at = datetime.now(UTC)
    place = directory if directory is not None else backups_directory(backups, stored)
    target = file if file is not None else await _free_name(backups, place, made_at, kind)
    is_proved = value_of(stored, VERIFY_KEY) == "yes"
    steps = BackupSteps(progress, _PROVED if is_proved else _UNPROVED)
    installation = await _installation(sessions)
    async with backup_turn(backups) as work, backups.draft(target.expanduser().absolute()) as draft:
        if is_proved:
            require_room_beside(work.turn)
        manifest = await _dump(backups, work, draft, steps)
        manifest = replace(manifest, made_at=made_at, kind=kind, installation=installation)
        if is_proved:
            found = FoundFile(draft.part, manifest.size_bytes, made_at, manifest)
            require(await _proof(backups, work, found, steps))
            manifest = replace(manifest, verified_at=datetime.now(UTC))
        steps.begin(BackupPhase.CLEANING_UP)
        path = await draft.publish(manifest)
    steps.end()
    made = _described(FoundFile(path, manifest.size_bytes, made_at, manifest))
    entry = AuditEntry("backup.made", "backup", None, path.name, changes={"rows": made.rows, "kind": kind})
    return made, entry


async def list_backups(backups: BackupTools, sessions: Sessions) -> tuple[BackupFile, ...]:
    """Return the backups in the directory of the setting, the newest first, damaged ones with their problem."""
    directory = backups_directory(backups, await _settings(sessions))
    listed = [await looked_into(backups, found) for found in await backups.files(directory)]
    return tuple(sorted(listed, key=lambda backup: backup.made_at, reverse=True))


async def verify_backup(
    backups: BackupTools, sessions: Sessions, file: Path, *, progress: Progress | None = None
) -> Proof:
    """Restore a backup into a scratch database, compare it with what was backed up, and drop that database again.

    Raises UserFacingError where the file cannot be read or the server lacks something.
    """
    found = await backups.file(file)
    await required(backups, found)
    steps = BackupSteps(progress, _VERIFIED)
    async with backup_turn(backups) as work:
        proof = await _proof(backups, work, found, steps)
    if proof.holds and found.manifest is not None:
        await backups.keep_manifest(found.path, replace(found.manifest, verified_at=datetime.now(UTC)))
    steps.end()
    return proof


async def last_backup(sessions: Sessions) -> BackupState:
    """Return how the last backup went and when the next is due."""
    return state_of(await _settings(sessions), datetime.now(UTC))


async def looked_into(backups: BackupTools, found: FoundFile) -> BackupFile:
    """Return what is known of a file; one without a description is asked what it is."""
    if found.manifest is not None or found.problem is not None:
        return _described(found)
    try:
        return await required(backups, found)
    except UserFacingError as error:
        return replace(_described(found), problem=error.message)


async def required(backups: BackupTools, found: FoundFile) -> BackupFile:
    """Return what is known of a file; raise UserFacingError when it is damaged or something else."""
    if found.problem is not None:
        raise damaged(found.path, found.problem)
    if found.manifest is not None:
        return _described(found)
    facts = await backups.look_into(found.path)
    made_at = facts.made_at if facts.made_at is not None else found.changed_at
    return replace(_described(found), made_at=made_at, schema_revision=facts.schema_revision)


async def note_outcome(
    backups: BackupTools, sessions: Sessions, state: BackupState, actor: Actor, *entries: AuditEntry
) -> None:
    """Keep how a backup went, for everybody; where that cannot be written it is left."""
    with suppress(UserFacingError):
        async with sessions.begin() as db:
            known = state_of(await settings_database.read_settings(db), datetime.now(UTC))
            good_at = state.good_at if state.good_at is not None else known.good_at
            written = state_text(replace(state, good_at=good_at, host=backups.host))
            await settings_database.write_settings(db, {STATE_KEY: written})
            await audit_database.record(db, actor, *entries)


async def note_failure(backups: BackupTools, sessions: Sessions, error: UserFacingError, actor: Actor) -> None:
    """Keep that a backup failed, when and why; where that cannot be written it is left."""
    state = BackupState(datetime.now(UTC), problem=error.message, detail=error.detail, hint=error.hint)
    await note_outcome(backups, sessions, state, actor, AuditEntry("backup.failed", "backup", None, error.code))


async def _free_name(backups: BackupTools, directory: Path, made_at: datetime, kind: str) -> Path:
    """Return where a backup goes to that was given no name; two of one second are told apart."""
    known = {found.path.name for found in await backups.files(directory)}
    names = (file_name(backups.database, made_at, kind, number) for number in itertools.count(1))
    return directory / next(name for name in names if name not in known)


async def _dump(backups: BackupTools, work: Work, draft: Draft, steps: BackupSteps) -> BackupManifest:
    """Write the dump, and meanwhile count and hash what the same moment of the database holds."""
    steps.begin(BackupPhase.DUMPING)
    with translated_errors():
        async with contents_database.snapshot(work.database.engine) as moment:
            schema, revision = await contents_database.schema_of_ours(moment.connection)
            if not revision:
                raise foreign(backups.database)
            unreadable = await contents_database.unreadable_tables(moment.connection)
            if unreadable:
                raise may_not_read(unreadable)
            sequences = await contents_database.sequence_values(moment.connection)
            key_ids = await contents_database.master_key_ids(moment.connection, schema)
            tables, (size, sha256) = await both(
                contents_database.table_contents(moment.connection, steps.reach),
                draft.dump(backups.url(), moment.name, lambda size: None),
            )
    return BackupManifest(
        made_at=datetime.now(UTC),
        kind=MANUAL,
        installation="",
        database=backups.database,
        host=backups.host,
        schema_revision=revision,
        size_bytes=size,
        sha256=sha256,
        tables=tables,
        sequences=sequences,
        master_key_ids=key_ids,
    )


async def _proof(backups: BackupTools, work: Work, found: FoundFile, steps: BackupSteps) -> Proof:
    async with scratch_database(backups, work.turn) as (_, copy):
        return await restored(backups, copy, found, None, steps)


def _described(found: FoundFile) -> BackupFile:
    if found.manifest is None:
        return BackupFile(found.path, found.changed_at, found.size_bytes, "", "", problem=found.problem)
    manifest = found.manifest
    return BackupFile(
        found.path,
        manifest.made_at,
        found.size_bytes,
        manifest.kind,
        manifest.schema_revision,
        manifest.rows,
        manifest.verified_at,
        found.problem,
        manifest.master_key_ids[0] if manifest.master_key_ids else None,
    )


async def _settings(sessions: Sessions) -> Mapping[str, str]:
    async with sessions.read() as db:
        return await settings_database.read_settings(db)


def backups_directory(backups: BackupTools, stored: Mapping[str, str]) -> Path:
    """Return where backups are kept by the settings."""
    chosen = value_of(stored, DIRECTORY_KEY)
    return Path(chosen) if chosen else backups.default_directory


async def _installation(sessions: Sessions) -> str:
    """Return the installation's name; empty where none can be given to it."""
    with suppress(UserFacingError):
        return await installation_id(sessions)
    return ""
