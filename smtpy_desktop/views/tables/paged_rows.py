"""One state of a long list as far as it has been read: its length, and the pages around what is looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position

Row = TypeVar("Row")

_PAGES_AT_END = 4
"""Pages that are read from the end of a list while no key in its middle is known."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How to read a page by key: ``limit`` rows from ``position``, of which the first ``skip`` are not wanted."""

    position: Position
    limit: int
    skip: int = 0


class PagedRows(Generic[Row]):
    """Rows by number, kept in pages of ``page_size``; the pages used least recently are dropped beyond ``capacity``."""

    def __init__(self, page_size: int, capacity: int) -> None:
        self.page_size = page_size
        self.total = 0
        self._capacity = capacity
        self._shape: ListShape | None = None
        self._pages: OrderedDict[int, Page[Row]] = OrderedDict()
        self._row_of_id: dict[int, int] = {}

    @property
    def is_rough(self) -> bool:
        """Whether only the two ends of the list can be read so far."""
        return self._shape is not None and self._shape.is_rough

    def set_shape(self, shape: ListShape) -> None:
        """Take the true length and the anchors; pages that were counted from another end are dropped."""
        if self.is_rough and shape.total != self.total:
            for number in [number for number in self._pages if number > 0]:
                self._forget(number)
        self._shape = shape
        self.total = shape.total

    def put(self, number: int, page: Page[Row]) -> None:
        """Keep a page; ``number`` counts pages from 0."""
        self._forget(number)
        page = Page(page.rows[: self.page_size], page.keys[: self.page_size])
        self._pages[number] = page
        first = number * self.page_size
        for offset, key in enumerate(page.keys):
            self._row_of_id[key[1]] = first + offset
        while len(self._pages) > self._capacity:
            self._forget(next(iter(self._pages)))

    def has_page(self, number: int) -> bool:
        """Say whether a page is kept."""
        return number in self._pages

    def pages_of(self, first: int, last: int) -> range:
        """Return the numbers of the pages that hold rows ``first`` to ``last``."""
        if self.total == 0 or last < first:
            return range(0)
        first, last = max(0, first), min(last, self.total - 1)
        return range(first // self.page_size, last // self.page_size + 1)

    def row(self, number: int) -> Row | None:
        """Return a row, or None while it is not there."""
        page_number, offset = divmod(number, self.page_size)
        page = self._pages.get(page_number)
        if page is None or offset >= len(page.rows):
            return None
        self._pages.move_to_end(page_number)
        return page.rows[offset]

    def row_id(self, number: int) -> int | None:
        """Return a row's id, or None while it is not there."""
        key = self.key(number)
        return key[1] if key is not None else None

    def key(self, number: int) -> Key | None:
        """Return a row's place in the sorted list, or None while it is not there."""
        page_number, offset = divmod(number, self.page_size)
        page = self._pages.get(page_number)
        return page.keys[offset] if page is not None and offset < len(page.keys) else None

    def number_of(self, row_id: int) -> int | None:
        """Return where the row with an id is, or None when it is on no page that is kept."""
        return self._row_of_id.get(row_id)

    def loaded(self, first: int, last: int) -> Iterator[tuple[int, Row]]:
        """Yield the rows between two numbers (included) that are there."""
        for page_number in sorted(self._pages):
            start = page_number * self.page_size
            if start > last or start + self.page_size <= first:
                continue
            page = self._pages[page_number]
            for number in range(max(first, start), min(last + 1, start + len(page.rows))):
                yield number, page.rows[number - start]

    def request_for(self, number: int) -> PageRequest | None:
        """Return how to read a page by key, or None while that is not known."""
        if number == 0:
            return PageRequest(Position.start(), self.page_size)
        before = self._pages.get(number - 1)
        if before is not None and len(before.keys) == self.page_size:
            return PageRequest(Position.after(before.keys[-1]), self.page_size)
        return self._request_from_anchor(number)

    def replace(self, number: int, row: Row) -> None:
        """Show another state of one row that is kept."""
        page_number, offset = divmod(number, self.page_size)
        page = self._pages.get(page_number)
        if page is not None and offset < len(page.rows):
            rows = (*page.rows[:offset], row, *page.rows[offset + 1 :])
            self._pages[page_number] = Page(rows, page.keys)

    def _request_from_anchor(self, number: int) -> PageRequest | None:
        left = self.total - number * self.page_size
        if self.is_rough and 0 < left <= _PAGES_AT_END * self.page_size:
            return PageRequest(Position.end(), left)
        found = self._shape.position_of(number * self.page_size) if self._shape is not None else None
        if found is None:
            return None
        position, skip = found
        return PageRequest(position, skip + self.page_size, skip)

    def _forget(self, number: int) -> None:
        page = self._pages.pop(number, None)
        if page is None:
            return
        first = number * self.page_size
        for offset, key in enumerate(page.keys):
            if self._row_of_id.get(key[1]) == first + offset:
                del self._row_of_id[key[1]]
