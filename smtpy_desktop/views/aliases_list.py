"""The list of aliases: what is asked for, the table, and which aliases are meant by an action."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers import aliases_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow, AliasSort
from smtpy_desktop.schemas.identifiers import AliasId
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.views.aliases_columns import alias_columns
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape, ListReader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

_SHAPE_STEP = 200
_CLOCK_MILLISECONDS = 30_000

TakeIds = Callable[[tuple[AliasId, ...]], object]


class AliasesList(QWidget):
    """``selection_changed``: other aliases are selected. ``loaded``: the list was read. ``failed(UserFacingError)``.

    ``sorted``: another order was asked for.
    """

    selection_changed = Signal()
    loaded = Signal()
    failed = Signal(object)
    sorted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._query = AliasQuery(organization_id=context.choice.chosen)
        self._revealing: AliasId | None = None
        self.model: KeyedTableModel[AliasRow] = KeyedTableModel(
            alias_columns(), ListReader(self._read_page, self._read_shape), self
        )
        self.table: DataTable[AliasRow] = DataTable(self.model, tr("Aliases"), "aliases", context.memory, self)
        self.frame = TableFrame(self.table, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.frame)
        self._restore_sort()
        self.model.sort_requested.connect(self._on_sort)
        self.model.loaded.connect(self._on_loaded)
        self.table.selection_changed.connect(self.selection_changed)
        clock = QTimer(self)  # "4 min ago" becomes "5 min ago" by itself
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self.table.viewport().update)
        clock.start()

    @property
    def query(self) -> AliasQuery:
        """What is asked for now."""
        return self._query

    @property
    def sort_title(self) -> str:
        """The title of the column that the list is sorted by."""
        return next(column.title for column in self.model.columns if column.id == self._query.sort.value)

    def show_query(self, query: AliasQuery) -> None:
        """List other aliases in the same order, from the top."""
        self._query = replace(query, sort=self._query.sort, descending=self._query.descending)
        self.model.reload(keep=False)

    def refresh(self) -> None:
        """Read the list again; selection and scroll position stay with their rows."""
        self.model.reload(keep=True)

    def reveal(self, alias_id: AliasId) -> None:
        """Select an alias as soon as it is among the rows that are read."""
        self._revealing = alias_id
        if not self.model.is_loading and self.table.select_id(alias_id):
            self._revealing = None

    def with_selected_ids(self, take: TakeIds) -> None:
        """Call ``take`` with the selected aliases, at once or after asking for those that are not in memory."""
        rows = self.table.selected_rows()
        if len(rows) == self.table.selected_count:
            take(tuple(row.id for row in rows))
            return
        spans = self.table.selected_ranges()
        self._context.runner.run(
            aliases_controller.list_ids(self._context.services.sessions, self._query),
            owner=self,
            on_success=lambda ids: take(tuple(one for first, last in spans for one in ids[first : last + 1])),
        )

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[AliasRow]) -> None:
        work = aliases_controller.list_aliases(self._context.services.sessions, self._query, position, limit)
        self._read(work, deliver, f"aliases/page/{position.key}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        work = aliases_controller.list_shape(self._context.services.sessions, self._query, _SHAPE_STEP)
        self._read(work, deliver, "aliases/shape")

    def _read(self, work: Coroutine[Any, Any, Any], deliver: Callable[[Any], None], key: str) -> None:
        def fail(error: UserFacingError) -> bool:
            deliver(None)
            self.failed.emit(error)
            return True

        self._context.runner.run(work, owner=self, on_success=deliver, on_error=fail, replaces=key)

    def _restore_sort(self) -> None:
        column, descending = self.table.memory.remembered_sort() or (AliasSort.ADDRESS.value, False)
        self._query = replace(self._query, sort=AliasSort(column), descending=descending)
        self.table.show_sort(column, descending=descending)

    def _on_sort(self, column: str, descending: bool) -> None:
        self._query = replace(self._query, sort=AliasSort(column), descending=descending)
        self.model.reload(keep=False)
        self.sorted.emit()

    def _on_loaded(self) -> None:
        if self._revealing is not None and self.table.select_id(self._revealing):
            self._revealing = None
        elif not self.table.selected_count and self.model.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self.model.index(0, 0), flags)
        self.loaded.emit()
        self.selection_changed.emit()
