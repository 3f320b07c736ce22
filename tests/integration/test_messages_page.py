"""The page of the messages over a real database: searched, live, acted on, with hostile texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.message_search import SearchKey
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.widgets.label import without_mnemonic
from tests.helpers.messages_page import MessagesPage, open_messages_page, write_messages

pytestmark = pytest.mark.usefixtures("app_theme")

HOSTILE = '<img src="x">\r\n\u202egnp.exe\x01'


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[MessagesPage]:
    write_messages(database_url, ("Invoice 1", "Invoice 2", "Lunch"), minutes_ago=60)
    with open_messages_page(qtbot, database_url, tmp_path / "profile") as page:
        yield page


def menu_entries(page: MessagesPage) -> dict[str, object]:
    menu = QMenu(page.view)
    page.view.selection.build_menu(menu)
    return {without_mnemonic(action.text()): action for action in menu.actions() if action.text()}


def test_an_empty_database_says_what_will_be_here(qtbot: QtBot, database_url: str, tmp_path: Path) -> None:
    with open_messages_page(qtbot, database_url, tmp_path / "profile") as page:
        assert page.view.empty_states.nothing_yet.isVisible()


def test_the_newest_message_stands_at_the_top(page: MessagesPage) -> None:
    assert page.subjects() == ["Invoice 1", "Invoice 2", "Lunch"]
    assert page.view.counts.label.text() == "3"


def test_typing_narrows_the_list_and_says_how_many_match(page: MessagesPage) -> None:
    page.search("invoice")

    assert page.subjects() == ["Invoice 1", "Invoice 2"]
    assert page.view.counts.label.text() == "2 matches of 3"


def test_a_chip_takes_its_term_away(page: MessagesPage) -> None:
    page.search("invoice status:delivered")

    page.view.bar.chips[0].click()
    page.settle()

    assert page.view.bar.box.text() == "status:delivered"
    assert len(page.subjects()) == 3


def test_a_mistake_is_underlined_and_said_in_a_sentence(page: MessagesPage) -> None:
    page.search("statsu:failed")

    assert "status:" in page.view.bar.problem.text()
    assert page.view.bar.problem.isVisible()


def test_a_search_without_result_is_cleared_by_one_press_and_comes_back_by_undo(page: MessagesPage) -> None:
    page.search("nowhere")
    was_empty = page.view.empty_states.no_match.isVisible()

    page.view.clear_search()
    page.settle()
    cleared = page.subjects()
    page.press_undo()

    assert was_empty
    assert len(cleared) == 3
    assert page.view.bar.text == "nowhere"


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        (SearchKey.STATUS, "failed", []),
        (SearchKey.FROM, "anna", ["Invoice 1", "Invoice 2", "Lunch"]),
        (SearchKey.TO, "nobody", []),
        (SearchKey.SUBJECT, "lunch", ["Lunch"]),
        (SearchKey.DOMAIN, "example.com", ["Invoice 1", "Invoice 2", "Lunch"]),
    ],
)
def test_filters_by_mouse_write_the_search(page: MessagesPage, key: SearchKey, value: str, found: list[str]) -> None:
    page.view.filter_menu.fill()
    dialog = page.view.filter_menu.ask_for_value(key, "Title", "Explanation")

    dialog.edit.setText(value)
    dialog.search_button.click()
    page.settle()

    assert page.view.bar.text == f"{key.value}:{value}"
    assert page.subjects() == found


def test_completions_offer_keys_and_take_the_chosen_one(page: MessagesPage, qtbot: QtBot) -> None:
    box = page.view.bar.box
    box.setText("sta")
    box.setCursorPosition(3)
    box.suggest()  # without the keyboard nothing pops up, but it is known

    box._on_chosen("status:")

    assert box.text() == "status:"


def type_with_completions(page: MessagesPage, text: str) -> None:
    box = page.view.bar.box
    page.view.activateWindow()
    box.setFocus()
    page.bot.waitUntil(box.hasFocus)
    QTest.keyClicks(box, text)
    page.bot.waitUntil(box.popup.isVisible)


def test_return_searches_for_what_was_typed_and_not_for_what_is_offered(page: MessagesPage) -> None:
    type_with_completions(page, "-from:ann")

    QTest.keyClick(page.view.bar.box.popup, Qt.Key.Key_Return)
    page.settle()

    assert page.view.bar.text == "-from:ann"
    assert not page.view.bar.box.popup.isVisible()


def test_down_and_return_take_what_is_offered(page: MessagesPage) -> None:
    type_with_completions(page, "sta")

    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(page.view.bar.box.popup, key)

    assert page.view.bar.box.text() == "status:"


def test_what_clears_the_search_is_there_while_there_is_one(page: MessagesPage) -> None:
    clear = page.view.bar.box.actions()[-1]
    seen = [clear.isVisible()]

    for text in ("status:failed", ""):
        page.view.show_search(text)
        seen.append(clear.isVisible())

    page.settle()
    assert seen == [False, True, False]


def test_another_search_begins_at_its_top(page: MessagesPage) -> None:
    page.write(*(f"Order {number}" for number in range(60)), minutes_ago=90)
    page.tell_of_messages()
    page.view.list.table.scrollToBottom()

    page.search("order")

    assert page.view.list.is_at_top


def test_messages_come_in_by_themselves(page: MessagesPage) -> None:
    page.write("News")

    page.tell_of_messages()

    assert page.subjects()[0] == "News"


def test_what_is_selected_does_not_move_when_messages_come(page: MessagesPage) -> None:
    page.write(*(f"Old {number}" for number in range(60)), minutes_ago=90)
    page.tell_of_messages()
    chosen = page.select("Invoice 2")
    top = page.view.list.table.rowViewportPosition(1)
    page.write(*(f"News {number}" for number in range(40)))

    page.tell_of_messages()

    table = page.view.list.table
    row = table.current_row()
    assert row is not None
    assert row.id == chosen
    assert table.rowViewportPosition(table.currentIndex().row()) == top
    assert page.view.news_button.text() == "40 new — show"


def test_the_bar_of_new_messages_shows_them(page: MessagesPage) -> None:
    page.select("Invoice 2")
    page.write(*(f"News {number}" for number in range(40)))
    page.tell_of_messages()

    page.view.news_button.click()
    page.settle()

    assert page.view.list.is_at_top
    assert page.view.list.model.row(0).subject == "News 0"
    assert not page.view.news_button.isVisible()


def test_a_paused_list_stays_and_says_what_is_new(page: MessagesPage) -> None:
    page.view.pause_button.click()
    page.write("News")
    page.tell_of_messages()
    paused, words = page.subjects(), page.view.news_button.text()

    page.view.pause_button.click()
    page.settle()

    assert "News" not in paused
    assert words == "1 new — show"
    assert page.subjects()[0] == "News"


def test_recent_lists_the_newest_alone(page: MessagesPage) -> None:
    page.write(*(f"News {number}" for number in range(120)))

    page.view.recent_button.click()
    page.settle()

    assert page.view.list.model.rowCount() == 100


def test_a_subject_cannot_be_anything_but_one_line_of_text(page: MessagesPage) -> None:
    page.write(HOSTILE)
    page.tell_of_messages()

    page.select(HOSTILE)

    shown = '<img src="x">⏎⟨U+202E⟩gnp.exe␁'
    section = next(n for n, column in enumerate(page.view.list.model.columns) if column.id == "subject")
    assert page.view.list.model.index(0, section).data() == shown
    assert page.view.details.subject.text() == shown
    assert page.view.details.subject.textFormat() is Qt.TextFormat.PlainText


def test_ten_thousand_characters_of_subject_are_cut_where_they_are_shown(page: MessagesPage) -> None:
    page.write("x" * 10_000)
    page.tell_of_messages()

    page.select("x" * 10_000)

    assert len(page.view.details.subject.text()) <= 200


def test_the_details_advise_what_helps(page: MessagesPage) -> None:
    page.write("Failed", status="failed", error_message="552 5.2.2 Mailbox full", bounce_class="mailbox_full")
    page.tell_of_messages()

    page.select("Failed")

    parts = page.view.details.parts
    assert parts.advice.heading.text() == "The mailbox is full"
    assert parts.status_button.isVisible()


def test_the_status_is_updated_and_written_down(page: MessagesPage) -> None:
    message_id = page.select("Lunch")
    details = page.view.details.details
    assert details is not None
    dialog = page.view.commands.open_status(details)

    dialog.status.setCurrentIndex(list(MessageStatus).index(MessageStatus.FAILED))
    dialog.forwarded_to.setText("other@target.example")
    dialog.save_button.click()
    page.settle()

    assert page.ask(f"SELECT status, forwarded_to FROM messages WHERE id = {message_id}") == [
        ("failed", "other@target.example")
    ]
    assert page.ask("SELECT action FROM audit_log WHERE object_type = 'message'") == [("message.status",)]


def test_an_address_that_is_none_is_told_at_its_field(page: MessagesPage) -> None:
    page.select("Lunch")
    details = page.view.details.details
    assert details is not None
    dialog = page.view.commands.open_status(details)

    dialog.forwarded_to.setText("nonsense")
    dialog.save_button.click()
    page.settle()

    assert dialog.isVisible()
    assert "nonsense" in dialog._field.error_text
    dialog.reject()


def test_retry_makes_the_delivery_due(page: MessagesPage) -> None:
    (message_id,) = page.write("Failed", status="failed", error_message="timed out")
    page.ask(
        f"WITH kept AS (INSERT INTO message_contents (message_id, raw) VALUES ({message_id}, 'x'))"
        f" INSERT INTO deliveries (message_id, target, state) VALUES ({message_id}, 'a@b.example', 'failed')"
        " RETURNING 1"
    )
    page.tell_of_messages()
    page.select("Failed")

    page.view.details.parts.retry_button.click()
    page.settle()

    assert page.ask(f"SELECT state FROM deliveries WHERE message_id = {message_id}") == [("queued",)]
    assert page.view.details.details is not None
    assert page.view.details.details.status is MessageStatus.PENDING


def test_a_deletion_can_be_taken_back(page: MessagesPage) -> None:
    message_id = page.select("Lunch")
    page.view.selection.delete()
    was_going = message_id in page.view.commands.going

    page.press_undo()

    assert was_going
    assert page.view.commands.going == frozenset()
    assert page.subjects() == ["Invoice 1", "Invoice 2", "Lunch"]


def test_a_deletion_is_carried_out_when_the_window_closes(page: MessagesPage) -> None:
    page.select("Lunch")
    page.view.selection.delete()

    page.view.finish_deletions()
    page.settle()

    assert page.subjects() == ["Invoice 1", "Invoice 2"]
    assert page.ask("SELECT count(*) FROM messages") == [(2,)]


def test_a_message_deleted_by_others_leaves_the_details(page: MessagesPage) -> None:
    message_id = page.select("Lunch")
    page.ask(f"DELETE FROM messages WHERE id = {message_id} RETURNING 1")

    page.tell_of_messages()

    assert page.subjects() == ["Invoice 1", "Invoice 2"]
    assert page.view.details.message_id != message_id


def test_the_thread_is_listed_with_the_message(page: MessagesPage) -> None:
    page.write("Question", "Re: Question", thread_id="t-1")
    page.tell_of_messages()

    page.select("Question")

    assert page.view.details.thread_button.text() == "Thread (2)"
    assert {row.subject for row in page.view.details.thread_list.rows} == {"Question", "Re: Question"}


def test_the_menu_searches_for_more_like_this(page: MessagesPage) -> None:
    page.select("Lunch")

    entries = menu_entries(page)

    assert {"Retry now", "Delete", "Copy the addresses", "Only from anna@sender.example"} <= entries.keys()


def test_a_saved_default_view_is_what_the_page_begins_with(
    qtbot: QtBot, page: MessagesPage, database_url: str, tmp_path: Path
) -> None:
    page.search("lunch")
    dialog = page.view.views.open_save()
    dialog.name.setText("Food")
    dialog.save_button.click()
    page.settle()
    page.view.views.set_default(page.view.views.views[0])
    page.settle()

    with open_messages_page(qtbot, database_url, tmp_path / "other") as other:
        assert other.view.bar.text == "lunch"
        assert other.subjects() == ["Lunch"]


def test_views_go_through_a_file_unchanged(page: MessagesPage, tmp_path: Path) -> None:
    file = tmp_path / "views.json"
    page.search('subject:"naïve \\" quote"')
    dialog = page.view.views.open_save()
    dialog.name.setText("Tricky & <b>")
    dialog.save_button.click()
    page.settle()
    (before,) = page.view.views.views

    page.view.views.export_to(file)
    page.settle()
    page.view.views.delete(before)
    page.settle()
    page.view.views.import_from(file)
    page.settle()

    (after,) = page.view.views.views
    assert (after.name, after.query) == (before.name, before.query)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": "smtpy-message-views", "views": [{"name": 1}]}'])
def test_a_file_that_is_no_export_changes_nothing(page: MessagesPage, tmp_path: Path, content: str) -> None:
    file = tmp_path / "views.json"
    file.write_text(content, encoding="utf-8")

    page.view.views.import_from(file)
    page.settle()

    assert [error.code for error in page.world.failures] == ["VIEWS_UNREADABLE"]
    assert page.view.views.views == ()


def test_everything_that_takes_the_keyboard_has_a_name(page: MessagesPage) -> None:
    page.search("invoice -to:nobody")
    page.select("Invoice 1")

    widgets = [*page.view.findChildren(QAbstractButton), *page.view.findChildren(QLineEdit)]
    focusable = [one for one in widgets if one.isVisible() and one.focusPolicy() is not Qt.FocusPolicy.NoFocus]
    nameless = [widget for widget in focusable if not widget.accessibleName()]

    assert nameless == []


def test_leaving_the_page_while_it_reads_leaves_nothing_behind(qtbot: QtBot, database_url: str, tmp_path: Path) -> None:
    with open_messages_page(qtbot, database_url, tmp_path / "profile") as page:
        page.view.bar.set_text("invoice")
        page.view.bar.set_text("")
        page.view.hide()

    assert page.world.failures == []
