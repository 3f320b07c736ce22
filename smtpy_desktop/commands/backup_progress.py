"""Telling on standard error what a backup, a restore or a move is at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from smtpy_desktop.commands.frame import Invocation, note
from smtpy_desktop.schemas.progress import Progress

_LOOK_SECONDS = 0.2


@asynccontextmanager
async def told_progress(invocation: Invocation) -> AsyncIterator[Progress]:
    """Give a progress whose notes are told as they change; to people alone."""
    progress = Progress()
    telling = asyncio.create_task(_tell(progress)) if not invocation.options.as_json else None
    try:
        yield progress
    finally:
        if telling is not None:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling


async def _tell(progress: Progress) -> None:
    told = None
    while True:
        if progress.note is not None and progress.note != told:
            told = progress.note
            note(f"{told} …")
        await asyncio.sleep(_LOOK_SECONDS)
