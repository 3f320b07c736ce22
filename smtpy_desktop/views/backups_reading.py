"""What the window shows of the backups, read in one go."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.controllers import backup_controller, restore_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.schemas.backups import BackupFile, BackupState, PreviousDatabase


@dataclass(frozen=True, slots=True)
class BackupsSeen:
    """How things stand: the last backup, the files there are, and the databases that restores have put aside."""

    state: BackupState
    files: tuple[BackupFile, ...]
    previous: tuple[PreviousDatabase, ...] = ()


async def read_backups(services: Services) -> BackupsSeen:
    """Read everything that is shown; raise UserFacingError where the database or the folder cannot be read."""
    backups = services.backup_tools
    state = await backup_controller.last_backup(services.sessions)
    files = await backup_controller.list_backups(backups, services.sessions)
    return BackupsSeen(state, files, await restore_controller.previous_databases(backups, services.sessions))
