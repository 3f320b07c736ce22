"""The webhook listener in the top bar: its state, and the dialog behind it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.listener_dialog import ListenerDialog
from smtpy_desktop.views.listener_words import PART, show_listener
from smtpy_desktop.views.main_window import MainWindow


class ListenerIndicator(QObject):
    """Shows the listener of the open database.

    ``restart`` lets it try at once, ``use_port`` lets it listen at another port from now on.
    """

    def __init__(
        self,
        window: MainWindow,
        restart: Callable[[], object],
        use_port: Callable[[int], object],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._restart, self._use_port = window, restart, use_port
        self._dialog: ListenerDialog | None = None
        self.state = ListenerState(ListenerPhase.OFF, 0)
        window.top_bar.status_pressed.connect(self._on_pressed)

    def show_state(self, state: ListenerState) -> None:
        """Show another state, in the dialog too when it is open."""
        self.state = state
        show_listener(self._window, state)
        if self._dialog is not None:
            self._dialog.show_state(state)

    def open(self) -> ListenerDialog:
        """Open the dialog."""
        dialog = self._dialog = ListenerDialog(self._window, self.state, self._restart, self._use_port)
        dialog.finished.connect(self._on_closed)
        dialog.open()
        return dialog

    def _on_pressed(self, part: str) -> None:
        if part == PART:
            self.open()

    def _on_closed(self) -> None:
        self._dialog = None
