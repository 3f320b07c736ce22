"""The bridge that carries changes from any thread to the screens on the GUI thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from smtpy_desktop.changes import Change, Topic

_PAUSE_MILLISECONDS = 50
_MOST_IDS = 1000


class ChangeBus(QObject):
    """``publish`` may be called anywhere; ``changed`` fires on the thread that created the bus.

    The first change is told at once. What other processes change within a pause after that is told as one change of
    each topic, "any of them" where it is very much: a thousand a second would keep the window from everything else.
    """

    changed = Signal(object)
    _posted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: list[Change] = []
        self._foreign: dict[tuple[Topic, str], int] = {}
        self._is_pausing = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._end_pause)
        self._posted.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def publish(self, change: Change) -> None:
        """Tell every open screen about a change, soon and on the GUI thread."""
        with self._lock:
            is_first = not self._waiting
            self._add(change)
            if not is_first or (self._is_pausing and change.origin):
                return
        try:
            self._posted.emit()
        except RuntimeError:
            # The C++ side is gone: the program is closing and no screen is left to tell.
            return

    def _add(self, change: Change) -> None:
        """Keep a change; one from another process becomes part of the one from there that waits already."""
        place = self._foreign.get((change.topic, change.origin)) if change.origin else None
        if place is not None:
            self._waiting[place] = _joined(self._waiting[place], change)
            return
        if change.origin:
            self._foreign[change.topic, change.origin] = len(self._waiting)
        self._waiting.append(change)

    def _tell(self) -> None:
        with self._lock:
            told, self._waiting = self._waiting, []
            self._foreign.clear()
            self._is_pausing = True
        self._pause.start()
        for change in told:
            self.changed.emit(change)

    def _end_pause(self) -> None:
        with self._lock:
            self._is_pausing = bool(self._waiting)
        if self._is_pausing:
            self._tell()


def _joined(one: Change, other: Change) -> Change:
    if not one.ids or not other.ids or len(one.ids) >= _MOST_IDS:
        return Change(one.topic, frozenset(), one.origin)
    return Change(one.topic, one.ids | other.ids, one.origin)
