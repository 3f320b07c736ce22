"""The page of the audit log: who changed what, and when; live."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import audit_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.audit import AuditRow
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.views.activity_details import ActivityDetails
from smtpy_desktop.views.activity_words import object_words, type_words, via_words, what_icon, what_words
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.tables.column_kinds import time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape, ListReader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import tr, tr_n

_SHAPE_STEP = 200
_DETAILS_WIDTH = 360
_WHO_WIDTH = 128  # the program itself is named there, too
_FILTER_MILLISECONDS = 150
_CLOCK_MILLISECONDS = 30_000

# Every change to one of these is written down, and the processes' own notices of the log come on top.
_AUDITED = (Topic.AUDIT, Topic.ORGANIZATIONS, Topic.DOMAINS, Topic.ALIASES, Topic.SETTINGS)


class ActivityView(QWidget):
    """``line_changed(str)``: the bottom line. The list is read when it is seen, and anew when something changed."""

    line_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_stale = True
        self.model: KeyedTableModel[AuditRow] = KeyedTableModel(
            _columns(), ListReader(self._read_page, self._read_shape), self
        )
        self.table: DataTable[AuditRow] = DataTable(self.model, tr("Activity"), "activity", context.memory, self)
        self.details = ActivityDetails(self)
        self._filter_soon = single_shot(self, self._filter, _FILTER_MILLISECONDS)
        clock = QTimer(self)  # "4 min ago" becomes "5 min ago" by itself
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self.table.viewport().update)
        clock.start()
        self._build()
        self._connect()

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh, find=self.filter_box.setFocus, back=self.clear_filter)

    def refresh(self) -> None:
        """Read the list again; selection and scroll position stay with their rows."""
        self._is_stale = False
        self.model.reload(keep=True)

    def clear_filter(self) -> None:
        """List everything."""
        self.filter_box.clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    # Building

    def _build(self) -> None:
        self.filter_box = QLineEdit(self)
        self.filter_box.setPlaceholderText(tr("Filter by name, action or person"))
        self.filter_box.setAccessibleName(tr("Filter the activity"))
        self.filter_box.addAction(icon("filter", Tone.MUTED), QLineEdit.ActionPosition.LeadingPosition)
        self.filter_box.setClearButtonEnabled(True)
        self._count = PlainLabel("", self, tone=Tone.MUTED)
        self.page = SplitPage("activity", self._context.memory, self, details_width=_DETAILS_WIDTH)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(tr("Activity"), self, size="title"))
        head.addWidget(self._count)
        head.addStretch(1)
        self.page.main.addLayout(head)
        self.page.main.addWidget(self.filter_box)
        self.frame = TableFrame(self.table, self)
        self.page.main.addWidget(self.frame, 1)
        self.page.details.addWidget(self.details)
        self._nothing_yet = EmptyState(
            "history",
            tr("Nothing has been changed yet"),
            tr("Every change to domains, organizations and settings is written down here: who made it, and when."),
            parent=self,
        )
        show_all = Button(tr("Show everything"), self, action=self.clear_filter)
        self._nothing_found = EmptyState(
            "search", tr("Nothing found"), tr("No line holds what you typed."), show_all, parent=self
        )
        for empty in (self._nothing_yet, self._nothing_found):
            empty.hide()  # until the frame takes it in
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.filter_box.textChanged.connect(self._filter_soon.start)
        self.table.selection_changed.connect(self._on_selection_changed)
        self.table.details_wanted.connect(self.page.toggle_details)
        self.table.row_opened.connect(lambda row: self.page.show_details(True))
        self.table.find_typed.connect(self._on_find_typed)
        self.model.loaded.connect(self._on_loaded)
        self._context.bus.changed.connect(self._on_changed)

    # Reading

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[AuditRow]) -> None:
        work = audit_controller.list_page(self._context.services.sessions, self.filter_box.text(), position, limit)
        self._read(work, deliver, f"activity/page/{position.key}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        work = audit_controller.list_shape(self._context.services.sessions, self.filter_box.text(), _SHAPE_STEP)
        self._read(work, deliver, "activity/shape")

    def _read(self, work: Coroutine[Any, Any, Any], deliver: Callable[[Any], None], key: str) -> None:
        def fail(error: UserFacingError) -> bool:
            deliver(None)
            self._is_stale = True
            return True  # the banner tells that the database is away; what was read before is still shown

        self._context.runner.run(work, owner=self, on_success=deliver, on_error=fail, replaces=key)

    def _on_loaded(self) -> None:
        count = self.model.rowCount()
        self._count.setText(tr_n("{n} change", "{n} changes", count) if count else "")
        if count:
            self.frame.show_table()
        else:
            self.frame.show_instead(self._nothing_found if self.filter_box.text().strip() else self._nothing_yet)
        self._on_selection_changed()

    def _on_changed(self, change: Change) -> None:
        if change.topic not in _AUDITED:
            return
        self._is_stale = True
        if self.isVisible():
            self.refresh()

    def _filter(self) -> None:
        self.model.reload(keep=False)

    def _on_find_typed(self, typed: str) -> None:
        self.filter_box.setFocus()
        self.filter_box.setText(self.filter_box.text() + typed)

    def _on_selection_changed(self) -> None:
        selected = self.table.selected_count
        self.details.show_row(self.table.current_row() if selected else None)
        follow(self.table, self.details)
        self.line_changed.emit(tr_n("{n} selected", "{n} selected", selected) if selected else "")


def _columns() -> list[Column[AuditRow]]:
    return [
        time_column("at", tr("When"), lambda row: row.at, width=96),
        Column("actor", tr("Who"), lambda row: row.actor, width=_WHO_WIDTH),
        Column("via", tr("By"), lambda row: via_words(row.via), width=104, tone=lambda row: Tone.MUTED),
        Column("what", tr("What"), what_words, width=184, icon=what_icon, value=lambda row: row.action, required=True),
        Column("type", tr("Kind"), lambda row: type_words(row.object_type), width=110, hidden=True),
        Column("object", tr("Object"), object_words, stretch=True, tooltip=lambda row: row.object_name),
    ]
