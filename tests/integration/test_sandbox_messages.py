"""The sandbox's messages on a real database: consistent samples once, and live ones that come, go and stop."""

from __future__ import annotations

import asyncio
import random
import time

import pytest
from sqlalchemy import func, select, text

from smtpy_desktop.changes import Topic
from smtpy_desktop.controllers import domains_controller, message_details_controller
from smtpy_desktop.core.bounce_advice import bounce_class_of
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.database import message_counts_database
from smtpy_desktop.database.models import DeliveryAttempt, DeliveryRecord, Message, MessageContent
from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.sandbox.mail_keeper import MailKeeper
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.sample_messages import COUNT
from smtpy_desktop.sandbox.sample_texts import SENDERS
from smtpy_desktop.sandbox.sandbox_mail import SandboxMail
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus

DECIDED = {MessageStatus.DELIVERED, MessageStatus.BOUNCED, MessageStatus.FAILED, MessageStatus.PENDING}
WITHOUT_DELIVERY = "SELECT count(*) FROM messages WHERE (status = 'rejected') = EXISTS (SELECT FROM deliveries"


@pytest.fixture
async def domains(database, organization):
    """Two verified domains and one that is pending."""
    async with database.begin() as db:
        await db.execute(
            text(
                "INSERT INTO domains (organization_id, name, unicode_name, status, dkim_selector, dkim_public_key,"
                " verification_token) SELECT :owner, host, host, CASE host WHEN 'new.example' THEN 'pending'"
                " ELSE 'verified' END, '', '', '' FROM unnest('{a.example,b.example,new.example}'::text[]) AS host"
            ),
            {"owner": organization.id},
        )


@pytest.fixture
def mail(database, changes, domains):
    return SandboxMail(database, changes.append, random.Random(7))


async def ask(database, statement):
    async with database.read() as db:
        return (await db.execute(statement if not isinstance(statement, str) else text(statement))).scalar_one()


async def until(condition):
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - what another connection does sends no event
            await asyncio.sleep(0.01)


async def test_the_samples_are_written_quickly_and_counted_as_they_are(database, mail):
    began = time.monotonic()
    await mail.fill()
    seconds = time.monotonic() - began

    async with database.read() as db:
        totals = await message_counts_database.totals(db)
        rows = await db.execute(select(Message.status, func.count()).group_by(Message.status))
        recount = dict.fromkeys(MessageStatus, 0) | {MessageStatus(status): count for status, count in rows}
    assert {status: getattr(totals, status.value) for status in MessageStatus} == recount
    assert totals.total == COUNT
    assert all(count for status, count in recount.items() if status is not MessageStatus.PROCESSING)  # a few, if any
    assert 0.85 < recount[MessageStatus.DELIVERED] / COUNT < 0.95
    assert seconds < 10  # wide: other work may share the machine


async def test_every_sample_has_the_deliveries_and_the_reasons_of_its_status(database, mail):
    await mail.fill()

    wrong = f"{WITHOUT_DELIVERY} WHERE deliveries.message_id = messages.id)"
    unexplained = (
        "SELECT count(*) FROM messages"
        " WHERE (status IN ('failed', 'bounced', 'rejected'))"
        " <> (error_message IS NOT NULL AND bounce_class IS NOT NULL)"
    )
    early = (
        "SELECT count(*) FROM delivery_attempts JOIN deliveries ON deliveries.id = delivery_id"
        " JOIN messages ON messages.id = deliveries.message_id WHERE at < messages.created_at OR at > now()"
    )
    unsent = (
        "SELECT count(*) FROM messages WHERE (status = 'delivered') <> (delivered_at IS NOT NULL AND EXISTS (SELECT"
        " FROM deliveries JOIN delivery_attempts ON delivery_id = deliveries.id"
        " WHERE deliveries.message_id = messages.id AND outcome = 'sent'))"
    )
    for statement in (wrong, unexplained, early, unsent):
        assert await ask(database, statement) == 0
    assert await ask(database, "SELECT count(*) FROM messages WHERE created_at > now()") == 0
    assert await ask(database, "SELECT count(DISTINCT recipient_email ~ '@new') FROM messages") == 1
    assert await ask(database, "SELECT count(*) FROM messages WHERE has_attachments") > 100
    assert await ask(database, "SELECT count(*) FROM messages WHERE subject ~ '[^ -~]'") > 100
    assert await ask(database, "SELECT max(n) FROM (SELECT count(*) n FROM messages GROUP BY thread_id) t") > 2


async def test_the_reason_of_a_sample_is_what_its_last_reply_tells(database, mail):
    await mail.fill()

    async with database.read() as db:
        ids = list(await db.scalars(select(Message.id).where(Message.status.in_(("failed", "bounced"))).limit(40)))
    for number in ids:
        message = await message_details_controller.get_message(database, number)
        attempts = [attempt for delivery in message.deliveries for attempt in delivery.attempts]
        assert bounce_class_of(None, attempts, None) == message.bounce_class
        assert message.bounce_class != BounceClass.OTHER


async def test_a_kept_content_is_as_long_as_the_message_says(database, mail):
    await mail.fill()

    different = (
        "SELECT count(*) FILTER (WHERE octet_length(raw) <> size_bytes) FROM message_contents"
        " JOIN messages ON messages.id = message_contents.message_id"
    )
    assert await ask(database, different) == 0
    assert await ask(database, select(func.count()).select_from(MessageContent)) > 50


async def test_samples_are_written_once(database, mail):
    await mail.fill()
    await mail.fill()

    assert await ask(database, select(func.count()).select_from(Message)) == COUNT


async def test_without_a_domain_in_use_there_are_no_samples_yet(database, changes):
    assert not await SandboxMail(database, changes.append).fill()


async def test_a_live_message_is_pending_first_and_has_an_end_a_moment_later(database, mail, changes):
    number = await mail.receive(transit=0.0)
    first = await message_details_controller.get_message(database, number)
    tried = await mail.deliver_due()

    then = await message_details_controller.get_message(database, number)
    assert (first.status, first.has_content, tried) == (MessageStatus.PENDING, True, 1)
    assert then.status in DECIDED
    assert len(then.deliveries[0].attempts) == 1
    assert [change.topic for change in changes] == [Topic.MESSAGES] * 2
    assert changes[0].ids == {number}


async def test_a_message_in_transit_is_not_delivered_yet(mail):
    await mail.receive(transit=60)

    assert await mail.deliver_due() == 0


async def test_what_was_retried_is_tried_again(database, mail, actor):
    number = await mail.receive()
    await mail.deliver_due()
    async with database.begin() as db:
        await db.execute(text("UPDATE deliveries SET state = 'failed'"))
        await db.execute(text("UPDATE delivery_attempts SET outcome = 'failed'"))

    await message_details_controller.retry_now(database, [number], actor=actor, publish=lambda change: None)
    await mail.deliver_due()

    assert await ask(database, select(func.count()).select_from(DeliveryAttempt)) == 2


async def test_the_trickle_brings_messages_and_moves_them_on_until_it_is_stopped(database, mail):
    running = asyncio.create_task(mail.run(pauses=(0.0, 0.02), look_seconds=0.01))
    sent = select(func.count()).where(DeliveryRecord.state == DeliveryState.SENT.value)

    async def some_are_sent():
        return await ask(database, sent) >= 2

    await until(some_are_sent)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    count = select(func.count()).select_from(Message)
    before = await ask(database, count)

    assert running.cancelled()
    assert before >= 2
    assert await ask(database, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'") == 0


async def test_the_trickle_waits_quietly_for_a_database_that_is_away(database, changes, domains):
    class Away:
        tries = 0

        def read(self):
            self.tries += 1
            if self.tries < 3:
                raise DatabaseUnavailable("DATABASE_UNAVAILABLE", "away")
            return database.read()

        def begin(self):
            return database.begin()

    running = asyncio.create_task(SandboxMail(Away(), changes.append).run(pauses=(0.0, 0.0), look_seconds=0.01))

    async def one_has_come():
        return bool(changes)

    await until(one_has_come)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert (await domains_controller.domain_totals(database, None)).total == 3


async def test_live_mail_reaches_the_forwarder_as_its_sender_sends_it(mail):
    async with MailSink() as forwarder:
        reply = await mail.send(forwarder.port)

        (sent,) = forwarder.inbox
    assert reply.startswith("250")
    assert sent.header("Received") is None
    assert sent.header("Authentication-Results") is None
    assert sent.sender in sent.header("From")
    assert sent.recipients[0].partition("@")[2] in {"a.example", "b.example"}


def test_only_the_mail_of_the_sandbox_s_own_senders_meets_moods():
    keeper = MailKeeper()
    person, player = "postmaster@a.example", f"SRS0=x=y={SENDERS[0].partition('@')[2]}=orders@a.example"

    refused = [keeper.sink.moods(player, "t@target.example") for _ in range(500)]

    assert not any(keeper.sink.moods(person, "t@target.example") for _ in range(500))
    assert 0 < sum(reply is not None for reply in refused) < 150
    assert {reply[0] for reply in refused if reply} == {"4", "5"}
