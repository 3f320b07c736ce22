"""Scenes of the notices: the list behind the bell, and what is asked when the window is closed or the program ends."""

from __future__ import annotations

from functools import partial

from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.closing_dialog import ClosingDialog, ask_to_quit, what_stops
from smtpy_desktop.views.notices_bell import NoticesBell
from smtpy_desktop.views.notices_panel import NoticesPanel
from smtpy_desktop.views.widgets.remembered import MemoryStore

_STOPS = partial(what_stops, ListenerState(ListenerPhase.LISTENING, 4242), ForwardingState(ForwardingPhase.RUNNING))


def _list(stage: Stage) -> Script:
    yield from stage.page("domains")
    yield Until("there is a bell that counts", lambda: _count(stage) != "")
    panel = stage.window.findChildren(NoticesPanel)[0]
    panel.open_below(stage.window.findChildren(NoticesBell)[0])
    yield from stage.calm()
    yield stage.window
    panel.close_panel()


def _count(stage: Stage) -> str:
    bells = stage.window.findChildren(NoticesBell)
    return bells[0].count_text if bells else ""


def _closing(stage: Stage) -> None:
    ClosingDialog(stage.window, _STOPS()).open()


def _quitting(stage: Stage) -> None:
    ask_to_quit(stage.window, MemoryStore(), _STOPS(), lambda: None)


NOTICES_SCENES = (
    Sketch("notices", "Notices", _list),
    Sketch("closing", "Keep running in the tray?", dialog_over("domains", _closing)),
    Sketch("quitting", "Quit SMTPy Desktop?", dialog_over("domains", _quitting)),
)
