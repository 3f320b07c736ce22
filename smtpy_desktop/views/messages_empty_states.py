"""What the page of the messages shows when there is nothing to list: why, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.texts import tr, translated


class MessagesEmptyStates(QWidget):
    """``clear_wanted``: the search is to be cleared. ``retry_wanted``: the list is to be read again."""

    clear_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self.nothing_yet = EmptyState(
            "mail",
            tr("No messages yet"),
            tr("Messages to your domains appear here by themselves as soon as the forwarder accepts them."),
            parent=self,
        )
        self.no_match = EmptyState(
            "search",
            tr("No message matches"),
            tr("There are messages, but none that this search finds. Take away a chip, or clear the search."),
            Button(tr("Clear the search"), action=self.clear_wanted.emit),
            parent=self,
        )
        self._unreachable = EmptyState(
            "plug-connected-x",
            "",
            "",
            Button(tr("Try again"), icon="refresh", action=self.retry_wanted.emit),
            parent=self,
        )

    def unreachable(self, error: UserFacingError) -> EmptyState:
        """The list could not be read."""
        self._unreachable.title.setText(translated(error.message))
        parts = (error.detail, error.hint)
        self._unreachable.text.setText(" ".join(translated(part) for part in parts if part is not None))
        return self._unreachable
