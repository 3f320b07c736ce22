"""A database that goes away is said so, and nothing of it is left once it is there again."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from smtpy_desktop.errors import UNAVAILABLE, DatabaseUnavailable
from smtpy_desktop.views.connection_state import show_connection
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import MemoryStore


def test_what_failed_for_want_of_the_database_is_withdrawn_when_it_is_there_again(qtbot: QtBot) -> None:
    window = MainWindow(MemoryStore())
    qtbot.addWidget(window)
    stopped = Message("Verification stopped.", Tone.WARN, key="verify")
    window.show_message(stopped)
    window.show_message(Message("The database cannot be reached.", Tone.BAD, key=UNAVAILABLE))
    show_connection(window, DatabaseUnavailable(UNAVAILABLE, "Away.", detail="It was shut down."))
    said_while_away = window.banner.accessibleDescription()

    show_connection(window, None)

    told = window.messages.current
    window.messages.dismiss()
    assert "It was shut down." in said_while_away
    assert window.banner.isHidden()
    assert told is not None
    assert told.text == "The database is there again."
    assert window.messages.current == stopped
    assert window.messages.waiting == 0
