"""Remembering what was found out by DNS for as long as it holds, so that mail from the same place costs little."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from smtpy_desktop.schemas.dns import Answer

V = TypeVar("V")

_LONGEST = 60.0
_SHORTEST = 5.0
"""Mail comes in bursts: for that long even a failure to ask counts, so that a burst waits for it once."""


class VerdictMemory(Generic[V]):
    """A bounded memory of values with an end; the oldest goes first. For use on one event loop."""

    def __init__(self, size: int = 16384) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, tuple[V, float]] = OrderedDict()

    def recall(self, key: Hashable) -> V | None:
        """Return what is remembered, None when that is nothing (any more)."""
        kept = self._kept.get(key)
        return kept[0] if kept is not None and time.monotonic() < kept[1] else None

    def keep(self, key: Hashable, value: V, seconds: float) -> None:
        """Remember a value for so many seconds, within the limits."""
        self._kept[key] = (value, time.monotonic() + min(max(seconds, _SHORTEST), _LONGEST))
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


def seconds_of(answers: Iterable[Answer]) -> float:
    """Return for how long all of the answers hold; one that is none at all holds for no time."""
    return min((answer.ttl or 0 if answer.state.is_definite else 0 for answer in answers), default=0)
