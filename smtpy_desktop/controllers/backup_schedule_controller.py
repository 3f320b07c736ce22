"""Backups by the clock, while a window or a forwarder runs: one process at a time, missed ones made up for."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.background_run import OnRun, run_to_end
from smtpy_desktop.controllers.backup_controller import backups_directory, last_backup, make_backup, note_failure
from smtpy_desktop.controllers.installation_id import installation_id
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.backup_rotation import expired
from smtpy_desktop.core.backup_setting_keys import KEEP_KEY
from smtpy_desktop.core.backup_state import value_of
from smtpy_desktop.database import settings_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.backups import SCHEDULED, BackupFile
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text

_log = logging.getLogger(__name__)

_KEEPER = Actor("smtpy-desktop", "backups")


async def run_backups(
    backups: BackupTools,
    sessions: Sessions,
    *,
    publish: Publish,
    on_run: OnRun,
    every_seconds: float = 30.0,
) -> None:
    """Make the backups that the settings ask for until cancelled; a failed one is tried again an hour later.

    ``on_run`` hears of every backup at its start.
    """
    while True:
        await asyncio.sleep(every_seconds)
        try:
            state = await last_backup(sessions)
            if state.next_at is not None and state.next_at <= datetime.now(UTC):
                await _run(backups, sessions, publish, on_run)
        except UserFacingError as error:
            _log.info("the backup by the clock waits: %s", error)
        except Exception:  # noqa: BLE001 - the next look may go well
            _log.exception("the backup by the clock failed unexpectedly")


async def make_scheduled(
    backups: BackupTools, sessions: Sessions, *, publish: Publish, progress: Progress | None = None
) -> BackupFile:
    """Make one backup as the clock does, and remove those whose time is over.

    Raises UserFacingError; the code ``BACKUP_BUSY`` says that another process is at it, which is no failure.
    """
    made = await make_backup(backups, sessions, kind=SCHEDULED, actor=_KEEPER, publish=publish, progress=progress)
    await rotate(backups, sessions)
    return made


async def rotate(backups: BackupTools, sessions: Sessions) -> int:
    """Remove the backups by the clock whose time is over, and return how many there were.

    Nothing else is ever removed: no other file, none of another installation, and never the last good one.
    """
    async with sessions.read() as db:
        stored = await settings_database.read_settings(db)
    files = await backups.files(backups_directory(backups, stored))
    gone = expired(
        files,
        int(value_of(stored, KEEP_KEY)),
        installation=await installation_id(sessions),
        database=backups.database,
    )
    for path in gone:
        await backups.remove(path)
    return len(gone)


async def _run(backups: BackupTools, sessions: Sessions, publish: Publish, on_run: OnRun) -> None:
    progress = Progress()
    work = make_scheduled(backups, sessions, publish=publish, progress=progress)
    task = await run_to_end(text("Making a backup"), work, progress, on_run)
    if task.cancelled():
        # Stopped by whoever watches it: not at once again.
        stopped = UserFacingError("BACKUP_STOPPED", text("The backup was stopped."))
        await note_failure(backups, sessions, stopped, _KEEPER)
        return
    error = task.exception()
    if error is not None:
        raise error
