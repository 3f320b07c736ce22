"""Work that is never broken off half-way, though whoever waits for it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def finished(batch: asyncio.Future[Result]) -> Result:
    """Let a batch come to its end also when the action is stopped meanwhile, so that what is told is what is so.

    The cancellation goes on afterwards.
    """
    try:
        return await asyncio.shield(batch)
    except asyncio.CancelledError:
        await asyncio.wait([batch])
        if not batch.cancelled():
            batch.exception()  # taken, so that nobody complains that it was not
        raise


async def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Do what must not be broken off half-way, and return what it came to; a cancellation meanwhile comes too late."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            waiting = asyncio.current_task()
            if waiting is not None:
                waiting.uncancel()
    return task.result()
