"""The bridge that carries changes from any thread to the screens on the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal

from smtpy_desktop.changes import Change


class ChangeBus(QObject):
    """``publish`` may be called anywhere; ``changed`` fires on the thread that created the bus."""

    changed = Signal(object)
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._posted.connect(self.changed, Qt.ConnectionType.QueuedConnection)

    def publish(self, change: Change) -> None:
        """Tell every open screen about a change, soon and on the GUI thread."""
        try:
            self._posted.emit(change)
        except RuntimeError:
            # The C++ side is gone: the program is closing and no screen is left to tell.
            return
