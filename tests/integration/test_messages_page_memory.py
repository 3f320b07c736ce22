"""What the page of the messages remembers, and what becomes of deliveries when a status is set there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.messages_view import MessagesView
from tests.helpers.messages_page import MessagesPage, open_messages_page
from tests.helpers.stored_messages import connect, write_messages

pytestmark = pytest.mark.usefixtures("app_theme")


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[MessagesPage]:
    write_messages(database_url, ("b", "c", "a"), minutes_ago=60)
    with open_messages_page(qtbot, database_url, tmp_path / "profile") as page:
        yield page


def section_of(view: MessagesView, column: str) -> int:
    return [each.id for each in view.list.model.columns].index(column)


def test_columns_order_sort_and_pane_are_there_again_at_the_next_start(page: MessagesPage, qtbot: QtBot) -> None:
    header = page.view.list.table.horizontalHeader()
    subject, size = section_of(page.view, "subject"), section_of(page.view, "size")
    was_hidden = page.view.list.table.memory.is_hidden(size)
    page.view.list.table.memory.set_hidden(size, hidden=not was_hidden)
    header.moveSection(header.visualIndex(subject), 1)
    header.resizeSection(section_of(page.view, "sender"), 223)
    width = header.sectionSize(section_of(page.view, "sender"))
    page.view.list.table.sortByColumn(subject, Qt.SortOrder.AscendingOrder)
    page.settle()
    page.view.list.table.memory.write()
    total = sum(page.view.split.sizes())
    page.view.split.setSizes([total - 400, 400])
    page.view.split.splitterMoved.emit(total - 400, 1)
    pane = page.view.split.sizes()[1]

    again = MessagesView(page.world.context)
    qtbot.addWidget(again)
    again.resize(page.view.size())
    again.show()
    page.view.hide()
    page.view = again
    page.settle()

    header = again.list.table.horizontalHeader()
    assert again.list.table.memory.is_hidden(size) is not was_hidden
    assert header.visualIndex(subject) == 1
    assert header.sectionSize(section_of(again, "sender")) == width
    assert page.subjects() == ["a", "b", "c"]
    assert again.split.sizes()[1] == pane
    again.hide()


def test_the_dialog_says_before_what_a_status_does_to_the_deliveries(page: MessagesPage) -> None:
    message_id = page.select("c")
    with connect(page.url) as connection:
        connection.execute("UPDATE messages SET status = 'pending' WHERE id = %s", [message_id])
        connection.execute("INSERT INTO deliveries (message_id, target) VALUES (%s, 'me@target.example')", [message_id])
    page.view.refresh()
    page.settle()
    details = page.view.details.details
    assert details is not None
    dialog = page.view.commands.open_status(details)
    said = {}

    for number, status in enumerate(MessageStatus):
        dialog.status.setCurrentIndex(number)
        said[status] = dialog.status_field.explanation.text()
    dialog.status.setCurrentIndex(list(MessageStatus).index(MessageStatus.DELIVERED))
    dialog.save_button.click()
    page.settle()

    closes = "What is still waiting to be delivered is closed: nothing more is sent."
    assert [status for status, words in said.items() if words == closes] == [
        MessageStatus.DELIVERED,
        MessageStatus.FAILED,
        MessageStatus.BOUNCED,
        MessageStatus.REJECTED,
    ]
    assert "the source is not kept any more" in said[MessageStatus.PENDING]
    assert page.ask("SELECT state, (SELECT count(*) FROM delivery_attempts) FROM deliveries") == [("closed", 0)]
    assert page.ask("SELECT changes ->> 'deliveries_closed' FROM audit_log") == [("me@target.example",)]
    shown = page.view.details.details
    assert shown is not None
    events = page.view.details.parts.timeline.events
    assert "Closed by hand: nothing more is sent to me@target.example" in [event.words for event in events]
