"""What a page shows when there is nothing to list: each page derives its own from this."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.texts import tr, translated


class EmptyStates(QWidget):
    """Makes each state when it is needed for the first time, and keeps it.

    ``clear_wanted``: filters are to be cleared. ``retry_wanted``: everything is to be read again.
    """

    clear_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._made: dict[str, EmptyState] = {}

    def unreachable(self, error: UserFacingError) -> EmptyState:
        """What is to be shown could not be read."""
        state = self.state(
            "unreachable",
            "plug-connected-x",
            "",
            "",
            lambda: Button(tr("Try again"), icon="refresh", action=self.retry_wanted.emit),
        )
        state.set_title(translated(error.message))
        parts = (error.detail, error.hint)
        state.text.setText(" ".join(translated(part) for part in parts if part is not None))
        return state

    def clear_button(self) -> Button:
        """Return a button that clears the filters."""
        return Button(tr("Clear filters"), action=self.clear_wanted.emit)

    def state(self, key: str, icon: str, title: str, text: str, *buttons: Callable[[], Button]) -> EmptyState:
        """Return the state of that key, made with the other arguments when it is asked for the first time."""
        if key not in self._made:
            self._made[key] = EmptyState(icon, title, text, *(make() for make in buttons), parent=self)
        return self._made[key]
