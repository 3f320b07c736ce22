"""Webhooks of the sandbox's Stripe: every event reaches the listener at least once, whatever is in the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web

from smtpy_desktop.core.stripe_signature import judge_signature
from smtpy_desktop.sandbox import stripe_webhooks
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.webhook_events import SignatureVerdict


@dataclass
class Listener:
    """Takes webhooks, and refuses as many as it is told to."""

    refusals: int = 0
    received: list[str] = field(default_factory=list)
    verdicts: set[SignatureVerdict] = field(default_factory=set)
    address: str = ""
    secret: str = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        verdict = judge_signature(body, request.headers.get("Stripe-Signature"), (self.secret,), datetime.now(UTC))
        self.verdicts.add(verdict)
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        self.received.append(json.loads(body)["id"])
        return web.Response()


@asynccontextmanager
async def listening(secret: str) -> AsyncIterator[Listener]:
    """Run a listener for the block."""
    listener, app = Listener(secret=secret), web.Application()
    app.router.add_post("/webhooks/stripe", listener.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.address = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/stripe"
    try:
        yield listener
    finally:
        await runner.cleanup()


@pytest.fixture
async def stripe() -> AsyncIterator[SandboxStripe]:
    made = SandboxStripe()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def listener(stripe: SandboxStripe) -> AsyncIterator[Listener]:
    async with listening(stripe.webhook_secret) as made:
        stripe.deliver_to(made.address)
        yield made


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for is a fact, not an event
            await asyncio.sleep(0.01)


def make_events(stripe: SandboxStripe, count: int) -> list[str]:
    """Let some things happen; return the events' ids."""
    for number in range(count):
        stripe.book.add_customer(f"Customer {number}", None)
    return [event["id"] for event in stripe.book.events]


async def test_every_event_is_delivered_with_a_valid_signature(stripe, listener):
    ids = make_events(stripe, 20)

    await until(lambda: stripe.webhooks.is_idle and len(listener.received) == 20)

    assert sorted(listener.received) == sorted(ids)
    assert listener.verdicts == {SignatureVerdict.VALID}
    assert {event["pending_webhooks"] for event in stripe.book.events} == {0}


async def test_an_event_that_was_refused_is_sent_again(stripe, listener, monkeypatch):
    monkeypatch.setattr(stripe_webhooks, "GAPS_SECONDS", (0.01, 0.02, 0.04, 0.08))
    listener.refusals = 3
    make_events(stripe, 1)
    pending = stripe.book.events[0]["pending_webhooks"]

    await until(lambda: listener.received)

    assert pending == 1
    await until(lambda: not stripe.book.events[0]["pending_webhooks"])


async def test_what_nobody_took_goes_to_the_address_of_the_next_start(stripe, monkeypatch):
    monkeypatch.setattr(stripe_webhooks, "GAPS_SECONDS", ())
    stripe.deliver_to("http://127.0.0.1:9/webhooks/stripe")
    ids = make_events(stripe, 3)
    await until(lambda: stripe.webhooks.is_idle)
    again = SandboxStripe(book=stripe.book)
    await again.start()

    async with listening(again.webhook_secret) as listener:
        again.deliver_to(listener.address)
        await until(lambda: len(listener.received) == 3)
        await again.stop()

    assert sorted(listener.received) == sorted(ids)


async def test_doubled_webhooks_come_twice(stripe, listener):
    stripe.faults.are_webhooks_doubled = True
    ids = make_events(stripe, 3)

    await until(lambda: len(listener.received) == 6)

    assert sorted(listener.received) == sorted(ids * 2)


async def test_shuffled_webhooks_all_come_in_another_order(stripe, listener):
    stripe.faults.are_webhooks_shuffled = True
    sent: list[str] = []
    post = stripe.webhooks._send
    stripe.webhooks._send = lambda event: (sent.append(event["id"]), post(event))
    ids = make_events(stripe, 6)

    await until(lambda: len(listener.received) == 6)

    assert sent != ids
    assert sorted(listener.received) == sorted(ids)


async def test_lost_webhooks_never_come_and_are_not_pending(stripe, listener):
    stripe.faults.are_webhooks_lost = True
    make_events(stripe, 3)
    await until(lambda: stripe.webhooks.is_idle)
    stripe.faults.clear()

    last = make_events(stripe, 1)[-1]

    await until(lambda: listener.received)
    assert listener.received == [last]
    assert {event["pending_webhooks"] for event in stripe.book.events[:3]} == {0}


async def test_a_listener_that_does_not_answer_holds_up_nobody(stripe, listener):
    stripe.faults.webhook_delay_seconds = 60.0

    async with asyncio.timeout(5):
        make_events(stripe, 50)
        await stripe.stop()

    assert listener.received == []
