"""Reading again after changes without ever chasing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QElapsedTimer, QObject

from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.views.widgets.single_shot import single_shot

_SOON_MILLISECONDS = 100
_PAUSE_MILLISECONDS = 600


class CalmReading(QObject):
    """Reads soon after a change; in a stream of changes after a pause, and only when the reading before is over.

    Otherwise such a stream would cancel one query after the other, show nothing until it ends, and keep the window
    from everything else. No pause is longer than ``longest_pause`` milliseconds.
    """

    longest_pause: ClassVar[int] = 60_000

    def __init__(
        self, start: Callable[[], TaskHandle], parent: QObject, pause_milliseconds: int = _PAUSE_MILLISECONDS
    ) -> None:
        """``start`` starts the reading and returns its handle."""
        super().__init__(parent)
        self._start = start
        self._handle: TaskHandle | None = None
        self._timer = single_shot(self, self._read_when_free)
        self._pause = min(pause_milliseconds, self.longest_pause)
        self._since_last = QElapsedTimer()

    @property
    def is_waiting(self) -> bool:
        """Whether a reading is still to come."""
        return self._timer.isActive()

    def soon(self) -> None:
        """Read after a short while; more calls until then change nothing."""
        if not self._timer.isActive():
            is_stream = self._since_last.isValid() and not self._since_last.hasExpired(self._pause)
            self._timer.start(self._pause if is_stream else min(_SOON_MILLISECONDS, self._pause))

    def now(self) -> None:
        """Read at once."""
        self._timer.stop()
        self._since_last.start()
        self._handle = self._start()

    def _read_when_free(self) -> None:
        if self._handle is not None and not self._handle.is_done:
            self._timer.start(self._pause)
        else:
            self.now()
