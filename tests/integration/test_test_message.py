"""Test messages through the real chain: to a running forwarder by SMTP, into the queue when there is none."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select

from smtpy_desktop.controllers import test_message_controller
from smtpy_desktop.database.models import DeliveryRecord, DkimKey, ForwarderRecord, MailEnvelopeRecord
from smtpy_desktop.errors import FieldError
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.mail_tools import OwnMailTools
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.test_message import TestMessageWay
from tests.helpers.forwarding_world import forwarding_world
from tests.helpers.rules_world import RulesWorld
from tests.helpers.signing import dkimpy_accepts


@pytest.fixture
async def world(database, sandbox_dns, master_keys, organization):
    async with forwarding_world(database, sandbox_dns, master_keys, organization.id) as world:
        yield world


@pytest.fixture
def send(database, master_keys, changes):
    async def one(recipient="info@example.com"):
        return await test_message_controller.send_test_message(
            database, recipient, keys=master_keys, tools=OwnMailTools(DnsGateway()), publish=changes.append
        )

    return one


async def run(world):
    """Start a forwarder and wait until it is known that it runs."""
    await world.start()
    await world.until("SELECT count(*) FROM forwarders WHERE state = 'running'", 1)


async def followed(database, sent, status):
    async with asyncio.timeout(20):
        while True:
            found = await test_message_controller.follow(database, sent)
            if test_message_controller.is_over(found):
                assert [message.status for message in found] == [status]
                return found[0]
            await asyncio.sleep(0.05)


async def test_a_running_forwarder_takes_it_and_its_time_line_is_followed_to_the_end(world, send, database):
    await run(world)

    sent = await send("INFO@example.com")
    message = await followed(database, sent, MessageStatus.DELIVERED)
    (mail,) = await world.sink.wait_for(1)

    assert (sent.way, sent.is_accepted, sent.notes) == (TestMessageWay.SMTP, True, ())
    assert sent.reply.startswith("250 2.0.0")
    assert str(world.port) in sent.forwarder
    assert [attempt.outcome for attempt in message.deliveries[0].attempts] == [DeliveryState.SENT]
    assert b"Auto-Submitted: auto-generated" in mail.raw
    assert mail.sender == "postmaster@example.com"  # of our own domain: it is not rewritten


async def test_its_signature_is_that_of_the_domain(world, send, database):
    await run(world)
    sent = await send()
    await followed(database, sent, MessageStatus.DELIVERED)
    (mail,) = await world.sink.wait_for(1)
    async with database.read() as db:
        selector, key = (await db.execute(select(DkimKey.selector, DkimKey.public_key))).one()

    assert dkimpy_accepts(mail.raw, {f"{selector}._domainkey.example.com": f"v=DKIM1; k=rsa; p={key}"})


async def test_without_a_forwarder_it_waits_in_the_queue_until_one_comes(world, send, database):
    sent = await send()
    waiting = await test_message_controller.follow(database, sent)
    async with database.read() as db:
        kind = await db.scalar(select(MailEnvelopeRecord.kind))
    await run(world)
    message = await followed(database, sent, MessageStatus.DELIVERED)

    assert (sent.way, sent.is_accepted, kind) == (TestMessageWay.QUEUE, True, "test")
    assert "No forwarder is running" in str(sent.notes[0])
    assert [one.status for one in waiting] == [MessageStatus.PENDING]
    assert message.deliveries[0].target == "ada@target.example"


async def test_a_forwarder_on_another_machine_finds_it_in_the_queue(world, send, database):
    async with database.begin() as db:
        await db.execute(
            insert(ForwarderRecord).values(
                name="far",
                host="far.example",
                pid=1,
                version="1",
                listen="127.0.0.1:25, [::]:26",
                workers=1,
                state="running",
            )
        )

    sent = await send()

    assert sent.way is TestMessageWay.QUEUE
    assert "cannot be reached from this computer" in str(sent.notes[0])


async def test_a_target_that_refuses_is_told_with_its_reply(world, send, database):
    world.sink.faults.verbs[SinkVerb.RCPT] = SinkFault.PERMANENT
    await run(world)

    sent = await send()
    message = await followed(database, sent, MessageStatus.BOUNCED)

    assert message.deliveries[0].state is DeliveryState.FAILED
    assert message.deliveries[0].attempts[0].code is not None
    async with database.read() as db:
        reports = await db.scalars(select(DeliveryRecord.target))
        assert list(reports) == ["ada@target.example"]  # nobody gets a report about a test


@pytest.mark.parametrize("is_running", [True, False])
async def test_what_a_rule_refuses_is_refused_and_told(world, send, database, actor, is_running):
    rules = RulesWorld(database, actor)
    await rules.add("info@example.com", "refuse", ("subject_contains", "test message"), name="no tests")
    if is_running:
        await run(world)

    sent = await send()

    assert not sent.is_accepted
    assert sent.reply.startswith("550 5.7.1")
    assert not world.sink.inbox


@pytest.mark.parametrize(("recipient", "code"), [("x@elsewhere.example", "TEST_FOREIGN"), ("info", "EMAIL_INVALID")])
async def test_only_addresses_of_ours_are_tried(world, send, recipient, code):
    with pytest.raises(FieldError) as refused:
        await send(recipient)

    assert (refused.value.field, refused.value.code) == ("recipient", code)


async def test_an_unknown_alias_is_refused_like_any_mail_to_it(world, send):
    sent = await send("nobody@example.com")

    assert (sent.is_accepted, sent.reply[:3]) == (False, "550")
