"""Tab goes through widgets as they are laid out, whatever order they were made in."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.widgets.tab_order import follow, go_on, in_reading_order


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def chain(window: QWidget) -> list[str]:
    """Return the names of the stops in the order of the window's chain, which is a ring, from the one called 1."""
    names, widget = [], window.nextInFocusChain()
    while widget is not window:
        names.append(widget.objectName())
        widget = widget.nextInFocusChain()
    stops = [name for name in names if name.isdigit()]
    return stops[stops.index("1") :] + stops[: stops.index("1")]


def button(name: str, parent: QWidget) -> QPushButton:
    made = QPushButton(name, parent)
    made.setObjectName(name)
    return made


def test_lines_come_before_columns_and_inner_layouts_in_their_place(window: QWidget) -> None:
    made = {name: button(name, window) for name in "654321"}
    column, row, grid = QVBoxLayout(window), QHBoxLayout(), QGridLayout()
    grid.addWidget(made["6"], 1, 0)
    grid.addWidget(made["5"], 0, 1)
    grid.addWidget(made["4"], 0, 0)
    row.addWidget(made["2"])
    row.addWidget(made["3"])
    column.addWidget(made["1"])
    column.addWidget(QLabel("no stop", window))
    column.addLayout(row)
    column.addLayout(grid)

    follow(window)

    assert chain(window) == list("123456")


def test_what_was_made_anew_comes_where_it_lies_and_the_rest_stays_behind_it(window: QWidget) -> None:
    column, card = QVBoxLayout(window), QWidget(window)
    inner = QVBoxLayout(card)
    column.addWidget(card)
    inner.addWidget(button("1", card))
    column.addWidget(button("3", window))
    inner.addWidget(button("2", card))

    before = chain(window)
    follow(card)

    assert (before, chain(window)) == (["1", "3", "2"], ["1", "2", "3"])


def test_widgets_given_one_after_the_other_follow_each_other(window: QWidget) -> None:
    parts = {name: button(name, window) for name in "132"}

    follow(parts["1"], parts["2"], parts["3"])

    assert chain(window) == ["1", "2", "3"]


def test_what_scrolls_or_is_split_is_gone_into_and_an_editor_is_one_stop(window: QWidget) -> None:
    area, split = QScrollArea(window), QSplitter(window)
    content = QWidget()
    content_column = QVBoxLayout(content)
    lines = [QLineEdit(), QComboBox()]
    lines[1].setEditable(True)
    for line in lines:
        content_column.addWidget(line)
    area.setWidget(content)
    ends = [QPushButton("a"), QPushButton("b")]
    split.addWidget(ends[1])
    split.insertWidget(0, ends[0])
    column = QVBoxLayout(window)
    column.addWidget(split)
    column.addWidget(area)

    found = list(in_reading_order(window))

    assert [one for one in found if one is not area] == [*ends, *lines]


class _Window(QWidget):
    """A window that goes on from stop to stop as those of the program do."""

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, N802 - Qt's names
        return go_on(self, forward=next) or super().focusNextPrevChild(next)


@pytest.fixture
def shown(qtbot: QtBot) -> QWidget:
    """Give a window with three buttons; its page has the last of them for a focus proxy, as a page has its list."""
    window = _Window()
    qtbot.addWidget(window)
    page = QWidget(window)
    list_like = button("3", page)
    page_column = QVBoxLayout(page)
    page_column.addWidget(button("2", page))
    page_column.addWidget(list_like)
    page.setFocusProxy(list_like)
    column = QVBoxLayout(window)
    column.addWidget(page)
    column.insertWidget(0, button("1", window))
    with qtbot.waitActive(window):
        window.show()
    return window


def walked(qtbot: QtBot, window: QWidget, key: Qt.Key, times: int) -> list[str]:
    names = []
    for _ in range(times):
        qtbot.keyClick(window.focusWidget() or window, key)
        focused = window.focusWidget()
        names.append(focused.objectName() if focused is not None else "")
    return names


def test_tab_comes_to_what_stands_before_the_list_of_a_page_too(qtbot: QtBot, shown: QWidget) -> None:
    shown.findChild(QPushButton, "3").setFocus()

    assert walked(qtbot, shown, Qt.Key.Key_Tab, 4) == ["1", "2", "3", "1"]
    assert walked(qtbot, shown, Qt.Key.Key_Backtab, 3) == ["3", "2", "1"]


def test_tab_comes_to_what_was_added_while_the_window_is_open(qtbot: QtBot, shown: QWidget) -> None:
    added = button("between", shown)
    layout = shown.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.insertWidget(1, added)
    added.show()
    shown.findChild(QPushButton, "1").setFocus()

    assert walked(qtbot, shown, Qt.Key.Key_Tab, 2) == ["between", "2"]


def test_tab_passes_over_what_is_hidden_or_switched_off(qtbot: QtBot, shown: QWidget) -> None:
    shown.findChild(QPushButton, "2").setEnabled(False)
    shown.findChild(QPushButton, "1").setFocus()

    assert walked(qtbot, shown, Qt.Key.Key_Tab, 2) == ["3", "1"]


def test_what_had_the_keyboard_may_go_away_with_everything_around_it(qtbot: QtBot, shown: QWidget) -> None:
    page = shown.findChild(QPushButton, "3").parentWidget()
    shown.findChild(QPushButton, "3").setFocus()

    page.hide()
    page.deleteLater()
    qtbot.waitUntil(lambda: shown.findChild(QPushButton, "3") is None)

    assert walked(qtbot, shown, Qt.Key.Key_Tab, 1) == ["1"]
