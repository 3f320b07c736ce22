"""The whole chain: a client sends to a forwarder over a real port, and a server behind it receives."""

from __future__ import annotations

import asyncio
import smtplib

import pytest

from smtpy_desktop.schemas.forwarding_state import ForwardingPhase
from tests.helpers.forwarding_world import forwarding_world

RAW = (
    b"From: Grace <grace@sender.example>\r\n"
    b"To: info@example.com\r\n"
    b"Message-ID: <1@sender.example>\r\n"
    b"Subject:  odd   spacing\r\n"
    b"\tand a fold\r\n"
    b"\r\n"
    b"Body\r\n.with a dot\r\n"
)


@pytest.fixture
async def world(database, sandbox_dns, master_keys, organization):
    async with forwarding_world(database, sandbox_dns, master_keys, organization.id) as world:
        yield world


def sent(port: int, raw: bytes = RAW, *, sender="grace@sender.example", recipients=("info@example.com",)):
    """Send with the standard library, and return what it says about refused recipients."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=10) as client:
        return client.sendmail(sender, recipients, raw)


async def test_mail_goes_from_a_client_to_the_targets_server_with_its_bytes_unchanged(world):
    await world.start()

    refused = await asyncio.to_thread(sent, world.port)
    (mail,) = await world.sink.wait_for(1)
    await world.until("SELECT count(*) FROM messages WHERE status = 'delivered'", 1)

    assert refused == {}
    assert mail.raw.endswith(RAW)
    assert mail.recipients == ("ada@target.example",)
    assert mail.sender.startswith("SRS0=")
    assert mail.sender.endswith("=sender.example=grace@example.com")
    assert mail.header("received").startswith("from client.example")
    assert mail.header("delivered-to") == "info@example.com"
    assert await world.value("SELECT state FROM deliveries") == "sent"
    assert await world.value("SELECT outcome FROM delivery_attempts") == "sent"


async def test_a_mail_to_nobody_is_refused_in_the_session_and_recorded(world):
    await world.start()

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await asyncio.to_thread(sent, world.port, recipients=("nobody@example.com",))

    assert refused.value.recipients["nobody@example.com"][0] == 550
    await world.until("SELECT count(*) FROM messages WHERE status = 'rejected'", 1)
    assert not world.sink.inbox


async def test_a_mail_that_is_being_delivered_when_told_to_stop_is_finished(world):
    await world.start()
    world.sink.faults.delay_seconds = 0.1
    await asyncio.to_thread(sent, world.port)

    await world.stop()

    assert len(world.sink.inbox) == 1
    assert await world.value("SELECT state FROM deliveries") == "sent"
    assert await world.value("SELECT state FROM forwarders") == "stopped"
    assert world.state.phase is ForwardingPhase.OFF
