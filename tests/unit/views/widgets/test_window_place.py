"""Windows beside the main one fit the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.widgets.window_place import take_place


def test_first_size_is_no_larger_than_the_screen_with_the_title_above(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableSize()

    take_place(window, None, room + QSize(100, 100))

    assert window.width() < room.width()
    assert window.height() <= room.height() - 40


def test_what_was_remembered_counts_before_the_first_size(qtbot: QtBot) -> None:
    before, window = QWidget(), QWidget()
    for each in (before, window):
        qtbot.addWidget(each)
    before.resize(400, 300)

    take_place(window, before.saveGeometry(), QSize(600, 500))

    assert window.size() == QSize(400, 300)
