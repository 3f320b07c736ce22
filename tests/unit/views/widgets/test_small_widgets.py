"""Chips, cards, times, monospace values and split pages behave as they say."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button, IconButton, on_click
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.nav_item import NavItem
from smtpy_desktop.views.widgets.relative_time import full_time, relative_time
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.status_indicator import StatusIndicator
from tests.helpers.message_recorder import MessageRecorder

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_click_passes_no_stray_argument_on(qtbot: QtBot) -> None:
    button = QPushButton("x")
    qtbot.addWidget(button)
    done = MessageRecorder()
    on_click(button, done)

    button.click()

    assert done.calls == [((), {})]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize(
    "button",
    [lambda: Button("x"), lambda: IconButton("x", "x"), lambda: NavItem("x", "x"), StatusIndicator],
)
def test_button_with_the_focus_is_pressed_by_every_key_that_people_press(
    qtbot: QtBot, button: Callable[[], QAbstractButton], key: Qt.Key
) -> None:
    pressed = button()
    qtbot.addWidget(pressed)
    done = MessageRecorder()
    on_click(pressed, done)

    qtbot.keyClick(pressed, key)

    assert len(done.calls) == 1


def test_key_that_is_held_down_presses_a_button_once(qtbot: QtBot) -> None:
    button = Button("x")
    qtbot.addWidget(button)
    done = MessageRecorder()
    on_click(button, done)

    for repeats in (False, True, True):
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", repeats)
        QApplication.sendEvent(button, key)

    assert len(done.calls) == 1


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_chip_is_switched_by_key(qtbot: QtBot, key: Qt.Key) -> None:
    chip = Chip("Active", checkable=True)
    qtbot.addWidget(chip)

    qtbot.keyClick(chip, key)

    assert chip.is_applied


def test_delete_takes_an_applied_filter_away(qtbot: QtBot) -> None:
    removed = MessageRecorder()
    chip = Chip("status: failed", closable=True, action=removed)
    qtbot.addWidget(chip)

    qtbot.keyClick(chip, Qt.Key.Key_Delete)

    assert len(removed.calls) == 1


def test_chip_with_a_menu_shows_that_it_narrows_the_list(qtbot: QtBot) -> None:
    chip = Chip("Status: failed", tone=Tone.MUTED)
    qtbot.addWidget(chip)
    chip.set_menu(QMenu())
    before = chip.is_applied

    chip.set_applied(True)

    assert (before, chip.is_applied) == (False, True)


def test_card_opens_and_closes(qtbot: QtBot) -> None:
    card = Card("DKIM", collapsible=True, expanded=False)
    qtbot.addWidget(card)
    before = card.is_expanded

    with qtbot.waitSignal(card.expanded_changed) as changed:
        card.set_expanded(True)

    assert not before
    assert card.is_expanded
    assert changed.args == [True]


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=38), "38 min ago"),
        (timedelta(hours=4, minutes=50), "4 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(minutes=-52), "in 52 min"),
        (timedelta(hours=-3), "in 3 h"),
    ],
)
def test_time_is_said_as_people_say_it(ago: timedelta, words: str) -> None:
    assert relative_time(NOW - ago, NOW) == words


def test_no_time_is_never_and_an_old_one_a_date() -> None:
    assert relative_time(None) == "never"
    assert "26" in relative_time(NOW - timedelta(days=40), NOW)


@pytest.mark.parametrize(("zone", "lines"), [("Asia/Kolkata", 2), ("UTC", 1)])
def test_full_time_gives_utc_too_where_it_is_another_one(
    monkeypatch: pytest.MonkeyPatch, zone: str, lines: int
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()

    words = full_time(NOW).splitlines()
    monkeypatch.undo()
    time.tzset()

    assert words[-1] == "22 Nov 2026 12:00:00 UTC"
    assert len(words) == lines


def test_long_value_breaks_inside_its_words(qtbot: QtBot) -> None:
    value = MonoText("p=" + "A" * 400, "the key")
    qtbot.addWidget(value)

    assert value.heightForWidth(200) > 3 * value.heightForWidth(10_000)


def test_a_details_pane_without_anything_in_it_has_a_sentence_until_something_comes(
    qtbot: QtBot, store: MemoryStore
) -> None:
    page = SplitPage("domains", store)
    qtbot.addWidget(page)
    body = QWidget(page)
    inside = QVBoxLayout(body)
    inside.addWidget(PlainLabel("", body))
    page.details.addWidget(body)
    page.resize(1200, 600)
    page.show()
    qtbot.waitUntil(lambda: page.blank_hint.is_shown)

    inside.addWidget(PlainLabel("harbour.example", body))

    qtbot.waitUntil(lambda: not page.blank_hint.is_shown)


def test_details_pane_and_its_width_are_remembered(qtbot: QtBot, store: MemoryStore) -> None:
    first = SplitPage("domains", store)
    qtbot.addWidget(first)
    first.resize(1200, 600)
    first.show()
    first.setSizes([700, 500])
    first.splitterMoved.emit(700, 1)
    first.toggle_details()

    second = SplitPage("domains", store)
    qtbot.addWidget(second)
    second.resize(1200, 600)
    second.show()
    hidden = not second.details_shown
    second.show_details(True)

    assert hidden
    qtbot.waitUntil(lambda: second.sizes()[1] == pytest.approx(500, abs=8))
