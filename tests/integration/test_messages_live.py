"""What other processes do to messages reaches the page through the database alone, also after its server was away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.connection_controller import watch
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import UNAVAILABLE, UserFacingError
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.widgets.message_bar import Message
from tests.helpers.message_process import MessageProcess
from tests.helpers.messages_page import MessagesPage, open_messages_page
from tests.helpers.stored_messages import write_messages

pytestmark = pytest.mark.usefixtures("app_theme")

LIVE_SECONDS = 1.0
WAIT = 20_000


@contextmanager
def listening_page(bot: QtBot, url: str, profile: Path) -> Iterator[tuple[MessagesPage, list[UserFacingError | None]]]:
    """Open the page and listen to the database as the window does; also give what is told of the connection."""
    told: list[UserFacingError | None] = []
    with open_messages_page(bot, url, profile) as page:
        world = page.world
        listening = world.thread.submit(watch(world.database, publish=world.context.services.publish, tell=told.append))
        try:
            statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'window' AND state = 'idle'"
            bot.waitUntil(lambda: page.ask(statement)[0][0] > 0, timeout=WAIT)
            page.settle()
            yield page, told
        finally:
            listening.cancel()


def told_messages(page: MessagesPage) -> list[Message]:
    return [message for (message, *_), _ in page.world.told.calls if isinstance(message, Message)]


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[MessagesPage]:
    write_messages(database_url, ("Invoice 1", "Invoice 2", "Lunch"), minutes_ago=60)
    with listening_page(qtbot, database_url, tmp_path / "profile") as (page, _):
        yield page


@pytest.fixture
def other(database_url: str) -> Iterator[MessageProcess]:
    process = MessageProcess(database_url)
    yield process
    process.close()


def test_a_message_that_another_process_writes_is_listed_within_a_second(
    page: MessagesPage, other: MessageProcess, qtbot: QtBot
) -> None:
    other.write("First")
    qtbot.waitUntil(lambda: "First" in page.subjects(), timeout=WAIT)
    page.settle()
    other.write("News")
    begun = time.monotonic()

    qtbot.waitUntil(lambda: "News" in page.subjects(), timeout=WAIT)

    assert time.monotonic() - begun < LIVE_SECONDS
    assert page.subjects()[:2] == ["News", "First"]


def test_selection_and_place_stay_while_another_process_writes(
    page: MessagesPage, other: MessageProcess, qtbot: QtBot, database_url: str
) -> None:
    write_messages(database_url, tuple(f"Old {number}" for number in range(300)), minutes_ago=90)
    qtbot.waitUntil(lambda: page.view.list.model.rowCount() == 303, timeout=WAIT)
    page.settle()
    table = page.view.list.table
    table.selectRow(150)
    table.scrollTo(table.currentIndex())
    page.settle()
    row, top = table.current_row(), table.rowViewportPosition(150)
    assert row is not None

    for number in range(12):
        other.write(f"News {number}")
    qtbot.waitUntil(lambda: page.view.news_button.text() == "12 new — show", timeout=WAIT)
    page.settle()

    now = table.current_row()
    assert now is not None
    assert now.id == row.id
    assert table.rowViewportPosition(table.currentIndex().row()) == top
    assert page.view.details.message_id == row.id


def test_a_status_that_another_process_changes_is_shown_in_list_and_details(
    page: MessagesPage, other: MessageProcess, qtbot: QtBot
) -> None:
    message_id = page.select("Lunch")

    other.run(f"UPDATE messages SET status = 'failed', error_message = '550 no' WHERE id = {message_id}")
    qtbot.waitUntil(lambda: page.rows()[-1].status is MessageStatus.FAILED, timeout=WAIT)
    page.settle()

    assert page.view.details.details is not None
    assert page.view.details.details.status is MessageStatus.FAILED


def test_a_message_that_another_process_deletes_leaves_list_and_details_with_a_sentence(
    page: MessagesPage, other: MessageProcess, qtbot: QtBot
) -> None:
    message_id = page.select("Lunch")

    other.run(f"DELETE FROM messages WHERE id = {message_id}")
    qtbot.waitUntil(lambda: "Lunch" not in page.subjects(), timeout=WAIT)
    page.settle()

    words = [message.text for message in told_messages(page)]
    assert words == ["This message was deleted meanwhile."]
    assert page.view.details.message_id != message_id
    assert not page.world.failures


def test_rows_load_again_by_themselves_after_the_server_was_restarted_in_the_middle_of_a_scroll(
    qtbot: QtBot, place: Path, tmp_path: Path
) -> None:
    server = EmbeddedPostgres(place / "postgres")
    url = server.start()
    _migrate(url)
    write_messages(url, tuple(f"Message {number}" for number in range(2000)), minutes_ago=60)
    try:
        with listening_page(qtbot, url, tmp_path / "profile") as (page, told):
            model, bar = page.view.list.model, page.view.list.table.verticalScrollBar()
            bar.setValue(bar.maximum() // 4)
            server.stop()
            bar.setValue(bar.maximum() // 2)
            qtbot.waitUntil(lambda: bool(told and page.world.told.calls), timeout=WAIT)
            bar.setValue(bar.maximum())
            lost, count = told[0], model.rowCount()
            server.start()

            qtbot.waitUntil(lambda: model.row_id(1999) is not None and told[-1] is None, timeout=WAIT)
            page.settle()

            assert lost is not None
            assert lost.code == UNAVAILABLE
            assert [(message.text, message.action_text) for message in told_messages(page)] == [
                ("The database cannot be reached.", "Try again")
            ]
            assert (count, model.rowCount()) == (2000, 2000)
            assert page.subjects()[-1] == "Message 1999"
            assert bar.value() == bar.maximum()
            assert not page.world.failures
    finally:
        server.stop()


def _migrate(url: str) -> None:
    thread = AsyncThread("migrations")
    thread.start()
    database = Database(url, origin="template")
    try:
        thread.submit(migrate.upgrade(database.engine)).result(60)
        thread.submit(database.close()).result(10)
    finally:
        thread.stop()
