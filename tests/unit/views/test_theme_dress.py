"""A switch of the theme reaches what is seen at once, and everything else by the time that it is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.command_palette import PalettePopup
from smtpy_desktop.views.lazy_page import LazyPage
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.theme_dress import dress, style_sheet_of
from smtpy_desktop.views.theme_tokens import DARK, LIGHT, Colors
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.remembered import MemoryStore


class Window(QWidget):
    """Two pages, of which one is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = QStackedWidget(self)
        QVBoxLayout(self).addWidget(self.stack)
        self.front, self.back = QWidget(self), QWidget(self)
        for page in (self.front, self.back):
            QPushButton("Button", page)
            self.stack.addWidget(page)
            dress(page)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.show()
    return window


def colors_of(widget: QWidget) -> Colors:
    """Return the theme whose sheet decides about a widget: the nearest one above it."""
    above: QWidget | None = widget
    while above is not None and not above.styleSheet():
        above = above.parentWidget()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    sheet = above.styleSheet() if above is not None else app.styleSheet()
    return next(colors for colors in (LIGHT, DARK) if style_sheet_of(colors) == sheet)


def test_what_is_seen_is_dressed_at_once_and_what_is_hidden_when_it_is_shown(window: Window, theme: Theme) -> None:
    theme.set_preference(ThemePreference.DARK)
    at_once = colors_of(window.front), colors_of(window.back)

    window.stack.setCurrentWidget(window.back)

    assert at_once == (DARK, LIGHT)
    assert colors_of(window.back) is DARK


def test_what_could_be_scrolled_to_follows_by_itself(qtbot: QtBot, theme: Theme) -> None:
    area, content = QScrollArea(), QWidget()
    qtbot.addWidget(area)
    column = QVBoxLayout(content)
    parts = [QWidget(content) for _ in range(2)]
    for part in parts:
        part.setFixedHeight(2000)
        column.addWidget(part)
        dress(part)
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.resize(300, 300)
    area.show()

    theme.set_preference(ThemePreference.DARK)
    at_once = [colors_of(part) for part in parts]

    assert at_once == [DARK, LIGHT]
    qtbot.waitUntil(lambda: colors_of(parts[1]) is DARK)


def test_switching_back_leaves_nothing_in_the_other_theme(window: Window, theme: Theme) -> None:
    for preference in (ThemePreference.DARK, ThemePreference.LIGHT):
        theme.set_preference(preference)
        window.stack.setCurrentWidget(window.back)
        window.stack.setCurrentWidget(window.front)

    assert (colors_of(window.front), colors_of(window.back)) == (LIGHT, LIGHT)


@pytest.fixture
def made_afterwards(qtbot: QtBot, window: Window, theme: Theme) -> Iterator[list[QWidget]]:
    theme.set_preference(ThemePreference.DARK)
    made: list[QWidget] = [Dialog(window, "Over the window"), Dialog(window.front, "Over a page"), QMenu(window.front)]
    yield made
    for widget in made:
        widget.close()


def test_a_page_that_is_made_late_follows_every_switch(window: Window, theme: Theme) -> None:
    page = LazyPage(lambda: Pill("Made when it is shown"))
    window.stack.addWidget(page)
    theme.set_preference(ThemePreference.DARK)
    window.stack.setCurrentWidget(page)

    seen = [colors_of(page.page)]
    for preference in (ThemePreference.LIGHT, ThemePreference.DARK, ThemePreference.LIGHT):
        theme.set_preference(preference)
        seen.append(colors_of(page.page))

    assert seen == [DARK, LIGHT, DARK, LIGHT]


def test_what_is_made_after_a_switch_wears_its_colours(made_afterwards: list[QWidget]) -> None:
    assert [colors_of(widget) for widget in made_afterwards] == [DARK, DARK, DARK]


def test_the_palette_that_is_first_opened_after_a_switch_wears_its_colours(qtbot: QtBot, theme: Theme) -> None:
    window = MainWindow(MemoryStore())
    qtbot.addWidget(window)
    window.show()
    theme.set_preference(ThemePreference.DARK)

    window.top_bar.search.open()

    assert [colors_of(popup) for popup in window.findChildren(PalettePopup)] == [DARK]


def test_a_window_that_does_not_dress_itself_is_dressed_when_it_gets_the_keyboard(
    qtbot: QtBot, window: Window, theme: Theme
) -> None:
    theme.set_preference(ThemePreference.DARK)
    other = QWidget(None, Qt.WindowType.Window)
    qtbot.addWidget(other)

    other.show()
    other.activateWindow()

    qtbot.waitUntil(lambda: colors_of(other) is DARK)


def test_a_page_whose_parts_are_dressed_is_left_to_them(qtbot: QtBot, theme: Theme) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    part = Pill("Part", parent=page)
    dress(part)

    dress(page)

    assert [one.parent() for one in page.findChildren(QObject, "dress")] == [part]


def test_dressing_twice_is_dressing_once(qtbot: QtBot, theme: Theme) -> None:
    part = QWidget()
    qtbot.addWidget(part)

    dress(part)
    dress(part)

    assert len(part.findChildren(QObject, "dress")) == 1
