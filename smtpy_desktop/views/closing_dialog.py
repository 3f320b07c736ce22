"""What is asked when the window is closed while something runs in it: whether to go on in the tray, and what stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.bullets import bullet_line
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.kept_answers import QUIT, QUITTING, TRAY, confirm_until_kept
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

_RUNS = (ForwardingPhase.STARTING, ForwardingPhase.RUNNING, ForwardingPhase.STOPPING)


def what_stops(listener: ListenerState | None, forwarder: ForwardingState | None) -> tuple[str, ...]:
    """Return in a sentence each what runs in this window and stops with it."""
    stops = []
    if forwarder is not None and forwarder.phase in _RUNS:
        stops.append(tr("The forwarder: no mail is taken in or sent by this machine until it runs again."))
    if listener is not None and listener.phase is ListenerPhase.LISTENING:
        stops.append(tr("The webhook listener: Stripe's events are read when the program is started again."))
    return tuple(stops)


def ask_to_quit(
    parent: QWidget | None, store: Store, stops: tuple[str, ...], then: Callable[[], object]
) -> ConfirmDialog | None:
    """Say what stops before the program ends, unless nobody wants to be asked; ``then`` ends it."""
    words = (tr("Quit SMTPy Desktop?"), tr("This stops with the program:"), tr("&Quit"))
    return confirm_until_kept(parent, store, QUITTING, words, then, consequences=stops)


class ClosingDialog(Dialog):
    """Asks once whether the program stays in the tray. ``chosen(str)``: ``tray`` or ``quit``; to be kept."""

    help_topic = "notices"
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None, stops: Sequence[str]) -> None:
        title = tr("Keep running in the tray?")
        super().__init__(parent, title, tr("The window closes. If the program ends, this stops, too:"))
        for stop in stops:
            self.content.addLayout(bullet_line(stop, self))
        self.content.addSpacing(Space.S)
        self.content.addWidget(
            PlainLabel(tr("You are asked once. Settings, Confirmations asks again."), self, size="small", wrap=True)
        )
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.quit_button = Button(tr("&Quit"), self, action=lambda: self._choose(QUIT))
        self.tray_button = Button(tr("&Keep in the tray"), self, kind="primary", action=lambda: self._choose(TRAY))
        self.tray_button.setDefault(True)
        self.set_buttons(self.quit_button, self.tray_button, leading=(self.cancel_button,))
        self.tray_button.setFocus()

    def _choose(self, answer: str) -> None:
        self.accept()
        self.chosen.emit(answer)
