"""The list of requests to the webhook that were refused: the latest few hundred."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.schemas.webhook_events import RefusedDelivery
from smtpy_desktop.views.events_columns import refused_columns
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr


class EventsRefused(QWidget):
    """``selection_changed``: another delivery is selected."""

    selection_changed = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[RefusedDelivery, ...] = ()
        self.model: KeyedTableModel[RefusedDelivery] = KeyedTableModel(refused_columns(), fixed_reader(()), self)
        self.table: DataTable[RefusedDelivery] = DataTable(
            self.model, tr("Refused deliveries"), "events-refused", context.memory, self
        )
        self.frame = TableFrame(self.table, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.frame)
        self.table.selection_changed.connect(self.selection_changed)

    def show_rows(self, rows: Sequence[RefusedDelivery]) -> None:
        """List deliveries; the one that was selected stays so."""
        if tuple(rows) == self._rows:
            return
        chosen = self.current
        self._rows = tuple(rows)
        self.model.set_reader(fixed_reader(self._rows))
        self.model.reload(keep=False)
        ids = [row.id for row in self._rows]
        if self._rows:
            self.table.select_id(ids.index(chosen.id) if chosen is not None and chosen.id in ids else 0)

    @property
    def current(self) -> RefusedDelivery | None:
        """The selected delivery."""
        return self.table.current_row() if self.table.selected_count else None
