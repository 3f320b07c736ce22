"""Retention: what is past its time goes, in small steps and by one process, and nothing that is still needed does."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import (
    audit_controller,
    message_details_controller,
    retention_controller,
    settings_controller,
)
from smtpy_desktop.database import message_counts_database, retention_database
from smtpy_desktop.errors import ConflictError
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.retention import RetentionNumbers, RetentionRule
from tests.helpers.stored_messages import write_messages

DAY = 24 * 60


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as opened:
        yield opened


@pytest.fixture
def store(database_url, connection):
    """Give a function that stores messages of an age in days, each with its content and, if wanted, a delivery."""

    def one(*names, days, delivery=None, content=True, **values):
        ids = write_messages(database_url, names, minutes_ago=days * DAY, **{"status": "failed", **values})
        connection.execute("UPDATE messages SET updated_at = created_at WHERE id = ANY(%s)", [ids])
        if delivery is not None:
            connection.execute(
                "INSERT INTO deliveries (message_id, target, state, lease_until)"
                " SELECT one, 'me@example.net', %s, now() + interval '1 hour' FROM unnest(%s::bigint[]) one",
                [delivery, ids],
            )
        if content:
            connection.execute(
                "INSERT INTO message_contents (message_id, raw) SELECT one, 'raw' FROM unnest(%s::bigint[]) one", [ids]
            )
        return ids

    return one


@pytest.fixture
def keep(database, actor):
    """Give a function that sets how many days messages and contents are kept."""

    async def one(messages, contents):
        values = {"retention.messages_days": str(messages), "retention.contents_days": str(contents)}
        await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)

    return one


@pytest.fixture
def remove(database, actor, changes):
    async def once(of=database, **options):
        return await retention_controller.remove_expired(of, actor=actor, publish=changes.append, **options)

    return once


def left(connection, table="messages"):
    column = "subject" if table == "messages" else "message_id"
    return [row[0] for row in connection.execute(f"SELECT {column} FROM {table} ORDER BY 1")]


async def runs(database):
    rows = await audit_controller.list_entries(database)
    return [(row.object_name, row.changes) for row in rows if row.action == "retention.run"]


async def test_old_messages_go_with_everything_and_young_ones_stay(store, connection, keep, remove):
    store("old", "older", days=40, delivery="failed")
    store("young", days=5)
    await keep(30, 0)

    gone = await remove()

    assert gone == RetentionNumbers(messages=2)
    assert left(connection) == ["young"]
    assert connection.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
    assert len(left(connection, "message_contents")) == 1


async def test_contents_go_before_their_messages(store, connection, keep, remove):
    store("old", days=10)
    (young,) = store("young", days=5)
    await keep(30, 7)

    gone = await remove()

    assert gone == RetentionNumbers(contents=1)
    assert left(connection) == ["old", "young"]
    assert left(connection, "message_contents") == [young]


async def test_what_may_still_be_sent_keeps_its_message_and_its_content(store, connection, keep, remove):
    for status in ("failed", "delivered", "pending", "processing"):
        for state in ("queued", "deferred", "sending"):
            store(f"{status} {state}", days=900, delivery=state, status=status)
    store("no delivery yet", days=900, status="pending")
    connection.execute("UPDATE message_contents SET expires_at = now() - interval '1 day'")
    await keep(30, 7)

    gone = await remove()

    assert gone.is_nothing
    assert len(left(connection)) == len(left(connection, "message_contents")) == 13


async def test_a_content_with_an_end_of_its_own_goes_then(store, connection, keep, remove):
    store("delivered", days=1, status="delivered")
    connection.execute("UPDATE message_contents SET expires_at = now() - interval '1 minute'")
    await keep(0, 30)

    gone = await remove()

    assert gone == RetentionNumbers(contents=1)


async def test_zero_days_and_nothing_set_keep_for_ever(store, connection, database, keep, remove):
    store("old", days=4000, content=False)
    by_default = await remove()
    store("with content", days=4000)
    await keep(0, 0)

    gone = await remove()

    assert by_default.is_nothing
    assert gone.is_nothing
    assert await retention_controller.retention_rule(database) == RetentionRule(0, 0, 90)
    assert len(left(connection)) == 2


async def test_what_is_told_before_is_what_goes(store, database, keep, remove):
    store("a", "b", "c", days=40)
    store("waits", days=40, delivery="queued", status="delivered")
    store("contents", "only", days=10)
    store("young", days=1)
    rule = RetentionRule(30, 7)
    await keep(rule.messages_days, rule.contents_days)

    told = await retention_controller.count_expired(database, rule)

    assert told == RetentionNumbers(messages=3, contents=2)
    assert await remove() == told
    assert (await retention_controller.count_expired(database, rule)).is_nothing


async def test_a_run_goes_in_small_steps_and_has_one_line_in_the_log(
    store, database, keep, remove, changes, monkeypatch
):
    monkeypatch.setattr(retention_controller, "_BATCH", 3)
    store(*(f"old {number}" for number in range(8)), days=40)
    store("content", days=10)
    await keep(30, 7)
    progress = Progress()

    await remove(progress=progress)
    await remove()

    assert await runs(database) == [
        (
            "retention.messages_days = 30, retention.contents_days = 7, retention.events_days = 90",
            {"messages": 8, "contents": 1},
        )
    ]
    assert (progress.done, progress.total) == (9, 9)
    told = [change for change in changes if change.topic is Topic.MESSAGES]
    assert [len(change.ids) for change in told] == [3, 3, 2, 1]
    assert changes[-1] == Change(Topic.AUDIT)


async def test_a_stopped_run_has_written_down_exactly_what_went(store, connection, database, keep, actor, monkeypatch):
    monkeypatch.setattr(retention_controller, "_BATCH", 3)
    store(*(f"old {number}" for number in range(8)), days=40)
    await keep(30, 0)
    heard = asyncio.Event()
    task = asyncio.create_task(
        retention_controller.remove_expired(database, actor=actor, publish=lambda change: heard.set())
    )
    await asyncio.wait_for(heard.wait(), 10)

    task.cancel()
    await asyncio.wait([task])

    gone = 8 - len(left(connection))
    assert 0 < gone < 8
    assert [changes for _, changes in await runs(database)] == [{"messages": gone}]


async def test_only_one_process_removes_at_a_time(store, connection, connect, keep, remove):
    store("old", days=40)
    await keep(30, 0)
    other = connect("other")

    async with other.begin() as db:
        assert await retention_database.take_turn(db)
        with pytest.raises(ConflictError) as refused:
            await remove()
    afterwards = await remove()

    assert refused.value.code == "RETENTION_BUSY"
    assert afterwards.messages == 1


async def test_many_processes_at_once_remove_everything_once(store, connection, connect, keep, remove, monkeypatch):
    monkeypatch.setattr(retention_controller, "_BATCH", 5)
    store(*(f"old {number}" for number in range(60)), days=40)
    await keep(30, 0)

    outcomes = await asyncio.gather(
        *(remove(of=connect(f"process {number}")) for number in range(5)), return_exceptions=True
    )

    removed = [one.messages for one in outcomes if isinstance(one, RetentionNumbers)]
    assert sum(removed) == 60
    assert left(connection) == []
    assert all(isinstance(one, RetentionNumbers | ConflictError) for one in outcomes)


async def test_a_message_that_is_retried_at_the_same_moment_keeps_its_content(
    store, database, database_url, connection, keep, remove, actor
):
    (retried,) = store("retried", days=40, delivery="failed")
    (settled,) = store("settled", days=40, delivery="uncertain", status="delivered")
    await keep(0, 7)

    with psycopg.connect(database_url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM messages WHERE id = %s FOR UPDATE", [retried])  # a retry that has just begun
        other.execute("UPDATE deliveries SET state = 'queued' WHERE message_id = %s", [retried])
        gone = await remove()

    assert gone == RetentionNumbers(contents=1)
    assert left(connection, "message_contents") == [retried]
    assert settled != retried


async def test_a_retry_waits_for_a_removal_and_finds_nothing_to_send(store, database, database_url, connection, actor):
    (number,) = store("gone", days=40, delivery="failed")

    with psycopg.connect(database_url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM messages WHERE id = %s FOR UPDATE", [number])
        other.execute("DELETE FROM message_contents WHERE message_id = %s", [number])
        retry = asyncio.create_task(
            message_details_controller.retry_now(database, [number], actor=actor, publish=lambda change: None)
        )
        await waits_for_a_lock(connection)
        other.commit()

    assert await retry == ()
    assert connection.execute("SELECT state FROM deliveries").fetchone() == ("failed",)


async def waits_for_a_lock(connection):
    for _ in range(1000):
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        if connection.execute(waiting).fetchone()[0]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_the_counts_agree_and_keep_no_empty_rows(store, connection, database, keep, remove):
    store("old", "older", days=40)
    store("young", days=1)
    await keep(30, 0)

    await remove()

    async with database.read() as db:
        totals = await message_counts_database.totals(db)
    assert (totals.total, totals.failed) == (1, 1)
    for table in ("message_hour_counts", "message_period_counts", "message_sender_counts"):
        assert connection.execute(f"SELECT count(*) FROM {table} WHERE count = 0").fetchone() == (0,)


async def test_the_background_run_is_shown_and_goes_on_every_hour(store, connection, database, keep):
    store("old", days=40)
    await keep(30, 0)
    shown: asyncio.Queue = asyncio.Queue()
    running = asyncio.create_task(
        retention_controller.run_retention(
            database, publish=lambda change: None, on_run=shown.put_nowait, first_seconds=0, every_seconds=0.01
        )
    )

    first = await asyncio.wait_for(shown.get(), 10)
    gone = await asyncio.wait_for(first.outcome(), 10)
    second = await asyncio.wait_for(shown.get(), 10)
    again = await asyncio.wait_for(second.outcome(), 10)
    running.cancel()
    await asyncio.wait([running])

    assert (gone.messages, again.messages) == (1, 0)
    logged = connection.execute("SELECT actor, via FROM audit_log WHERE action = 'retention.run'").fetchall()
    assert logged == [("smtpy-desktop", "retention")]


async def test_who_stops_one_background_run_does_not_stop_the_next(database, database_url):
    shown: asyncio.Queue = asyncio.Queue()

    def show(run):
        shown.put_nowait((run, asyncio.create_task(run.outcome())))

    with psycopg.connect(database_url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE server_settings")  # a run gets no further than this
        running = asyncio.create_task(
            retention_controller.run_retention(
                database, publish=lambda change: None, on_run=show, first_seconds=0, every_seconds=0.01
            )
        )
        first, waiting = await asyncio.wait_for(shown.get(), 10)
        waiting.cancel()
        second, _ = await asyncio.wait_for(shown.get(), 10)
        running.cancel()
        await asyncio.wait([running])

    assert first.task.cancelled()
    assert second.task.cancelled()


async def test_a_database_that_is_away_is_waited_for(database, store, keep):
    store("old", days=40)
    await keep(30, 0)
    shown: asyncio.Queue = asyncio.Queue()
    good, database.engine = database.engine, AwayEngine()
    running = asyncio.create_task(
        retention_controller.run_retention(
            database,
            publish=lambda change: None,
            on_run=shown.put_nowait,
            first_seconds=0,
            every_seconds=1000,
            again_seconds=0.01,
        )
    )
    first = await asyncio.wait_for(shown.get(), 10)
    await asyncio.wait([first.task])
    database.engine = good

    outcomes = [first]
    while outcomes[-1].task.exception() is not None:
        outcomes.append(await asyncio.wait_for(shown.get(), 10))
        await asyncio.wait([outcomes[-1].task])
    running.cancel()
    await asyncio.wait([running])

    assert first.task.exception().code == "DATABASE_UNAVAILABLE"
    assert outcomes[-1].task.result().messages == 1


class AwayEngine:
    """An engine whose sessions fail as if nobody listened."""

    def __getattr__(self, name):
        raise ConnectionRefusedError
