"""The shell: pages, keys, the search, messages, and what it remembers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.main_window import MainWindow, PageActions
from smtpy_desktop.views.theme_tokens import Metric, Tone
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.message_recorder import MessageRecorder

CONTROL = Qt.KeyboardModifier.ControlModifier
PAGES = (("overview", "Overview", "layout-dashboard"), ("domains", "Domains", "world"), ("aliases", "Aliases", "at"))


def make_window(qtbot: QtBot, store: MemoryStore, actions: PageActions | None = None) -> MainWindow:
    window = MainWindow(store)
    qtbot.addWidget(window)
    for page_id, title, icon in PAGES:
        window.add_page(page_id, title, icon, QLineEdit(), actions=actions if page_id == "domains" else None)
    window.add_page("settings", "Settings", "settings", QWidget(), group="bottom")
    window.resize(1280, 720)
    with qtbot.waitActive(window):
        window.show()
    return window


@pytest.fixture
def window(qtbot: QtBot, store: MemoryStore) -> MainWindow:
    return make_window(qtbot, store)


def test_first_page_is_shown_first(window: MainWindow) -> None:
    assert window.current_page == "overview"


@pytest.mark.parametrize(
    ("key", "page"), [(Qt.Key.Key_2, "domains"), (Qt.Key.Key_3, "aliases"), (Qt.Key.Key_Comma, "settings")]
)
def test_pages_have_keys(window: MainWindow, qtbot: QtBot, key: Qt.Key, page: str) -> None:
    qtbot.keyClick(window, key, CONTROL)

    assert window.current_page == page


def test_page_is_chosen_in_the_side_bar(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.page_shown) as shown:
        qtbot.mouseClick(window.sidebar.item("domains"), Qt.MouseButton.LeftButton)

    assert shown.args == ["domains"]
    assert window.windowTitle().startswith("Domains")


def test_last_page_and_the_geometry_are_remembered(qtbot: QtBot, store: MemoryStore) -> None:
    first = make_window(qtbot, store)
    first.show_page("aliases")
    first.close()

    second = MainWindow(store)
    qtbot.addWidget(second)
    for page_id, title, icon in PAGES:
        second.add_page(page_id, title, icon, QLineEdit())

    assert second.current_page == "aliases"
    assert isinstance(store.value("window/geometry"), QByteArray)


@pytest.mark.parametrize(
    ("key", "modifier", "name"),
    [
        (Qt.Key.Key_N, CONTROL, "new"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "refresh"),
        (Qt.Key.Key_F, CONTROL, "find"),
    ],
)
def test_keys_act_on_the_page_that_is_seen(
    qtbot: QtBot, store: MemoryStore, key: Qt.Key, modifier: Qt.KeyboardModifier, name: str
) -> None:
    done = MessageRecorder()
    window = make_window(qtbot, store, PageActions(**{name: done}))

    qtbot.keyClick(window, key, modifier)
    elsewhere = len(done.calls)
    window.show_page("domains")
    qtbot.keyClick(window, key, modifier)

    assert (elsewhere, len(done.calls)) == (0, 1)


def test_escape_dismisses_the_message_where_the_page_wants_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.show_message(Message("failed", Tone.BAD))

    qtbot.keyClick(window, Qt.Key.Key_Escape)

    assert window.messages.current is None


def test_search_lists_pages_and_jumps(window: MainWindow, qtbot: QtBot) -> None:
    search = window.top_bar.search
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)
    everything = [entry.title for entry in search.shown_entries]

    qtbot.keyClicks(search, "ali")
    found = [entry.title for entry in search.shown_entries]
    qtbot.keyClick(search, Qt.Key.Key_Return)

    assert everything == ["Overview", "Domains", "Aliases", "Settings"]
    assert found == ["Aliases"]
    assert window.current_page == "aliases"
    assert search.text() == ""


def test_search_runs_commands(window: MainWindow, qtbot: QtBot) -> None:
    done = MessageRecorder()
    window.add_command(PaletteEntry("Add domain", done, "plus", "Action", keywords="new"))
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)

    qtbot.keyClicks(window.top_bar.search, "new")
    qtbot.keyClick(window.top_bar.search, Qt.Key.Key_Return)

    assert len(done.calls) == 1


def test_search_drops_the_answer_to_an_older_text(window: MainWindow, qtbot: QtBot) -> None:
    asked: list[tuple[str, object]] = []
    search = window.top_bar.search
    search.set_provider(lambda text, deliver: asked.append((text, deliver)))
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)
    for letter in "xy":
        qtbot.keyClicks(search, letter)
        qtbot.waitUntil(lambda letter=letter: bool(asked) and asked[-1][0].endswith(letter))

    _deliver(asked[1][1], [PaletteEntry("xy.example", lambda: None)])
    _deliver(asked[0][1], [PaletteEntry("x.example", lambda: None)])

    assert [entry.title for entry in search.shown_entries] == ["xy.example"]


def _deliver(deliver: object, entries: Sequence[PaletteEntry]) -> None:
    assert callable(deliver)
    deliver(entries)


def test_escape_leaves_the_search(window: MainWindow, qtbot: QtBot) -> None:
    search = window.top_bar.search
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)
    qtbot.keyClicks(search, "ali")

    qtbot.keyClick(search, Qt.Key.Key_Escape)

    assert search.shown_entries == []
    assert search.text() == ""
    assert not search.hasFocus()


def test_narrow_window_has_icons_in_the_side_bar(window: MainWindow) -> None:
    wide = window.sidebar.width()

    window.resize(1000, 720)

    assert (wide, window.sidebar.width()) == (Metric.SIDEBAR_WIDTH, Metric.SIDEBAR_COLLAPSED_WIDTH)


def test_each_page_has_its_own_line_at_the_bottom(window: MainWindow) -> None:
    window.set_page_line("domains", "1 of 3 selected", "Re-check in 52 min")

    window.show_page("domains")

    texts = [label.text() for label in window.messages.findChildren(QLabel) if label.isVisibleTo(window.messages)]
    assert texts == ["1 of 3 selected", "Re-check in 52 min"]


def test_organization_is_chosen_in_the_top_bar(window: MainWindow, qtbot: QtBot) -> None:
    chooser = window.top_bar.organizations
    chooser.set_organizations([(OrganizationId(1), "A & B"), (OrganizationId(2), "<b>Two</b>")], None)
    actions = {action.text(): action for action in chooser.build_menu().actions()}

    with qtbot.waitSignal(chooser.chosen) as chosen:
        actions["A && B"].trigger()

    assert chosen.args == [OrganizationId(1)]
    assert "<b>Two</b>" in actions
    assert chooser.accessibleName() == "Organization: A & B"
    assert not actions["&Rename…"].isEnabled()


def test_chosen_organization_that_is_gone_means_all(window: MainWindow) -> None:
    chooser = window.top_bar.organizations
    chooser.set_organizations([(OrganizationId(1), "One")], OrganizationId(1))

    chooser.set_organizations([(OrganizationId(2), "Two")], chooser.current)

    assert chooser.current is None


def test_f1_lists_the_keys(window: MainWindow) -> None:
    dialog = window.show_shortcuts()

    texts = {label.text() for label in dialog.findChildren(QLabel)}
    dialog.close()

    assert {"Ctrl+2", "Domains", "Search or jump to anything"} <= texts


def test_f6_goes_round_the_parts_of_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.top_bar.search.setFocus()
    parts = [window.sidebar, window.top_bar]
    seen: set[int] = set()

    for _ in range(4):
        qtbot.keyClick(window, Qt.Key.Key_F6)
        focused = window.focusWidget()
        seen.update(number for number, part in enumerate(parts) if part.isAncestorOf(focused))

    assert seen == {0, 1}


def test_status_is_said_in_words_with_its_icon(window: MainWindow, qtbot: QtBot) -> None:
    window.set_status("database", "Database", Tone.BAD, "Not reachable since 05:12")
    indicator = next(child for child in window.top_bar.findChildren(QWidget) if child.accessibleName() == "Database")

    with qtbot.waitSignal(window.top_bar.status_pressed) as pressed:
        qtbot.mouseClick(indicator, Qt.MouseButton.LeftButton)

    assert pressed.args == ["database"]
    assert indicator.accessibleDescription() == "Not reachable since 05:12"
