"""Whose turn it is among the deliveries of one process: fair over destinations, gentle to those in trouble."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from smtpy_desktop.schemas.outgoing_mail import DueDelivery

FIRST_PAUSE = 30.0
"""Seconds for which a destination is left alone that could not be reached."""

LONGEST_PAUSE = 300.0
BROKEN_OFF = "4.4.2"
"""The enhanced code of an attempt whose connection did not last (RFC 3463: bad connection)."""

_MOST_TROUBLES = 100_000
_MOST_STRIKES = 3


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A destination that could not be reached: left alone until then; after that one attempt shows how it is."""

    until: float
    pause: float


class DeliveryLanes:
    """One lane for each destination. Times are seconds of a clock that only goes forward."""

    def __init__(self, *, per_destination: int = 10) -> None:
        self.per_destination = per_destination
        self._lanes: dict[str, deque[DueDelivery]] = {}
        self._order: deque[str] = deque()
        self._active: Counter[str] = Counter()
        self._troubles: dict[str, _Trouble] = {}
        self._strikes: Counter[str] = Counter()
        self.waiting = 0

    @property
    def active(self) -> int:
        """How many deliveries are being sent."""
        return self._active.total()

    def add(self, due: DueDelivery) -> None:
        """Put a delivery at the end of its lane."""
        name = due.destination
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = deque()
            self._order.append(name)
        lane.append(due)
        self.waiting += 1

    def start_next(self, now: float) -> DueDelivery | None:
        """Return the delivery to send now, which is active then; None when none may be sent."""
        for _ in range(len(self._order)):
            name = self._order[0]
            self._order.rotate(-1)
            if self._allowed(name, now) > self._active[name]:
                self._active[name] += 1
                return self._take(name)
        return None

    def finished(self, name: str) -> None:
        """Take note that a delivery to a destination is not active any more."""
        self._active[name] -= 1
        if self._active[name] <= 0:
            del self._active[name]

    def reached(self, name: str) -> None:
        """Take note that a destination has answered."""
        self._troubles.pop(name, None)
        self._strikes.pop(name, None)

    def broke_off(self, name: str, now: float) -> None:
        """Take note that a destination left in the middle: that may be this one message's fault, but not three times.

        Once it was in trouble, once is enough.
        """
        if len(self._strikes) >= _MOST_TROUBLES:
            self._strikes.clear()
        self._strikes[name] += 1
        if self._strikes[name] >= _MOST_STRIKES or name in self._troubles:
            self.not_reached(name, now)

    def not_reached(self, name: str, now: float) -> None:
        """Leave a destination alone for a while that could not be reached, longer each time."""
        known = self._troubles.get(name)
        if known is not None and now < known.until:
            return  # begun before the pause
        pause = FIRST_PAUSE if known is None else min(known.pause * 2, LONGEST_PAUSE)
        if len(self._troubles) >= _MOST_TROUBLES:
            self._troubles.clear()
            self._strikes.clear()
        self._troubles[name] = _Trouble(now + pause, pause)

    def try_again(self, now: float) -> None:
        """Let each destination that is left alone be tried once now, as somebody has asked for it."""
        for name, trouble in self._troubles.items():
            self._troubles[name] = _Trouble(min(now, trouble.until), trouble.pause)

    def pause_left(self, name: str, now: float) -> float:
        """Return for how many seconds a destination is still left alone."""
        trouble = self._troubles.get(name)
        return max(0.0, trouble.until - now) if trouble is not None else 0.0

    def room_for(self, name: str, now: float, *, most: int | None = None) -> int | None:
        """Return how many more deliveries of a destination may be fetched; None while it is left alone.

        As many as may be active (``most`` instead of the usual number), and as many again, ready to be next. Of one
        that was out of reach only the one is wanted that shows how it is.
        """
        allowed = self._allowed(name, now, most)
        if not allowed:
            return None
        lane = self._lanes.get(name)
        ready = 1 if name in self._troubles else 2 * allowed
        return max(0, ready - self._active[name] - (len(lane) if lane else 0))

    def take_paused(self, now: float) -> list[DueDelivery]:
        """Remove and return what waits for destinations that are left alone now."""
        paused = [name for name in self._order if self.pause_left(name, now) > 0]
        return [due for name in paused for due in self._empty(name)]

    def take_all(self) -> list[DueDelivery]:
        """Remove and return everything that waits."""
        return [due for name in tuple(self._order) for due in self._empty(name)]

    def _allowed(self, name: str, now: float, most: int | None = None) -> int:
        trouble = self._troubles.get(name)
        if trouble is None:
            return self.per_destination if most is None else most
        return 0 if now < trouble.until else 1

    def _take(self, name: str) -> DueDelivery:
        lane = self._lanes[name]
        due = lane.popleft()
        self.waiting -= 1
        if not lane:
            self._drop(name)
        return due

    def _empty(self, name: str) -> list[DueDelivery]:
        lane = self._lanes[name]
        self.waiting -= len(lane)
        self._drop(name)
        return list(lane)

    def _drop(self, name: str) -> None:
        del self._lanes[name]
        self._order.remove(name)


def shares(rooms: Sequence[tuple[str, int]], most: int) -> Mapping[str, int]:
    """Divide ``most`` deliveries among destinations that have room for so many each, as equally as that allows."""
    wanted: dict[str, int] = {}
    for position, (name, room) in enumerate(sorted(rooms, key=lambda one: one[1])):
        share = min(room, math.ceil((most - sum(wanted.values())) / (len(rooms) - position)))
        if share > 0:
            wanted[name] = share
    return wanted
