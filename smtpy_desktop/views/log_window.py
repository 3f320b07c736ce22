"""The window of the logs: what every part of the program has written down, live, narrowed down, read in full."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from smtpy_desktop.controllers import logs_controller
from smtpy_desktop.controllers.logs_controller import LogReader
from smtpy_desktop.core.log_lines import log_text
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.log_lines import LogFile, LogLine, LogQuery
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.views.icons import app_icon
from smtpy_desktop.views.log_details import LogDetails
from smtpy_desktop.views.log_filters import LogFilterBar
from smtpy_desktop.views.log_words import log_columns
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape, ListReader
from smtpy_desktop.views.tables.row_copy import CopyForm
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.profile_mark import ProfileBand, with_profile
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.tab_order import follow, go_on
from smtpy_desktop.views.widgets.texts import tr, tr_n
from smtpy_desktop.views.widgets.window_place import take_place

_SIZE = (1080, 720)
_DETAILS_HEIGHT = 230
_FOLLOW_MILLISECONDS = 1000
_SHAPE_STEP = 200


class LogWindow(QWidget):
    """A window of its own beside the main one, also while there is no database.

    ``bundle_wanted``: what is here shall be packed up for support. ``help_wanted(str)``: the guide, at a topic.
    """

    bundle_wanted = Signal()
    help_wanted = Signal(str)

    def __init__(self, reader: LogReader, runner: TaskRunner, store: Store) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._reader, self._runner, self._store = reader, runner, store
        self._state = -1
        self.setObjectName("page")
        dress(self)
        self.setWindowTitle(f"{with_profile(tr('Log'))} · SMTPy Desktop")
        self.setWindowIcon(app_icon())
        ProfileBand(self).lie_over(self)
        self.filters = LogFilterBar(self)
        self.model: KeyedTableModel[LogLine] = KeyedTableModel(
            log_columns(), ListReader(self._read_page, self._read_shape), self
        )
        self.table: DataTable[LogLine] = DataTable(self.model, tr("Log"), "log", store, self)
        self.table.set_compact(compact=True)
        self.table.set_copier(self._copy)
        self.details = LogDetails(self)
        self._follow = QTimer(self)
        self._follow.setInterval(_FOLLOW_MILLISECONDS)
        self._follow.timeout.connect(self._look)
        self._build()
        self._connect()
        self._restore()

    def show_lines(self, query: LogQuery) -> None:
        """Show the window with other lines in it."""
        self.filters.set_query(query)
        self.show()
        self.raise_()
        self.activateWindow()

    def refresh(self) -> None:
        """Read the files again; selection and scroll position stay with their lines."""
        self.model.reload(keep=True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.reload(keep=False)
        self._read_files()
        self._follow_or_not()

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's name
        return go_on(self, forward=next) or super().focusNextPrevChild(next)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._follow.stop()
        self._store.setValue("log/geometry", self.saveGeometry())
        self._store.setValue("log/splitter", self._splitter.saveState())
        super().closeEvent(event)

    # Building

    def _build(self) -> None:
        self._count = PlainLabel("", self, tone=Tone.MUTED)
        self.pause_button = Button(tr("Pause"), self, icon="player-pause", action=self._on_pause)
        self.pause_button.setCheckable(True)
        set_tooltip(self.pause_button, tr("Leave the list as it is while new lines are written"))
        words = tr("Save a support &bundle…")
        self.bundle_button = Button(words, self, icon="download", action=self.bundle_wanted.emit)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(tr("Log"), self, size="title"))
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self.pause_button)
        head.addWidget(self.bundle_button)
        self.frame = TableFrame(self.table, self)
        self._nothing = EmptyState("file-text", tr("Nothing has been written down yet"), "", parent=self)
        show_all = Button(tr("Show everything"), self, action=self.filters.clear)
        self._nothing_found = EmptyState(
            "search", tr("Nothing found"), tr("No line matches the filters."), show_all, parent=self
        )
        for empty in (self._nothing, self._nothing_found):
            empty.hide()
        self._splitter = QSplitter(Qt.Orientation.Vertical, self)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(Space.S)
        self._splitter.addWidget(self.frame)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(head)
        column.addWidget(self.filters)
        column.addWidget(self._splitter, 1)
        self.setFocusProxy(self.table)
        follow(self)

    def _connect(self) -> None:
        self.filters.changed.connect(self._on_filtered)
        self.filters.left.connect(self.table.setFocus)
        self.table.selection_changed.connect(self._on_selection_changed)
        self.table.find_typed.connect(self.filters.box.take_focus)
        self.table.row_opened.connect(lambda line: self.details.take_focus())
        self.model.loaded.connect(self._on_loaded)
        bind(self, Shortcut.FIND.keys, self.filters.box.take_focus)
        bind(self, Shortcut.REFRESH.keys, self.refresh)
        bind(self, Shortcut.GUIDE.keys, lambda: self.help_wanted.emit("log"))
        bind(self, Shortcut.BACK.keys, self._on_back)

    def _restore(self) -> None:
        geometry, splitter = self._store.value("log/geometry"), self._store.value("log/splitter")
        take_place(self, geometry, QSize(*_SIZE))
        if not (isinstance(splitter, QByteArray) and self._splitter.restoreState(splitter)):
            self._splitter.setSizes([_SIZE[1], _DETAILS_HEIGHT])
        self._splitter.setChildrenCollapsible(False)

    # Reading

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[LogLine]) -> None:
        work = logs_controller.list_page(self._reader, self.filters.query, position, limit)
        self._read(work, deliver, f"log/page/{position}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        self._read(logs_controller.list_shape(self._reader, self.filters.query, _SHAPE_STEP), deliver, "log/shape")

    def _read(self, work: Coroutine[Any, Any, Any], deliver: Callable[[Any], object], key: str) -> None:
        def fail(error: UserFacingError) -> bool:
            deliver(None)
            return False

        self._runner.run(work, owner=self, on_success=deliver, on_error=fail, replaces=key)

    def _read_files(self) -> None:
        def take(files: tuple[LogFile, ...]) -> None:
            self.filters.set_sources(file.source for file in files)

        self._runner.run(logs_controller.list_files(self._reader), owner=self, on_success=take, replaces="log/files")

    def _look(self) -> None:
        """Read the list anew when something was written."""

        def take(state: int) -> None:
            if state != self._state:
                self._state = state
                self.refresh()

        if not self.model.is_loading:
            work = logs_controller.look_for_more(self._reader)
            self._runner.run(work, owner=self, on_success=take, replaces="log/follow")

    def _on_loaded(self) -> None:
        count = self.model.rowCount()
        self._count.setText(tr_n("{n} line", "{n} lines", count) if count else "")
        if count:
            self.frame.show_table()
        else:
            self.frame.show_instead(self._nothing_found if self.filters.is_applied else self._nothing)
        self._on_selection_changed()

    # What people do

    def _on_filtered(self) -> None:
        if self.isVisible():
            self.model.reload(keep=False)

    def _on_pause(self) -> None:
        is_paused = self.pause_button.isChecked()
        self.pause_button.set_text(tr("Go on") if is_paused else tr("Pause"))
        self.pause_button.set_icon("player-play" if is_paused else "player-pause")
        self._follow_or_not()

    def _follow_or_not(self) -> None:
        if self.pause_button.isChecked():
            self._follow.stop()
        else:
            self._look()
            self._follow.start()

    def _on_selection_changed(self) -> None:
        self.details.show_line(self.table.current_row() if self.table.selected_count else None)

    def _on_back(self) -> None:
        if self.filters.is_applied:
            self.filters.clear()
        else:
            self.close()

    def _copy(self, form: CopyForm) -> bool:
        """Copy lines as people read them, with all that belongs to them; the other forms are the table's."""
        if form is not CopyForm.TSV or not self.table.selected_count:
            return False
        pieces = []
        for first, last in self.table.selected_ranges():
            key = self.model.key(first)
            pieces.append((Position.at(key) if key is not None else Position(skip=first), last - first + 1))
        work = _lines_at(self._reader, self.filters.query, pieces)
        self._runner.run(work, owner=self, on_success=self._put_on_clipboard, replaces="log/copy")
        return True

    def _put_on_clipboard(self, lines: tuple[LogLine, ...]) -> None:
        QGuiApplication.clipboard().setText("\n".join(map(log_text, lines)))
        announce(self, tr("Copied"))


async def _lines_at(
    reader: LogReader, query: LogQuery, pieces: Sequence[tuple[Position, int]], most: int = 20_000
) -> tuple[LogLine, ...]:
    """Read so many lines at each place, the oldest first as in a log, and not more than can be pasted."""
    found: list[LogLine] = []
    for position, count in pieces:
        page = await logs_controller.list_page(reader, query, position, min(count, most - len(found)))
        found.extend(page.rows)
    return tuple(reversed(found))
