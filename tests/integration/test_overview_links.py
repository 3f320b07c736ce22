"""Whatever is clicked on the overview opens a search that finds exactly as many messages as were counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import domains_controller, messages_controller, organizations_controller
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.overview_period import PeriodChoice
from smtpy_desktop.views.overview_view import OverviewView
from smtpy_desktop.views.widgets.moments import local_zone
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.stored_messages import write_messages

pytestmark = pytest.mark.usefixtures("app_theme")

FAILURES = (
    {"status": "failed", "bounce_class": "mailbox_full", "error_message": "552 5.2.2 full"},
    {"status": "bounced", "bounce_class": None, "error_message": "says mailbox_full, and is none"},
    {"status": "rejected", "bounce_class": "policy", "error_message": None},
    {"status": "delivered", "bounce_class": "policy", "error_message": None},
    {"status": "pending", "bounce_class": None, "error_message": None},
)
SENDERS = ("anna@sender.example", "Anna@Sender.example", "ann@sender.example", "o'neil@x_y.example", "")


@pytest.fixture(params=["Europe/Berlin", "Asia/Kolkata"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the machine be in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def world(qapp: QApplication, zone: str, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    """Give messages of many hours, of which each zone makes other days and months."""
    for number in range(32):
        values = FAILURES[number % len(FAILURES)] | {"sender_email": SENDERS[number % 7 % len(SENDERS)]}
        write_messages(database_url, ("One",), minutes_ago=1 + 60 * number * (1 + number // 8 * 20) + number, **values)
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        world.context.choice.set_organizations(
            world.run(organizations_controller.list_organizations(world.context.services.sessions))
        )
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


def found(bot: QtBot, view: OverviewView, world: PageWorld, click: Callable[[], object]) -> int:
    with bot.waitSignal(view.search_wanted) as wanted:
        click()
    search = messages_controller.read_search(wanted.args[0], local_zone())
    assert search.problems == ()
    query = MessageQuery(search, world.context.choice.chosen)
    count: int = world.run(messages_controller.count_messages(world.database, query))
    return count


def assert_all_lead_to_what_they_count(bot: QtBot, view: OverviewView, world: PageWorld) -> None:
    statistics = view.statistics
    assert statistics is not None
    totals = statistics.totals
    assert sum(bar.total for bar in view.time.bars.bars) == totals.total
    for place, bar in enumerate(view.time.bars.bars):
        if bar.total:
            assert found(bot, view, world, partial(view.time.bars.bar_opened.emit, place, -1)) == bar.total
        for part, value in enumerate(bar.values):
            if value:
                click = partial(view.time.bars.bar_opened.emit, place, part)
                assert found(bot, view, world, click) == value
    for card in (view.reasons, view.busiest, view.senders):
        for place, line in enumerate(card.bars.bars):
            assert found(bot, view, world, partial(card.bars.bar_opened.emit, place)) == line.value
    counts = {"messages": totals.total, "delivered": totals.delivered, "failed": totals.failed}
    counts |= {"bounced": totals.bounced, "rejected": totals.rejected, "queue": statistics.queue.count}
    for name, count in counts.items():
        assert found(bot, view, world, getattr(view.figures, name).opened.emit) == count


def test_everything_leads_to_what_it_counts(view: OverviewView, world: PageWorld, qtbot: QtBot) -> None:
    today = datetime.now(local_zone()).date()
    middle = today - timedelta(days=40)

    for chosen in (
        (PeriodChoice.MONTH,),
        (PeriodChoice.ALL,),
        (PeriodChoice.SINCE, today - timedelta(days=150)),
        (PeriodChoice.RANGE, middle, today - timedelta(days=20)),
        (PeriodChoice.RANGE, today - timedelta(days=1), today),
    ):
        view.choose(*chosen)
        settle(qtbot, view, world)

        assert_all_lead_to_what_they_count(qtbot, view, world)


def test_one_domain_and_one_organization_lead_to_theirs(view: OverviewView, world: PageWorld, qtbot: QtBot) -> None:
    domain = world.run(domains_controller.find_domain(world.database, "example.com"))

    world.context.choice.choose(domain.organization_id)
    view.domain_button.choose(domain)
    settle(qtbot, view, world)

    assert view.busiest.isHidden()
    assert view.statistics is not None
    assert view.statistics.totals.total > 0
    assert_all_lead_to_what_they_count(qtbot, view, world)


def test_a_row_of_the_table_opens_as_its_bar_does(view: OverviewView, world: PageWorld, qtbot: QtBot) -> None:
    bar = next(bar for bar in view.time.bars.bars if bar.total)

    count = found(qtbot, view, world, lambda: view.time.table.row_opened.emit(bar))

    assert count == bar.total
    assert found(qtbot, view, world, lambda: view.senders.table.row_opened.emit(view.senders.bars.bars[0])) == (
        view.senders.bars.bars[0].value
    )


def test_the_days_are_those_of_the_zone(view: OverviewView, zone: str) -> None:
    assert view.statistics is not None
    starts = [point.start.astimezone(local_zone()) for point in view.statistics.points]

    assert str(local_zone()) == zone
    assert {(start.hour, start.minute) for start in starts} == {(0, 0)}
    assert [start.date() for start in starts] == [starts[0].date() + timedelta(days=place) for place in range(30)]
