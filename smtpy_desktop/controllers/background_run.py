"""Work that the clock begins while the window is open: shown there, and stopped from there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import Text

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class BackgroundRun(Generic[Result]):
    """One run in the background, to be shown; ``title`` says what is being done."""

    title: Text
    progress: Progress
    task: asyncio.Task[Result]

    async def outcome(self) -> Result:
        """Wait for its end and return what it came to; who is cancelled while waiting stops it."""
        return await self.task


OnRun = Callable[[BackgroundRun[Any]], object]
"""Hears of a run at its start."""


async def run_to_end(
    title: Text, work: Coroutine[Any, Any, Result], progress: Progress, on_run: OnRun
) -> asyncio.Task[Result]:
    """Run work that ``on_run`` hears of, and return its task when that has ended, however it did.

    A run that was stopped by whoever watches it is a task that was cancelled. Cancelled itself, it stops the run first.
    """
    run = BackgroundRun(title, progress, asyncio.create_task(work))
    on_run(run)
    try:
        await asyncio.wait([run.task])
    except asyncio.CancelledError:
        run.task.cancel()
        await asyncio.wait([run.task])
        raise
    return run.task
