"""The newest message is seen; what is not over comes back; repeats take each other's place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.message_bar import Message, MessageBar
from tests.helpers.message_recorder import MessageRecorder


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(900, 40)
    bar.show()
    return bar


def test_newest_message_is_seen_and_older_ones_come_back(bar: MessageBar) -> None:
    bar.show_message(Message("first", Tone.BAD))
    bar.show_message(Message("second", Tone.WARN))
    seen = bar.current

    bar.dismiss()

    assert seen is not None
    assert seen.text == "second"
    assert bar.current is not None
    assert bar.current.text == "first"


def test_good_news_that_newer_news_has_overtaken_does_not_come_back(bar: MessageBar) -> None:
    bar.show_message(Message("Saved.", Tone.OK))
    bar.show_message(Message("Deleted.", Tone.OK, action_text="Undo", action=lambda: None))
    bar.show_message(Message("Copied.", Tone.OK))

    waiting = bar.waiting
    bar.dismiss()
    first = bar.current
    bar.dismiss()

    assert waiting == 1
    assert first is not None
    assert first.text == "Deleted."
    assert bar.current is None


def test_repeat_takes_the_place_of_the_earlier_one(bar: MessageBar) -> None:
    for minute in (1, 2, 3):
        bar.show_message(Message(f"down for {minute} min", Tone.BAD, key="down"))

    assert bar.current is not None
    assert bar.current.text == "down for 3 min"
    assert bar.waiting == 0


def test_good_news_goes_by_itself(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message(Message("saved", seconds=0.02))

    qtbot.waitUntil(lambda: bar.current is None)


def test_time_runs_only_while_a_message_is_seen(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message(Message("Deleted.", action_text="Undo", action=lambda: None, seconds=0.02))
    bar.show_message(Message("failed", Tone.BAD))
    qtbot.wait(60)

    bar.dismiss()

    assert bar.current is not None
    assert bar.current.text == "Deleted."


def test_failures_stay_until_they_are_dismissed() -> None:
    assert Message("x", Tone.BAD).milliseconds is None
    assert Message("x", Tone.WARN).milliseconds is None


def test_undo_can_be_pressed_for_ten_seconds_at_least() -> None:
    milliseconds = Message("x", action_text="Undo", action=lambda: None).milliseconds

    assert milliseconds is not None
    assert milliseconds >= 10_000


def test_button_does_what_it_says_once(bar: MessageBar, qtbot: QtBot) -> None:
    undo = MessageRecorder()
    bar.show_message(Message("Deactivated.", action_text="Undo", action=undo))

    qtbot.mouseClick(bar.action_button, Qt.MouseButton.LeftButton)

    assert len(undo.calls) == 1
    assert bar.current is None


def test_message_that_is_no_longer_true_is_withdrawn(bar: MessageBar) -> None:
    bar.show_message(Message("database gone", Tone.BAD, key="database"))
    bar.show_message(Message("other", Tone.BAD))

    bar.withdraw("database")

    assert bar.current is not None
    assert bar.current.text == "other"
    assert bar.waiting == 0


def test_flood_of_messages_keeps_the_newest(bar: MessageBar) -> None:
    for number in range(100):
        bar.show_message(Message(str(number), Tone.BAD))

    assert bar.waiting == 19
    assert bar.current is not None
    assert bar.current.text == "99"
