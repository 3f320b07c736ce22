"""A short list that is followed while it is watched: sorted here, selection and scroll stay with their rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QItemSelectionModel, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.widgets.remembered import Store

_CLOCK_MILLISECONDS = 1_000

Row = TypeVar("Row")


class LiveList(QWidget, Generic[Row]):
    """``selection_changed``: other rows are selected, or the selected ones have changed.

    ``identity`` tells by what a row is the same row in another state.
    """

    selection_changed = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        title: str,
        key: str,
        store: Store,
        identity: Callable[[Row], Hashable],
        parent: QWidget | None = None,
        *,
        on_surface: bool = False,
    ) -> None:
        super().__init__(parent)
        self._identity = identity
        self._ids: dict[Hashable, int] = {}
        self._next_id = 1
        self._has_begun = False
        self._rows: tuple[Row, ...] = ()
        self.model: KeyedTableModel[Row] = KeyedTableModel(tuple(columns), fixed_reader(()), self)
        self.table: DataTable[Row] = DataTable(self.model, title, key, store, self)
        self.frame = TableFrame(self.table, self, on_surface=on_surface)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.frame)
        self._sort: tuple[str, bool] | None = self.table.memory.remembered_sort()
        if self._sort is not None:
            self.table.show_sort(self._sort[0], descending=self._sort[1])
        self.model.sort_requested.connect(self._on_sort)
        self.model.loaded.connect(self.selection_changed)
        self.table.selection_changed.connect(self.selection_changed)
        clock = QTimer(self)  # "in 12 s" becomes "in 11 s" by itself
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self.table.viewport().update)
        clock.start()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is listed."""
        return self._rows

    @property
    def selected(self) -> list[Row]:
        """The selected rows, in their order."""
        return self.table.selected_rows()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """List other rows, or the same ones in another state."""
        if tuple(rows) == self._rows:
            return
        self._rows = tuple(rows)
        self._ids = {identity: self._id_of(identity) for identity in map(self._identity, self._rows)}
        self._has_begun = self._has_begun and bool(self._rows)
        self._show(keep=True)

    def select(self, identity: Hashable) -> bool:
        """Select a row alone, and scroll to it; False when it is not listed."""
        return identity in self._ids and self.table.select_id(self._ids[identity])

    def select_something(self) -> None:
        """Select the first row of a list that has just got rows.

        Not again when the selected row goes: an action would then reach another one than was meant.
        """
        if not self._has_begun and not self.table.selected_count and self.model.rowCount():
            self._has_begun = True
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self.model.index(0, 0), flags)

    def _id_of(self, identity: Hashable) -> int:
        if identity in self._ids:
            return self._ids[identity]
        self._next_id += 1
        return self._next_id

    def _on_sort(self, column: str, descending: bool) -> None:
        self._sort = (column, descending)
        self._show(keep=False)

    def _show(self, *, keep: bool) -> None:
        self.model.set_reader(fixed_reader(self._sorted(), lambda row: self._ids[self._identity(row)]))
        self.model.reload(keep=keep)

    def _sorted(self) -> tuple[Row, ...]:
        """Return the rows as they are to be listed; what has no value comes last either way."""
        column = next((one for one in self.model.columns if self._sort is not None and one.id == self._sort[0]), None)
        if column is None or self._sort is None:
            return self._rows
        known = [row for row in self._rows if column.native(row) is not None]
        unknown = [row for row in self._rows if column.native(row) is None]
        return (*sorted(known, key=lambda row: _comparable(column.native(row)), reverse=self._sort[1]), *unknown)


def _comparable(value: object) -> Any:
    return value.casefold() if isinstance(value, str) else value
