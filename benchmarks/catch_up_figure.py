"""Figure *catch_up*: 10,000 missed events read from a Stripe that answers at once, worked on and stored."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import psycopg
from sqlalchemy import text

from benchmarks.figure import Figure, tell
from benchmarks.listener_world import WEBHOOK_SECRET, Told, served
from benchmarks.trial_profile import TrialProfile, trial_profile
from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.stripe_catch_up_controller import catch_up
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.runtime.async_thread import new_selector_loop
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.catch_up import CatchUpReport

EVENTS = 10_000
_CUSTOMERS = 200
_PAGE = 100
_LONGEST_SECONDS = 60
_AWAY = timedelta(days=1)


def main() -> None:
    """Measure and tell the figure."""
    with trial_profile() as profile, served(stripe_with_missed_events) as told:
        base, key, customers = told
        _link(profile, customers)
        ours, report = _timed(_catch_up(profile.url, str(base), str(key)))
        _require_right(profile, report)
        reference, _ = _timed(_read_bare(profile.url, str(base), str(key)))
    note = (
        f"{EVENTS:,} events of {_CUSTOMERS} customers, read from the sandbox's Stripe page by page, each customer read"
        f" anew and stored; the reference reads the same pages and inserts the ids alone: {EVENTS / ours:,.0f} against"
        f" {EVENTS / reference:,.0f} events/s"
    )
    tell(Figure("catch_up", ours, reference, "s", limit=_LONGEST_SECONDS, bounds_ours=True, note=note))


async def stripe_with_missed_events(tell: Told) -> None:
    """Be a Stripe in which 10,000 things happened; tell its address, key and customers."""
    sandbox = SandboxStripe()
    await sandbox.start()
    book = sandbox.book
    price = book.add_price("Basic", 900)["id"]
    customers = [book.add_customer(f"Customer {n}", f"c{n}@example.com")["id"] for n in range(_CUSTOMERS)]
    subscriptions = [book.subscribe(customer, price)["id"] for customer in customers]
    turn = 0
    while len(book.events) < EVENTS:
        wanted = turn // _CUSTOMERS % 2 == 0
        book.set_cancel_at_period_end(subscriptions[turn % _CUSTOMERS], wanted=wanted)
        turn += 1
    tell((sandbox.base, sandbox.api_key, customers))
    await asyncio.Event().wait()


def _link(profile: TrialProfile, customers: Sequence[str]) -> None:
    """Make each customer an organization's, and let the program have been closed for a day."""
    with profile.connect() as connection:
        connection.execute("CREATE TABLE bare_events (id text PRIMARY KEY)")
        for number, customer in enumerate(customers):
            connection.execute(
                "WITH made AS (INSERT INTO organizations (name, email) VALUES (%s, %s) RETURNING id) "
                "INSERT INTO billing_accounts (organization_id, livemode, customer_id) SELECT id, false, %s FROM made",
                (f"Organization {number}", f"c{number}@example.com", customer),
            )


def _timed(work: Coroutine[Any, Any, Any]) -> tuple[float, Any]:
    gc.collect()
    loop = new_selector_loop()
    started = time.perf_counter()
    result = loop.run_until_complete(work)
    elapsed = time.perf_counter() - started
    loop.close()
    return elapsed, result


async def _catch_up(url: str, base: str, key: str) -> CatchUpReport:
    database = Database(url, origin="benchmark")
    environment = {"STRIPE_API_KEY": key, "STRIPE_API_BASE": base, "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}
    access = StripeAccessGateway(StripeKeys(environment, MemoryKeyring(), MemoryKeyring()))
    account = await (await access.connect()).account()
    async with database.begin() as db:
        statement = text(
            "INSERT INTO stripe_cursors (livemode, account_id, followed_until, checked_at) "
            "VALUES (false, :id, :until, :until)"
        )
        await db.execute(statement, {"id": account.id, "until": datetime.now(UTC) - _AWAY})
    intake = EventIntake(database, access, publish_nothing)
    report = await catch_up(database, access, intake, publish=publish_nothing)
    await intake.close()
    await access.close()
    await database.close()
    return report


async def _read_bare(url: str, base: str, key: str) -> None:
    """Do what nobody can do with less: read the pages one after the other and keep the ids."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    params: dict[str, str] = {"limit": str(_PAGE)}
    async with (
        await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection,
        aiohttp.ClientSession(base, headers={"Authorization": f"Bearer {key}"}) as session,
    ):
        while True:
            async with session.get("/v1/events", params=params) as answer:
                page = await answer.json()
            ids = [event["id"] for event in page["data"]]
            await connection.execute("INSERT INTO bare_events SELECT unnest(%s::text[])", (ids,))
            if not page["has_more"]:
                return
            params["starting_after"] = ids[-1]


def _require_right(profile: TrialProfile, report: CatchUpReport) -> None:
    """Refuse to measure something else than what is meant: all events new, none failed, every customer stored."""
    assert (report.new, report.worked_on, report.failed, report.is_full) == (EVENTS, EVENTS, 0, False), report
    with profile.connect() as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM webhook_events WHERE outcome IN ('done', 'not_ours')), "
            "(SELECT count(*) FROM billing_accounts WHERE subscription_id IS NOT NULL)"
        ).fetchone()
    assert counted == (EVENTS, _CUSTOMERS), counted


if __name__ == "__main__":
    main()
