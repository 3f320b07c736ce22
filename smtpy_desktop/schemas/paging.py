"""Reading long lists by key: where a page begins, and what came back."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

Key = tuple[object, int]
"""A row's place in a sorted list: its value in the sort column and its id (which makes the order total)."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: at the start of the list, at a key (included), or after a key; then ``skip`` rows later.

    With ``backwards`` it is where a page ends: at the end of the list, or before a key. Rows come in the list's order.
    """

    key: Key | None = None
    inclusive: bool = False
    skip: int = 0
    backwards: bool = False

    @staticmethod
    def start() -> Position:
        """The beginning of the list."""
        return Position()

    @staticmethod
    def at(key: Key, *, skip: int = 0) -> Position:
        """The page whose first row is the one with this key, or as many rows later."""
        return Position(key, inclusive=True, skip=skip)

    @staticmethod
    def after(key: Key) -> Position:
        """The page that follows the row with this key."""
        return Position(key)

    @staticmethod
    def before(key: Key) -> Position:
        """The page whose last row precedes the one with this key."""
        return Position(key, backwards=True)

    @staticmethod
    def end() -> Position:
        """The page whose last row is the last of the list."""
        return Position(backwards=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Consecutive rows of a sorted list, with the key of each so that reading can go on from any of them."""

    rows: tuple[Row, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class ListShape:
    """How long a list is and keys in it, so that any part of it can be read by key.

    ``anchors`` are the keys of every ``step``-th row; or, with ``starts``, of the rows with those numbers (counted from
    0, growing, the first one 0), between which rows are skipped where they are stored. ``is_rough``: the keys are still
    being looked for; only the two ends of the list can be read.
    """

    total: int
    step: int
    anchors: tuple[Key, ...]
    starts: tuple[int, ...] = ()
    is_rough: bool = False

    def position_of(self, row: int) -> tuple[Position, int] | None:
        """Return from where to read so that a row comes, and how many rows come before it; None beyond the anchors."""
        if self.starts:
            number = bisect_right(self.starts, row) - 1
            return Position.at(self.anchors[number], skip=row - self.starts[number]), 0
        number, before = divmod(row, self.step)
        return (Position.at(self.anchors[number]), before) if number < len(self.anchors) else None


@dataclass(frozen=True, slots=True)
class NumberedPage(Generic[Row]):
    """One page of a list counted from 1, as scripts ask for it."""

    items: tuple[Row, ...]
    total: int
    page: int
    page_size: int

    @property
    def total_pages(self) -> int:
        """How many pages of this size the list has."""
        return -(-self.total // self.page_size)
