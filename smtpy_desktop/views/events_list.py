"""The list of events: what is asked for, the table, and which events are meant by an action."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers import stripe_events_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.webhook_events import EventQuery, WebhookEventRow
from smtpy_desktop.views.events_columns import event_columns
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape, ListReader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

_SHAPE_STEP = 200
_CLOCK_MILLISECONDS = 30_000

TakeNumbers = Callable[[tuple[int, ...]], object]


class EventsList(QWidget):
    """``selection_changed``: other events are selected. ``loaded``: the list was read. ``failed(UserFacingError)``."""

    selection_changed = Signal()
    loaded = Signal()
    failed = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._query = EventQuery(organization_id=context.choice.chosen)
        self.model: KeyedTableModel[WebhookEventRow] = KeyedTableModel(
            event_columns(), ListReader(self._read_page, self._read_shape), self
        )
        self.table: DataTable[WebhookEventRow] = DataTable(self.model, tr("Events"), "events", context.memory, self)
        self.frame = TableFrame(self.table, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.frame)
        self.model.loaded.connect(self._on_loaded)
        self.table.selection_changed.connect(self.selection_changed)
        clock = QTimer(self)  # "4 min ago" becomes "5 min ago" by itself
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self.table.viewport().update)
        clock.start()

    @property
    def query(self) -> EventQuery:
        """What is asked for now."""
        return self._query

    def show_query(self, query: EventQuery) -> None:
        """List other events, from the top."""
        self._query = query
        self.model.reload(keep=False)

    def refresh(self) -> None:
        """Read the list again; selection and scroll position stay with their rows."""
        self.model.reload(keep=True)

    def with_selected_numbers(self, take: TakeNumbers) -> None:
        """Call ``take`` with the selected events, at once or after asking for those that are not in memory."""
        rows = self.table.selected_rows()
        if len(rows) == self.table.selected_count:
            take(tuple(row.number for row in rows))
            return
        spans = self.table.selected_ranges()
        work = stripe_events_controller.list_numbers(self._context.services.sessions, self._query)
        self._context.runner.run(
            work,
            owner=self,
            on_success=lambda all_numbers: take(
                tuple(one for first, last in spans for one in all_numbers[first : last + 1])
            ),
        )

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[WebhookEventRow]) -> None:
        work = stripe_events_controller.list_events(self._context.services.sessions, self._query, position, limit)
        self._read(work, deliver, f"events/page/{position.key}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        work = stripe_events_controller.list_shape(self._context.services.sessions, self._query, _SHAPE_STEP)
        self._read(work, deliver, "events/shape")

    def _read(self, work: Coroutine[Any, Any, Any], deliver: Callable[[Any], None], key: str) -> None:
        def fail(error: UserFacingError) -> bool:
            deliver(None)
            self.failed.emit(error)
            return True

        self._context.runner.run(work, owner=self, on_success=deliver, on_error=fail, replaces=key)

    def _on_loaded(self) -> None:
        if not self.table.selected_count and self.model.rowCount():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self.model.index(0, 0), flags)
        self.loaded.emit()
        self.selection_changed.emit()
