"""Reading long lists by key: where a page begins, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

Key = tuple[object, int]
"""A row's place in a sorted list: its value in the sort column and its id (which makes the order total)."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: at the start of the list, at a key (included), or after a key."""

    key: Key | None = None
    inclusive: bool = False

    @staticmethod
    def start() -> Position:
        """The beginning of the list."""
        return Position()

    @staticmethod
    def at(key: Key) -> Position:
        """The page whose first row is the one with this key."""
        return Position(key, inclusive=True)

    @staticmethod
    def after(key: Key) -> Position:
        """The page that follows the row with this key."""
        return Position(key)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Consecutive rows of a sorted list, with the key of each so that reading can go on from any of them."""

    rows: tuple[Row, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class ListShape:
    """How long a list is and the key of every ``step``-th row, so that any part of it can be read by key."""

    total: int
    step: int
    anchors: tuple[Key, ...]


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
