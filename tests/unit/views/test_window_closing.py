"""Closing the window: at once, into the tray, or after a question that is asked once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.closing_dialog import ClosingDialog, what_stops
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.kept_answers import CLOSING, QUIT, QUITTING, TRAY, YES, KeptAnswers
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.window_closing import WindowClosing

FORWARDER = "The forwarder stops."


@dataclass
class Desk:
    """A window over a desktop with or without a tray; ``stops`` is what runs here."""

    window: MainWindow
    answers: KeptAnswers
    stops: tuple[str, ...] = (FORWARDER,)
    has_tray: bool = True
    asks: bool = True
    closing: WindowClosing = field(init=False)

    def __post_init__(self) -> None:
        self.closing = WindowClosing(
            self.window,
            self.answers._store,
            stops=lambda: self.stops,
            has_tray=lambda: self.has_tray,
            asks=self.asks,
        )

    @property
    def question(self) -> ClosingDialog:
        dialog = self.closing.dialog
        assert isinstance(dialog, ClosingDialog)
        return dialog


@pytest.fixture
def desk(qtbot: QtBot, store: MemoryStore) -> Iterator[Desk]:
    window = MainWindow(store)
    qtbot.addWidget(window)
    window.add_page("domains", "Domains", "world", QWidget())
    with qtbot.waitActive(window):
        window.show()
    yield Desk(window, KeptAnswers(store))
    QApplication.setQuitOnLastWindowClosed(True)


def test_without_a_tray_closing_says_what_stops_and_ends_the_program_when_that_is_agreed(
    desk: Desk, qtbot: QtBot
) -> None:
    desk.has_tray = False
    may_close = desk.window.close()
    dialog = desk.closing.dialog
    assert isinstance(dialog, ConfirmDialog)
    shown = [label.text() for label in dialog.findChildren(PlainLabel)]
    box = dialog.findChild(QCheckBox)
    assert box is not None

    box.setChecked(True)
    with qtbot.waitSignal(desk.window.closing):
        dialog.action_button.click()

    assert not may_close
    assert FORWARDER in shown
    assert desk.answers.answer(QUITTING) == YES


@pytest.mark.parametrize(("question", "answer"), [(QUITTING, YES), (CLOSING, QUIT)])
def test_without_a_tray_a_kept_answer_lets_the_window_close_at_once(desk: Desk, question: str, answer: str) -> None:
    desk.has_tray = False
    desk.answers.keep(question, answer)

    assert desk.window.close()
    assert desk.closing.dialog is None


def test_without_a_tray_cancelling_keeps_what_runs(desk: Desk) -> None:
    desk.has_tray = False
    desk.answers.keep(CLOSING, TRAY)
    desk.window.close()
    dialog = desk.closing.dialog
    assert isinstance(dialog, ConfirmDialog)

    dialog.cancel_button.click()

    assert desk.window.isVisible()
    assert desk.closing.dialog is None


def test_where_nothing_would_stop_the_window_closes_at_once(desk: Desk) -> None:
    desk.stops = ()

    assert desk.window.close()


def test_it_is_asked_what_to_do_with_what_would_stop(desk: Desk) -> None:
    assert not desk.window.close()

    assert desk.window.isVisible()
    assert desk.question.tray_button.isDefault()


def test_the_answer_is_kept_and_nothing_is_asked_again(desk: Desk, qtbot: QtBot) -> None:
    desk.window.close()
    with qtbot.waitSignal(desk.closing.hidden):
        desk.question.tray_button.click()
    desk.closing.show_window()

    desk.window.close()

    assert desk.answers.answer(CLOSING) == TRAY
    assert not desk.window.isVisible()
    assert desk.closing.dialog is None


def test_quitting_is_an_answer_too(desk: Desk, qtbot: QtBot) -> None:
    desk.window.close()
    with qtbot.waitSignal(desk.window.closing):
        desk.question.quit_button.click()

    assert desk.answers.answer(CLOSING) == QUIT
    assert not desk.window.isVisible()


def test_cancelling_keeps_the_window_and_asks_again(desk: Desk) -> None:
    desk.window.close()
    desk.question.cancel_button.click()

    desk.window.close()

    assert desk.window.isVisible()
    assert desk.answers.answer(CLOSING) == ""
    assert desk.question.isVisible()


def test_a_hidden_window_does_not_end_the_program(desk: Desk) -> None:
    desk.answers.keep(CLOSING, TRAY)

    desk.window.close()

    assert not QApplication.quitOnLastWindowClosed()
    desk.closing.show_window()
    assert QApplication.quitOnLastWindowClosed()
    assert desk.window.isVisible()


def test_the_window_comes_back_when_the_tray_goes_away(desk: Desk) -> None:
    desk.answers.keep(CLOSING, TRAY)
    desk.window.close()
    desk.has_tray = False

    desk.closing._look_for_tray()

    assert desk.window.isVisible()


def test_quitting_says_what_stops_and_then_really_quits(desk: Desk, qtbot: QtBot) -> None:
    desk.answers.keep(CLOSING, TRAY)
    qtbot.keyClick(desk.window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    dialog = desk.closing.dialog
    assert isinstance(dialog, ConfirmDialog)

    with qtbot.waitSignal(desk.window.closing):
        dialog.action_button.click()

    assert not desk.window.isVisible()
    assert desk.answers.answer(QUITTING) == ""


def test_quitting_from_the_tray_shows_the_window_with_the_question(desk: Desk) -> None:
    desk.answers.keep(CLOSING, TRAY)
    desk.window.close()

    desk.closing.quit()

    assert desk.window.isVisible()
    assert desk.closing.dialog is not None


@pytest.mark.parametrize("kept", [True, False])
def test_quitting_asks_nothing_where_nothing_stops_or_nobody_wants_to_be_asked(desk: Desk, kept: bool) -> None:
    desk.answers.keep(QUITTING, YES if kept else "")
    desk.stops = (FORWARDER,) if kept else ()

    desk.closing.quit()

    assert not desk.window.isVisible()


def test_the_end_of_the_session_is_never_held_up(desk: Desk) -> None:
    desk.closing.end_of_session()

    assert desk.window.close()


def test_a_page_that_has_to_ask_is_still_asked_when_the_program_ends(desk: Desk) -> None:
    desk.window.ask_before_closing(lambda: False)

    desk.closing.end()

    assert desk.window.isVisible()


def test_what_stops_is_what_runs_here() -> None:
    listening = ListenerState(ListenerPhase.LISTENING, 4242)
    running = ForwardingState(ForwardingPhase.RUNNING)

    assert len(what_stops(listening, running)) == 2
    assert what_stops(ListenerState(ListenerPhase.PORT_IN_USE, 4242), ForwardingState(ForwardingPhase.FAILED)) == ()
    assert what_stops(None, None) == ()
