"""The whole result of a search, selected and acted on by keyboard: asked first, taken back, never cut short."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import messages_bulk_controller
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views import messages_bulk_actions, messages_copying
from smtpy_desktop.views.messages_bulk_status_dialog import BulkStatusDialog
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number
from tests.helpers.messages_page import MessagesPage, open_messages_page, write_messages

pytestmark = pytest.mark.usefixtures("app_theme")

ROWS = 1200
Widget = TypeVar("Widget", bound=QObject)


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[MessagesPage]:
    """Open a list whose end is not in memory, each message a minute older than the one before."""
    write_messages(database_url, ("Invoice 0",))
    with open_messages_page(qtbot, database_url, tmp_path / "profile") as page:
        page.ask(
            "INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, subject, status, created_at)"
            " SELECT g || '@x', domain_id, sender_email, recipient_email, 'Invoice ' || g, 'failed',"
            f" created_at - g * interval '1 minute' FROM messages, generate_series(1, {ROWS - 1}) g RETURNING 1"
        )
        page.tell_of_messages()
        yield page


def press(page: MessagesPage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    page.bot.keyClick(page.view.list.table, key, modifier)
    page.settle()


def select_all(page: MessagesPage) -> None:
    page.view.list.table.setFocus()
    press(page, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)


def opened(page: MessagesPage, kind: type[Widget]) -> Widget:
    page.bot.waitUntil(lambda: bool(page.view.findChildren(kind)))
    return page.view.findChildren(kind)[-1]


def words(dialog: QObject) -> str:
    return " ".join(str(label.property("text")) for label in dialog.findChildren(QObject) if label.property("text"))


def told(page: MessagesPage) -> Message:
    message = page.world.told.calls[-1][0][0]
    assert isinstance(message, Message)
    return message


def count(page: MessagesPage, condition: str = "true") -> int:
    return int(page.ask(f"SELECT count(*) FROM messages WHERE {condition}")[0][0])


def test_everything_is_deleted_after_a_question_that_names_number_and_consequence(page: MessagesPage) -> None:
    page.ask("UPDATE messages SET status = 'pending' WHERE subject = 'Invoice 7' RETURNING 1")
    page.search("invoice")
    select_all(page)
    press(page, Qt.Key.Key_Delete)
    dialog = opened(page, ConfirmDialog)
    said = words(dialog)

    dialog.action_button.click()
    page.settle()
    marked = [page.view.list.is_going(row) for row in page.rows()]
    page.write("Invoice later")
    page.view.finish_deletions()
    page.settle()

    assert number(ROWS) in said
    assert "1 of them still waits" in said
    assert "invoice" in said
    assert all(marked)
    assert page.ask("SELECT subject FROM messages") == [("Invoice later",)]
    assert page.ask("SELECT action, changes FROM audit_log") == [
        ("messages.deleted", {"query": "invoice", "messages": ROWS})
    ]


def test_undo_keeps_everything(page: MessagesPage) -> None:
    select_all(page)
    press(page, Qt.Key.Key_Delete)
    opened(page, ConfirmDialog).action_button.click()
    page.settle()

    page.press_undo()
    page.view.finish_deletions()
    page.settle()

    assert page.view.bulk.going == ()
    assert count(page) == ROWS


def test_a_very_large_deletion_wants_a_word_typed(page: MessagesPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_bulk_actions, "TYPE_ABOVE", ROWS)
    select_all(page)
    press(page, Qt.Key.Key_Delete)
    dialog = opened(page, ConfirmDialog)
    before = dialog.action_button.isEnabled()

    assert dialog.name_edit is not None
    dialog.name_edit.setText("delete")

    assert (before, dialog.action_button.isEnabled()) == (False, True)
    dialog.reject()


@pytest.mark.parametrize("descending", [True, False], ids=["newest first", "oldest first"])
def test_a_part_up_to_the_end_is_deleted_to_its_last_row_and_no_further(page: MessagesPage, descending: bool) -> None:
    table = page.view.list.table
    if not descending:
        page.view.list.model.sort_requested.emit("created", False)
        page.settle()
    table.setFocus()
    table.selectRow(3)
    press(page, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    selected = table.selected_count
    press(page, Qt.Key.Key_Delete)

    opened(page, ConfirmDialog).action_button.click()
    page.settle()
    page.view.finish_deletions()
    page.settle()

    wanted = [0, 1, 2] if descending else [ROWS - 3, ROWS - 2, ROWS - 1]
    assert selected == ROWS - 3
    assert sorted(page.ask("SELECT subject FROM messages")) == sorted((f"Invoice {one}",) for one in wanted)


def test_the_list_stays_as_it_is_while_more_is_selected_than_is_in_memory(page: MessagesPage) -> None:
    select_all(page)
    page.write("News")

    page.tell_of_messages()
    during = (page.subjects()[0], page.view.list.table.selected_count, page.view.news_button.isVisible())
    page.view.list.table.clearSelection()
    page.settle()

    assert during == ("Invoice 0", ROWS, True)
    assert page.subjects()[0] == "News"


def test_everything_gets_another_status(page: MessagesPage) -> None:
    select_all(page)

    page.view.details.selection_status_wanted.emit()
    dialog = opened(page, BulkStatusDialog)
    dialog.status.setCurrentIndex(list(MessageStatus).index(MessageStatus.REJECTED))
    dialog.forwarded_to.setText("nonsense")
    dialog.save_button.click()
    refused = dialog.isVisible()
    dialog.forwarded_to.setText("me@example.com")
    dialog.save_button.click()
    page.settle()

    assert refused
    assert count(page, "status = 'rejected' AND forwarded_to = 'me@example.com'") == ROWS
    assert page.subjects()[0] == "Invoice 0"


def test_everything_is_tried_again(page: MessagesPage) -> None:
    page.ask("INSERT INTO message_contents (message_id, raw) SELECT id, 'x' FROM messages RETURNING 1")
    page.ask(
        "INSERT INTO deliveries (message_id, target, state)"
        " SELECT id, 'a@b.example', 'failed' FROM messages WHERE status = 'failed' RETURNING 1"
    )
    select_all(page)

    page.view.details.selection_retry_wanted.emit()
    opened(page, ConfirmDialog).action_button.click()
    page.settle()

    assert count(page, "status = 'pending'") == ROWS - 1
    assert f"{number(ROWS - 1)} of {number(ROWS)}" in told(page).text


def test_everything_is_copied_in_the_order_of_the_list(page: MessagesPage, qapp: QApplication) -> None:
    select_all(page)

    press(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    lines = qapp.clipboard().text().splitlines()
    assert [line.split("\t")[4] for line in lines] == [f"Invoice {one}" for one in range(ROWS)]


def test_what_is_too_much_for_the_clipboard_is_offered_as_an_export(
    page: MessagesPage, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    monkeypatch.setattr(messages_copying, "MOST_COPIED", ROWS - 1)
    qapp.clipboard().setText("before")
    select_all(page)

    press(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert qapp.clipboard().text() == "before"
    assert told(page).action_text == "Export…"


def test_nothing_is_done_with_a_search_that_is_not_understood_in_full(page: MessagesPage) -> None:
    page.search("invoice after:someday")
    select_all(page)

    press(page, Qt.Key.Key_Delete)

    assert not page.view.findChildren(ConfirmDialog)
    assert "Nothing was changed." in told(page).text
    assert count(page) == ROWS


def test_stopping_says_how_many_are_done(page: MessagesPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_bulk_controller, "_BATCH", 10)
    select_all(page)
    press(page, Qt.Key.Key_Delete)
    opened(page, ConfirmDialog).action_button.click()
    page.settle()

    page.view.finish_deletions()
    (handle,) = (one for one in page.world.context.runner.running if one.title == "Deleting messages")
    page.bot.waitUntil(lambda: handle.progress is not None and handle.progress.done > 20)
    handle.cancel()
    page.settle()

    left = count(page)
    assert 0 < left < ROWS
    assert f"{number(ROWS - left)} of {number(ROWS)} messages are done" in told(page).text
    assert page.ask("SELECT changes->>'messages' FROM audit_log") == [(str(ROWS - left),)]


def test_the_window_closes_when_a_deletion_is_done(page: MessagesPage) -> None:
    select_all(page)
    press(page, Qt.Key.Key_Delete)
    opened(page, ConfirmDialog).action_button.click()
    page.settle()
    closed: list[int] = []

    may_close = page.view.bulk.may_close(lambda: closed.append(count(page)))
    page.settle()

    assert not may_close
    assert closed == [0]
    assert page.view.bulk.may_close(lambda: None)


def test_a_window_that_is_closed_at_once_leaves_the_rest(page: MessagesPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_bulk_controller, "_BATCH", 1)
    select_all(page)
    press(page, Qt.Key.Key_Delete)
    opened(page, ConfirmDialog).action_button.click()
    page.settle()
    closed: list[bool] = []

    page.view.bulk.may_close(lambda: closed.append(page.view.bulk.may_close(lambda: None)))
    dialog = page.view.findChildren(ConfirmDialog)[-1]
    dialog.action_button.click()
    page.settle()

    assert closed == [True]
    assert 0 < count(page) <= ROWS
