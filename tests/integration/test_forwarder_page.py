"""The Forwarder page: who forwards, what waits, what can be done about it, and the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QWidget

from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.queue import QueueAction
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.forwarder_actions import destinations_target, everything_target
from smtpy_desktop.views.forwarder_lists import BOOKS, PROCESSES, QUEUE
from smtpy_desktop.views.forwarder_palette import forwarder_palette
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from tests.helpers.forwarder_page import ForwarderPage, open_forwarder_page
from tests.helpers.stored_queue import StoredDelivery, execute, rows_of, write_accepted

_DEFERRED = StoredDelivery("a@one.example", state="deferred", next_in=600, attempts=1)
_PROCESS = ForwarderProcess(
    name="mx1-4711",
    host="mx1.example.net",
    pid=4711,
    version="1.2.3",
    listen="192.0.2.1:25",
    workers=50,
    state=ForwarderState.RUNNING,
    started_at=datetime.now(UTC),
    seen_at=datetime.now(UTC),
    counters={"accepted": 12, "sent": 11},
)


@pytest.fixture
def page(qtbot, database_url, tmp_path) -> Iterator[ForwarderPage]:
    with open_forwarder_page(qtbot, database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def waiting(page, database_url) -> ForwarderPage:
    """A page with three deliveries to two destinations."""
    for target in ("a@one.example", "b@one.example", "c@two.example"):
        write_accepted(database_url, replace(_DEFERRED, target=target), minutes_ago=200)
    page.refresh()
    return page


def _destinations(page: ForwarderPage) -> list[str]:
    return [row.destination for _, row in page.view.lists.queue.model.loaded_rows(0, 1000)]


# How forwarding stands


def test_where_no_forwarder_was_seen_the_page_says_what_to_do_first(page):
    page.click("Copy command")

    assert page.sees("No forwarder has been seen")
    assert QGuiApplication.clipboard().text() == "smtpy-desktop forwarder"
    assert not page.view.flow.isVisible()


def test_what_waits_is_shown_also_where_no_forwarder_was_seen(waiting):
    assert waiting.sees("No forwarder has been seen.")
    assert _destinations(waiting) == ["one.example", "two.example"]


def test_forwarders_on_other_hosts_are_counted(page):
    page.record(_PROCESS, replace(_PROCESS, name="mx2-1", host="mx2.example.net"))
    page.refresh()

    assert page.sees("2 forwarders are running on 2 hosts.")


def test_a_process_that_has_gone_silent_is_named_while_others_run(page, database_url):
    page.record(_PROCESS, replace(_PROCESS, name="mx2-77", host="mx2.example.net", pid=77))
    execute(database_url, "UPDATE forwarders SET seen_at = now() - interval '4 min' WHERE name = 'mx2-77'")
    page.refresh()

    assert page.sees("1 forwarder is running on mx1.example.net.")
    assert page.sees("mx2.example.net (process 77) has given no sign of life since 4 min ago.")


def test_processes_are_listed_with_state_and_counters_and_explained(page):
    page.record(_PROCESS, replace(_PROCESS, name="old", host="mx0", state=ForwarderState.STOPPED))
    page.refresh()
    page.show_part(PROCESSES)

    rows = [(row.host, row.state) for _, row in page.view.lists.processes.model.loaded_rows(0, 10)]
    assert rows == [("mx1.example.net", ForwarderState.RUNNING), ("mx0", ForwarderState.STOPPED)]
    assert page.sees("It takes mail in and delivers it.")
    assert page.sees("Listens at: 192.0.2.1:25")


def test_a_forwarder_is_started_and_stopped_in_this_window(page):
    page.click("Run a forwarder here", page.view.head)
    page.trial.state = ForwardingState(ForwardingPhase.RUNNING, "here", smtp=(("127.0.0.1", 2525),))
    page.view.follow_here()
    page.settle()
    running = page.sees("A forwarder is running here.")

    page.click("Stop the forwarder here")

    assert running
    assert page.sees("It listens at 127.0.0.1:2525")
    assert page.trial.asked == ["start", "stop"]


def test_a_forwarder_that_could_not_start_here_says_why_and_can_be_started_again(page):
    wanted = []
    page.view.head.settings_wanted.connect(lambda: wanted.append(True))
    page.trial.state = ForwardingState(
        ForwardingPhase.FAILED, reason=text("Port 2525 is in use."), hint=text("Choose another one.")
    )
    page.view.follow_here()
    page.settle()

    page.click("Open Settings, Forwarding", page.view.head)
    page.click("Run a forwarder here", page.view.head)

    assert page.sees("The forwarder here could not run.")
    assert page.sees("Port 2525 is in use.")
    assert page.sees("Choose another one.")
    assert (wanted, page.trial.asked) == ([True], ["start"])


def test_a_database_that_may_only_be_read_offers_nothing_that_changes_it(qtbot, database_url, tmp_path):
    write_accepted(database_url, _DEFERRED)
    with open_forwarder_page(qtbot, database_url, tmp_path, is_read_only=True) as page:
        page.refresh()

        page.view.act(QueueAction.HOLD)
        page.settle()

        menu = page.menu_entries(page.view.lists.queue.table.build_menu())
        assert not page.view.head.here_button.isEnabled()
        titles = [entry.title for entry in forwarder_palette(lambda: page.view, is_read_only=True)]
        assert titles == ["Books of accepted mail", "Forwarder processes"]
        assert {menu[name] for name in ("Retry now", "Hold", "Release", "Give up…")} == {False}
        assert rows_of(database_url, "SELECT 1 FROM deliveries WHERE held_at IS NOT NULL") == []
        page.show_part(PROCESSES)
        assert page.sees("run “smtpy-desktop forwarder” on your mail server")
        assert not page.sees("run one here")


# The queue


def test_a_destination_is_shown_with_its_deliveries_and_what_it_answered(waiting):
    assert waiting.sees("2 waiting") or waiting.sees("3 waiting")
    assert waiting.sees("Last reply: 451 try again later")
    targets = [row.target for _, row in waiting.view.details.deliveries.model.loaded_rows(0, 10)]
    assert targets == ["a@one.example", "b@one.example"]


def test_the_queue_follows_what_happens_and_keeps_selection_and_keyboard(waiting, database_url):
    queue = waiting.view.lists.queue
    queue.select("two.example")
    queue.table.setFocus()
    for number in range(3):
        write_accepted(database_url, replace(_DEFERRED, target=f"{number}@three.example"))

    waiting.bot.waitUntil(lambda: len(queue.rows) == 3)
    waiting.settle()

    assert _destinations(waiting)[0] == "three.example"
    assert [line.destination for line in queue.selected] == ["two.example"]
    assert queue.table.hasFocus()


def test_the_deliveries_keep_the_keyboard_while_the_page_is_read_anew(waiting):
    table = waiting.view.details.deliveries.table
    table.setFocus()

    waiting.refresh()

    assert table.hasFocus()


def test_nothing_is_read_while_another_page_is_seen(waiting):
    waiting.view.hide()

    assert not any(timer.isActive() for timer in (waiting.view._live, waiting.view._books_soon))


def test_the_queue_is_sorted_by_a_click_on_a_heading(waiting):
    table = waiting.view.lists.queue.table

    table.model().sort(0, Qt.SortOrder.DescendingOrder)
    waiting.settle()

    assert _destinations(waiting) == ["two.example", "one.example"]


def test_holding_is_told_and_can_be_taken_back(waiting, database_url):
    waiting.click("Hold", waiting.view.details.head)
    told = waiting.last_message
    held = rows_of(database_url, "SELECT count(*) FROM deliveries WHERE held_at IS NOT NULL")

    assert told.action is not None
    told.action()
    waiting.settle()

    assert told.text == "2 deliveries to one.example are held."
    assert held == [(2,)]
    assert rows_of(database_url, "SELECT count(*) FROM deliveries WHERE held_at IS NOT NULL") == [(0,)]


def test_what_is_held_offers_release_in_place_of_hold(waiting):
    waiting.click("Hold", waiting.view.details.head)

    waiting.click("Release", waiting.view.details.head)

    assert waiting.last_message.text == "2 deliveries to one.example are released."


def test_after_holding_the_keyboard_is_on_release_and_after_that_on_hold(waiting):
    def press(name: str) -> str:
        button = next(one for one in waiting.view.details.head.findChildren(Button) if one.accessibleName() == name)
        button.setFocus()
        waiting.bot.keyClick(button, Qt.Key.Key_Space)
        waiting.settle()
        focused = waiting.window.focusWidget()
        return "" if focused is None else focused.accessibleName()

    assert press("Hold") == "Release"
    assert press("Release") == "Hold"


def test_retry_is_done_by_key_for_all_that_are_selected(waiting, database_url):
    table = waiting.view.lists.queue.table
    table.setFocus()
    table.selectAll()
    waiting.settle()

    waiting.bot.keyClick(table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    waiting.settle()

    assert waiting.last_message.text == "3 deliveries to one.example, two.example are due now."
    assert rows_of(database_url, "SELECT count(*) FROM deliveries WHERE next_attempt_at > now()") == [(0,)]


def test_giving_up_asks_first_with_count_and_destination_and_changes_nothing_when_cancelled(waiting, database_url):
    waiting.view.act(QueueAction.GIVE_UP)
    dialog = waiting.dialog()

    assert waiting.sees("Give up 2 deliveries to one.example?", dialog)
    assert waiting.sees("2 messages fail, unless they are still on their way to other targets.", dialog)
    assert dialog.cancel_button.isDefault()
    dialog.cancel_button.click()
    assert rows_of(database_url, "SELECT DISTINCT state FROM deliveries") == [("deferred",)]


def test_giving_up_fails_the_messages_and_tells(waiting, database_url):
    waiting.view.act(QueueAction.GIVE_UP)
    dialog = waiting.dialog()
    dialog.findChild(QCheckBox).setChecked(False)

    dialog.action_button.click()
    waiting.settle()

    assert waiting.last_message.text == "2 deliveries to one.example were given up."
    assert rows_of(database_url, "SELECT status, count(*) FROM messages GROUP BY 1 ORDER BY 1") == [
        ("failed", 2),
        ("pending", 1),
    ]


def test_single_deliveries_are_acted_on_from_the_details_by_menu(waiting, database_url):
    deliveries = waiting.view.details.deliveries
    deliveries.table.selectRow(1)

    waiting.choose(deliveries.table.build_menu(), "Hold")

    assert waiting.last_message.text == "1 delivery to one.example is held."
    held = rows_of(database_url, "SELECT target FROM deliveries WHERE held_at IS NOT NULL")
    assert held == [("b@one.example",)]


def test_messages_of_a_destination_and_of_a_delivery_are_shown_by_search(waiting):
    waiting.click("Show in Messages")
    deliveries = waiting.view.details.deliveries
    deliveries.table.row_opened.emit(deliveries.rows[0])

    number = deliveries.rows[0].message_id
    assert waiting.searches == ['forwarded:"@one.example" status:pending,processing', f"id:{number}"]


def test_everything_in_the_queue_is_one_choice(waiting, database_url):
    waiting.view.act(QueueAction.HOLD, everything_target())
    waiting.settle()

    assert waiting.last_message.text == "3 deliveries to all destinations are held."


def test_many_destinations_are_called_by_their_number():
    assert destinations_target([f"d{number}.example" for number in range(5)]).name == "5 destinations"


def test_nothing_to_retry_is_said_so(waiting):
    waiting.view.act(QueueAction.RETRY)
    waiting.settle()

    waiting.view.act(QueueAction.RETRY)
    waiting.settle()

    assert waiting.last_message.text == "Everything for one.example is due already, held, or being sent."
    assert waiting.last_message.tone is Tone.ACCENT


def test_text_of_strangers_is_shown_literally(page, database_url):
    write_accepted(database_url, replace(_DEFERRED, reply="<b>no</b>\u202e evil"))

    page.refresh()

    assert page.sees("<b>no</b>")
    assert not page.sees("\u202e")


# The books


def test_books_that_balance_say_so(waiting):
    waiting.show_part(BOOKS)

    assert waiting.sees("Balances")
    assert waiting.sees("All of them are accounted for.")
    assert not waiting.view.lists.difference.isVisible()


def test_the_messages_of_an_hour_are_shown_by_search(waiting):
    waiting.show_part(BOOKS)

    waiting.click("Show in Messages")

    (search,) = waiting.searches
    assert search.startswith("after:")
    assert " before:" in search


def test_a_difference_is_an_alarm_on_every_part_and_leads_to_the_messages(waiting, database_url):
    execute(database_url, "DELETE FROM deliveries WHERE destination = 'two.example'")
    waiting.refresh()
    waiting.show_part(QUEUE)

    waiting.click("1 message is not accounted for")
    # The details follow the selection, which comes with the rows.
    waiting.bot.waitUntil(lambda: bool(waiting.view.details.suspects.rows))

    ((number,),) = rows_of(database_url, "SELECT id FROM messages WHERE forwarded_to = 'c@two.example'")
    suspects = waiting.view.details.suspects
    assert waiting.view.lists.tabs.currentIndex() == BOOKS
    assert waiting.sees("1 accepted message is not accounted for")
    assert waiting.sees("no delivery is left that would send it")
    assert [row.message_id for row in suspects.rows] == [number]
    suspects.table.row_opened.emit(suspects.rows[0])
    assert waiting.searches == [f"id:{number}"]


# Failures


_AWAY = DatabaseUnavailable("DATABASE_UNAVAILABLE", text("The database cannot be reached."))


def test_a_database_that_is_away_leaves_what_was_read_and_says_so(waiting):
    waiting.view.lists.show_error(_AWAY)

    assert _destinations(waiting) == ["one.example", "two.example"]
    assert waiting.sees("Could not be read just now; it is tried again.")


def test_a_page_that_never_could_be_read_says_why_and_reads_again(page):
    page.view.lists._picture = None
    page.view.lists.show_error(_AWAY)
    told = page.sees("The database cannot be reached.")

    page.click("Try again")

    assert told
    assert page.sees("No forwarder has been seen")


# Keyboard and names


@pytest.mark.parametrize("part", [QUEUE, BOOKS, PROCESSES])
def test_everything_that_takes_the_keyboard_has_a_name(waiting, part):
    waiting.record(_PROCESS)
    waiting.show_part(part)
    waiting.refresh()

    focusable = [
        widget
        for widget in waiting.view.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert len(focusable) > 5
    assert [type(widget).__name__ for widget in focusable if not widget.accessibleName()] == []


def test_space_shows_and_hides_the_details_and_escape_goes_back_to_the_list(waiting):
    table = waiting.view.lists.queue.table
    table.setFocus()
    waiting.bot.keyClick(table, Qt.Key.Key_Space)
    hidden = not waiting.view.split.details_shown
    waiting.bot.keyClick(table, Qt.Key.Key_Space)
    waiting.view.head.here_button.setFocus()

    went_back = waiting.view.go_back()

    assert hidden
    assert waiting.view.split.details_shown
    assert went_back
    assert table.hasFocus()
    assert not waiting.view.go_back()


def test_the_list_of_deliveries_is_as_high_as_its_rows_whatever_goes(waiting, database_url):
    frame = waiting.view.details.deliveries.frame
    before = frame.height()

    execute(database_url, "UPDATE deliveries SET state = 'sent' WHERE target = 'a@one.example'")
    waiting.bot.waitUntil(lambda: len(waiting.view.details.deliveries.rows) == 1)
    waiting.settle()

    waiting.bot.waitUntil(lambda: frame.height() < before)
    assert before - frame.height() == waiting.view.details.deliveries.table.rowHeight(0)
