"""Reading again after changes without ever chasing them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from smtpy_desktop.runtime.task_runner import TaskHandle

_PAUSE_MILLISECONDS = 250


class CalmReading(QObject):
    """Reads soon after a change, however many come, and only when the reading before is over.

    Otherwise a stream of changes would cancel one query after the other and show nothing until it ends.
    """

    def __init__(
        self, start: Callable[[], TaskHandle], parent: QObject, pause_milliseconds: int = _PAUSE_MILLISECONDS
    ) -> None:
        """``start`` starts the reading and returns its handle."""
        super().__init__(parent)
        self._start = start
        self._handle: TaskHandle | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(pause_milliseconds)
        self._timer.timeout.connect(self._read_when_free)

    @property
    def is_waiting(self) -> bool:
        """Whether a reading is still to come."""
        return self._timer.isActive()

    def soon(self) -> None:
        """Read after a short while; more calls until then change nothing."""
        if not self._timer.isActive():
            self._timer.start()

    def now(self) -> None:
        """Read at once."""
        self._timer.stop()
        self._handle = self._start()

    def _read_when_free(self) -> None:
        if self._handle is not None and not self._handle.is_done:
            self._timer.start()
        else:
            self.now()
