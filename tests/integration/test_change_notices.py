"""What other processes change arrives, and the connection is watched."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import connection_controller, organizations_controller, settings_controller
from smtpy_desktop.database import change_notices_database
from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.schemas.change_notice import ChangeNotice
from tests.helpers.stored_domains import change_domain, insert_domains

WAIT = 20.0
LOOK = "SELECT pg_current_snapshot()::text"


@asynccontextmanager
async def listening(database, heartbeat_seconds=5.0):
    """Give a queue of the notices, once the database is being listened to."""
    heard: asyncio.Queue[ChangeNotice | None] = asyncio.Queue()

    async def listen():
        async with aclosing(change_notices_database.notices(database, heartbeat_seconds=heartbeat_seconds)) as notices:
            async for notice in notices:
                heard.put_nowait(notice)

    task = asyncio.create_task(listen())
    try:
        assert await asyncio.wait_for(heard.get(), WAIT) is None
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def watching(database, *, after_gap=False):
    """Give queues of the changes and of the states of the connection that a watch tells."""
    published: asyncio.Queue[Change] = asyncio.Queue()
    told: asyncio.Queue[DatabaseUnavailable | None] = asyncio.Queue()
    task = asyncio.create_task(
        connection_controller.watch(database, publish=published.put_nowait, tell=told.put_nowait, after_gap=after_gap)
    )
    try:
        yield published, told
    finally:
        task.cancel()
        await asyncio.wait([task])


async def next_notice(heard):
    while (notice := await asyncio.wait_for(heard.get(), WAIT)) is None:
        pass
    return notice


async def is_listened_to(database):
    """Wait until somebody listens in the database."""
    async with asyncio.timeout(WAIT):
        while True:
            async with database.read() as db:
                statement = "SELECT count(*) FROM pg_stat_activity WHERE query = :what AND datname = current_database()"
                if (await db.execute(text(statement), {"what": LOOK})).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def end_connections_of(database, origin):
    async with database.begin() as db:
        statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :origin"
        await db.execute(text(statement), {"origin": origin})


async def test_a_notice_says_what_changed_and_who_did_it(connect, actor):
    window, script = connect("window"), connect("script")

    async with listening(window) as heard:
        created = await organizations_controller.create_organization(
            script, "Example", "a@example.com", actor=actor, publish=lambda change: None
        )
        notices = [await next_notice(heard), await next_notice(heard)]

    assert notices[0] == ChangeNotice("organizations", frozenset({created.id}), "script")
    assert (notices[1].topic, notices[1].origin) == ("audit", "script")


async def test_many_rows_of_one_statement_are_one_notice_about_any_of_them(connect, organization):
    window, script = connect("window"), connect("script")

    async with listening(window) as heard:
        few = await insert_domains(script, organization.id, [f"few{number}.example" for number in range(3)])
        async with script.begin() as db:
            await db.execute(text("UPDATE domains SET updated_at = now()"))
        async with script.begin() as db:
            values = "SELECT id, 'many' || n, 'many' || n, 's', 'k', 't' FROM organizations, generate_series(1, 101) n"
            columns = "organization_id, name, unicode_name, dkim_selector, dkim_public_key, verification_token"
            await db.execute(text(f"INSERT INTO domains ({columns}) {values}"))
        async with script.begin() as db:
            await db.execute(text("DELETE FROM domains WHERE false"))
        await change_domain(script, few[0], is_active=False)
        notices = [await next_notice(heard) for _ in range(4)]

    assert [notice.ids for notice in notices] == [frozenset(few), frozenset(few), frozenset(), frozenset(few[:1])]
    assert {notice.topic for notice in notices} == {"domains"}


async def test_a_change_that_is_rolled_back_is_not_told(connect, organization):
    window, script = connect("window"), connect("script")

    async def fail():
        async with script.begin() as db:
            await db.execute(text("UPDATE organizations SET name = 'other'"))
            raise RuntimeError

    async with listening(window) as heard:
        with pytest.raises(RuntimeError):
            await fail()
        async with script.begin() as db:
            await db.execute(text("UPDATE organizations SET name = 'third'"))
        notices = [await next_notice(heard)]

    assert notices[0].topic == "organizations"
    assert heard.empty()


async def test_no_notice_is_lost_between_heartbeats(connect, organization):
    window, script = connect("window"), connect("script")
    (domain_id,) = await insert_domains(script, organization.id, ["a.example"])

    async with listening(window, heartbeat_seconds=0.002) as heard:
        for _ in range(100):
            await change_domain(script, domain_id, needs_attention=True)
        notices = [await next_notice(heard) for _ in range(100)]

    assert {notice.ids for notice in notices} == {frozenset({domain_id})}


async def test_the_watch_passes_on_what_others_changed_and_not_what_we_did(connect, actor):
    window, script = connect("window"), connect("script")

    async with watching(window) as (published, told):
        await is_listened_to(script)
        for database, value in ((window, "1"), (script, "2")):
            await settings_controller.change_settings(
                database, {"dns.history_days": value}, actor=actor, publish=lambda change: None
            )
        heard = [await asyncio.wait_for(published.get(), WAIT) for _ in range(2)]

    assert {(change.topic, change.origin) for change in heard} == {(Topic.SETTINGS, "script"), (Topic.AUDIT, "script")}
    assert published.empty()
    assert told.empty()


async def test_a_topic_that_this_program_does_not_know_is_passed_over(connect, actor):
    window, script = connect("window"), connect("script")

    async with watching(window) as (published, told):
        await is_listened_to(script)
        async with script.begin() as db:
            payload = '{"topic": "of tomorrow", "ids": [], "origin": "script"}'
            await db.execute(text("SELECT pg_notify('smtpy_changes', :payload)"), {"payload": payload})
        await organizations_controller.create_organization(
            script, "Example", "a@example.com", actor=actor, publish=lambda change: None
        )
        heard = await asyncio.wait_for(published.get(), WAIT)

    assert heard.topic is Topic.ORGANIZATIONS
    assert told.empty()


async def test_a_lost_connection_is_told_once_and_its_return_makes_everything_count_as_changed(connect):
    window, script = connect("window"), connect("script")

    async with watching(window) as (published, told):
        await is_listened_to(script)
        await end_connections_of(script, "window")
        lost = await asyncio.wait_for(told.get(), WAIT)
        back = await asyncio.wait_for(told.get(), WAIT)
        heard = [await asyncio.wait_for(published.get(), WAIT) for _ in Topic]

    assert isinstance(lost, DatabaseUnavailable)
    assert back is None
    assert {change.topic for change in heard} == set(Topic)


async def test_after_the_loss_of_its_connections_the_next_transaction_works(connect, organization):
    window, script = connect("window"), connect("script")
    await organizations_controller.list_organizations(window)
    await end_connections_of(script, "window")

    rows = await organizations_controller.list_organizations(window)

    assert [row.name for row in rows] == ["Example"]


async def test_a_connection_lost_within_a_transaction_is_told_as_such(connect):
    window, script = connect("window"), connect("script")

    async def be_cut_off():
        async with window.begin() as db:
            await db.execute(text("SELECT 1"))
            await end_connections_of(script, "window")
            await db.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable) as failure:
        await be_cut_off()

    assert failure.value.code == "DATABASE_UNAVAILABLE"
    assert "\n" not in str(failure.value.detail)


@pytest.mark.expects_log("query not terminated after cancellation")
async def test_a_server_that_has_gone_silent_is_noticed_at_a_heartbeat(connect, monkeypatch):
    monkeypatch.setattr(change_notices_database, "_ANSWER_SECONDS", 0.2)
    window, script = connect("window"), connect("script")
    statement = "SELECT pid FROM pg_stat_activity WHERE application_name = 'window' AND query = :look"

    async def listen_on():
        async for _ in notices:
            pass

    async with aclosing(change_notices_database.notices(window, heartbeat_seconds=0.05)) as notices:
        await anext(notices)
        async with script.read() as db:
            backend = (await db.execute(text(statement), {"look": LOOK})).scalar_one()
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(DatabaseUnavailable):
                await asyncio.wait_for(listen_on(), WAIT)
        finally:
            os.kill(backend, signal.SIGCONT)


async def test_a_server_that_nobody_runs_is_unavailable(connect, tmp_path: Path):
    nowhere = connect("window", f"postgresql+psycopg://smtpy@/smtpy?host={tmp_path}")

    with pytest.raises(DatabaseUnavailable) as failure:
        await organizations_controller.list_organizations(nowhere)

    assert failure.value.hint is not None


INSERT_MESSAGE = (
    "INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, subject) "
    "SELECT 'id', min(id), 'a@example.com', 'b@example.com', %s FROM domains"
)
# Two connections of another process: what the second one writes right after a notice is not told in one of its own, and
# it commits only when the listener has looked at the marks a few times.
OTHER_PROCESS = """
import sys, time, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as one, psycopg.connect(sys.argv[1]) as other:
    one.execute(sys.argv[2], ["told"])
    other.execute(sys.argv[2], ["untold"])
    time.sleep(0.8)
    other.commit()
    print(time.time(), flush=True)
"""


@pytest.fixture
async def a_domain(connect, organization):
    (domain_id,) = await insert_domains(connect("set up"), organization.id, ["a.example"])
    return domain_id


async def subjects(database):
    async with database.read() as db:
        return set((await db.execute(text("SELECT subject FROM messages"))).scalars())


async def test_what_another_process_commits_untold_is_noticed_within_a_second(connect, a_domain):
    window = connect("window")
    url = window.url.render_as_string(hide_password=False).replace("+psycopg", "")

    async with watching(window) as (published, _):
        await is_listened_to(connect("script"))
        other = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OTHER_PROCESS, url, INSERT_MESSAGE, stdout=asyncio.subprocess.PIPE
        )
        seen: set[str] = set()
        while "untold" not in seen:
            change = await asyncio.wait_for(published.get(), WAIT)
            noticed = time.time()
            assert change.topic is Topic.MESSAGES
            seen = await subjects(window)
        output, _ = await other.communicate()

    assert noticed - float(output) < 1


async def test_of_a_burst_few_notices_go_out_and_its_last_message_is_noticed(connect, a_domain, database_url):
    window = connect("window")

    def write(number):
        with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as own:
            for turn in range(50):
                own.execute(INSERT_MESSAGE, [f"{number}/{turn}"])
        return time.monotonic()

    began = time.monotonic()
    async with watching(window) as (published, _):
        await is_listened_to(connect("script"))
        writers = asyncio.gather(*(asyncio.to_thread(write, number) for number in range(8)))
        number_of_changes = 0
        while len(await subjects(window)) < 400:
            await asyncio.wait_for(published.get(), WAIT)
            number_of_changes += 1
        noticed = time.monotonic()
        ended = max(await writers)

    assert noticed - ended < 1
    # At most ten notices and four looks a second; eight writers may send one each at the same moment.
    assert number_of_changes < 8 + 20 * (noticed - began)


async def test_one_message_is_told_by_its_id(connect, a_domain):
    window, script = connect("window"), connect("script")

    async with listening(window) as heard:
        async with script.begin() as db:
            await db.execute(text(INSERT_MESSAGE % "'one'"))
        notice = await next_notice(heard)

    assert (notice.topic, len(notice.ids), notice.origin) == ("messages", 1, "script")


async def test_a_watch_that_begins_after_a_gap_counts_everything_as_changed_once(database):
    async with watching(database, after_gap=True) as (published, told):
        topics = [(await asyncio.wait_for(published.get(), WAIT)).topic for _ in Topic]

        assert set(topics) == set(Topic)
        assert told.empty()
