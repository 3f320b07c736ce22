"""The listener in the top bar and its dialog: a word, an icon and a reason, never a colour alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QSettings

from smtpy_desktop.core.listener_errors import PortInUse
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState
from smtpy_desktop.views.listener_indicator import ListenerIndicator
from smtpy_desktop.views.listener_words import listener_tone, phase_word, state_sentence
from smtpy_desktop.views.main_window import MainWindow

LISTENING = ListenerState(ListenerPhase.LISTENING, 4242, address="http://127.0.0.1:4242")
IN_USE = ListenerState(
    ListenerPhase.PORT_IN_USE, 4242, reason=PortInUse(4242).message, next_try=datetime(2026, 11, 22, 12, tzinfo=UTC)
)


@pytest.fixture
def window(qtbot, tmp_path):
    made = MainWindow(QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(made)
    return made


def test_each_state_has_its_word() -> None:
    words = [phase_word(phase) for phase in ListenerPhase]

    assert len(set(words)) == len(words)


def test_what_is_wrong_is_told_with_the_next_try() -> None:
    sentence = state_sentence(IN_USE)

    assert "4242" in sentence
    assert "Next try at" in sentence
    assert listener_tone(IN_USE) is not listener_tone(LISTENING)


def test_the_top_bar_has_the_address_in_its_tooltip_and_opens_the_dialog(window, qtbot) -> None:
    restarted = []
    indicator = ListenerIndicator(window, lambda: restarted.append(True), restarted.append)
    indicator.show_state(LISTENING)
    shown = window.top_bar._indicators["listener"]

    shown.click()
    dialog = indicator._dialog
    dialog.restart.click()

    assert "http://127.0.0.1:4242" in shown.toolTip()
    assert dialog.address.value.text() == "http://127.0.0.1:4242/webhooks/stripe"
    assert dialog.stripe.value.text() == "stripe listen --forward-to http://127.0.0.1:4242/webhooks/stripe"
    assert restarted == [True]
    dialog.accept()


def test_the_open_dialog_follows_the_listener(window, qtbot) -> None:
    indicator = ListenerIndicator(window, lambda: None, lambda port: None)
    indicator.show_state(IN_USE)
    dialog = indicator.open()

    indicator.show_state(ListenerState(ListenerPhase.LISTENING, 4343, address="http://127.0.0.1:4343"))

    assert "4343" in dialog.address.value.text()
    assert dialog.restart.isEnabled()
    dialog.accept()


def test_what_is_off_cannot_be_restarted(window) -> None:
    indicator = ListenerIndicator(window, lambda: None, lambda port: None)

    dialog = indicator.open()

    assert not dialog.restart.isEnabled()
    dialog.accept()


def test_instead_of_a_port_in_use_the_next_free_one_is_offered(window) -> None:
    wanted: list[int] = []
    indicator = ListenerIndicator(window, lambda: None, wanted.append)
    indicator.show_state(replace(IN_USE, free_port=4243))
    dialog = indicator.open()

    words = dialog.use_free_port.accessibleName()
    dialog.use_free_port.click()
    indicator.show_state(LISTENING)

    assert words == "Use port 4243"
    assert wanted == [4243]
    assert dialog.use_free_port.isHidden()
    dialog.accept()
