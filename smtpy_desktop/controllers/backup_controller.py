"""Backups: made, proved by restoring them beside the database, listed, and looked into again."""

from __future__ import annotations

from pathlib import Path

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.backups import MANUAL, BackupFile, BackupState, Proof
from smtpy_desktop.schemas.progress import Progress


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
    complete or not there at all: after a failure, and when cancelled, nothing is left behind.
    """
    raise NotImplementedError


async def list_backups(backups: BackupTools, sessions: Sessions) -> tuple[BackupFile, ...]:
    """Return the backups in the directory of the setting, the newest first, damaged ones with their problem."""
    raise NotImplementedError


async def verify_backup(
    backups: BackupTools, sessions: Sessions, file: Path, *, progress: Progress | None = None
) -> Proof:
    """Restore a backup into a scratch database, compare it with what was backed up, and drop that database again.

    Raises UserFacingError where the file cannot be read or the server lacks something.
    """
    raise NotImplementedError


async def last_backup(sessions: Sessions) -> BackupState:
    """Return how the last backup went and when the next is due."""
    raise NotImplementedError
