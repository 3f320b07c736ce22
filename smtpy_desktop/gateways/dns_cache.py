"""Remembering answers for a short while; equal questions that are asked at the same time share one answer."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Work = Callable[[], Awaitable[tuple[V, float]]]
"""What finds out a value, and for how many seconds it may be remembered (0: not at all)."""


@dataclass(slots=True, eq=False)
class _Flight(Generic[V]):
    task: asyncio.Task[V]
    waiting: int = 0


class SharedAnswers(Generic[K, V]):
    """A bounded memory of values by key; the oldest goes first. For use on one event loop."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[K, tuple[V, float]] = OrderedDict()
        self._flights: dict[K, _Flight[V]] = {}

    async def get(self, key: K, work: Work[V]) -> V:
        """Return the remembered value, or that of the work under way for this key, or start the work.

        Work goes on while anybody waits for it: cancelling one of several waiters leaves the others alone.
        """
        value, expires = self._kept.get(key, (None, 0.0))
        if value is not None and time.monotonic() < expires:
            return value
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(self._fly(key, work)))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._leave(key, flight)
                flight.task.cancel()
                await asyncio.wait([flight.task])

    def forget(self, is_meant: Callable[[K], bool]) -> None:
        """Drop what is remembered for the keys that are meant; what is being found out now is not remembered either."""
        for key in [key for key in self._kept if is_meant(key)]:
            del self._kept[key]
        for key in [key for key in self._flights if is_meant(key)]:
            del self._flights[key]

    async def _fly(self, key: K, work: Work[V]) -> V:
        flight = self._flights[key]
        try:
            value, seconds = await work()
            if seconds > 0 and self._flights.get(key) is flight:
                self._keep(key, value, seconds)
            return value
        finally:
            self._leave(key, flight)

    def _keep(self, key: K, value: V, seconds: float) -> None:
        self._kept[key] = (value, time.monotonic() + seconds)
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def _leave(self, key: K, flight: _Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
