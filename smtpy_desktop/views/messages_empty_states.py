"""What the page of the messages shows when there is nothing to list: why, and what to do."""

from __future__ import annotations

from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.empty_states import EmptyStates
from smtpy_desktop.views.widgets.texts import tr


class MessagesEmptyStates(EmptyStates):
    """``clear_wanted``: the search is to be cleared."""

    @property
    def nothing_yet(self) -> EmptyState:
        """No message has come."""
        return self.state(
            "nothing-yet",
            "mail",
            tr("No messages yet"),
            tr("Messages to your domains appear here by themselves as soon as the forwarder accepts them."),
        )

    @property
    def no_match(self) -> EmptyState:
        """The search finds nothing."""
        return self.state(
            "no-match",
            "search",
            tr("No message matches"),
            tr("There are messages, but none that this search finds. Take away a chip, or clear the search."),
            lambda: Button(tr("Clear the search"), action=self.clear_wanted.emit),
        )
