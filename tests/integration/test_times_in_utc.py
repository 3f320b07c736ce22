"""UTC for every time in the window, switched while everything is open; another language by opening the window anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.appearance import Appearance, Look
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets import moments
from smtpy_desktop.views.widgets.message_bar import MessageBar
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.page_world import PageWorld, page_world
from tests.helpers.stored_messages import write_messages


@pytest.fixture(autouse=True)
def tokyo(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    moments.set_utc(wanted=False)
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.MISSING)) as world:
        yield world


@pytest.fixture
def appearance(qapp: QApplication) -> Appearance:
    return Appearance(Theme(qapp, ThemePreference.LIGHT), Look("light"), MemoryStore(), lambda look: None)


def words_in(page: QWidget) -> str:
    """Return everything that is written on a page, tooltips and cells included."""
    words = [label.text() for label in page.findChildren(QLabel)]
    words += [widget.toolTip() for widget in page.findChildren(QWidget)]
    for table in page.findChildren(QAbstractItemView):
        model = table.model()
        cells = [model.index(row, column) for row in range(model.rowCount()) for column in range(model.columnCount())]
        words += [str(cell.data(role)) for cell in cells for role in (0, 3)]
    return "\n".join(words)


def test_a_page_that_is_open_changes_to_utc_at_once(
    world: PageWorld, database_url: str, appearance: Appearance, qtbot: QtBot
) -> None:
    ids = write_messages(database_url, ("Late",), minutes_ago=60 * 24 * 400)
    page = MessagesView(world.context)
    qtbot.addWidget(page)
    page.resize(1300, 800)
    page.show()
    page.show_message(MessageId(ids[0]))
    world.settle(qtbot, lambda: False)
    here = words_in(page)

    appearance.set_utc(utc=True)
    world.settle(qtbot, lambda: False)

    assert "JST" in here
    there = words_in(page)
    assert "JST" not in there
    assert " UTC" in there
    appearance.set_utc(utc=False)
    world.settle(qtbot, lambda: False)
    assert words_in(page) == here


def test_the_bottom_line_always_says_the_zone(appearance: Appearance, qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    appearance.times_changed.connect(bar.show_zone)
    here = bar.zone.text()

    appearance.set_utc(utc=True)

    assert (here, bar.zone.text()) == ("Times in Asia/Tokyo", "Times in UTC")
    with qtbot.waitSignal(bar.zone_pressed):
        bar.zone.click()
