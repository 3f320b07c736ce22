"""Scenes of what surrounds the pages: search, shortcuts, messages, tasks, failures, and how connections are doing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from PySide6.QtTest import QTest

from smtpy_desktop.core.listener_errors import PortInUse
from smtpy_desktop.core.redaction import redact
from smtpy_desktop.sandbox.gallery_stage import Script, Sketch, Stage, dialog_over, unavailable
from smtpy_desktop.sandbox.long_work import long_work
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.connection_state import show_connection
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.crash_dialog import CrashDialog
from smtpy_desktop.views.widgets.error_dialog import ErrorDialog
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

_TRACEBACK = (
    'Traceback (most recent call last):\n  File "smtpy_desktop/views/domains_view.py", line 250, in _read\n'
    "    self._show(rows)\nValueError: the samples have a fault of their own\n"
)


def _palette(stage: Stage, typed: str) -> Script:
    yield from stage.page("domains")
    search = stage.window.top_bar.search
    search.open()
    if typed:
        QTest.keyClicks(search, typed)
        yield Until("what was typed is found", lambda: any(typed in one.title for one in search.shown_entries))
    yield from stage.calm()
    yield stage.window


def _message(stage: Stage) -> Script:
    yield from stage.page("domains")
    words = tr("{name} was deleted.", name="brightwater.example")
    stage.window.show_message(Message(words, Tone.OK, tr("Undo"), lambda: None))
    yield from stage.calm()
    yield stage.window


def _failure_told(stage: Stage) -> Script:
    yield from stage.page("domains")
    stage.app.show_error(unavailable())
    yield from stage.calm()
    yield stage.window


def _tasks(stage: Stage) -> Script:
    yield from stage.page("domains")
    progress = Progress()
    progress.total, progress.done = 14, 5
    handle = stage.app.runner.run(
        long_work(),
        owner=stage.window,
        title=tr_n("Verifying {n} domain", "Verifying {n} domains", progress.total),
        progress=progress,
    )
    yield Until("the task is shown", stage.window.tasks.isVisible)
    yield stage.window
    handle.cancel()
    yield Until("the task has gone", lambda: not stage.window.tasks.isVisible())


def _connection_lost(stage: Stage) -> Script:
    yield from stage.page("domains")
    show_connection(stage.window, unavailable())
    yield from stage.calm()
    yield stage.window
    show_connection(stage.window, None)


def _port_in_use(stage: Stage) -> Script:
    yield from stage.page("domains")
    listener = stage.pages.listener
    before, error = listener.state, PortInUse(4242, "Live shop", free_port=4243)
    next_try = datetime.now(UTC) + timedelta(minutes=1)
    listener.show_state(
        ListenerState(ListenerPhase.PORT_IN_USE, 4242, reason=error.message, next_try=next_try, free_port=4243)
    )
    listener.open()
    yield (yield from stage.dialog())
    listener.show_state(before)


def _narrow(stage: Stage) -> Script:
    size = stage.window.size()
    yield from stage.page("domains")
    stage.window.resize(stage.window.minimumSize())
    yield from stage.calm()
    yield stage.window
    stage.window.resize(size)


def _error_dialog(stage: Stage) -> None:
    ErrorDialog(stage.window, unavailable(), redact).open()


def _crash_dialog(stage: Stage) -> None:
    dialog = CrashDialog(stage.window, _TRACEBACK, redact)
    dialog.details_button.click()
    dialog.open()


SHELL_SCENES = (
    Sketch("palette", "Search and jump", partial(_palette, typed="")),
    Sketch("palette-typed", "Search and jump: something typed", partial(_palette, typed="bri")),
    Sketch("shortcuts", "Shortcuts", dialog_over("domains", lambda stage: stage.window.show_shortcuts())),
    Sketch("message-bar", "A message with a way back", _message),
    Sketch("message-bar-failure", "A failure in the message bar", _failure_told),
    Sketch("tasks", "A running task", _tasks),
    Sketch("connection-lost", "The database is away", _connection_lost),
    Sketch("narrow", "The smallest window", _narrow),
    Sketch("error", "A failure and its details", dialog_over("domains", _error_dialog)),
    Sketch("crash", "A fault of the program", dialog_over("domains", _crash_dialog)),
    Sketch("listener", "The webhook listener", dialog_over("domains", lambda stage: stage.pages.listener.open())),
    Sketch("listener-port-in-use", "The webhook listener: another profile has its port", _port_in_use),
)
