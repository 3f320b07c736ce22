"""Which changes of messages no notice has told of, found by numbers and by the transactions under way.

Every statement that writes messages takes a number, its mark, and only some tell it in a notice (migration 0012). A
mark that nobody told of may belong to a transaction that commits later. Its id is not known, but it was under way when
the mark was seen: so each transaction that was under way then is followed until it ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The transactions ``under_way`` below ``next_id``, which is one more than the last one that has ended."""

    next_id: int
    under_way: frozenset[int]

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read PostgreSQL's ``pg_snapshot``: ``xmin:xmax:under,way``."""
        _, next_id, under_way = value.split(":")
        return cls(int(next_id), frozenset(int(one) for one in under_way.split(",") if one))


@dataclass(slots=True)
class MessageMarks:
    """What one listener has seen and heard so far."""

    _seen: int | None = None
    _heard: set[int] = field(default_factory=set)
    _suspects_below: int = 0
    _suspects: frozenset[int] = frozenset()

    def hear(self, mark: int) -> None:
        """Take note of a mark that a notice has told of: its transaction is visible, and needs no further telling."""
        self._heard.add(mark)

    def has_news(self, last: int) -> bool:
        """Return whether a mark was taken that no notice told of; ``last`` is the last mark taken.

        Then the snapshot has to be made after a transaction of one's own: it knows only ids up to the last one ended.
        """
        if self._seen is None:
            return True
        return last - self._seen > sum(self._seen < mark <= last for mark in self._heard)

    def look(self, last: int, snapshot: Snapshot) -> bool:
        """Return whether messages may have become visible that no notice told of.

        ``snapshot`` was made after ``last`` was read, so that whoever took a mark until then is either under way in it
        or has ended. The first look is where listening begins.
        """
        has_news = self.has_news(last)
        is_first = self._seen is None
        if has_news:
            self._suspects_below = snapshot.next_id
        self._seen = last
        self._heard = {mark for mark in self._heard if mark > last}
        suspects = frozenset(one for one in snapshot.under_way if one < self._suspects_below)
        has_ended = bool(self._suspects - suspects)
        self._suspects = suspects
        return (has_news and not is_first) or has_ended
