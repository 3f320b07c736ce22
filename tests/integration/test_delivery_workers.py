"""The delivery workers against a real database and a real mail server: what is sent, recorded and told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from smtpy_desktop.controllers.delivery_controller import DeliveryWorkers
from smtpy_desktop.database.engine import Database
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from tests.helpers.delivery_world import RAW, DeliveryWorld, FixedRoutes


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with MailSink() as running:
        yield running


@pytest.fixture
async def world(connect: Callable[..., Database], database_url: str, sink: MailSink) -> AsyncIterator[DeliveryWorld]:
    made = DeliveryWorld(connect(), database_url, FixedRoutes(sink.port))
    yield made
    made.close()


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
