"""The overview over a real database: its figures are those of the messages, and lead to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import messages_controller
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.overview_period import PeriodChoice
from smtpy_desktop.views.overview_view import OverviewView
from smtpy_desktop.views.widgets.moments import local_zone
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.stored_messages import write_messages

pytestmark = pytest.mark.usefixtures("app_theme")

DAY = 24 * 60


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    failed = {"status": "failed", "error_message": "552 5.2.2 full", "bounce_class": "mailbox_full"}
    write_messages(database_url, ("One", "Two", "Three"), minutes_ago=2 * DAY)
    write_messages(database_url, ("Four",), minutes_ago=3 * DAY, **failed)
    write_messages(database_url, ("Five",), minutes_ago=1, status="pending")
    write_messages(database_url, ("Old",), minutes_ago=40 * DAY)
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        yield world


@pytest.fixture
def view(qtbot: QtBot, world: PageWorld) -> Iterator[OverviewView]:
    view = OverviewView(world.context)
    qtbot.addWidget(view)
    view.resize(1240, 800)
    view.show()
    settle(qtbot, view, world)
    yield view
    view.hide()
    wait_until_calm(qtbot, lambda: world.context.runner.running)


def settle(bot: QtBot, view: OverviewView, world: PageWorld) -> None:
    wait_until_calm(bot, lambda: world.context.runner.running or view.is_waiting)


def count(world: PageWorld, text: str) -> int:
    search = messages_controller.read_search(text, local_zone())
    assert search.problems == ()
    found: int = world.run(messages_controller.count_messages(world.database, MessageQuery(search)))
    return found


def test_the_tiles_count_the_period_against_the_one_before(view: OverviewView) -> None:
    figures = view.figures

    assert figures.messages.figure.text() == "5"
    assert figures.messages.change.text() == "+400.0 %"
    assert figures.delivered.figure.text() == "75.0 %"
    assert figures.failed.figure.text() == "1"
    assert figures.queue.figure.text() == "1"


def test_every_day_of_the_period_has_a_bar(view: OverviewView) -> None:
    bars = view.time.bars.bars

    assert len(bars) == 30
    assert sum(bar.total for bar in bars) == 5


def test_a_bar_leads_to_exactly_its_messages(view: OverviewView, world: PageWorld, qtbot: QtBot) -> None:
    place = next(place for place, bar in enumerate(view.time.bars.bars) if bar.values[0])

    with qtbot.waitSignal(view.search_wanted) as wanted:
        view.time.bars.bar_opened.emit(place, 0)

    assert count(world, wanted.args[0]) == view.time.bars.bars[place].values[0]


@pytest.mark.parametrize(
    ("tile", "messages"), [("messages", 5), ("delivered", 3), ("failed", 1), ("bounced", 0), ("queue", 1)]
)
def test_a_tile_leads_to_exactly_its_messages(
    view: OverviewView, world: PageWorld, qtbot: QtBot, tile: str, messages: int
) -> None:
    with qtbot.waitSignal(view.search_wanted) as wanted:
        getattr(view.figures, tile).opened.emit()

    assert count(world, wanted.args[0]) == messages


def test_a_reason_and_a_domain_lead_to_exactly_their_messages(
    view: OverviewView, world: PageWorld, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(view.search_wanted) as reason:
        view.reasons.bars.bar_opened.emit(0)
    with qtbot.waitSignal(view.search_wanted) as domain:
        view.busiest.bars.bar_opened.emit(0)

    assert [bar.label for bar in view.reasons.bars.bars] == ["Mailbox full"]
    assert count(world, reason.args[0]) == 1
    assert count(world, domain.args[0]) == 5


def test_another_period_is_shown_and_remembered(view: OverviewView, world: PageWorld, qtbot: QtBot) -> None:
    view.choose(PeriodChoice.ALL)
    settle(qtbot, view, world)

    other = OverviewView(world.context)
    qtbot.addWidget(other)

    assert view.figures.messages.figure.text() == "6"
    assert other.period_button.text() == "All time"


def test_a_date_begins_the_period(view: OverviewView, world: PageWorld, qtbot: QtBot) -> None:
    since = (datetime.now(UTC) - timedelta(days=45)).date()
    dialog = view.ask_since()

    dialog.chosen.emit(since, None)
    settle(qtbot, view, world)
    dialog.reject()

    assert view.figures.messages.figure.text() == "6"


def test_new_messages_are_counted_by_themselves(
    view: OverviewView, world: PageWorld, qtbot: QtBot, database_url: str
) -> None:
    write_messages(database_url, ("New",))

    world.context.bus.publish(Change(Topic.MESSAGES, origin="another process"))

    qtbot.waitUntil(lambda: view.figures.messages.figure.text() == "6")


def test_an_empty_database_shows_no_figures_and_no_fault(
    qtbot: QtBot, new_database_url: object, migrated_template: str, tmp_path: Path
) -> None:
    url = new_database_url(migrated_template)  # type: ignore[operator]
    with page_world(url, tmp_path / "other", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        view = OverviewView(world.context)
        qtbot.addWidget(view)
        view.resize(1240, 800)
        view.show()
        settle(qtbot, view, world)

        assert view.figures.messages.figure.text() == "0"
        assert view.figures.delivered.figure.text() == "—"
        assert world.failures == []
        view.hide()
