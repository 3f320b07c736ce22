"""The delivery workers against a real database and a real mail server: what is sent, recorded and told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Topic
from smtpy_desktop.controllers import delivery_controller
from smtpy_desktop.controllers.delivery_controller import DeliveryWorkers
from smtpy_desktop.core.delivery_lanes import FIRST_PAUSE
from smtpy_desktop.database import messages_database
from smtpy_desktop.database.delivery_wakes_database import delivery_wakes
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.models import Alias, AliasTarget
from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.schemas.mail_route import MailRoute
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import MailServer, SendResult
from tests.helpers.delivery_world import RAW, DeliveryWorld, FixedRoutes


class Moody:
    """A database that is away whenever a test says so; ``begun`` counts what was asked of it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.is_away = False
        self.is_silent = False
        self.begun = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        self.begun += 1
        if self.is_silent:
            await asyncio.Event().wait()
        if self.is_away:
            raise DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")
        async with self._database.begin() as db:
            yield db


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with MailSink() as running:
        yield running


@pytest.fixture
async def world(connect: Callable[..., Database], database_url: str, sink: MailSink) -> AsyncIterator[DeliveryWorld]:
    made = DeliveryWorld(connect(), database_url, FixedRoutes(sink.port))
    yield made
    made.close()


def dead_port() -> MailRoute:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return MailRoute((MailServer("dead.example", "127.0.0.1", probe.getsockname()[1]),))


@asynccontextmanager
async def running(workers: DeliveryWorkers) -> AsyncIterator[DeliveryWorkers]:
    task = asyncio.create_task(workers.run())
    try:
        yield workers
    finally:
        await workers.drain(5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await workers._sender.close()


async def test_what_is_queued_is_claimed_sent_byte_for_byte_and_recorded(world: DeliveryWorld, sink: MailSink) -> None:
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers()):
        await world.until_settled([number])

    (mail,) = sink.inbox
    assert mail.raw == b"Received: from here\r\n" + RAW
    assert (mail.sender, mail.recipients) == ("SRS0=x@example.com", ("bob@target.example",))
    assert (world.status(number), world.states(number), world.outcomes(number)) == ("delivered", ["sent"], ["sent"])
    ((host, code, enhanced, reply, at),) = world.rows(
        "SELECT host, code, enhanced, delivery_attempts.reply, delivered_at FROM delivery_attempts, messages"
    )
    assert (host, code, enhanced) == (f"sink.example [127.0.0.1]:{sink.port}", 250, "2.0.0")
    assert reply.startswith("Taken as")
    assert at is not None


async def test_what_the_intake_has_leased_is_sent_without_a_claim(world: DeliveryWorld, sink: MailSink) -> None:
    (number,) = await world.spool(world.mail("bob@target.example", "eve@target.example"), leased_by="one")

    async with running(world.workers()) as workers:
        workers.take(world.leased(number))
        await world.until_settled([number])

    assert len(sink.inbox) == 2
    assert world.outcomes(number) == ["sent", "sent"]


@pytest.mark.parametrize(
    ("fault", "status", "state", "outcome"),
    [
        (SinkFault.TEMPORARY, "pending", "deferred", "deferred"),
        (SinkFault.PERMANENT, "bounced", "failed", "failed"),
        (SinkFault.CUT_STORED, "pending", "uncertain", "uncertain"),
    ],
)
async def test_a_result_gives_delivery_and_message_their_state(
    world: DeliveryWorld, sink: MailSink, fault: SinkFault, status: str, state: str, outcome: str
) -> None:
    sink.faults.verbs[SinkVerb.CONTENT] = fault
    (number,) = await world.spool(world.mail("bob@target.example", may_report=False))

    async with running(world.workers()):
        await world.until(lambda: world.states(number) == [state])

    assert (world.status(number), world.outcomes(number)) == (status, [outcome])


# Reports to senders


async def test_a_refusal_is_told_to_the_sender_about_the_alias_alone(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.verbs[SinkVerb.RCPT], sink.faults.only_for = SinkFault.PERMANENT, "target.example"
    sink.faults.reply = "550 5.1.1 <bob@target.example>: bob is unknown at target.example"
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers()):
        (report,) = await sink.wait_for(1, recipient="anna@sender.example")

    assert (world.status(number), world.states(number)) == ("bounced", ["failed"])
    assert (report.sender, report.recipients) == ("", ("anna@sender.example",))
    assert report.header("Auto-Submitted") == "auto-replied"
    assert b"Final-Recipient: rfc822; office@example.com" in report.raw
    assert b"target.example" not in report.raw
    assert b"bob" not in report.raw
    ((error, bounce),) = world.rows("SELECT error_message, bounce_class FROM messages WHERE id = %s", number)
    assert error == "550 5.1.1 <bob@target.example>: bob is unknown at target.example"
    assert bounce == "unknown_user"
    kinds = world.rows(
        "SELECT kind, recipient_email FROM mail_envelopes e JOIN messages m ON m.id = e.message_id ORDER BY m.id"
    )
    assert kinds == [("forward", "office@example.com"), ("report", "anna@sender.example")]


async def test_a_report_to_an_address_of_ours_goes_to_where_its_alias_leads(
    world: DeliveryWorld, sink: MailSink
) -> None:
    sink.faults.verbs[SinkVerb.RCPT], sink.faults.only_for = SinkFault.PERMANENT, "target.example"
    async with world.database.begin() as db:
        alias = Alias(domain_id=world.domain, local_part="carl", address_key="carl@example.com")
        db.add(alias)
        await db.flush()
        db.add(AliasTarget(alias_id=alias.id, address="carl@box.example", address_key="carl@box.example"))
    known, unknown, rewritten = (f"{name}@example.com" for name in ("carl+x", "nobody", "SRS0=a=b=c.example=d"))
    await world.spool(*(world.mail("bob@target.example", sender=one) for one in (known, unknown, rewritten)))

    async with running(world.workers()):
        reports = [await sink.wait_for(1, recipient=one) for one in ("carl@box.example", unknown, rewritten)]

    assert reports[0][0].header("To") == f"<{known}>"
    told = "SELECT forwarded_to FROM messages WHERE recipient_email = %s"
    assert world.rows(told, known) == [("carl@box.example",)]


@pytest.mark.parametrize("envelope", [{"may_report": False}, {"sender": "", "forward_sender": ""}])
async def test_nobody_is_told_where_that_would_be_backscatter(
    world: DeliveryWorld, sink: MailSink, envelope: dict[str, object]
) -> None:
    sink.faults.verbs[SinkVerb.RCPT] = SinkFault.PERMANENT
    (number,) = await world.spool(world.mail("bob@target.example", **envelope))

    async with running(world.workers()):
        await world.until_settled([number])

    assert world.rows("SELECT count(*) FROM messages") == [(1,)]
    assert world.rows("SELECT error_message FROM messages") == [("550 5.1.1 There is no such mailbox",)]


async def test_several_failed_targets_make_one_report(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.verbs[SinkVerb.RCPT], sink.faults.only_for = SinkFault.PERMANENT, "target.example"
    ids = await world.spool(world.mail("bob@target.example", "eve@target.example", "ok@other.example"))

    async with running(world.workers()):
        await world.until_settled(ids)
        await sink.wait_for(1, recipient="anna@sender.example")

    assert world.states(ids[0]) == ["failed", "failed", "sent"]
    assert world.status(ids[0]) == "bounced"
    assert world.rows("SELECT count(*) FROM mail_envelopes WHERE kind = 'report'") == [(1,)]


async def test_what_was_tried_for_days_is_given_up_and_told(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.verbs[SinkVerb.RCPT], sink.faults.only_for = SinkFault.TEMPORARY, "target.example"
    (number,) = await world.spool(world.mail("bob@target.example"))
    world.connection.execute("UPDATE mail_envelopes SET accepted_at = now() - interval '5 days 1 minute'")

    async with running(world.workers()):
        (report,) = await sink.wait_for(1, recipient="anna@sender.example")

    assert (world.status(number), world.states(number), world.outcomes(number)) == ("failed", ["failed"], ["deferred"])
    assert b"tried for 5 days" in report.raw


async def test_a_delivery_is_put_off_by_the_clock_of_the_database(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.verbs[SinkVerb.RCPT] = SinkFault.TEMPORARY
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers()):
        await world.until(lambda: world.states(number) == ["deferred"])

    ((seconds,),) = world.rows("SELECT extract(epoch FROM next_attempt_at - now())::int FROM deliveries")
    assert 250 <= seconds <= 346


# Each row once


async def test_two_processes_send_each_row_once(
    world: DeliveryWorld, sink: MailSink, connect: Callable[..., Database]
) -> None:
    ids = await world.spool(*(world.mail(f"b{number}@t{number % 7}.example") for number in range(300)))

    async with running(world.workers("one")), running(world.workers("two", database=connect("two"))):
        await world.until_settled(ids)

    assert sorted(mail.recipients[0] for mail in sink.inbox) == sorted(f"b{n}@t{n % 7}.example" for n in range(300))
    assert world.rows("SELECT outcome, count(*) FROM delivery_attempts GROUP BY 1") == [("sent", 300)]
    assert {change.topic for change in world.changes} == {Topic.MESSAGES}


async def test_what_a_dead_process_was_sending_is_sent_again_and_its_attempt_is_uncertain(
    world: DeliveryWorld, sink: MailSink
) -> None:
    (number,) = await world.spool(world.mail("bob@target.example"), leased_by="dead", lease_seconds=-1)

    async with running(world.workers()):
        await world.until_settled([number])

    assert world.outcomes(number) == ["uncertain", "sent"]
    assert len(sink.inbox) == 1


async def test_a_process_that_ends_between_the_dot_and_the_commit_costs_a_copy_and_no_mail(
    world: DeliveryWorld, sink: MailSink, connect: Callable[..., Database]
) -> None:
    (number,) = await world.spool(world.mail("bob@target.example"), leased_by="one")
    database = Moody(connect("one"))
    workers = world.workers("one", database=database)
    task = asyncio.create_task(workers.run())
    database.is_silent = True
    workers.take(world.leased(number))
    await sink.wait_for(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    world.connection.execute("UPDATE deliveries SET lease_until = now()")

    async with running(world.workers("two")):
        await world.until_settled([number])
    await workers._sender.close()

    assert (len(sink.inbox), world.outcomes(number)) == (2, ["uncertain", "sent"])


async def test_a_lease_is_extended_while_the_attempt_runs(
    world: DeliveryWorld, sink: MailSink, connect: Callable[..., Database]
) -> None:
    sink.faults.delay_seconds = 0.25
    ids = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers("one", lease_seconds=0.5)) as first:
        await world.until(lambda: first.under_way == 1)
        async with running(world.workers("two", database=connect("two"), lease_seconds=0.5)):
            await world.until_settled(ids)

    assert world.outcomes(ids[0]) == ["sent"]
    assert len(sink.inbox) == 1


@pytest.mark.parametrize("target", ["bob@secure.example", "bob@Secure.Example.", "bob@b\u00fccher.example"])
async def test_where_tls_is_required_nothing_goes_out_in_clear(
    world: DeliveryWorld, sink: MailSink, target: str
) -> None:
    world.settings = replace(world.settings, requires_tls=("secure.example", "xn--bcher-kva.example"))
    secure, free = await world.spool(world.mail(target), world.mail("bob@other.example"))

    async with running(world.workers()):
        await world.until_settled([free])
        await world.until(lambda: world.states(secure) == ["deferred"])

    assert [mail.recipients for mail in sink.inbox] == [("bob@other.example",)]


# What somebody has decided


@pytest.mark.parametrize(
    ("fault", "state", "outcome"),
    [
        (SinkFault.NONE, "sent", "sent"),
        (SinkFault.TEMPORARY, "closed", "deferred"),
        (SinkFault.PERMANENT, "failed", "failed"),
        (SinkFault.CUT, "closed", "uncertain"),
    ],
)
async def test_a_status_set_by_hand_while_it_was_sent_stands(
    world: DeliveryWorld, sink: MailSink, fault: SinkFault, state: str, outcome: str
) -> None:
    sink.faults.verbs[SinkVerb.CONTENT], sink.faults.delay_seconds = fault, 0.1
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers()):
        await world.until(lambda: world.states(number) == ["sending"])
        async with world.database.begin() as db:
            await messages_database.set_status(db, [number], MessageStatus.REJECTED)
        await world.until(lambda: world.outcomes(number) == [outcome])

    assert (world.status(number), world.states(number)) == ("rejected", [state])
    assert world.rows("SELECT count(*) FROM messages") == [(1,)]


async def test_a_late_result_of_a_closed_delivery_completes_its_attempt_alone(
    world: DeliveryWorld, sink: MailSink
) -> None:
    sink.faults.delay_seconds = 0.1
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers()):
        await world.until(lambda: world.states(number) == ["sending"])
        world.connection.execute("UPDATE deliveries SET state = 'closed', lease_until = NULL")
        world.connection.execute("UPDATE messages SET status = 'rejected'")
        await world.until(lambda: world.outcomes(number) == ["sent"])

    assert (world.status(number), world.states(number)) == ("rejected", ["closed"])


async def test_what_waits_of_a_settled_message_is_closed_and_not_sent(world: DeliveryWorld, sink: MailSink) -> None:
    settled, open_one = await world.spool(world.mail("bob@target.example"), world.mail("eve@target.example"))
    world.connection.execute("UPDATE messages SET status = 'delivered' WHERE id = %s", [settled])

    async with running(world.workers()):
        await world.until_settled([open_one])
        await world.until(lambda: world.states(settled) == ["closed"])

    assert [mail.recipients for mail in sink.inbox] == [("eve@target.example",)]


async def test_what_is_held_waits_until_it_is_released(world: DeliveryWorld, sink: MailSink) -> None:
    held, free = await world.spool(world.mail("bob@target.example"), world.mail("eve@target.example"))
    world.connection.execute("UPDATE deliveries SET held_at = now() WHERE message_id = %s", [held])

    async with running(world.workers(wakes=lambda: delivery_wakes(world.database))):
        await world.until_settled([free])
        assert world.states(held) == ["queued"]
        async with world.database.begin() as db:
            await messages_database.make_due(db, [held])
        await world.until_settled([held])

    assert len(sink.inbox) == 2


async def test_a_message_deleted_while_it_was_sent_is_no_fault(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.delay_seconds = 0.1
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers()) as workers:
        await world.until(lambda: world.states(number) == ["sending"])
        world.connection.execute("DELETE FROM messages")
        await sink.wait_for(1)
        await world.until(lambda: workers.under_way == 0)


async def test_a_message_without_its_content_fails_and_says_so(world: DeliveryWorld, sink: MailSink) -> None:
    (number,) = await world.spool(world.mail("bob@target.example", may_report=False))
    world.connection.execute("DELETE FROM message_contents")

    async with running(world.workers()):
        await world.until_settled([number])

    ((error,),) = world.rows("SELECT error_message FROM messages")
    assert error == "5.3.0 The content of the message is not kept any more"
    assert not sink.inbox


# The queue


async def test_a_dead_destination_is_left_alone_and_slows_nobody(world: DeliveryWorld, sink: MailSink) -> None:
    world.routes.by_domain["dead.example"] = dead_port()
    await world.spool(*(world.mail(f"b{number}@dead.example") for number in range(400)))
    alive = await world.spool(*(world.mail(f"b{number}@alive{number}.example") for number in range(100)))

    async with running(world.workers()):
        await world.until_settled(alive)
        await world.until(lambda: world.rows("SELECT count(*) > 0 FROM deliveries WHERE state = 'deferred'")[0][0])
        await world.until(lambda: world.rows("SELECT count(*) FROM deliveries WHERE state = 'sending'") == [(0,)])

    ((tried,),) = world.rows("SELECT count(*) FROM delivery_attempts WHERE outcome = 'deferred'")
    assert 1 <= tried <= world.settings.per_destination
    ((untouched,),) = world.rows(
        "SELECT count(*) FROM deliveries WHERE destination = 'dead.example' AND state = 'queued' AND attempts = 0"
    )
    assert untouched == 400 - tried


async def test_fresh_mail_for_a_destination_in_trouble_is_given_back_untried(
    world: DeliveryWorld, sink: MailSink
) -> None:
    world.routes.by_domain["dead.example"] = dead_port()
    (first,) = await world.spool(world.mail("a@dead.example"), leased_by="one")
    (second,) = await world.spool(world.mail("b@dead.example"), leased_by="one")

    async with running(world.workers()) as workers:
        workers.take(world.leased(first))
        await world.until(lambda: world.states(first) == ["deferred"])
        workers.take(world.leased(second))
        await world.until(lambda: world.states(second) == ["queued"])

    assert world.outcomes(second) == []
    ((attempts, seconds),) = world.rows(
        "SELECT attempts, extract(epoch FROM next_attempt_at - now()) FROM deliveries WHERE message_id = %s", second
    )
    assert attempts == 0
    assert 0 < seconds <= FIRST_PAUSE


async def test_a_smart_host_that_is_away_is_not_asked_for_every_destination(
    world: DeliveryWorld, sink: MailSink
) -> None:
    world.settings = replace(world.settings, smarthost=sink.address)
    await sink.go_down()
    ids = await world.spool(*(world.mail(f"b@t{number}.example") for number in range(200)))

    async with running(world.workers()) as workers:
        await world.until(lambda: world.rows("SELECT count(*) FROM delivery_attempts WHERE outcome = 'deferred'")[0][0])
        await world.until(lambda: workers.under_way == 0)

    ((tried,),) = world.rows("SELECT count(*) FROM delivery_attempts WHERE outcome = 'deferred'")
    assert tried <= 50
    assert len(ids) == 200


async def test_what_has_no_time_is_due_at_once(world: DeliveryWorld, sink: MailSink) -> None:
    ids = await world.spool(world.mail("bob@target.example"))
    world.connection.execute("UPDATE deliveries SET next_attempt_at = NULL")

    async with running(world.workers()):
        await world.until_settled(ids)

    assert len(sink.inbox) == 1


async def test_another_process_wakes_the_workers_at_once(
    world: DeliveryWorld, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_controller, "_POLL_SECONDS", 60)
    (number,) = await world.spool(world.mail("bob@target.example"))
    world.connection.execute("UPDATE deliveries SET next_attempt_at = now() + interval '1 hour'")

    async with running(world.workers(wakes=lambda: delivery_wakes(world.database))):
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN smtpy_wake' AND state = 'idle'"
        await world.until(lambda: world.rows(query)[0][0] == 1)
        async with world.database.begin() as db:
            await messages_database.make_due(db, [number])
        await world.until_settled([number], 5)


async def test_a_retry_by_hand_does_not_wait_for_the_pause_of_its_destination(
    world: DeliveryWorld, sink: MailSink
) -> None:
    world.routes.by_domain["target.example"] = dead_port()
    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers(wakes=lambda: delivery_wakes(world.database))):
        await world.until(lambda: world.states(number) == ["deferred"])
        world.routes.by_domain.clear()
        async with world.database.begin() as db:
            await messages_database.make_due(db, [number])
        await world.until_settled([number], 10)

    assert world.outcomes(number) == ["deferred", "sent"]


async def test_large_messages_are_claimed_a_few_at_a_time(
    world: DeliveryWorld, sink: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_controller, "_MOST_BYTES", 2_500_000)
    sink.faults.delay_seconds = 0.01
    raw = b"Subject: x\r\n\r\n" + b"x" * 1_000_000 + b"\r\n"
    ids = await world.spool(*(world.mail(f"b@t{number}.example", raw=raw) for number in range(8)))
    most = 0

    async with running(world.workers()) as workers:
        async with asyncio.timeout(15):
            while len(sink.inbox) < 8:
                most = max(most, workers._bytes)
                await asyncio.sleep(0.005)
        await world.until_settled(ids)

    assert len(raw) <= most <= 2_500_000 + 2 * len(raw)


# Losing the database, and ending


@pytest.mark.expects_log("cannot be recorded yet", "cannot be claimed now", "cannot be looked at now")
async def test_results_wait_for_the_database_and_nothing_is_sent_twice(
    world: DeliveryWorld, sink: MailSink, connect: Callable[..., Database]
) -> None:
    database = Moody(connect("one"))
    ids = await world.spool(*(world.mail(f"b{number}@target.example") for number in range(20)), leased_by="one")
    due = [one for number in ids for one in world.leased(number)]

    async with running(world.workers("one", database=database)) as workers:
        database.is_away = True
        workers.take(due)
        workers.take(due)
        await sink.wait_for(20)
        await world.until(lambda: workers.room() == 0)
        world.connection.execute("UPDATE deliveries SET lease_until = now()")  # it took longer than the lease
        workers.take(due)
        database.is_away = False
        await world.until_settled(ids)

    assert len(sink.inbox) == 20
    assert world.rows("SELECT outcome, count(*) FROM delivery_attempts GROUP BY 1") == [("sent", 20)]


@pytest.mark.expects_log("cannot be recorded yet", "cannot be (claimed|looked at) now", "cannot be renewed now")
async def test_what_waited_longer_than_its_lease_is_left_to_whoever_has_it_now(
    world: DeliveryWorld, sink: MailSink, connect: Callable[..., Database]
) -> None:
    world.settings = replace(world.settings, per_destination=1)
    sink.faults.delay_seconds = 0.15
    database = Moody(connect("one"))
    ids = await world.spool(*(world.mail(f"b{number}@target.example") for number in range(6)), leased_by="one")

    async with running(world.workers("one", database=database, lease_seconds=0.5)) as first:
        database.is_away = True
        first.take([one for number in ids for one in world.leased(number)])
        world.connection.execute("UPDATE deliveries SET lease_until = now()")
        async with running(world.workers("two", database=connect("two"))):
            await world.until_settled(ids)
            database.is_away = False
            await world.until(lambda: first.under_way == 0)

    uncertain = world.rows("SELECT count(*) FROM delivery_attempts WHERE outcome <> 'sent'")[0][0]
    assert len(sink.inbox) <= len(ids) + 2
    assert len(sink.inbox) <= len(ids) + uncertain


async def test_draining_lets_finish_what_is_sent_and_gives_back_the_rest(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.delay_seconds = 0.1
    ids = await world.spool(*(world.mail(f"b{number}@target.example") for number in range(40)), leased_by="one")
    workers = world.workers("one")
    task = asyncio.create_task(workers.run())
    workers.take([one for number in ids for one in world.leased(number)])
    await world.until(lambda: bool(sink.connections))

    await workers.drain(5)

    assert workers.room() == 0
    counts = dict(world.rows("SELECT state, count(*) FROM deliveries GROUP BY 1"))
    assert counts == {"sent": world.settings.per_destination, "queued": 40 - world.settings.per_destination}
    assert world.rows("SELECT outcome, count(*) FROM delivery_attempts GROUP BY 1") == [("sent", 10)]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await workers._sender.close()


async def test_draining_does_not_wait_for_ever_and_leaves_nothing_leased(world: DeliveryWorld, sink: MailSink) -> None:
    sink.faults.verbs[SinkVerb.DATA] = SinkFault.HANG
    (number,) = await world.spool(world.mail("b@target.example"), leased_by="one")
    workers = world.workers("one")
    task = asyncio.create_task(workers.run())
    workers.take(world.leased(number))
    await world.until(lambda: bool(sink.connections))

    await workers.drain(0.2)

    assert (world.states(number), world.outcomes(number)) == (["uncertain"], ["uncertain"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await workers._sender.close()


@pytest.mark.expects_log("could not be sent")
async def test_a_fault_of_our_own_puts_the_delivery_off(world: DeliveryWorld, sink: MailSink) -> None:
    class Broken:
        async def send(self, *mail: object, require_tls: bool) -> SendResult:
            raise ZeroDivisionError

        async def close(self) -> None:
            pass

    (number,) = await world.spool(world.mail("bob@target.example"))

    async with running(world.workers(sender=Broken())):
        await world.until(lambda: world.states(number) == ["deferred"])

    assert world.outcomes(number) == [DeliveryState.DEFERRED]
