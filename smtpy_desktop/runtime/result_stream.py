"""Carries results that arrive one by one from the asyncio thread to the GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal


class ResultStream(QObject):
    """``arrived`` fires on the thread that created the stream, in order, for the newest run alone.

    Give it a parent: its results may be put on another thread, where it must not be destroyed.
    """

    arrived = Signal(object)
    _posted = Signal(int, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._run = 0
        self._posted.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def begin(self) -> Callable[[object], None]:
        """Return what a new run puts its results with, on any thread; of earlier runs nothing arrives any more."""
        self._run += 1
        run = self._run

        def put(result: object) -> None:
            try:
                self._posted.emit(run, result)
            except RuntimeError:
                # The C++ side is gone: the screen was closed and nobody waits for the rest.
                return

        return put

    def end(self) -> None:
        """Let nothing arrive any more, not even what is under way."""
        self._run += 1

    def _hand_over(self, run: int, result: object) -> None:
        if run == self._run:
            self.arrived.emit(result)
