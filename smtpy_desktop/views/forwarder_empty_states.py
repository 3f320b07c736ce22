"""What the Forwarder page shows where there is nothing to list: why, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.forwarder_words import first_steps
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.empty_states import EmptyStates
from smtpy_desktop.views.widgets.texts import tr


class ForwarderEmptyStates(EmptyStates):
    """``run_wanted``: a forwarder is to run here. ``copy_wanted``: the command is to be copied."""

    run_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget, *, may_run: bool) -> None:
        super().__init__(parent)
        self._may_run = may_run

    def never_seen(self) -> EmptyState:
        """No forwarder was seen, and nothing waits."""
        buttons = [lambda: Button(tr("Copy command"), icon="copy", action=self.copy_wanted.emit)]
        if self._may_run:
            buttons.insert(0, self._run_button)
        words = first_steps(may_run=self._may_run)
        return self.state("never-seen", "mail-forward", tr("No forwarder has been seen"), words, *buttons)

    def nothing_waits(self) -> EmptyState:
        """The queue is empty."""
        words = tr("What cannot be delivered at once waits here by destination, and is tried again by itself.")
        return self.state("nothing-waits", "circle-check", tr("Nothing waits"), words)

    def nothing_accepted(self) -> EmptyState:
        """The books are empty."""
        words = tr("For every hour in which mail is accepted a line here shows where all of it is.")
        return self.state("nothing-accepted", "file-text", tr("Nothing was accepted in this time"), words)

    def no_process(self) -> EmptyState:
        """No process was seen."""
        buttons = [lambda: Button(tr("Copy command"), icon="copy", action=self.copy_wanted.emit)]
        words = first_steps(may_run=self._may_run)
        return self.state("no-process", "server-2", tr("No forwarder has been seen"), words, *buttons)

    def _run_button(self) -> Button:
        return Button(tr("Run a forwarder here"), kind="primary", icon="player-play", action=self.run_wanted.emit)
