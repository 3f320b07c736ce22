"""A list that fills a page: its table, reading it by key, and what is selected; each page derives its own from this."""

from __future__ import annotations

import enum
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QItemSelectionModel, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape, ListReader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.view_context import ViewContext

SHAPE_STEP = 200
"""Rows between two of the keys by which the middle of a list is found."""

_CLOCK_MILLISECONDS = 30_000

Row = TypeVar("Row")
MakeTable = Callable[..., DataTable[Row]]


class KeyedList(QWidget, Generic[Row]):
    """``selection_changed``: other rows are selected. ``loaded``: the list was read. ``failed(UserFacingError)``.

    What derives from it reads pages and shapes.
    """

    selection_changed = Signal()
    loaded = Signal()
    failed = Signal(object)

    def __init__(
        self,
        context: ViewContext,
        columns: Sequence[Column[Row]],
        title: str,
        key: str,
        parent: QWidget | None = None,
        *,
        make_table: MakeTable[Row] = DataTable,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._key = key
        self.model: KeyedTableModel[Row] = KeyedTableModel(
            tuple(columns), ListReader(self._read_page, self._read_shape), self
        )
        self.table = make_table(self.model, title, key, context.memory, self)
        self.frame = TableFrame(self.table, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.frame)
        self.model.loaded.connect(self._on_loaded)
        self.table.selection_changed.connect(self._on_selection_changed)
        clock = QTimer(self)  # "4 min ago" becomes "5 min ago" by itself
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self.table.viewport().update)
        clock.start()

    def refresh(self) -> None:
        """Read the list again; selection and scroll position stay with their rows."""
        self.model.reload(keep=True)

    def select_number(self, number: int) -> None:
        """Select the row at a place of the list, alone."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(self.model.index(number, 0), flags)

    def select_something(self) -> None:
        """Select the first row where none is selected."""
        if not self.table.selected_count and self.model.rowCount():
            self.select_number(0)

    def picker(self) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """Return what picks, of everything that is listed, in order, that which stands at the places selected now."""
        spans = self.table.selected_ranges()
        return lambda listed: tuple(one for first, last in spans for one in listed[first : last + 1])

    def read(self, work: Coroutine[Any, Any, Any], deliver: Callable[[Any], None], what: str) -> None:
        """Run a reading in place of the last one of the same ``what``; delivers None and tells when it fails."""

        def fail(error: UserFacingError) -> bool:
            deliver(None)
            self.failed.emit(error)
            return True

        self._context.runner.run(work, owner=self, on_success=deliver, on_error=fail, replaces=f"{self._key}/{what}")

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[Row]) -> None:
        raise NotImplementedError

    def _read_shape(self, deliver: DeliverShape) -> None:
        raise NotImplementedError

    def _on_loaded(self) -> None:
        self.select_something()
        self.loaded.emit()
        self.selection_changed.emit()

    def _on_selection_changed(self) -> None:
        self.selection_changed.emit()


class SortedList(KeyedList[Row]):
    """A list whose query has ``sort`` and ``descending``; ``sorted``: another order was asked for."""

    sorted = Signal()

    _query: Any  # every page has its own
    _sorts: type[enum.StrEnum]

    @property
    def sort_title(self) -> str:
        """The title of the column that the list is sorted by."""
        return next(column.title for column in self.model.columns if column.id == self._query.sort.value)

    def sort_as_remembered(self, first: enum.StrEnum, *, descending: bool = False) -> None:
        """Sort as last time, or by ``first``, and from then on as the table's header asks."""
        self._sorts = type(first)
        column, is_descending = self.table.memory.remembered_sort() or (first.value, descending)
        self._take_sort(column, is_descending)
        self.table.show_sort(column, descending=is_descending)
        self.model.sort_requested.connect(self._on_sort)

    def _take_sort(self, column: str, descending: bool) -> None:
        self._query = replace(self._query, sort=self._sorts(column), descending=descending)

    def _on_sort(self, column: str, descending: bool) -> None:
        self._take_sort(column, descending)
        self.model.reload(keep=False)
        self.sorted.emit()
