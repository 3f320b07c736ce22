"""The queue by destination, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import (
    forwarder_controller,
    message_details_controller,
    queue_controller,
    settings_controller,
)
from smtpy_desktop.database.queue_database import queue_snapshot
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.queue import QueueAction, QueueChoice, QueueResult
from tests.helpers.stored_messages import connect as connect_plainly
from tests.helpers.stored_queue import StoredDelivery, execute, rows_of, write_accepted

_DEFERRED = StoredDelivery("a@one.example", state="deferred", next_in=600, attempts=1)


def _states(url: str, number: MessageId) -> list[str]:
    return [row[0] for row in rows_of(url, "SELECT state FROM deliveries WHERE message_id = %s ORDER BY id", number)]


def _message(url: str, number: MessageId) -> tuple[str, str | None]:
    ((status, error),) = rows_of(url, "SELECT status, error_message FROM messages WHERE id = %s", number)
    return status, error


@pytest.fixture
def act(database, actor, changes):
    async def change(action: QueueAction, choice: QueueChoice | None = None, **values) -> QueueResult:
        chosen = QueueChoice() if choice is None else choice
        return await queue_controller.change_queue(
            database, chosen, action, actor=actor, publish=changes.append, **values
        )

    return change


async def test_an_empty_queue_has_no_lines_and_is_empty(database):
    found = await forwarder_controller.queue(database)

    assert found.is_empty
    assert (found.lines, found.oldest_at) == ((), None)


async def test_the_queue_is_counted_by_destination_the_busiest_first(database, database_url):
    for _ in range(2):
        write_accepted(database_url, _DEFERRED, minutes_ago=90)
    write_accepted(database_url, StoredDelivery("b@TWO.example", state="sending", lease_in=60), minutes_ago=5)
    write_accepted(database_url, StoredDelivery("c@two.example", held=True))
    write_accepted(database_url, StoredDelivery("d@three.example", state="sent", attempts=1))

    found = await forwarder_controller.queue(database)

    lines = [(line.destination, line.waiting, line.sending, line.held) for line in found.lines]
    assert lines == [("one.example", 2, 0, 0), ("two.example", 0, 1, 1)]
    assert (found.destinations, found.waiting, found.sending, found.held) == (2, 2, 1, 1)


async def test_a_line_tells_the_oldest_the_next_attempt_and_what_was_answered_last(database, database_url):
    write_accepted(database_url, _DEFERRED, minutes_ago=90)
    write_accepted(database_url, replace(_DEFERRED, next_in=60, reply="mailbox full", code=452), minutes_ago=30)

    (line,) = (await forwarder_controller.queue(database)).lines

    now = datetime.now(UTC)
    assert line.oldest_at is not None
    assert line.next_attempt_at is not None
    assert timedelta(minutes=89) < now - line.oldest_at < timedelta(minutes=91)
    assert timedelta(seconds=40) < line.next_attempt_at - now < timedelta(seconds=61)
    assert line.last_reply == "452 mailbox full"


async def test_what_has_no_time_is_due_now_before_what_has_one(database, database_url):
    write_accepted(database_url, _DEFERRED)
    write_accepted(database_url, StoredDelivery("new@one.example"))

    (line,) = (await forwarder_controller.queue(database)).lines

    assert line.next_attempt_at is not None
    assert line.next_attempt_at <= datetime.now(UTC) + timedelta(seconds=1)


async def test_the_totals_are_those_of_all_destinations_also_where_only_the_busiest_are_listed(database, database_url):
    for number in range(4):
        for _ in range(number + 1):
            write_accepted(database_url, StoredDelivery(f"x@d{number}.example"))

    async with database.read() as db:
        found = await queue_snapshot(db, most=2)

    assert [line.destination for line in found.lines] == ["d3.example", "d2.example"]
    assert (found.destinations, found.waiting) == (4, 10)


async def test_the_deliveries_of_a_destination_come_in_the_order_in_which_they_go(database, database_url):
    write_accepted(database_url, replace(_DEFERRED, target="late@one.example"))
    write_accepted(database_url, replace(_DEFERRED, target="held@one.example", held=True))
    write_accepted(database_url, replace(_DEFERRED, target="soon@one.example", next_in=5))
    write_accepted(database_url, StoredDelivery("going@one.example", state="sending", lease_in=60))
    write_accepted(database_url, StoredDelivery("other@two.example"))

    found = await forwarder_controller.destination_deliveries(database, "ONE.example")

    targets = [one.target.partition("@")[0] for one in found]
    assert targets == ["going", "soon", "late", "held"]
    assert found[1].last_reply == "451 try again later"


async def test_what_is_held_waits_until_it_is_released_and_is_due_then(database, database_url, act):
    number = write_accepted(database_url, _DEFERRED)

    held = await act(QueueAction.HOLD, QueueChoice(destinations=("one.example",)))
    while_held = await forwarder_controller.queue(database)
    await act(QueueAction.RELEASE, QueueChoice(message_ids=(number,)))
    (line,) = (await forwarder_controller.queue(database)).lines

    assert held == QueueResult(1, 1)
    assert (while_held.waiting, while_held.held) == (0, 1)
    assert (line.waiting, line.held) == (1, 0)
    assert line.next_attempt_at is not None
    assert line.next_attempt_at <= datetime.now(UTC)


async def test_retry_makes_due_what_waits_and_leaves_what_is_held(database, database_url, act):
    write_accepted(database_url, _DEFERRED)
    write_accepted(database_url, replace(_DEFERRED, held=True))

    result = await act(QueueAction.RETRY)

    (line,) = (await forwarder_controller.queue(database)).lines
    assert result == QueueResult(1, 1)
    assert (line.waiting, line.held) == (1, 1)
    assert line.next_attempt_at is not None
    assert line.next_attempt_at <= datetime.now(UTC)


@pytest.mark.parametrize("action", list(QueueAction))
async def test_what_is_being_sent_is_never_touched(database_url, act, action):
    number = write_accepted(database_url, StoredDelivery("x@one.example", state="sending", lease_in=60))
    before = rows_of(database_url, "SELECT * FROM deliveries")

    result = await act(action, QueueChoice(message_ids=(number,)))

    assert result == QueueResult()
    assert rows_of(database_url, "SELECT * FROM deliveries") == before


async def test_a_choice_of_messages_and_destinations_means_what_both_name(database_url, act):
    two = StoredDelivery("b@two.example")
    number = write_accepted(database_url, _DEFERRED, two)
    write_accepted(database_url, two)

    result = await act(QueueAction.HOLD, QueueChoice(("two.example",), (number,)))

    held = rows_of(database_url, "SELECT message_id, target FROM deliveries WHERE held_at IS NOT NULL")
    assert result == QueueResult(1, 1)
    assert held == [(number, "b@two.example")]


async def test_many_more_than_a_batch_are_reached_and_written_down_once(database_url, act, database):
    number = write_accepted(database_url, _DEFERRED)
    execute(
        database_url,
        "INSERT INTO deliveries (message_id, target)"
        " SELECT %s, 'x' || n || '@one.example' FROM generate_series(1, 50) n",
        number,
    )
    execute(
        database_url,
        "WITH made AS (INSERT INTO messages (message_id, domain_id, sender_email, recipient_email)"
        " SELECT '<m>', domain_id, 's@x', 'r@x' FROM messages, generate_series(1, 2500) RETURNING id)"
        " INSERT INTO deliveries (message_id, target) SELECT id, 'y@one.example' FROM made",
    )
    progress = Progress()

    result = await act(QueueAction.HOLD, progress=progress)

    assert result == QueueResult(2551, 2501)
    assert (progress.done, progress.total) == (2551, 2551)
    assert rows_of(database_url, "SELECT action, object_name, changes FROM audit_log") == [
        ("queue.held", "*", {"deliveries": 2551, "messages": 2501})
    ]


async def test_what_arrives_while_it_is_done_stays_out_of_it(database_url, database, actor):
    write_accepted(database_url, _DEFERRED)

    def arrive(change: Change) -> None:
        write_accepted(database_url, replace(_DEFERRED, target="late@one.example"))

    await queue_controller.change_queue(database, QueueChoice(), QueueAction.HOLD, actor=actor, publish=arrive)

    assert rows_of(database_url, "SELECT target FROM deliveries WHERE held_at IS NULL") == [("late@one.example",)]


async def test_nothing_to_do_writes_nothing_and_tells_nobody(database_url, act, changes):
    result = await act(QueueAction.HOLD, QueueChoice(destinations=("nowhere.example",)))

    assert result == QueueResult()
    assert changes == []
    assert rows_of(database_url, "SELECT 1 FROM audit_log") == []


async def test_changes_tell_which_messages(database_url, act, changes):
    number = write_accepted(database_url, _DEFERRED)

    await act(QueueAction.RETRY)

    assert changes == [Change(Topic.MESSAGES, frozenset({number}))]


@pytest.mark.parametrize(("action", "wakes"), [(QueueAction.RETRY, 1), (QueueAction.RELEASE, 1), (QueueAction.HOLD, 0)])
async def test_forwarders_hear_at_once_of_what_is_due(database_url, act, action, wakes):
    write_accepted(database_url, _DEFERRED)
    write_accepted(database_url, replace(_DEFERRED, held=True))
    with connect_plainly(database_url) as listening:
        listening.execute("LISTEN smtpy_wake")

        await act(action)

        heard = list(listening.notifies(timeout=0.3, stop_after=1))
    assert len(heard) == wakes


async def test_a_message_fails_with_its_last_delivery_given_up_and_says_by_whom(database_url, act):
    number = write_accepted(database_url, _DEFERRED, replace(_DEFERRED, target="b@two.example"))

    await act(QueueAction.GIVE_UP, QueueChoice(destinations=("one.example",)))
    meanwhile = _message(database_url, number)[0]
    await act(QueueAction.GIVE_UP, QueueChoice(destinations=("two.example",)))

    status, error = _message(database_url, number)
    assert meanwhile == "pending"
    assert (status, _states(database_url, number)) == ("failed", ["failed", "failed"])
    assert error == "Given up by tester (test). The last reply was: 451 try again later"


async def test_giving_up_reaches_what_is_held_too(database_url, act):
    number = write_accepted(database_url, replace(_DEFERRED, held=True), replace(_DEFERRED, target="b@one.example"))

    result = await act(QueueAction.GIVE_UP)

    assert result.deliveries == 2
    assert _message(database_url, number)[0] == "failed"
    assert rows_of(database_url, "SELECT held_at FROM deliveries WHERE held_at IS NOT NULL") == []


async def test_giving_up_the_rest_of_a_message_that_one_target_has_leaves_it_failed_not_delivered(database_url, act):
    sent = StoredDelivery("b@two.example", state="sent", attempts=1)
    number = write_accepted(database_url, _DEFERRED, sent)

    await act(QueueAction.GIVE_UP)

    assert _message(database_url, number)[0] == "failed"
    assert _states(database_url, number) == ["failed", "sent"]


@pytest.fixture
async def named_server(database, actor):
    await settings_controller.change_settings(
        database, {"mail.hostname": "mx.example.net"}, actor=actor, publish=lambda change: None
    )


@pytest.mark.usefixtures("named_server")
async def test_the_sender_is_told_once_without_the_target(database_url, act):
    write_accepted(database_url, _DEFERRED, replace(_DEFERRED, target="secret@two.example"))

    result = await act(QueueAction.GIVE_UP)

    ((raw, target),) = rows_of(
        database_url,
        "SELECT c.raw, d.target FROM mail_envelopes e JOIN message_contents c USING (message_id)"
        " JOIN deliveries d USING (message_id) WHERE e.kind = 'report'",
    )
    assert result.told == 1
    assert target == "s@x"
    assert b"those who look after this mail system have decided so" in bytes(raw)
    assert b"secret@two.example" not in bytes(raw)


@pytest.mark.usefixtures("named_server")
@pytest.mark.parametrize(
    "what",
    [
        "UPDATE mail_envelopes SET may_report = false",
        "UPDATE mail_envelopes SET sender = ''",
        "UPDATE messages SET status = 'rejected'",
    ],
)
async def test_nobody_is_told_where_that_is_not_safe(database_url, act, what):
    write_accepted(database_url, _DEFERRED)
    execute(database_url, what)

    result = await act(QueueAction.GIVE_UP)

    assert (result.deliveries, result.told) == (1, 0)
    assert rows_of(database_url, "SELECT 1 FROM mail_envelopes WHERE kind = 'report'") == []


@pytest.mark.usefixtures("named_server")
async def test_nobody_is_told_where_that_is_not_wanted_or_was_done_before(database_url, act):
    write_accepted(database_url, _DEFERRED)
    write_accepted(database_url, replace(_DEFERRED, target="b@two.example"), StoredDelivery("c@x", state="failed"))

    silent = await act(QueueAction.GIVE_UP, QueueChoice(destinations=("one.example",)), tells_senders=False)
    again = await act(QueueAction.GIVE_UP, QueueChoice(destinations=("two.example",)))

    assert (silent.told, again.told) == (0, 0)


async def test_what_is_given_up_can_be_retried_from_its_message(database_url, act, database, actor):
    number = write_accepted(database_url, _DEFERRED)
    await act(QueueAction.GIVE_UP)

    await message_details_controller.retry_now(database, [number], actor=actor, publish=lambda change: None)

    assert _message(database_url, number)[0] == MessageStatus.PENDING
    assert _states(database_url, number) == ["queued"]


async def test_the_preview_says_how_much_an_action_would_reach(database, database_url):
    write_accepted(database_url, _DEFERRED, StoredDelivery("b@one.example", state="sending", lease_in=60))
    write_accepted(database_url, replace(_DEFERRED, held=True))
    choice = QueueChoice(destinations=("One.Example",))

    found = {action: await queue_controller.preview(database, choice, action) for action in QueueAction}

    assert {action: one.deliveries for action, one in found.items()} == {
        QueueAction.HOLD: 1,
        QueueAction.RELEASE: 1,
        QueueAction.RETRY: 1,
        QueueAction.GIVE_UP: 2,
    }
    assert {one.sending for one in found.values()} == {1}


# The flow of each minute


async def test_the_flow_has_sixty_minutes_with_what_came_and_what_went(database, database_url):
    write_accepted(database_url, StoredDelivery("a@one.example", state="sent", attempts=1), minutes_ago=10)
    write_accepted(database_url, _DEFERRED, minutes_ago=10)
    write_accepted(database_url, _DEFERRED, minutes_ago=90)

    found = await forwarder_controller.throughput(database)

    busy = [(one.accepted, one.delivered) for one in found if one.accepted or one.delivered]
    assert len(found) == 60
    assert all(later.minute - one.minute == timedelta(minutes=1) for one, later in pairwise(found))
    assert busy == [(2, 1)]


async def test_of_known_minutes_only_the_last_ones_are_read_again(database, database_url):
    write_accepted(database_url, _DEFERRED, minutes_ago=30)
    known = await forwarder_controller.throughput(database)
    execute(database_url, "UPDATE mail_envelopes SET accepted_at = accepted_at - interval '1 minute'")
    write_accepted(database_url, _DEFERRED)

    found = await forwarder_controller.throughput(database, known)

    assert sum(one.accepted for one in found) == 2
