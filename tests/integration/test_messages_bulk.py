"""Actions on everything that a search finds: the right messages, what comes later left alone, stopped at any point."""

from __future__ import annotations

import asyncio
from datetime import UTC, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers import messages_bulk_controller
from smtpy_desktop.controllers.messages_bulk_controller import BulkProgress
from smtpy_desktop.core.message_extent import is_meant
from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.database import messages_bulk_database
from smtpy_desktop.database.models import AuditRecord, Message
from smtpy_desktop.errors import DatabaseUnavailable, FieldError
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.message_bulk import BulkResult, MessageSelection, Span
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageSort, MessageStatus
from tests.integration.test_messages_list import NOW, SORT_VALUES, details, expected, one_row, queries, store

ACTOR = Actor("tester", "test")
EVERYTHING = MessageQuery(descending=False)


def search(typed, **values):
    return MessageQuery(parse_search(typed, now=NOW, zone=UTC), **values)


def row(number, **values):
    return {
        "domain_id": 1,
        "message_id": f"{number}@x",
        "sender_email": "ann@example.org",
        "recipient_email": "info@example.com",
        "subject": f"invoice {number}",
        "status": "failed",
        "created_at": NOW - timedelta(minutes=number),
    } | values


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(messages_bulk_controller, "_BATCH", 2)
    monkeypatch.setattr(messages_bulk_controller, "_READ_AT_ONCE", 4)


@pytest.fixture
def other_process(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as opened:
        yield opened


async def stored_ids(database, condition=True):
    async with database.read() as db:
        return set(await db.scalars(select(Message.id).where(text(str(condition)))))


async def audit(database):
    async with database.read() as db:
        return [(row.action, row.changes) for row in await db.scalars(select(AuditRecord).order_by(AuditRecord.id))]


async def until_somebody_waits_for_a_lock(connection):
    while not connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
        await asyncio.to_thread(connection.execute, "SELECT pg_sleep(0.01)")


async def delete(database, selection, publish=publish_nothing, progress=None):
    return await messages_bulk_controller.delete_selected(
        database, selection, actor=ACTOR, publish=publish, progress=progress
    )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(one_row, max_size=12), chosen=queries, data=st.data())
async def test_exactly_what_the_search_finds_is_deleted(database, small_batches, rows, chosen, data):
    await store(database, rows)
    query = MessageQuery(**chosen | {"search": parse_search(chosen["search"], now=NOW, zone=UTC)})
    wanted = expected(rows, query)
    newest = data.draw(st.integers(0, len(rows)))
    numbers = {entry["id"]: entry for entry in rows}
    ends = st.none() | st.sampled_from(wanted).map(lambda one: (SORT_VALUES[query.sort](numbers[one]), one))
    spans = data.draw(st.lists(st.builds(Span, ends, ends), max_size=2)) if wanted else []
    selection = MessageSelection(query, newest, tuple(spans))
    meant = {one for one in wanted if is_meant(selection, details(numbers[one]))}

    if query.search.problems:
        with pytest.raises(FieldError):
            await delete(database, selection)
        assert await stored_ids(database) == set(numbers)
        return
    preview = await messages_bulk_controller.preview(database, selection)
    result = await delete(database, selection)

    assert result == BulkResult(len(meant), len(meant))
    assert (preview.count.count, preview.count.is_exact) == (len(meant), True)
    assert preview.under_way == sum(numbers[one]["status"] in ("pending", "processing") for one in meant)
    assert await stored_ids(database) == set(numbers) - meant


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(one_row, min_size=1, max_size=12), sort=st.sampled_from(list(MessageSort)), data=st.data())
async def test_a_part_of_the_list_is_read_in_its_order(database, small_batches, rows, sort, data):
    await store(database, rows)
    query = MessageQuery(sort=sort, descending=data.draw(st.booleans()))
    ids = expected(rows, query)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(ids) - 1)] * 2)))
    keys = [(SORT_VALUES[sort](rows[one - 1]), one) for one in (ids[first], ids[last])]
    selection = MessageSelection(query, len(rows), (Span(*keys),))

    found = await messages_bulk_controller.read_selected(database, selection, 5)

    assert [entry.id for entry in found] == ids[first : last + 1][:5]


async def test_what_arrives_meanwhile_is_left_alone_whatever_time_it_carries(database, small_batches, other_process):
    await store(database, [row(number) for number in range(7)])
    arrived = []

    def insert(change):
        arrived.append(
            other_process.execute(
                "INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, subject, created_at)"
                " VALUES ('new@x', 1, 'a@b.example', 'c@d.example', 'invoice', '2020-01-01') RETURNING id"
            ).fetchone()[0]
        )

    selection = await messages_bulk_controller.everything(database, search("invoice"))
    result = await delete(database, selection, insert)

    assert result == BulkResult(7, 7)
    assert len(arrived) == 4  # one change a batch
    assert await stored_ids(database) == set(arrived)


async def test_a_message_that_no_longer_matches_when_its_turn_comes_is_left_alone(
    database, small_batches, other_process
):
    await store(database, [row(number) for number in range(6)])

    def deliver(change):
        other_process.execute("UPDATE messages SET status = 'delivered' WHERE id = 6")

    selection = await messages_bulk_controller.everything(database, search("status:failed"))
    result = await delete(database, selection, deliver)

    assert result == BulkResult(5, 5)
    assert await stored_ids(database) == {6}


async def test_one_line_of_the_log_tells_the_search_and_the_number(database, small_batches):
    await store(database, [row(number) for number in range(5)])

    selection = await messages_bulk_controller.everything(database, search("invoice status:failed"))
    await messages_bulk_controller.update_selected(
        database, selection, MessageStatus.DELIVERED, " Me@Example.com ", actor=ACTOR, publish=publish_nothing
    )

    assert await audit(database) == [
        (
            "messages.status",
            {
                "query": "invoice status:failed",
                "status": "delivered",
                "forwarded_to": "Me@example.com",
                "messages": 5,
            },
        )
    ]
    assert await stored_ids(database, "status = 'delivered' AND delivered_at IS NOT NULL") == {1, 2, 3, 4, 5}


async def test_retrying_reaches_what_is_not_delivered_and_still_kept(database, small_batches, other_process):
    await store(database, [row(number) for number in range(6)])
    other_process.execute(
        "INSERT INTO deliveries (message_id, target, state)"
        " SELECT id, 'me@example.net', CASE WHEN id = 2 THEN 'sent' ELSE 'failed' END FROM messages"
    )
    other_process.execute("INSERT INTO message_contents (message_id, raw) SELECT id, 'raw' FROM messages WHERE id < 5")

    selection = await messages_bulk_controller.everything(database, search("status:failed"))
    result = await messages_bulk_controller.retry_selected(database, selection, actor=ACTOR, publish=publish_nothing)

    assert result == BulkResult(6, 3)
    assert await stored_ids(database, "status = 'pending'") == {1, 3, 4}
    assert await audit(database) == [("messages.retried", {"query": "status:failed", "messages": 3})]


async def test_stopping_finishes_the_batch_and_says_how_many_are_done(database, small_batches):
    await store(database, [row(number) for number in range(9)])
    selection = await messages_bulk_controller.everything(database, EVERYTHING)
    progress, batches = BulkProgress(), []

    def stop_at_the_second(change):
        batches.append(change)
        if len(batches) == 2:
            task.cancel()

    task = asyncio.ensure_future(delete(database, selection, stop_at_the_second, progress))
    with pytest.raises(asyncio.CancelledError):
        await task

    left = await stored_ids(database)
    assert left == {5, 6, 7, 8, 9}
    assert (progress.done, progress.total) == (4, 9)
    assert (await audit(database))[0][1]["messages"] == 4


async def test_stopping_while_a_batch_is_written_counts_it(database, small_batches, other_process):
    await store(database, [row(number) for number in range(4)])
    selection = await messages_bulk_controller.everything(database, EVERYTHING)
    progress = BulkProgress()
    other_process.execute("BEGIN")
    other_process.execute("SELECT 1 FROM messages WHERE id = 1 FOR UPDATE")
    task = asyncio.ensure_future(delete(database, selection, progress=progress))
    await until_somebody_waits_for_a_lock(other_process)

    task.cancel()
    settled = asyncio.ensure_future(messages_bulk_controller.settled(progress))
    await asyncio.to_thread(other_process.execute, "COMMIT")
    await settled
    done = progress.done
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await stored_ids(database) == {3, 4}
    assert (done, progress.done) == (2, 2)


async def test_a_connection_that_is_killed_in_the_middle_leaves_whole_batches_and_the_rest(
    database, small_batches, other_process
):
    await store(database, [row(number) for number in range(9)])
    selection = await messages_bulk_controller.everything(database, EVERYTHING)
    progress = BulkProgress()
    other_process.execute("BEGIN")
    other_process.execute("SELECT 1 FROM messages WHERE id = 8 FOR UPDATE")
    task = asyncio.ensure_future(delete(database, selection, progress=progress))
    await until_somebody_waits_for_a_lock(other_process)

    other_process.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
    with pytest.raises(DatabaseUnavailable):
        await task
    other_process.execute("COMMIT")

    assert (await stored_ids(database), progress.done) == ({7, 8, 9}, 6)
    assert (await audit(database))[0][1]["messages"] == 6
    assert await delete(database, selection) == BulkResult(3, 3)


async def test_chosen_messages_are_changed_and_no_others(database, small_batches):
    await store(database, [row(number) for number in range(5)])
    selection = MessageSelection(MessageQuery(), 5, ids=(2, 4, 99))

    result = await messages_bulk_controller.update_selected(
        database, selection, MessageStatus.REJECTED, None, actor=ACTOR, publish=publish_nothing
    )

    assert result == BulkResult(2, 2)
    assert await stored_ids(database, "status = 'rejected'") == {2, 4}


@pytest.mark.parametrize("typed", ["statsu:failed", 'subject:"open', "after:someday"])
async def test_a_search_that_is_not_understood_reaches_nothing(database, typed):
    await store(database, [row(number) for number in range(2)])
    query = search(typed)

    with pytest.raises(FieldError) as refused:
        await messages_bulk_controller.everything(database, query)

    assert refused.value.code == "SEARCH_NOT_UNDERSTOOD"


@pytest.mark.parametrize(
    ("typed", "left"),
    [("subject:3 OR subject:1", {1, 3, 5}), ("invoice -subject:2", {3}), ("nothing-like-this", {1, 2, 3, 4, 5})],
)
async def test_or_exclusion_and_nothing_at_all_are_taken_at_their_word(database, typed, left):
    await store(database, [row(number) for number in range(5)])

    selection = await messages_bulk_controller.everything(database, search(typed))
    result = await delete(database, selection)

    assert await stored_ids(database) == left
    assert result == BulkResult(5 - len(left), 5 - len(left))


async def test_a_number_that_takes_too_long_is_told_as_the_planner_expects_it(database, monkeypatch):
    await store(database, [row(number) for number in range(5)])
    monkeypatch.setattr(messages_bulk_database, "_COUNTING", 1)
    condition = func.pg_sleep(1).is_not(None)
    found = messages_bulk_database._count
    monkeypatch.setattr(messages_bulk_database, "_count", lambda db, conditions: found(db, [*conditions, condition]))

    preview = await messages_bulk_controller.preview(database, MessageSelection(search("domain:example.com"), 5))

    assert not preview.count.is_exact
    assert preview.under_way is None
