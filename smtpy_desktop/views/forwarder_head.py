"""The head of the Forwarder page: how forwarding stands in a sentence, what waits, and the forwarder of this window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.queue import ForwarderPicture, QueueSnapshot
from smtpy_desktop.views.forwarder_words import age_words, forwarder_standing
from smtpy_desktop.views.icons import status_icon_name
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.texts import number, tr
from smtpy_desktop.views.widgets.title_row import TitleRow

RUNNING_HERE = (ForwardingPhase.STARTING, ForwardingPhase.RUNNING, ForwardingPhase.STOPPING)
"""When there is a forwarder in this window."""


class ForwarderHead(QWidget):
    """``toggled``: the forwarder of this window is to be started, or stopped.

    ``simulate_wanted``: a message is to be tried out. ``settings_wanted``: those of forwarding.
    """

    toggled = Signal()
    simulate_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        self.here_button = Button("", self, icon="player-play", action=self.toggled.emit)
        self.simulate_button = Button(tr("Simulate…"), self, icon="route", action=self.simulate_wanted.emit)
        set_tooltip(self.simulate_button, tr("Try out what would become of a message; nothing is sent"))
        self._icon = IconLabel("clock", Tone.MUTED, self)
        self._heading = PlainLabel("", self, size="strong")
        self._words = PlainLabel("", self, tone=Tone.MUTED, wrap=True)
        self._advice = PlainLabel("", self, tone=Tone.MUTED, wrap=True)
        self.settings_button = Button(
            tr("Open Settings, Forwarding"), self, icon="settings", action=self.settings_wanted.emit
        )
        name = PlainLabel(tr("Forwarder"), self, size="title")
        title = TitleRow(name, self._counts, self.simulate_button, self.here_button)
        state = QHBoxLayout()
        state.setSpacing(Space.S)
        self._icon.hide()  # until something is known
        for part in (self._icon, self._heading):
            state.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        state.addWidget(self._words, 1, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(title)
        column.addLayout(state)
        advice = QHBoxLayout()
        advice.setSpacing(Space.S)
        advice.addWidget(self._advice, 1)
        advice.addWidget(self.settings_button)
        column.addLayout(advice)
        self._show_advice("", leads_to_settings=False)

    def show_picture(self, picture: ForwarderPicture, here: ForwardingState) -> None:
        """Show how forwarding stands, and what waits."""
        standing = forwarder_standing(picture.processes, here)
        self._icon.show()
        self._icon.set_icon(status_icon_name(standing.tone), standing.tone)
        self._heading.setText(standing.heading)
        self._words.setText(standing.words)
        self._show_advice(standing.advice, leads_to_settings=here.phase is ForwardingPhase.FAILED)
        self._counts.setText(_count_words(picture.queue))

    def show_here(self, here: ForwardingState, *, is_read_only: bool) -> None:
        """Show what can be done with the forwarder of this window."""
        runs = here.phase in RUNNING_HERE
        self.here_button.set_text(tr("Stop the forwarder here") if runs else tr("Run a forwarder here"))
        self.here_button.set_icon("power" if runs else "player-play")
        self.here_button.setEnabled(here.phase is not ForwardingPhase.STOPPING and not is_read_only)
        set_tooltip(
            self.here_button,
            tr("Finish what is under way and stop; mail that waits stays in the queue")
            if runs
            else tr("Take in and deliver mail in this window, to try things out"),
        )

    def _show_advice(self, words: str, *, leads_to_settings: bool) -> None:
        self._advice.setText(words)
        self._advice.setVisible(bool(words))
        self.settings_button.setVisible(leads_to_settings)


def _count_words(queue: QueueSnapshot) -> str:
    if queue.is_empty:
        return ""
    parts = [tr("{n} waiting", n=number(queue.waiting))]
    if queue.oldest_at is not None:
        parts.append(tr("oldest {age}", age=age_words(queue.oldest_at)))
    if queue.sending:
        parts.append(tr("{n} being sent", n=number(queue.sending)))
    if queue.held:
        parts.append(tr("{n} held", n=number(queue.held)))
    return " · ".join(parts)
