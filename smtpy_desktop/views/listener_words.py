"""What the webhook listener's state is called, and how it is shown in the top bar."""

from __future__ import annotations

from datetime import datetime

from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.moments import time_of
from smtpy_desktop.views.widgets.texts import tr, translated

PART = "listener"
"""The id of the indicator in the top bar."""

_TONES = {ListenerPhase.LISTENING: Tone.OK, ListenerPhase.PORT_IN_USE: Tone.WARN, ListenerPhase.FAILED: Tone.BAD}


def listener_tone(state: ListenerState) -> Tone:
    """Return the tone of a state."""
    return _TONES.get(state.phase, Tone.MUTED)


def phase_word(phase: ListenerPhase) -> str:
    """Return what a phase is called."""
    words = {
        ListenerPhase.OFF: tr("Listener off"),
        ListenerPhase.STARTING: tr("Listener starting"),
        ListenerPhase.LISTENING: tr("Listener"),
        ListenerPhase.PORT_IN_USE: tr("Listener: port in use"),
        ListenerPhase.FAILED: tr("Listener waits"),
    }
    return words[phase]


def state_sentence(state: ListenerState) -> str:
    """Return in a sentence or two what the listener does, and when it tries again."""
    if state.phase is ListenerPhase.LISTENING:
        return tr("Stripe's events are taken in at {address}.", address=state.address or "")
    if state.phase is ListenerPhase.STARTING:
        return tr("The listener is starting.")
    if state.reason is None:
        return tr("Stripe's events are not taken in here.")
    reason = translated(state.reason)
    return f"{reason} {_next_try(state.next_try)}" if state.next_try is not None else reason


def show_listener(window: MainWindow, state: ListenerState) -> None:
    """Show the state in the top bar."""
    window.set_status(PART, phase_word(state.phase), listener_tone(state), state_sentence(state))


def _next_try(moment: datetime) -> str:
    return tr("Next try at {time}.", time=time_of(moment, seconds=True))
