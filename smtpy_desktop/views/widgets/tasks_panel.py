"""The running tasks: progress, rate, time left and a way to stop each."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

SHOW_AFTER_MILLISECONDS = 300
SHOW_BACKGROUND_AFTER_MILLISECONDS = 3000
SHOWN_AT_LEAST_MILLISECONDS = 500
_MOST_ROWS_SEEN = 4
_ROW_HEIGHT = 44
_BAR_WIDTH = 220


class TaskRow(QWidget):
    """One task that runs."""

    def __init__(self, handle: TaskHandle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._handle = handle
        title = handle.title or tr("Working")
        self.setAccessibleName(title)
        self.setFixedHeight(_ROW_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.PAGE, 0, Space.PAGE, 0)
        row.setSpacing(Space.L)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._title = PlainLabel(title, self, size="strong", elide=Qt.TextElideMode.ElideRight)
        self._note = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._note)
        words.addStretch(1)
        row.addLayout(words, 1)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH)
        self._bar.setAccessibleName(tr("Progress of {title}", title=title))
        row.addWidget(self._bar)
        self._figures = PlainLabel("", self, tone=Tone.MUTED, size="small")
        self._figures.setMinimumWidth(_BAR_WIDTH)
        row.addWidget(self._figures)
        self.cancel_button = Button(tr("Cancel"), self, action=self._on_cancel)
        self.cancel_button.setAccessibleName(tr("Cancel {title}", title=title))
        row.addWidget(self.cancel_button)
        self.refresh()

    @property
    def figures(self) -> str:
        """What is said about progress, rate and time left."""
        return self._figures.text()

    def refresh(self) -> None:
        """Show how far the task has come."""
        progress = self._handle.progress
        if progress is None or progress.total is None:
            self._bar.setRange(0, 0)
        else:
            # In thousandths: a total may be larger than the bar's own integers.
            self._bar.setRange(0, 1000)
            self._bar.setValue(min(1000, progress.done * 1000 // max(progress.total, 1)))
        note = progress.note if progress is not None else None
        self._note.setText(translated(note) if note is not None else "")
        self._note.setVisible(note is not None)
        self._figures.setText(progress_words(progress) if progress is not None else "")

    def _on_cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.cancel_button.set_text(tr("Stopping"))
        self._handle.cancel()


@dataclass(slots=True)
class _Shown:
    handle: TaskHandle
    delay: QTimer
    row: TaskRow | None = None
    age: QElapsedTimer | None = None


class TasksPanel(QFrame):
    """Hidden while nothing runs; a task is seen when it takes longer than a moment, and then not for a blink only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tasksPanel")
        self.setAccessibleName(tr("Running tasks"))
        self._tasks: dict[int, _Shown] = {}
        content = QWidget(self)
        content.setObjectName("scrollContent")
        self._rows = QVBoxLayout(content)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(content)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Metric.BORDER, 0, 0)
        column.addWidget(self._scroll)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def rows(self) -> tuple[TaskRow, ...]:
        """The tasks that are seen."""
        return tuple(shown.row for shown in self._tasks.values() if shown.row is not None)

    def add(self, handle: TaskHandle) -> None:
        """Watch a task; one without title and progress is none of the user's business."""
        if handle.title is None and handle.progress is None:
            return
        milliseconds = SHOW_BACKGROUND_AFTER_MILLISECONDS if handle.is_background else SHOW_AFTER_MILLISECONDS
        delay = single_shot(self, lambda: self._show_row(handle.task_id), milliseconds)
        self._tasks[handle.task_id] = _Shown(handle, delay)
        task_id = handle.task_id
        handle.ended.connect(lambda: self._on_ended(task_id))
        delay.start()

    def _show_row(self, task_id: int) -> None:
        shown = self._tasks[task_id]
        shown.row = TaskRow(shown.handle, self)
        shown.age = QElapsedTimer()
        shown.age.start()
        shown.handle.progressed.connect(shown.row.refresh)
        self._rows.addWidget(shown.row)
        self._fit()

    def _on_ended(self, task_id: int) -> None:
        shown = self._tasks[task_id]
        shown.delay.stop()
        if shown.row is None or shown.age is None:
            self._remove(task_id)
            return
        shown.row.refresh()
        if not shown.handle.is_cancelled:
            announce(self, tr("Done: {title}", title=shown.handle.title or tr("Working")))
        rest = max(0, SHOWN_AT_LEAST_MILLISECONDS - shown.age.elapsed())
        QTimer.singleShot(rest, self, lambda: self._remove(task_id))

    def _remove(self, task_id: int) -> None:
        shown = self._tasks.pop(task_id)
        shown.delay.deleteLater()
        if shown.row is not None:
            self._rows.removeWidget(shown.row)
            shown.row.hide()
            shown.row.deleteLater()
        self._fit()

    def _fit(self) -> None:
        count = len(self.rows)
        self._scroll.setFixedHeight(_ROW_HEIGHT * min(count, _MOST_ROWS_SEEN))
        self.setVisible(count > 0)


def progress_words(progress: Progress) -> str:
    """Return "420 of 1,000 · 96 a second · 6 s left" or "42 % · 6 s left", as much of it as is known."""
    if progress.total is None:
        return tr("{done} so far", done=number(progress.done)) if progress.done else ""
    if progress.is_share:
        words = [f"{number(progress.done * 100 // max(progress.total, 1))}\u00a0%"]
    else:
        words = [tr("{done} of {total}", done=number(progress.done), total=number(progress.total))]
    if progress.done and progress.rate >= 1 and not progress.is_share:
        words.append(tr("{rate} a second", rate=number(round(progress.rate))))
    left = progress.seconds_left
    if left is not None and progress.done < progress.total:
        words.append(_time_left(left))
    return " · ".join(words)


def _time_left(seconds: float) -> str:
    if seconds < 60:
        return tr_n("{n} s left", "{n} s left", max(1, round(seconds)))
    if seconds < 5400:
        return tr_n("{n} min left", "{n} min left", round(seconds / 60))
    return tr_n("{n} h left", "{n} h left", round(seconds / 3600))
