"""The books balance whatever becomes of accepted mail, and whatever is done behind the program's back shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers import forwarder_controller, queue_controller
from smtpy_desktop.core.books import AcceptedMail, book_class
from smtpy_desktop.database import deliveries_database, delivery_results_database, messages_database
from smtpy_desktop.database.delivery_results_database import Recorded
from smtpy_desktop.database.engine import Database
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.books import BookClass, Books
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult
from smtpy_desktop.schemas.queue import QueueAction, QueueChoice
from tests.helpers.stored_queue import StoredDelivery, execute, rows_of, write_accepted

_FORWARDER = "mx1-1"
_TARGETS = ("a@one.example", "b@two.example", "c@one.example")
_BY_HAND = tuple(status for status in MessageStatus if status is not MessageStatus.PROCESSING)
_EMPTY = "TRUNCATE messages, mail_envelopes, audit_log RESTART IDENTITY CASCADE"

_steps = st.one_of(
    st.tuples(st.just("accept"), st.integers(1, 3)),
    st.tuples(st.just("claim"), st.integers(1, 4)),
    st.tuples(st.just("result"), st.sampled_from(list(DeliveryState)[2:6])),
    st.tuples(st.just("die"), st.none()),
    st.tuples(st.just("action"), st.sampled_from(list(QueueAction))),
    st.tuples(st.just("status"), st.sampled_from(_BY_HAND)),
    st.tuples(st.just("retry"), st.none()),
    st.tuples(st.just("delete"), st.none()),
    st.tuples(st.just("time"), st.none()),
)


@dataclass
class _History:
    """What happens to some mail, by the functions that the forwarders, the window and the commands use."""

    database: Database
    url: str
    claimed: list[DueDelivery] = field(default_factory=list)
    accepted: int = 0

    async def take(self, step: str, value: Any) -> None:
        await getattr(self, f"_{step}")(value)

    async def _accept(self, targets: int) -> None:
        write_accepted(self.url, *(StoredDelivery(target, next_in=-1) for target in _TARGETS[:targets]))
        self.accepted += 1

    async def _claim(self, most: int) -> None:
        async with self.database.begin() as db:
            wanted = {"one.example": most, "two.example": most}
            claimed = await deliveries_database.claim(
                db, wanted, forwarder=_FORWARDER, lease_seconds=60, most_bytes=1_000_000
            )
        self.claimed.extend(claimed.due)

    async def _result(self, outcome: DeliveryState) -> None:
        if not self.claimed:
            return
        due = self.claimed.pop(0)
        async with self.database.begin() as db:
            statuses, now = await delivery_results_database.lock_messages(db, [due.message_id])
            if now is None:
                return
            state, later = outcome, now - timedelta(seconds=1)
            is_open = statuses[due.message_id] in (MessageStatus.PENDING, MessageStatus.PROCESSING)
            if outcome not in (DeliveryState.SENT, DeliveryState.FAILED) and not is_open:
                state = DeliveryState.CLOSED
            result = SendResult(outcome, code=550, reply="words")
            await delivery_results_database.record(db, [Recorded(due, result, state, later)])
            await delivery_results_database.settle_messages(db, statuses, {due.message_id: ("words", None)})

    async def _die(self, _: None) -> None:
        """The forwarder is killed; its leases run out, and another one takes up what it had."""
        self.claimed.clear()
        execute(self.url, "UPDATE deliveries SET lease_until = now() - interval '2 min' WHERE state = 'sending'")
        await self._time(None)

    async def _time(self, _: None) -> None:
        execute(
            self.url, "UPDATE deliveries SET next_attempt_at = now() - interval '1 s' WHERE next_attempt_at > now()"
        )
        async with self.database.begin() as db:
            await deliveries_database.expire_leases(db, words="lost")

    async def _action(self, action: QueueAction) -> None:
        await queue_controller.change_queue(
            self.database, QueueChoice(), action, actor=Actor("tester", "test"), publish=publish_nothing
        )

    async def _status(self, status: MessageStatus) -> None:
        async with self.database.begin() as db:
            await messages_database.set_status(db, self._last(), status)

    async def _retry(self, _: None) -> None:
        async with self.database.begin() as db:
            await messages_database.make_due(db, self._last())

    async def _delete(self, _: None) -> None:
        async with self.database.begin() as db:
            await messages_database.delete_messages(db, self._last())

    async def settle(self) -> None:
        """Let a forwarder look at the queue once more: what was closed by hand is put away then."""
        await self._time(None)
        await self._claim(100)

    def _last(self) -> list[int]:
        return [row[0] for row in rows_of(self.url, "SELECT max(id) FROM messages HAVING count(*) > 0")]


@pytest.fixture
def in_loop(database_url) -> Callable[..., Any]:
    """Run something over the test's database in a loop of its own, as hypothesis knows no async tests."""

    def run(work: Callable[[Database], Any]) -> Any:
        async def opened() -> Any:
            database = Database(database_url, origin="books")
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(opened())

    return run


_FIXTURES_STAY = [HealthCheck.function_scoped_fixture]


@settings(max_examples=40, suppress_health_check=_FIXTURES_STAY)
@given(steps=st.lists(_steps, min_size=3, max_size=14))
def test_the_books_balance_after_every_history(in_loop, database_url, steps):
    execute(database_url, _EMPTY)

    async def live(database: Database) -> tuple[Books, _History]:
        history = _History(database, database_url)
        for step, value in [("accept", 2), *steps]:
            await history.take(step, value)
        await history.settle()
        return await forwarder_controller.books(database, 2), history

    found, history = in_loop(live)

    assert found.suspects == ()
    assert [line.difference for line in found.lines if line.difference] == []
    assert sum(line.accepted for line in found.lines) == history.accepted


_deliveries = st.lists(
    st.tuples(st.sampled_from(list(DeliveryState)), st.sampled_from([None, -300, 60]), st.booleans()),
    max_size=3,
)
_mails = st.lists(
    st.tuples(st.sampled_from([*MessageStatus, None]), st.booleans(), _deliveries), min_size=1, max_size=6
)


@settings(max_examples=30, suppress_health_check=_FIXTURES_STAY)
@given(mails=_mails)
def test_the_statement_says_the_same_as_the_words(in_loop, database_url, mails):
    execute(database_url, _EMPTY)
    expected: dict[MessageId, BookClass] = {}
    for status, is_removed, deliveries in mails:
        stored = [
            StoredDelivery(f"x{place}@one.example", state=state.value, lease_in=lease, held=held)
            for place, (state, lease, held) in enumerate(deliveries)
        ]
        number = write_accepted(database_url, *stored, status=status or MessageStatus.PENDING)
        if status is None:
            _lose(database_url, number, is_removed=is_removed)
        expected[number] = book_class(
            AcceptedMail(
                status,
                is_removed,
                tuple(state for state, _, _ in deliveries),
                any(state is DeliveryState.SENDING and (lease or -1) < 0 for state, lease, _ in deliveries),
            )
        )

    found = in_loop(lambda database: forwarder_controller.books(database, 2))

    faults = {number: kind for number, kind in expected.items() if kind.is_fault}
    assert {one.message_id: one.kind for one in found.suspects} == faults
    assert sum(line.difference for line in found.lines) == len(faults)
    for kind in ("delivered", "bounced", "failed", "rejected", "waiting", "removed"):
        assert sum(getattr(line, kind) for line in found.lines) == list(expected.values()).count(BookClass(kind))


def _lose(url: str, number: MessageId, *, is_removed: bool) -> None:
    """Remove a message without a trace, or with the trace that removing leaves."""
    if is_removed:
        execute(url, "DELETE FROM messages WHERE id = %s", number)
    else:
        execute(url, "SET session_replication_role = replica; DELETE FROM messages WHERE id = " + str(int(number)))
        execute(url, "DELETE FROM deliveries WHERE message_id = %s", number)


_QUEUED = StoredDelivery("a@one.example", next_in=-1)
_TAMPERINGS = {
    "the message is deleted without a trace": (BookClass.GONE, None),
    "the delivery is deleted": (BookClass.IDLE, "DELETE FROM deliveries"),
    "the delivery is called sent": (BookClass.IDLE, "UPDATE deliveries SET state = 'sent'"),
    "the delivery is called failed": (BookClass.IDLE, "UPDATE deliveries SET state = 'failed'"),
    "the message is called delivered": (BookClass.REOPENED, "UPDATE messages SET status = 'delivered'"),
    "the message is called rejected": (BookClass.REOPENED, "UPDATE messages SET status = 'rejected'"),
    "its lease has no end": (BookClass.STUCK, "UPDATE deliveries SET state = 'sending'"),
    "its lease ended long ago": (
        BookClass.STUCK,
        "UPDATE deliveries SET state = 'sending', lease_until = now() - interval '61 s'",
    ),
}


@pytest.mark.parametrize("what", list(_TAMPERINGS))
async def test_every_kind_of_tampering_is_shown_with_the_number(database, database_url, what):
    kind, statement = _TAMPERINGS[what]
    number = write_accepted(database_url, _QUEUED)
    if statement is None:
        _lose(database_url, number, is_removed=False)
    else:
        execute(database_url, statement)
    write_accepted(database_url, _QUEUED)

    found = await forwarder_controller.books(database)

    (line,) = [line for line in found.lines if line.difference]
    assert (line.difference, line.suspicious, found.difference) == (1, (number,), 1)
    assert [(one.message_id, one.kind) for one in found.suspects] == [(number, kind)]


async def test_a_lease_that_ran_out_a_moment_ago_is_no_difference_yet(database, database_url):
    write_accepted(database_url, StoredDelivery("a@one.example", state="sending", lease_in=-20))

    found = await forwarder_controller.books(database)

    assert (found.difference, found.lines[0].waiting) == (0, 1)


async def test_what_retention_and_people_remove_stays_in_the_books(database, database_url):
    write_accepted(database_url, _QUEUED)
    execute(database_url, "DELETE FROM messages")

    (line,) = (await forwarder_controller.books(database)).lines

    assert (line.accepted, line.removed, line.difference) == (1, 1, 0)


async def test_of_a_deleted_message_the_books_know_nothing_but_that_it_was_there(database, database_url):
    write_accepted(database_url, _QUEUED)
    fields = ("sender", "forward_sender", "prefix", "client_address", "client_helo", "client_tls")
    changes = ", ".join(f"{name} = 'anna'" for name in fields)
    execute(database_url, f"UPDATE mail_envelopes SET {changes}")

    execute(database_url, "DELETE FROM messages")

    async with database.read() as db:
        kept = (await db.execute(text(f"SELECT {', '.join(fields)} FROM mail_envelopes"))).one()
    assert not any(kept)


async def test_there_is_a_line_for_every_hour_with_mail_the_newest_first_and_none_beyond(database, database_url):
    for hours in (0, 2, 5, 30):
        write_accepted(database_url, _QUEUED, minutes_ago=hours * 60)

    found = await forwarder_controller.books(database, 24)

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    assert [line.hour for line in found.lines] == [now - timedelta(hours=hours) for hours in (0, 2, 5)]


async def test_a_message_whose_own_time_is_another_is_found_all_the_same(database, database_url):
    write_accepted(database_url, _QUEUED)
    execute(database_url, "UPDATE messages SET created_at = now() - interval '3 days'")

    (line,) = (await forwarder_controller.books(database)).lines

    assert (line.waiting, line.difference) == (1, 0)


async def test_the_difference_is_exact_where_more_are_missing_than_are_named(database, database_url):
    number = write_accepted(database_url, _QUEUED)
    execute(
        database_url,
        "INSERT INTO mail_envelopes (message_id, kind, sender, forward_sender, prefix, may_report, is_utf8, is_8bit)"
        " SELECT %s + n, 'forward', '', '', '', false, false, false FROM generate_series(1, 250) n",
        number,
    )

    found = await forwarder_controller.books(database)

    assert found.difference == 250
    assert [one.message_id for one in found.suspects] == list(range(number + 1, number + 201))
