"""Backups by the clock, while a window or a forwarder runs: one process at a time, missed ones made up for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.backups import BackupFile
from smtpy_desktop.schemas.progress import Progress


@dataclass(frozen=True, slots=True)
class BackupRun:
    """One backup in the background, to be shown."""

    progress: Progress
    task: asyncio.Task[BackupFile]

    async def outcome(self) -> BackupFile:
        """Wait for its end and return the backup; who is cancelled while waiting stops it."""
        return await self.task


async def run_backups(
    backups: BackupTools,
    sessions: Sessions,
    *,
    publish: Publish,
    on_run: Callable[[BackupRun], object],
    every_seconds: float = 30.0,
) -> None:
    """Make the backups that the settings ask for until cancelled; a failed one is tried again an hour later.

    ``on_run`` hears of every backup at its start.
    """
    raise NotImplementedError
