"""Figure *listener*: signed events through the listener until they are durable, with what they lead to."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg

from benchmarks.figure import Figure, tell
from benchmarks.listener_world import CUSTOMERS, WEBHOOK_SECRET, bare_listener, our_listener, served, stripe
from benchmarks.measuring import alternate
from benchmarks.trial_profile import TrialProfile, trial_profile
from smtpy_desktop.core.stripe_signature import sign
from smtpy_desktop.runtime.async_thread import new_selector_loop

_ROUNDS = 5
_AT_ONCE = 32
_LEAST_PER_SECOND = 300


def main() -> None:
    """Measure and tell the figure."""
    with trial_profile() as profile, served(stripe) as told:
        _link(profile, told.customers)
        with served(our_listener, profile.url, told.base, told.key) as ours, served(bare_listener, profile.url) as bare:
            tell(_measure(profile, str(ours), str(bare), told.events))


def _link(profile: TrialProfile, customers: Sequence[str]) -> None:
    """Make each customer an organization's, as if it had subscribed here."""
    with profile.connect() as connection:
        connection.execute("CREATE TABLE bare_events (id text PRIMARY KEY)")
        for number, customer in enumerate(customers):
            row = connection.execute(
                "INSERT INTO organizations (name, email) VALUES (%s, %s) RETURNING id",
                (f"Organization {number}", f"c{number}@example.com"),
            ).fetchone()
            assert row is not None
            connection.execute(
                "INSERT INTO billing_accounts (organization_id, livemode, customer_id) VALUES (%s, false, %s)",
                (row[0], customer),
            )


def _measure(profile: TrialProfile, ours: str, bare: str, events: Sequence[str]) -> Figure:
    rounds_begun = 0

    def run(address: str) -> float:
        nonlocal rounds_begun
        rounds_begun += 1
        requests = [
            _request(address, event.replace('"id": "evt_', f'"id": "evt_{rounds_begun}r', 1)) for event in events
        ]
        gc.collect()
        loop = new_selector_loop()
        started = time.perf_counter()
        loop.run_until_complete(_send(address, requests))
        elapsed = time.perf_counter() - started
        loop.close()
        return elapsed * 1000 / len(requests) * 1000

    run(ours), run(bare)  # the first of each loads and connects
    rounds = alternate(lambda: run(ours), lambda: run(bare), rounds=_ROUNDS)
    with profile.connect() as connection:
        _require_right(connection, len(events) * (_ROUNDS + 1))
    rate, bare_rate = 1_000_000 / rounds.median_ours, 1_000_000 / rounds.median_reference
    note = (
        f"{len(events):,} events of {CUSTOMERS} customers, {_AT_ONCE} at once, as the sandbox's Stripe makes them;"
        f" ours judges the signature, reads the customer from that Stripe and stores both: {rate:,.0f} events/s; the"
        f" reference inserts the id alone: {bare_rate:,.0f} events/s; median of {_ROUNDS}"
    )
    unit = "ms for 1,000"
    return Figure(
        "listener",
        rounds.median_ours,
        rounds.median_reference,
        unit,
        limit=round(1_000_000 / _LEAST_PER_SECOND),
        bounds_ours=True,
        largest_ratio=2.0,
        note=note,
    )


def _request(address: str, event: str) -> bytes:
    body = event.encode()
    head = (
        f"POST /webhooks/stripe HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        f"Stripe-Signature: {sign(body, WEBHOOK_SECRET, datetime.now(UTC))}\r\n\r\n"
    )
    return head.encode() + body


async def _send(address: str, requests: Sequence[bytes]) -> None:
    """Send the requests over as many connections as may be under way at once, each after the answer to the last."""
    waiting = iter(requests)
    host, _, port = address.removeprefix("http://").rpartition(":")

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for sent in waiting:
            writer.write(sent)
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert head.startswith("HTTP/1.1 200"), head
            length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
            await reader.readexactly(int(length.partition(":")[2]))
        writer.close()

    await asyncio.gather(*(one_connection() for _ in range(_AT_ONCE)))


def _require_right(connection: psycopg.Connection[Any], events: int) -> None:
    """Refuse to measure something else than what is meant: every event is done with, every customer read."""
    unfinished = "SELECT count(*), count(*) FILTER (WHERE outcome NOT IN ('done', 'not_ours')) FROM webhook_events"
    assert connection.execute(unfinished).fetchone() == (events, 0)
    read = "SELECT count(*) FROM billing_accounts WHERE subscription_status = 'active' AND fetch_ticket > 0"
    assert connection.execute(read).fetchone() == (CUSTOMERS,)
    assert connection.execute("SELECT count(*) FROM bare_events").fetchone() == (events,)


if __name__ == "__main__":
    main()
