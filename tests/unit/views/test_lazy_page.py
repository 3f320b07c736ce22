"""Pages that are made when they are first shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.lazy_page import LazyPage
from smtpy_desktop.views.main_window import MainWindow, PageActions
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import MemoryStore


class Page(QWidget):
    """A page with one field, which is found by Ctrl+F."""

    made = 0

    def __init__(self) -> None:
        super().__init__()
        Page.made += 1
        self.found = 0
        self.field = QLineEdit(self)
        self.setFocusProxy(self.field)

    def find(self) -> None:
        self.found += 1


def test_a_page_is_made_once_and_when_it_is_first_shown(qtbot: QtBot) -> None:
    Page.made = 0
    lazy = LazyPage(Page)
    qtbot.addWidget(lazy)
    made_before = Page.made

    lazy.show()
    lazy.hide()
    lazy.show()

    assert (made_before, Page.made) == (0, 1)
    assert lazy.page.isVisible()
    assert lazy.page.size() == lazy.size()


def test_the_keys_of_the_window_reach_a_page_that_was_made_later(qtbot: QtBot) -> None:
    Page.made = 0
    window = MainWindow(MemoryStore())
    qtbot.addWidget(window)
    lazy = LazyPage(Page)
    window.add_page("first", "First", "world", QWidget())
    window.add_page("later", "Later", "world", lazy, actions=lambda: PageActions(find=lazy.page.find))
    window.show()
    made_before = Page.made

    window.show_page("later")
    window._on_page(lambda actions: actions.find)

    assert made_before == 0
    assert lazy.page.found == 1
    assert lazy.focusProxy() is lazy.page.field


def test_tab_goes_through_a_page_that_is_made_later_before_what_is_below_it(qtbot: QtBot) -> None:
    window = MainWindow(MemoryStore())
    qtbot.addWidget(window)
    window.add_page("first", "First", "mail", QLineEdit())
    lazy = LazyPage(Page)
    window.add_page("second", "Second", "mail", lazy)
    window.show()
    window.show_message(Message("Said."))

    window.show_page("second")

    stops = [each for each in _chain(window) if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    field = stops.index(lazy.page.focusProxy())
    assert window.sidebar.isAncestorOf(stops[field - 1])
    assert window.messages.isAncestorOf(stops[field + 1])


def _chain(window: QWidget) -> list[QWidget]:
    chain = [window.nextInFocusChain()]
    while chain[-1] is not window:
        chain.append(chain[-1].nextInFocusChain())
    return chain
