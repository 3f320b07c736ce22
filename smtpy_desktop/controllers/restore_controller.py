"""Restoring a backup: into a new database beside the one in use, and then by changing their names."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from smtpy_desktop.changes import Change, Publish, Topic, publish_nothing
from smtpy_desktop.controllers.backup_controller import required
from smtpy_desktop.controllers.backup_steps import BackupSteps
from smtpy_desktop.controllers.backup_work import (
    ORIGIN,
    backup_turn,
    require,
    restored,
    scratch_database,
)
from smtpy_desktop.controllers.database_switch import put_in_place, require_switchable
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.backup_errors import from_newer_program, incomplete, unfit
from smtpy_desktop.core.backup_state import STATE_KEY
from smtpy_desktop.database import (
    audit_database,
    backup_hints_database,
    contents_database,
    copies_database,
    migrate,
    roles,
    settings_database,
)
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.backups import BackupFile, BackupPhase, PreviousDatabase, Proof, RestorePlan
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import Text, text

_SHARES = {BackupPhase.RESTORING: 60, BackupPhase.VERIFYING: 30, BackupPhase.SWITCHING: 10}


async def plan_restore(
    backups: BackupTools, sessions: Sessions, file: Path, *, keys: MasterKeys | None = None
) -> RestorePlan:
    """Return what restoring a file would do; raise UserFacingError where it cannot be restored.

    With ``keys`` it is told when the master key at hand does not open what is sealed in the file.
    """
    described = await required(backups, await backups.file(file))
    pending = _pending(described)
    lost = None
    async with sessions.read() as db:
        count = await backup_hints_database.messages_since(db, described.made_at)
    if count:
        lost = text("Messages that have come in since it was made, and are not in it: {count}.", count=count)
    database = Database(backups.url(), origin=ORIGIN)
    try:
        with translated_errors():
            async with contents_database.at_rest(database.engine) as connection:
                rows = await contents_database.count_rows(connection)
    finally:
        await database.close()
    return RestorePlan(described, rows, lost, pending, await _key_problem(described, keys))


async def restore(
    backups: BackupTools,
    sessions: Sessions,
    file: Path,
    *,
    actor: Actor,
    publish: Publish = publish_nothing,
    progress: Progress | None = None,
) -> Proof:
    """Restore a file into a new database, prove it, and put that in the place of the one in use.

    Everybody who is connected is disconnected at the switch and comes back to the restored one. Until then nothing is
    changed, whatever happens. The one that was in use is kept (``previous_databases``). Raises UserFacingError.
    """
    found = await backups.file(file)
    described = await required(backups, found)
    _pending(described)
    steps = BackupSteps(progress, _SHARES)
    async with backup_turn(backups) as work:
        with translated_errors():
            schema, _ = await contents_database.schema_of_ours(work.turn.connection)
            owner = await copies_database.owner_of_tables(work.turn.connection, schema) if schema else None
        await require_switchable(backups, work.turn)
        async with scratch_database(backups, work.turn) as (name, copy):
            proof = await restored(backups, copy, found, owner if owner == work.turn.owner else None, steps)
            require(proof)
            steps.begin(BackupPhase.SWITCHING)
            with translated_errors():
                notes = await _prepare(sessions, copy, described, actor)
                await copies_database.take_over(work.turn.connection, name)
                await copies_database.tidy(copy.engine)
            await copy.close()  # a database that somebody is connected to cannot be renamed
            kept_as = await put_in_place(backups, name)
    steps.end()
    publish(Change(Topic.BACKUPS))
    kept = text("The database before is kept as {name} until it is removed.", name=kept_as)
    return replace(proof, notes=(*proof.notes, *notes, kept))


async def previous_databases(backups: BackupTools, sessions: Sessions) -> tuple[PreviousDatabase, ...]:
    """Return the databases that restores have replaced and that are still kept, the newest first."""
    database = Database(backups.url(), origin=ORIGIN)
    try:
        with translated_errors():
            async with database.engine.connect() as connection:
                known = await copies_database.previous(connection, backups.database)
                sizes = [await copies_database.size_of(connection, name) for name, _ in known]
    finally:
        await database.close()
    return tuple(
        PreviousDatabase(name, replaced_at, size) for (name, replaced_at), size in zip(known, sizes, strict=True)
    )


async def drop_previous(backups: BackupTools, sessions: Sessions, name: str, *, actor: Actor) -> None:
    """Remove a replaced database for good; raise NotFoundError when there is none of that name."""
    async with backup_turn(backups) as work:
        with translated_errors():
            _require_known(name, await copies_database.previous(work.turn.connection, backups.database))
            await copies_database.drop(work.turn.connection, name)
    async with sessions.begin() as db:
        await audit_database.record(db, actor, AuditEntry("backup.previous_dropped", "backup", None, name))


async def go_back(
    backups: BackupTools, sessions: Sessions, name: str, *, actor: Actor, publish: Publish = publish_nothing
) -> str:
    """Put a replaced database in its place again, and return what the present one is kept as.

    Raises NotFoundError when there is none of that name, UserFacingError when the switch is not possible.
    """
    async with backup_turn(backups) as work:
        with translated_errors():
            _require_known(name, await copies_database.previous(work.turn.connection, backups.database))
        await require_switchable(backups, work.turn)
        kept_as = await put_in_place(backups, name)
    with suppress(UserFacingError):  # it has an older schema, and is opened for reading alone
        async with sessions.begin() as db:
            await audit_database.record(db, actor, AuditEntry("backup.went_back", "backup", None, name))
    publish(Change(Topic.BACKUPS))
    return kept_as


async def _prepare(sessions: Sessions, copy: Database, backup: BackupFile, actor: Actor) -> tuple[Text, ...]:
    """Bring what was restored up to date with the program, and return what is worth telling about it."""
    if _pending(backup):
        try:
            await migrate.upgrade(copy.engine)
        except migrate.UnfitSchema as error:
            raise unfit(backup.path, str(error)) from error
    async with copy.engine.connect() as connection:
        missing = await contents_database.missing_tables(connection)
    if missing:
        raise incomplete(backup.path, missing)
    async with sessions.read() as db:
        are_roles_in_use = await roles.are_roles_in_use(db)
        state = (await settings_database.read_settings(db)).get(STATE_KEY)
    async with copy.begin() as db:
        if are_roles_in_use:
            await roles.set_up_roles(db)
        if state is not None:  # which backups there are has nothing to do with what is in them
            await settings_database.write_settings(db, {STATE_KEY: state})
        changes = {"made_at": backup.made_at.isoformat()}
        await audit_database.record(
            db, actor, AuditEntry("backup.restored", "backup", None, backup.path.name, changes=changes)
        )
        waiting = await backup_hints_database.waiting_deliveries(db)
    if not waiting:
        return ()
    return (
        text(
            "Deliveries that were waiting when it was made are tried again: {count}. What was delivered since then"
            " arrives a second time.",
            count=waiting,
        ),
    )


def _pending(backup: BackupFile) -> tuple[str, ...]:
    """Return the steps by which the schema of a backup is upgraded; raise UserFacingError for one that is newer."""
    known = migrate.known_revisions()
    if backup.schema_revision not in known:
        raise from_newer_program(backup.path, backup.schema_revision)
    return known[known.index(backup.schema_revision) + 1 :]


async def _key_problem(backup: BackupFile, keys: MasterKeys | None) -> Text | None:
    if keys is None or backup.master_key_id is None:
        return None
    try:
        await asyncio.to_thread(keys.master_key, known_key_id=backup.master_key_id)
    except UserFacingError as error:
        return error.message
    return None


def _require_known(name: str, known: tuple[tuple[str, datetime], ...]) -> None:
    if name not in {known_name for known_name, _ in known}:
        raise NotFoundError(
            "PREVIOUS_NOT_FOUND",
            text("There is no replaced database {name}.", name=name),
            hint=text("See which there are with: smtpy-desktop restore --previous"),
        )
