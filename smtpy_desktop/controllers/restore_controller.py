"""Restoring a backup: into a new database beside the one in use, and then by changing their names."""

from __future__ import annotations

from pathlib import Path

from smtpy_desktop.changes import Publish, publish_nothing
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.backups import PreviousDatabase, Proof, RestorePlan
from smtpy_desktop.schemas.progress import Progress


async def plan_restore(backups: BackupTools, sessions: Sessions, file: Path) -> RestorePlan:
    """Return what restoring a file would do; raise UserFacingError where it cannot be restored."""
    raise NotImplementedError


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
    raise NotImplementedError


async def previous_databases(backups: BackupTools, sessions: Sessions) -> tuple[PreviousDatabase, ...]:
    """Return the databases that restores have replaced and that are still kept, the newest first."""
    raise NotImplementedError


async def drop_previous(backups: BackupTools, sessions: Sessions, name: str, *, actor: Actor) -> None:
    """Remove a replaced database for good; raise NotFoundError when there is none of that name."""
    raise NotImplementedError
