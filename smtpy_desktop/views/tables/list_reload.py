"""One reading-anew of a list: collects what has to be there before the table may switch over to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Generic, TypeVar

from smtpy_desktop.schemas.paging import ListShape, Page, Position
from smtpy_desktop.views.tables.list_reader import ListReader
from smtpy_desktop.views.tables.paged_rows import PagedRows

Row = TypeVar("Row")


class ListReload(Generic[Row]):
    """Reads the first page and the shape, and with ``needed`` also the pages of certain rows.

    ``on_first_page`` is called when the first page is there, ``on_shape`` when the true length is known, and
    ``on_ready`` when everything needed is there; ``on_failed`` once when something could not be read.
    Rows in ``seek`` (ids with their old numbers) are looked for on their old pages, then on the neighbours.
    """

    def __init__(
        self,
        reader: ListReader[Row],
        rows: PagedRows[Row],
        *,
        visible: tuple[int, int] = (0, -1),
        seek: dict[int, int] | None = None,
        on_first_page: Callable[[], None],
        on_shape: Callable[[], None],
        on_ready: Callable[[], None],
        on_failed: Callable[[], None],
    ) -> None:
        self.rows = rows
        self._reader = reader
        self._visible = visible
        self._seek = seek or {}
        self._on_first_page, self._on_shape = on_first_page, on_shape
        self._on_ready, self._on_failed = on_ready, on_failed
        self._awaited: set[int] = set()
        self._searched_around = self._is_over = False

    def start(self) -> None:
        """Ask for the first page; the shape is asked for afterwards, since finding it out would hold the page up."""
        self._reader.read_page(Position.start(), self.rows.page_size, self._take_first_page)

    def stop(self) -> None:
        """Take no more answers."""
        self._is_over = True

    def _take_first_page(self, page: Page[Row] | None) -> None:
        if self._is_over:
            return
        if page is None:
            self._fail()
            return
        self.rows.put(0, page)
        self.rows.total = len(page.rows)
        self._on_first_page()
        if len(page.rows) < self.rows.page_size:
            # A short first page is the whole list; its shape has nothing to add.
            self._on_shape()
            self._read_needed()
        else:
            self._reader.read_shape(self._take_shape)

    def _take_shape(self, shape: ListShape | None) -> None:
        if self._is_over:
            return
        if shape is None:
            self._fail()
            return
        self.rows.set_shape(shape)
        self._on_shape()
        if not shape.is_rough:
            self._read_needed()

    def _read_needed(self) -> None:
        wanted = set(self.rows.pages_of(*self._visible))
        for number in self._seek.values():
            wanted.update(self.rows.pages_of(number, number))
        self._read_pages(wanted)

    def _read_pages(self, numbers: Iterable[int]) -> None:
        missing = {number: self.rows.request_for(number) for number in numbers if not self.rows.has_page(number)}
        requests = {number: request for number, request in missing.items() if request is not None}
        # All are awaited before the first is asked for: a reader may answer at once.
        self._awaited = set(requests)
        for number, request in requests.items():
            take = partial(self._take_page, number, request.skip)
            self._reader.read_page(request.position, request.limit, take)
        if not requests:
            self._finish_when_complete()

    def _take_page(self, number: int, skip: int, page: Page[Row] | None) -> None:
        if self._is_over:
            return
        self._awaited.discard(number)
        if page is None:
            self._fail()
            return
        self.rows.put(number, Page(page.rows[skip:], page.keys[skip:]))
        self._finish_when_complete()

    def _finish_when_complete(self) -> None:
        if self._awaited or self._is_over:
            return
        if not self._searched_around:
            self._searched_around = True
            self._read_pages(self._pages_around_lost_rows())
            return
        self._is_over = True
        self._on_ready()

    def _pages_around_lost_rows(self) -> set[int]:
        """Rows move to a neighbouring page when something was added or removed before them."""
        around: set[int] = set()
        for row_id, number in self._seek.items():
            if self.rows.number_of(row_id) is None:
                size = self.rows.page_size
                around.update(self.rows.pages_of(number - size, number + size))
        return around

    def _fail(self) -> None:
        self._is_over = True
        self._on_failed()
