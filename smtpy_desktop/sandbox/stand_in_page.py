"""What the pages of the sandbox's stand-ins have in common: a short list, and what is chosen beside it."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Sequence
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import translated


class Numbered(Protocol):
    """A row with an id."""

    @property
    def id(self) -> int:
        """What tells it from others."""


Row = TypeVar("Row", bound=Numbered)


class StandInPage(SplitPage, Generic[Row]):
    """Lists the rows of a stand-in; ``topics`` are the changes after which it looks again.

    What derives from it shows the chosen row, and reads the rows in ``refresh``.
    """

    def __init__(
        self, key: str, context: ViewContext, topics: Collection[Topic], parent: QWidget | None = None
    ) -> None:
        super().__init__(key, context.memory, parent)
        self._key, self._context, self._topics = key, context, frozenset(topics)
        self._rows: tuple[Row, ...] = ()
        self._shown_id: int | None = None
        self._is_stale = True
        context.bus.changed.connect(self._on_changed)

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh)

    def refresh(self) -> None:
        """Look at the stand-in again."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    # For what derives from it

    def build_list(
        self, titles: tuple[str, str, str], columns: Sequence[Column[Row]], empty: EmptyState, widths: tuple[int, int]
    ) -> None:
        """Put title, sentence and table into the left part; ``titles``: of the page, the sentence, of the table."""
        title, sentence, table_name = titles
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(title, self, size="title"))
        self._count = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        head.addWidget(self._count, 1)
        self.main.addLayout(head)
        self.main.addWidget(PlainLabel(sentence, self, tone=Tone.MUTED, wrap=True))
        self._model: KeyedTableModel[Row] = KeyedTableModel(tuple(columns), fixed_reader(()), self)
        self.table = DataTable(self._model, table_name, self._key, self._context.memory, self)
        self.table.selection_changed.connect(self._on_selected)
        self._model.loaded.connect(self._on_loaded)
        self._frame, self._empty = TableFrame(self.table, self), empty
        self.main.addWidget(self._frame, 1)
        if self._context.memory.value(f"pages/{self._key}/splitter") is None:
            self.setSizes(list(widths))
        self.setFocusProxy(self.table)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """List these rows; the chosen one stays chosen."""
        self._rows = tuple(rows)
        self._model.set_reader(fixed_reader(self._rows, lambda row: row.id))
        self._model.reload()
        if self._rows:
            self._frame.show_table()
        else:
            self._shown_id = None
            self._frame.show_instead(self._empty)
            self.hide_row()

    def show_row(self, row: Row) -> None:
        """Show the chosen row beside the list."""
        raise NotImplementedError

    def hide_row(self) -> None:
        """Show that no row is chosen."""
        raise NotImplementedError

    def play(self, work: Coroutine[Any, Any, None], told: str = "") -> None:
        """Run something at the stand-in, look again, and tell how it went."""

        def done(_: None) -> None:
            self.refresh()
            if told:
                self._context.tell(Message(told, Tone.OK, key=self._key))

        self._context.runner.run(work, owner=self, on_success=done, on_error=self._tell_refusal)

    # What happens

    def _on_loaded(self) -> None:
        if self._rows and not (self._shown_id is not None and self.table.select_id(self._shown_id)):
            self.table.select_id(self._rows[0].id)
        self._on_selected()

    def _on_selected(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self._shown_id = row.id
            self.show_row(row)

    def _on_changed(self, change: Change) -> None:
        if change.topic not in self._topics:
            return
        if self.isVisible():
            self.refresh()
        else:
            self._is_stale = True

    def _tell_refusal(self, error: UserFacingError) -> bool:
        self.refresh()
        self._context.tell(Message(translated(error.message), Tone.WARN, key=self._key))
        return True
