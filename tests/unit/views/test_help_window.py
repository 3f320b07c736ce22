"""The guide is opened at the right place, searched, and leads nowhere that it should not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextFrame
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.core.guide_text import Guide, Place
from smtpy_desktop.views.guide_files import picture, read_guide
from smtpy_desktop.views.help_topics import TOPICS
from smtpy_desktop.views.help_window import HelpWindow
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.remembered import MemoryStore


class Browser:
    """Notes what is opened in it."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    def open(self, address: str) -> bool:
        self.opened.append(address)
        return True


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def window(qtbot: QtBot, store: MemoryStore, browser: Browser) -> HelpWindow:
    made = HelpWindow(store, open_address=browser.open)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_every_page_and_dialog_has_its_place_in_the_guide(topic: str) -> None:
    place = TOPICS[topic]

    chapter = read_guide().chapter_at(place)

    assert chapter is not None
    assert place.anchor in [heading.anchor for heading in chapter.headings]


def test_help_is_shown_at_the_topic(window: HelpWindow) -> None:
    window.show_help("aliases")

    assert window.chapter is not None
    assert window.chapter.title == "Aliases"
    assert window.text.toPlainText().startswith("Aliases\n")
    assert window.contents.currentItem().text() == "Aliases"


def test_a_heading_within_a_chapter_is_scrolled_to(window: HelpWindow, qtbot: QtBot) -> None:
    window.show_help("stripe")

    qtbot.waitUntil(lambda: window.text.verticalScrollBar().value() > 0)
    assert window.text.textCursor().block().text() == "The sandbox's Stripe"


def test_a_search_lists_places_and_return_opens_the_first(window: HelpWindow, qtbot: QtBot) -> None:
    qtbot.keyClicks(window.search, "catch-all")
    qtbot.keyClick(window.search, Qt.Key.Key_Return)

    assert window.chapter is not None
    assert window.contents.count() >= 1
    assert "catch-all" in window.text.toPlainText()
    assert window.state.text().endswith(("place", "places"))


def test_clearing_the_search_brings_the_contents_back(window: HelpWindow, qtbot: QtBot) -> None:
    everything = window.contents.count()
    qtbot.keyClicks(window.search, "nowhere to be found in it")
    qtbot.waitUntil(lambda: window.contents.count() == 1)

    window.search.clear()

    assert window.contents.count() == everything


def test_links_lead_through_the_guide_and_back_leads_back(window: HelpWindow) -> None:
    window.show_help("domains")

    window.text.anchorClicked.emit(QUrl("server.md#3-the-database"))
    assert window.chapter is not None
    assert window.chapter.place == Place("server", "3-the-database")
    window.go_back()

    assert window.chapter.title == "Domains"


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://docs.stripe.com", "https://evil.example", "x:y"])
def test_what_nobody_knows_is_not_opened(window: HelpWindow, browser: Browser, address: str) -> None:
    window.text.anchorClicked.emit(QUrl(address))

    assert browser.opened == []
    assert address in window.state.text()


def test_a_known_address_is_opened_in_the_browser(window: HelpWindow, browser: Browser) -> None:
    window.text.anchorClicked.emit(QUrl("https://docs.stripe.com/webhooks"))

    assert browser.opened == ["https://docs.stripe.com/webhooks"]


def test_pictures_come_from_the_guide_alone_and_follow_the_theme() -> None:
    light, dark = picture("images/rule-light.png", is_dark=False), picture("images/rule-light.png", is_dark=True)

    assert light is not None
    assert dark is not None
    assert (light.name, dark.name) == ("rule-light.png", "rule-dark.png")
    assert picture("../README.md", is_dark=False) is None
    assert picture("/etc/hostname", is_dark=False) is None


def test_shift_f1_asks_for_the_page_that_is_seen_and_a_dialog_for_its_own(qtbot: QtBot, store: MemoryStore) -> None:
    main = MainWindow(store)
    qtbot.addWidget(main)
    main.add_page("aliases", "Aliases", "at", QWidget())
    with qtbot.waitActive(main):
        main.show()
    asked: list[str] = []
    main.help_wanted.connect(asked.append)
    dialog = Dialog(main, "A rule")
    dialog.offer_help("rules")

    qtbot.keyClick(main, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)

    assert asked == ["aliases", "rules"]


def test_what_is_searched_is_marked_in_the_chapter_and_no_more_when_the_search_is_cleared(
    window: HelpWindow, qtbot: QtBot
) -> None:
    qtbot.keyClicks(window.search, "catch-all")
    qtbot.keyClick(window.search, Qt.Key.Key_Return)

    words = {mark.cursor.selectedText().lower() for mark in window.text.extraSelections()}
    window.search.clear()

    assert words == {"catch-all"}
    assert window.text.extraSelections() == []


def test_every_piece_of_code_fenced_or_indented_lies_in_one_box(window: HelpWindow) -> None:
    boxes = []
    for topic in ("rules", "profiles"):
        window.show_help(topic)
        frames = [each for each in window.text.document().rootFrame().childFrames() if type(each) is QTextFrame]
        boxes += [
            frame.lastCursorPosition().blockNumber() - frame.firstCursorPosition().blockNumber() for frame in frames
        ]

    assert [count + 1 for count in boxes] == [4, 7]


def test_a_heading_that_has_no_room_in_one_line_goes_on_in_a_second(qtbot: QtBot, store: MemoryStore) -> None:
    titles = [f"A heading of many words and {'i' * length} end" for length in range(1, 30, 2)]
    window = HelpWindow(store, guide=Guide({"user-guide": "".join(f"## {title}\n\nText.\n\n" for title in titles)}))
    qtbot.addWidget(window)
    window.show()

    items = [window.contents.item(row) for row in range(1, window.contents.count())]
    lines = [window.contents.visualItemRect(item).height() // window.fontMetrics().height() for item in items]
    room = window.contents.visualItemRect(items[0]).width() - 2 * Space.M
    too_wide = [window.contents.fontMetrics().horizontalAdvance(item.text()) > room for item in items]

    assert True in too_wide
    assert [count > 1 for count in lines] == too_wide
