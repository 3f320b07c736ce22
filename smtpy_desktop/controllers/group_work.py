"""Doing together what many ask for at the same time: one transaction instead of one for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError

Given = TypeVar("Given")
Done = TypeVar("Done")


class GroupWork(Generic[Given, Done]):
    """Works on what is waiting, all at once; what comes meanwhile is the next group. Belongs to one event loop.

    ``work`` returns a result for each of what it is given, in order. When it raises a UserFacingError each is tried
    alone, so that nobody fails for another's sake; but not without a database, which nobody has then.
    """

    def __init__(self, work: Callable[[Sequence[Given]], Awaitable[Sequence[Done]]], *, largest: int = 200) -> None:
        self._work, self._largest = work, largest
        self._waiting: list[tuple[Given, asyncio.Future[Done]]] = []
        self._running: asyncio.Task[None] | None = None

    async def do(self, given: Given) -> Done:
        """Return what the work came to for this; raise what it raised."""
        done: asyncio.Future[Done] = asyncio.get_running_loop().create_future()
        self._waiting.append((given, done))
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        return await done

    async def close(self) -> None:
        """Stop; whoever waits is cancelled."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                try:
                    await self._do_together(group)
                finally:
                    for _, done in group:
                        done.cancel()  # has an effect on those alone that have no result
        finally:
            self._running = None
            left, self._waiting = self._waiting, []
            for _, done in left:
                done.cancel()

    async def _do_together(self, group: Sequence[tuple[Given, asyncio.Future[Done]]]) -> None:
        try:
            results = await self._work([given for given, _ in group])
        except UserFacingError as error:
            if len(group) == 1 or isinstance(error, DatabaseUnavailable):
                _fail(group, error)
                return
            for one in group:
                await self._do_together([one])
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            _fail(group, error)
        else:
            for (_, done), result in zip(group, results, strict=True):
                if not done.done():
                    done.set_result(result)


def _fail(group: Sequence[tuple[Given, asyncio.Future[Done]]], error: Exception) -> None:
    for _, done in group:
        if not done.done():
            done.set_exception(error)
