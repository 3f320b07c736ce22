"""How far a long work in a dialog has come: a bar, and what is being done."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr, translated

_STEPS = 1000


class WorkProgress(QWidget):
    """Follows one task at a time; what is being done is read out whenever it is something else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = Progress()
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress"))
        self.note = PlainLabel("", self, tone=Tone.MUTED, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.S, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.bar)
        column.addWidget(self.note)

    def follow(self, handle: TaskHandle, progress: Progress) -> None:
        """Show how a task gets on from now on."""
        self._progress = progress
        handle.progressed.connect(self._refresh)
        handle.ended.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        progress = self._progress
        if progress.total:
            # In thousandths: a total may be larger than the bar's own integers.
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(min(_STEPS, progress.done * _STEPS // progress.total))
        else:
            self.bar.setRange(0, 0)
        note = translated(progress.note) if progress.note is not None else tr("Beginning…")
        if note != self.note.text():
            self.note.setText(note)
            announce(self, note)
