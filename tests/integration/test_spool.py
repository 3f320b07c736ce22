"""The spool over a real database: durable when it answers, in groups, and one bad message hurts itself alone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from smtpy_desktop.changes import Topic
from smtpy_desktop.controllers import spool_controller
from smtpy_desktop.controllers.spool_controller import (
    GATHER_SECONDS,
    MOST_BYTES,
    MOST_MESSAGES,
    SIBLINGS,
    Spool,
)
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.messages import Attachment, MessageStatus
from smtpy_desktop.schemas.spool import EnvelopeKind, SpooledEnvelope, SpooledMessage
from tests.helpers.clusters import kill_server
from tests.helpers.stored_domains import insert_domains

ENVELOPE = SpooledEnvelope(EnvelopeKind.FORWARD, "jo@b.example", "SRS0=x@a.example", prefix=b"Received: x\r\n")
RAW = b"Subject: x\r\n\r\n\x00\xff body\r\n"


def message(domain_id: DomainId, *targets: str, **values) -> SpooledMessage:
    defaults = {
        "message_id": "<1@b.example>",
        "thread_id": None,
        "sender_email": "jo@b.example",
        "recipient_email": "info@a.example",
        "forwarded_to": ", ".join(targets) or None,
        "subject": "Hello",
        "body_preview": "body",
        "status": MessageStatus.PENDING,
        "size_bytes": len(RAW),
        "raw": RAW,
        "envelope": ENVELOPE,
    }
    return SpooledMessage(domain_id=domain_id, targets=targets, **(defaults | values))


class Counted:
    """Transactions of a database that are counted, held up, or made to fail."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.begun = 0
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures: list[BaseException] = []
        self.after_commit: list[BaseException] = []

    @asynccontextmanager
    async def begin(self):
        self.begun += 1
        self.entered.set()
        await self.gate.wait()
        with translated_errors():
            async with self.database.begin() as db:
                yield db
                if self.failures:
                    raise self.failures.pop(0)
            if self.after_commit:
                raise self.after_commit.pop(0)

    def read(self):
        return self.database.read()


@pytest.fixture
async def domain_id(database, organization):
    (found,) = await insert_domains(database, organization.id, ["a.example"])
    return found


@pytest.fixture
async def trial(database, domain_id):
    made = Trial(database)
    yield made
    await made.spool.close()


class Trial:
    """A spool with a place for what it starts and tells."""

    def __init__(self, database: Database, room: int = 0) -> None:
        self.sessions = Counted(database)
        self.room, self.due, self.changes = room, [], []
        self.spool = Spool(
            self.sessions,
            forwarder="mx1:1",
            room=lambda: self.room,
            started=self.due.extend,
            publish=self.changes.append,
        )


async def rows(database: Database, statement: str):
    async with database.read() as db:
        return [tuple(row) for row in await db.execute(text(statement))]


async def test_a_message_is_stored_with_everything_that_belongs_to_it(trial, database, domain_id):
    envelope = replace(
        ENVELOPE, may_report=True, is_8bit=True, client_address="192.0.2.1", client_helo="mx", client_tls="TLSv1.3"
    )
    kept = message(
        domain_id,
        "box@out.example",
        "other@out.example",
        envelope=envelope,
        headers="Subject: x\r\n",
        attachments=(Attachment('a"b.pdf', "application/pdf", 5),),
        authentication={"spf": "pass"},
        thread_id="<0@b.example>",
    )

    (message_id,) = await trial.spool.store([kept])

    assert await rows(
        database,
        "SELECT id, message_id, thread_id, sender_email, recipient_email, forwarded_to, subject, body_preview, status,"
        " size_bytes, has_attachments, attachments, authentication, headers, error_message, delivered_at FROM messages",
    ) == [
        (
            message_id,
            "<1@b.example>",
            "<0@b.example>",
            "jo@b.example",
            "info@a.example",
            "box@out.example, other@out.example",
            "Hello",
            "body",
            "pending",
            len(RAW),
            True,
            [{"name": 'a"b.pdf', "type": "application/pdf", "size_bytes": 5}],
            {"spf": "pass"},
            "Subject: x\r\n",
            None,
            None,
        )
    ]
    assert await rows(database, "SELECT message_id, raw FROM message_contents") == [(message_id, RAW)]
    assert await rows(
        database,
        "SELECT message_id, kind, sender, forward_sender, prefix, may_report, is_utf8, is_8bit, client_address,"
        " client_helo, client_tls, forwarder FROM mail_envelopes",
    ) == [
        (
            *(message_id, "forward", "jo@b.example", "SRS0=x@a.example", b"Received: x\r\n", True, False, True),
            *("192.0.2.1", "mx", "TLSv1.3", "mx1:1"),
        )
    ]
    assert await rows(database, "SELECT target, state, attempts FROM deliveries ORDER BY id") == [
        ("box@out.example", "queued", 0),
        ("other@out.example", "queued", 0),
    ]
    assert [change.ids for change in trial.changes if change.topic is Topic.MESSAGES] == [{message_id}]


async def test_ids_come_in_the_order_of_the_messages(trial, database, domain_id):
    wanted = [message(domain_id, f"t{number}@out.example", subject=str(number)) for number in range(30)]

    ids = await trial.spool.store(wanted)

    found = dict(await rows(database, "SELECT id, subject FROM messages"))
    assert [found[one] for one in ids] == [str(number) for number in range(30)]


async def test_bytes_that_several_messages_share_come_to_each_of_them(trial, database, domain_id):
    other = b"other"

    ids = await trial.spool.store(
        [message(domain_id, f"{number}@x.example", raw=other if number == 1 else RAW) for number in range(4)]
    )

    found = dict(await rows(database, "SELECT message_id, raw FROM message_contents"))
    assert [found[one] for one in ids] == [RAW, other, RAW, RAW]


async def test_as_many_deliveries_are_begun_as_there_is_room_and_the_rest_waits(trial, database, domain_id):
    trial.room = 3

    first, second = await trial.spool.store(
        [message(domain_id, "a@x.example", "b@x.example"), message(domain_id, "c@x.example", "d@x.example")]
    )

    found = await rows(
        database,
        "SELECT target, d.state, leased_by, lease_until > now(), next_attempt_at IS NULL, attempts, a.outcome, a.id"
        " FROM deliveries AS d LEFT JOIN delivery_attempts AS a ON a.delivery_id = d.id ORDER BY d.id",
    )
    assert [row[:7] for row in found[:3]] == [
        (f"{name}@x.example", "sending", "mx1:1", True, True, 1, "sending") for name in "abc"
    ]
    assert found[3] == ("d@x.example", "queued", None, None, False, 0, None, None)
    assert await rows(database, "SELECT id, status FROM messages ORDER BY id") == [
        (first, "processing"),
        (second, "processing"),
    ]
    assert [(one.mail.recipient, one.attempt_id, one.message_id, one.attempts) for one in trial.due] == [
        ("a@x.example", found[0][7], first, 0),
        ("b@x.example", found[1][7], first, 0),
        ("c@x.example", found[2][7], second, 0),
    ]
    assert trial.due[0].mail.prefix + trial.due[0].mail.raw == b"Received: x\r\n" + RAW
    assert trial.due[0].mail.sender == "SRS0=x@a.example"


async def test_what_waits_while_a_batch_is_written_is_the_next_batch(trial, database, domain_id):
    trial.sessions.gate.clear()
    first = asyncio.create_task(trial.spool.store([message(domain_id, "a@x.example")]))
    await trial.sessions.entered.wait()
    others = [asyncio.create_task(trial.spool.store([message(domain_id, "a@x.example")])) for _ in range(20)]
    await asyncio.sleep(0)

    trial.sessions.gate.set()
    ids = await asyncio.gather(first, *others)

    assert trial.sessions.begun == 2
    assert len({one for (one,) in ids}) == 21


async def test_what_comes_within_a_moment_is_one_batch_while_many_clients_are_connected(trial, database, domain_id):
    busy = Spool(
        trial.sessions, forwarder="busy", room=lambda: 0, started=lambda due: None, clients=lambda: 2 * SIBLINGS
    )
    first = asyncio.create_task(busy.store([message(domain_id, "a@t.example")]))
    await asyncio.sleep(GATHER_SECONDS / 3)

    await asyncio.gather(first, busy.store([message(domain_id, "b@t.example")]))

    assert trial.sessions.begun == 1
    await busy.close()


async def test_a_batch_is_written_as_soon_as_nearly_everybody_has_handed_over(trial, domain_id, monkeypatch):
    monkeypatch.setattr(spool_controller, "GATHER_SECONDS", 3600.0)
    busy = Spool(
        trial.sessions, forwarder="busy", room=lambda: 0, started=lambda due: None, clients=lambda: 1 + SIBLINGS
    )

    first = asyncio.create_task(busy.store([message(domain_id, "a@t.example")]))
    await asyncio.gather(first, busy.store([message(domain_id, "b@t.example")]))

    assert trial.sessions.begun == 1
    await busy.close()


async def test_a_batch_has_its_limits(trial, domain_id):
    large = b"x" * (MOST_BYTES // 3)

    await asyncio.gather(*(trial.spool.store([message(domain_id, raw=b"")]) for _ in range(MOST_MESSAGES + 1)))
    by_number = trial.sessions.begun
    await asyncio.gather(*(trial.spool.store([message(domain_id, "a@x.example", raw=large)]) for _ in range(4)))

    assert by_number == 2
    assert trial.sessions.begun - by_number == 2


@pytest.mark.expects_log("a message could not be stored")
async def test_one_bad_message_hurts_itself_alone(trial, database, domain_id):
    bad = DomainId(999_999)

    results = await asyncio.gather(
        *(
            trial.spool.store([message(bad if number in (5, 17) else domain_id, f"t{number}@x.example")])
            for number in range(20)
        ),
        return_exceptions=True,
    )

    failed = [number for number, result in enumerate(results) if isinstance(result, BaseException)]
    assert failed == [5, 17]
    assert all(isinstance(results[number], UserFacingError) for number in failed)
    assert {results[number].code for number in failed} == {"MAIL_NOT_STORED"}
    assert await rows(database, "SELECT count(*) FROM deliveries") == [(18,)]


@pytest.mark.expects_log("a message could not be stored")
async def test_the_messages_of_one_mail_are_stored_all_or_none(trial, database, domain_id):
    with pytest.raises(UserFacingError):
        await trial.spool.store([message(domain_id, "a@x.example"), message(DomainId(999_999), "b@x.example")])

    assert await rows(database, "SELECT count(*) FROM messages") == [(0,)]


@pytest.mark.expects_log("a message could not be stored")
async def test_the_log_says_nothing_of_what_could_not_be_stored(trial, caplog):
    with pytest.raises(UserFacingError):
        await trial.spool.store([message(DomainId(999_999), "a@x.example", subject="the secret subject")])

    assert "secret" not in caplog.text


async def test_texts_that_the_database_cannot_hold_are_replaced(trial, database, domain_id):
    nasty = "a\0b\udcff" + "é\U0001f600"
    attachment = Attachment(nasty, nasty, 1)

    await trial.spool.store(
        [
            message(
                domain_id,
                f"{nasty}@x.example",
                subject=nasty,
                message_id=nasty,
                thread_id=nasty,
                sender_email=nasty,
                recipient_email=nasty,
                body_preview=nasty,
                headers=nasty,
                error_message=nasty,
                attachments=(attachment,),
                authentication={"spf": nasty},
                envelope=replace(ENVELOPE, sender=nasty, forward_sender=nasty, client_helo=nasty, client_tls=nasty),
            )
        ]
    )

    ((subject, attachments),) = await rows(database, "SELECT subject, attachments FROM messages")
    assert subject == "a�b?é\U0001f600"
    assert attachments[0]["name"] == subject


async def test_rules_that_decided_are_counted_even_when_some_were_deleted(trial, database, domain_id):
    async with database.begin() as db:
        rule_ids = list(
            await db.scalars(
                text(
                    "INSERT INTO rules (domain_id, position, action)"
                    " VALUES (:id, 1, 'forward'), (:id, 2, 'forward') RETURNING id"
                ),
                {"id": domain_id},
            )
        )

    for _ in range(2):
        await asyncio.gather(
            *(trial.spool.store([message(domain_id, rule_ids=(rule_ids[n % 2], 999_999))]) for n in range(5))
        )

    assert await rows(database, "SELECT rule_id, matches FROM rule_matches ORDER BY 1") == [
        (rule_ids[0], 6),
        (rule_ids[1], 4),
    ]


async def test_a_refusal_is_stored_without_bytes_envelope_or_deliveries(trial, database, domain_id):
    await trial.spool.store(
        [message(domain_id, status=MessageStatus.REJECTED, raw=None, envelope=None, error_message="550 No")]
    )

    assert await rows(database, "SELECT status, error_message FROM messages") == [("rejected", "550 No")]
    for table in ("message_contents", "mail_envelopes", "deliveries"):
        assert await rows(database, f"SELECT count(*) FROM {table}") == [(0,)]


async def test_a_full_disk_is_said_as_such_and_mail_is_stored_again_once_there_is_room(trial, database, domain_id):
    error = psycopg.errors.DiskFull("could not extend file")
    trial.sessions.failures = [DBAPIError("INSERT", {}, error)]

    results = await asyncio.gather(
        *(trial.spool.store([message(domain_id, "a@x.example")]) for _ in range(3)), return_exceptions=True
    )
    after = await trial.spool.store([message(domain_id, "a@x.example")])

    assert [result.code for result in results] == ["DISK_FULL"] * 3
    assert await rows(database, "SELECT id FROM messages") == [after]


async def test_what_was_committed_when_the_connection_broke_is_found_and_begun_and_not_sent_again(
    trial, database, domain_id
):
    trial.room = 1
    trial.sessions.after_commit = [DatabaseUnavailable("DATABASE_UNAVAILABLE", "gone")]

    (found,) = await trial.spool.store([message(domain_id, "a@x.example")])

    assert [due.message_id for due in trial.due] == [found]
    assert await rows(database, "SELECT id FROM messages") == [(found,)]


async def test_what_was_not_committed_when_the_connection_broke_is_not_acknowledged(trial, database, domain_id):
    trial.sessions.failures = [DatabaseUnavailable("DATABASE_UNAVAILABLE", "gone")]

    with pytest.raises(DatabaseUnavailable):
        await trial.spool.store([message(domain_id, "a@x.example")])

    assert trial.due == []
    assert await rows(database, "SELECT count(*) FROM messages") == [(0,)]


async def test_nothing_is_taken_any_more_once_it_is_closed_but_what_waited_is_stored(trial, database, domain_id):
    waiting = [asyncio.create_task(trial.spool.store([message(domain_id, "a@x.example")])) for _ in range(5)]
    await asyncio.sleep(0)

    await trial.spool.close()

    assert len(await asyncio.gather(*waiting)) == 5
    with pytest.raises(UserFacingError):
        await trial.spool.store([message(domain_id, "a@x.example")])
    assert await rows(database, "SELECT count(*) FROM messages") == [(5,)]


async def test_a_caller_that_goes_away_does_not_hold_up_the_others(trial, database, domain_id):
    trial.sessions.gate.clear()
    callers = [asyncio.create_task(trial.spool.store([message(domain_id, "a@x.example")])) for _ in range(4)]
    await trial.sessions.entered.wait()

    callers[0].cancel()
    trial.sessions.gate.set()
    results = await asyncio.gather(*callers, return_exceptions=True)

    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(result, tuple) for result in results[1:])


@pytest.mark.expects_log("could not be told")
async def test_a_fault_of_those_who_are_told_is_no_failure_of_what_is_stored(trial, database, domain_id):
    def fail(due):
        raise RuntimeError("full")

    trial.room, trial.spool._started = 10, fail

    ids = await asyncio.gather(*(trial.spool.store([message(domain_id, "a@x.example")]) for _ in range(3)))

    assert len(ids) == 3
    assert await rows(database, "SELECT count(*) FROM messages") == [(3,)]


async def test_two_processes_that_count_the_same_rules_do_not_wait_for_each_other(database, connect, domain_id):
    async with database.begin() as db:
        statement = (
            "INSERT INTO rules (domain_id, position, action) SELECT :id, n, 'forward' FROM generate_series(1, 8) n"
        )
        await db.execute(text(statement), {"id": domain_id})
        rule_ids = list(await db.scalars(text("SELECT id FROM rules")))
    trials = [Trial(connect(f"process {number}")) for number in range(3)]

    await asyncio.gather(
        *(
            trial.spool.store([message(domain_id, rule_ids=(rule_ids[number % 8],))])
            for number in range(120)
            for trial in trials
        )
    )

    assert await rows(database, "SELECT sum(matches) FROM rule_matches") == [(360,)]
    for trial in trials:
        await trial.spool.close()


async def test_nothing_acknowledged_is_lost_when_the_database_is_killed_in_the_middle(place):
    server = EmbeddedPostgres(place / "postgres")
    url = server.start()

    database = Database(url, origin="test")
    acknowledged: list[int] = []
    enough = asyncio.Event()
    try:
        await migrate.upgrade(database.engine)
        async with database.begin() as db:
            organization_id = await db.scalar(
                text("INSERT INTO organizations (name, email) VALUES ('a', 'a@x.example') RETURNING id")
            )
        (domain_id,) = await insert_domains(database, organization_id, ["a.example"])
        spool = Trial(database).spool

        async def caller() -> None:
            try:
                while True:
                    acknowledged.extend(await spool.store([message(domain_id, "a@x.example")]))
                    if len(acknowledged) > 100:
                        enough.set()
            except DatabaseUnavailable:
                return

        callers = [asyncio.create_task(caller()) for _ in range(10)]
        await enough.wait()
        await asyncio.to_thread(kill_server, server.home)
        await asyncio.gather(*callers)
        await asyncio.to_thread(server.ensure_running)
        stored = {row[0] for row in await rows(database, "SELECT message_id FROM message_contents")}

        assert set(acknowledged) <= stored
        assert len(await spool.store([message(domain_id, "a@x.example")])) == 1
    finally:
        await database.close()
        server.stop()
