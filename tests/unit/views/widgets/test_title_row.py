"""The title of a page keeps its buttons whole: for want of room they go into a line of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.theme import Theme
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.title_row import TitleRow


class Head(QWidget):
    """A page's head with three buttons, and what is below it."""

    def __init__(self) -> None:
        super().__init__()
        self.title = PlainLabel("Events", self, size="title")
        self.words = PlainLabel("27 events", self, elide=Qt.TextElideMode.ElideRight)
        self.buttons = [Button(text, self) for text in ("Compare with Stripe…", "Send test event", "Catch up now")]
        self.below = PlainLabel("below", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(TitleRow(self.title, self.words, *self.buttons))
        column.addWidget(self.below, 1)


Shown = Callable[[int], Head]


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme) -> Shown:
    def show(width: int) -> Head:
        head = Head()
        qtbot.addWidget(head)
        head.resize(width, 300)
        head.show()
        return head

    return show


@pytest.mark.parametrize("width", [900, 560, 420, 300, 200])
def test_no_button_is_ever_cut_and_nothing_overlaps(shown: Shown, width: int) -> None:
    head = shown(width)
    parts = [head.title, *head.buttons, head.below]

    cut = [button.text() for button in head.buttons if button.width() < min(button.sizeHint().width(), width)]
    overlapping = [
        (one, other)
        for number, one in enumerate(parts)
        for other in parts[number + 1 :]
        if one.geometry().intersects(other.geometry())
    ]

    assert cut == []
    assert overlapping == []
    assert all(head.rect().contains(button.geometry()) for button in head.buttons)


def test_with_room_everything_is_in_one_line_and_the_buttons_are_at_the_end(shown: Shown) -> None:
    head = shown(900)

    assert {button.geometry().center().y() for button in head.buttons} == {head.title.geometry().center().y()}
    assert head.buttons[-1].geometry().right() == head.width() - 1


def test_words_that_change_never_move_the_buttons(shown: Shown) -> None:
    head = shown(560)
    before = [button.geometry() for button in head.buttons]

    head.words.setText("27 of 1,234,567 events match what was searched for in all that was ever received")
    head.layout().activate()

    assert [button.geometry() for button in head.buttons] == before
