"""Remembering answers for a short while; equal questions that are asked at the same time share one answer."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

V = TypeVar("V")

Work = Callable[[], Awaitable[tuple[V, float]]]
"""What finds out a value, and for how many seconds it may be remembered (0: not at all)."""

Key = tuple[str, Hashable]
"""A DNS name (lower case, without trailing dot) and what else makes the question."""


@dataclass(slots=True, eq=False)
class _Flight(Generic[V]):
    task: asyncio.Task[V]
    stamp: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    value: V
    expires: float
    stamp: int


class SharedAnswers(Generic[V]):
    """A bounded memory of values; the oldest goes first. For use on one event loop.

    Forgetting is a mark on a name, not a search: a bulk verification forgets a thousand names among thousands of
    answers. ``stamp`` is the number of marks made when a question was asked; an answer is of no use any more once its
    name, or one above it, has a later mark.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Key, _Kept[V]] = OrderedDict()
        self._flights: dict[Key, _Flight[V]] = {}
        self._marks: dict[str, int] = {}
        self._last_mark = 0
        self._oldest_use = 0  # what was asked before this mark is of no use: the marks since then are not known

    async def get(self, key: Key, work: Work[V]) -> V:
        """Return the remembered value, or that of the work under way for this key, or start the work.

        Work goes on while anybody waits for it: cancelling one of several waiters leaves the others alone.
        """
        kept = self._kept.get(key)
        if kept is not None and time.monotonic() < kept.expires and self._is_current(key, kept.stamp):
            return kept.value
        flight = self._flights.get(key)
        if flight is None or not self._is_current(key, flight.stamp):
            task = asyncio.create_task(self._fly(key, work, self._last_mark))
            flight = self._flights[key] = _Flight(task, self._last_mark)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                flight.task.cancel()
                self._leave(key, flight.task)
                await asyncio.wait([flight.task])

    def forget(self, name: str) -> None:
        """Drop what is remembered about a name and those below it; what is being found out is not remembered either."""
        self._last_mark += 1
        if len(self._marks) >= self._size:
            self._marks.clear()
            self._oldest_use = self._last_mark
        self._marks[name] = self._last_mark

    def _is_current(self, key: Key, stamp: int) -> bool:
        if stamp < self._oldest_use:
            return False
        name = key[0]
        while self._marks.get(name, 0) <= stamp:
            if not name:
                return True
            name = name.partition(".")[2]
        return False

    async def _fly(self, key: Key, work: Work[V], stamp: int) -> V:
        try:
            value, seconds = await work()
            if seconds > 0 and self._is_current(key, stamp):
                self._keep(key, _Kept(value, time.monotonic() + seconds, stamp))
            return value
        finally:
            self._leave(key, asyncio.current_task())

    def _keep(self, key: Key, kept: _Kept[V]) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def _leave(self, key: Key, task: asyncio.Task[V] | None) -> None:
        flight = self._flights.get(key)
        if flight is not None and flight.task is task:
            del self._flights[key]
