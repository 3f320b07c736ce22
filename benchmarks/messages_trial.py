"""The page of the messages in the real window, and hands that scroll it while every frame is timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView

from benchmarks.window_trial import Script, until_calm
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.window_app import WindowApp

Act = Callable[[], object]

_NOTCH = 120  # eighths of a degree: one turn of a usual wheel
_NO_INDEX = QModelIndex()


def messages_page(app: WindowApp) -> MessagesView:
    """Return the page; it is made when it is first asked for."""
    assert app.pages is not None
    return app.pages.messages


def open_messages(app: WindowApp) -> Script:
    """Show the page and wait until it is filled and nothing runs any more."""
    app.window.show_page("messages")
    page = messages_page(app)
    yield lambda: page.list.model.rowCount() > 0 and not page.list.model.is_loading
    yield until_calm(app)


def shows_all_rows(page: MessagesView) -> bool:
    """Say whether every row that is seen is there: none is blank."""
    table, model = page.list.table, page.list.model
    last = table.rowAt(table.viewport().height() - 1)
    seen = range(max(table.rowAt(0), 0), (last if last >= 0 else model.rowCount() - 1) + 1)
    return all(model.row_id(number) is not None for number in seen)


class Frames(QObject):
    """Acts at a steady pace; ``milliseconds`` are the times from when an act was due to the end of its paint event.

    While the thread of the window is busy with something else an act is late, and that counts as well.
    ``is_over``: all acts were done. ``after_frame`` is called behind each.
    """

    def __init__(self, table: QTableView, after_frame: Act | None = None) -> None:
        super().__init__(table)
        self.milliseconds: list[float] = []
        self._table, self._after_frame = table, after_frame
        self._acts: list[Act] = []
        self._begun: float | None = None
        self._last = 0.0
        self._is_painted = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._act)
        table.viewport().installEventFilter(self)

    @property
    def is_over(self) -> bool:
        """Whether every act was done and painted."""
        return not self._acts and self._begun is None

    def begin(self, acts: Sequence[Act], pace: int) -> None:
        """Do one act every ``pace`` milliseconds; each must lead to a paint event."""
        self._acts = list(reversed(acts))
        self._last = time.perf_counter()
        self._timer.start(pace)

    def take(self) -> list[float]:
        """Return the times since the last call."""
        taken, self.milliseconds = self.milliseconds, []
        return taken

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._begun is not None and not self._is_painted and event.type() == QEvent.Type.Paint:
            self._is_painted = True
            QTimer.singleShot(0, self._end)  # after this event, when everything is painted
        return False

    def _act(self) -> None:
        if self._begun is not None:
            return  # the frame before is not there yet
        now = time.perf_counter()
        due, self._last = self._last + self._timer.interval() / 1000, now
        if not self._acts:
            self._timer.stop()
            return
        self._begun = min(now, due)
        self._acts.pop()()

    def _end(self) -> None:
        assert self._begun is not None
        self.milliseconds.append((time.perf_counter() - self._begun) * 1000)
        self._begun, self._is_painted = None, False
        if self._after_frame is not None:
            self._after_frame()


def wheel_turns(table: QTableView, count: int) -> list[Act]:
    """Return turns of the wheel, one notch each, downwards."""

    def turn() -> None:
        viewport = table.viewport()
        place = viewport.rect().center()
        event = QWheelEvent(
            place,
            viewport.mapToGlobal(place),
            QPoint(),
            QPoint(0, -_NOTCH),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,  # noqa: FBT003 - the argument has no name
        )
        QApplication.sendEvent(viewport, event)

    return [turn] * count


def page_keys(table: QTableView, count: int) -> list[Act]:
    """Return presses of Page Down."""
    return [partial(press, table, Qt.Key.Key_PageDown)] * count


def thumb_moves(table: QTableView, count: int) -> list[Act]:
    """Return moves of the scroll bar's thumb from one end of the list to the other."""
    bar = table.verticalScrollBar()

    def move(number: int) -> None:
        bar.setSliderDown(number < count)
        bar.setSliderPosition(bar.maximum() * number // count)

    return [partial(move, number) for number in range(1, count + 1)]


def press(table: QTableView, key: Qt.Key) -> None:
    """Press a key on the table."""
    QTest.keyClick(table, key)


@dataclass(frozen=True, slots=True)
class Bare:
    """What the reference shows: as many rows as ours, columns as wide as ours, always the same text."""

    rows: int
    widths: tuple[int, ...]


class ConstantModel(QAbstractTableModel):
    """Says the same of every cell."""

    def __init__(self, bare: Bare, parent: QObject) -> None:
        super().__init__(parent)
        self._bare = bare

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._bare.rows

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._bare.widths)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return always the same text."""
        return "anna.example@sender.example" if role == Qt.ItemDataRole.DisplayRole else None


def bare_table(like: QTableView) -> QTableView:
    """Show a plain table of the same size, with as many rows and the same columns over a constant model."""
    header, model = like.horizontalHeader(), like.model()
    shown = [section for section in range(header.count()) if not header.isSectionHidden(section)]
    table = QTableView()
    bare = Bare(model.rowCount(), tuple(header.sectionSize(section) for section in shown))
    table.setModel(ConstantModel(bare, table))
    table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(like.verticalHeader().defaultSectionSize())
    for section, width in enumerate(bare.widths):
        table.setColumnWidth(section, width)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.resize(like.size())
    table.show()
    return table
