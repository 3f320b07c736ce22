"""Carries results that arrive one by one from the asyncio thread to the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal


class ResultStream(QObject):
    """``put`` may be called on any thread; ``arrived`` fires on the thread that created the stream, in order.

    After ``close`` nothing arrives any more, not even what is under way.
    """

    arrived = Signal(object)
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_closed = False
        self._posted.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def put(self, result: object) -> None:
        """Hand a result over, soon and on the stream's own thread."""
        try:
            self._posted.emit(result)
        except RuntimeError:
            # The C++ side is gone: the screen was closed and nobody waits for the rest.
            return

    def close(self) -> None:
        """Let nothing arrive any more, and go."""
        self._is_closed = True
        self.deleteLater()

    def _hand_over(self, result: object) -> None:
        if not self._is_closed:
            self.arrived.emit(result)
