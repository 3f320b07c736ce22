"""Never out of step: whatever way the events of a subscription's history come, the end is exactly Stripe's state.

Every example is a history at the sandbox's Stripe together with the fate of its events: any order, repetition and
delay, by webhook and by catch-up, in two processes that die between any two steps, with a Stripe that fails and whose
answers arrive late.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.stripe_catch_up_controller import catch_up
from smtpy_desktop.core.billing_drift import drift_of
from smtpy_desktop.core.billing_state import notices_of
from smtpy_desktop.core.stripe_events import HANDLED_TYPES, read_event
from smtpy_desktop.database import billing_database, organizations_database
from smtpy_desktop.database.models import (
    BillingNoticeRecord,
    Organization,
    StripeCursor,
    WebhookEventRecord,
)
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.sandbox.stripe_book import DAY, StripeBook
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.schemas.webhook_events import ReceivedVia, SignatureVerdict
from tests.helpers.book_api import BookAccess, BookApi
from tests.helpers.mortal import Life, MortalAccess, MortalSessions

HISTORIES = 1000
LONGEST_DAYS = 20
_numbers = itertools.count()

changes_at_stripe = st.sampled_from(
    [
        "subscribe",
        "subscribe unpaid",
        "subscribe with trial",
        "end with period",
        "go on",
        "cancel now",
        "pause",
        "resume",
        "renew paid",
        "renew unpaid",
        "pay",
        "fail again",
        "other card",
        "other address",
        "other price",
        "delete customer",
        "pass time",
    ]
)
deliveries = st.tuples(
    st.just("deliver"),
    st.lists(st.integers(0, 40), min_size=1, max_size=5),  # which events, by number, any of them again
    st.sampled_from(["well", "well", "fails", "late", "dies"]),
    st.integers(0, 1),  # in which process
    st.integers(1, 12),  # after how many steps it dies
)
catch_ups = st.tuples(
    st.just("catch up"), st.just([]), st.sampled_from(["well", "fails", "dies"]), st.integers(0, 1), st.integers(1, 25)
)
histories = st.lists(changes_at_stripe | deliveries | catch_ups, min_size=1, max_size=12)


class _History:
    """One customer's history, and the processes that hear of it."""

    def __init__(self, database) -> None:
        self.database = database
        self.book = StripeBook(clock=lambda: start)
        start = time.time() - LONGEST_DAYS * DAY
        self.api = BookApi(self.book)
        self.processes = [self._process(), self._process()]
        self.late: dict[int, tuple[asyncio.Event, asyncio.Task[Any]]] = {}

    def _process(self) -> EventIntake:
        return EventIntake(self.database, BookAccess(self.api), publish_nothing)

    async def begin(self) -> None:
        name = f"Example {next(_numbers)}"
        async with self.database.begin() as db:
            for left in (StripeCursor, WebhookEventRecord, Organization):
                await db.execute(delete(left))
            made = await organizations_database.insert_organization(db, name=name, email="admin@example.com")
            assert made is not None
            self.organization_id = made
            self.customer_id = str(self.book.add_customer(name, "admin@example.com")["id"])
            await billing_database.set_customer(db, made, self.customer_id, livemode=False)
        self.prices = [str(self.book.add_price(f"Plan {amount}", amount)["id"]) for amount in (900, 1900)]

    # What happens at Stripe

    def change(self, what: str) -> None:
        with contextlib.suppress(StripeBookError):  # Stripe refuses it as things are
            self._change(what)

    def _change(self, what: str) -> None:
        book, customer = self.book, self.customer_id
        if what == "pass time":
            if book.ahead < (LONGEST_DAYS - 4) * DAY:
                book.pass_time(4)
        elif what == "delete customer":
            book.delete_customer(customer)
        elif what == "other card":
            book.add_card(customer, last4="0341" if len(book.events) % 2 else "4242")
        elif what == "other address":
            book.change_customer(customer, {"email": f"admin{len(book.events)}@example.com"})
        elif what.startswith("subscribe"):
            days = 3 if what.endswith("trial") else 0
            book.subscribe(customer, self.prices[0], is_paid=not what.endswith("unpaid"), trial_days=days)
        else:
            self._change_subscription(what)

    def _change_subscription(self, what: str) -> None:
        book = self.book
        found = book.subscriptions_of(self.customer_id)
        if not found:
            return
        chosen = str(found[0]["id"])
        owed = [item["id"] for item in book.invoices_of(chosen) if item["status"] == "open"]
        acts: dict[str, Callable[[], object]] = {
            "end with period": lambda: book.set_cancel_at_period_end(chosen, wanted=True),
            "go on": lambda: book.set_cancel_at_period_end(chosen, wanted=False),
            "cancel now": lambda: book.cancel_now(chosen),
            "pause": lambda: book.pause(chosen),
            "resume": lambda: book.resume(chosen),
            "renew paid": lambda: book.renew(chosen, is_paid=True),
            "renew unpaid": lambda: book.renew(chosen, is_paid=False),
            "pay": lambda: [book.pay(invoice) for invoice in owed[:1]],
            "fail again": lambda: [book.try_again(invoice) for invoice in owed[:1]],
            "other price": lambda: book.change_price(chosen, self.prices[len(book.events) % 2]),
        }
        acts[what]()

    # What comes of it here

    async def hear(self, kind: str, numbers: list[int], fate: str, number: int, steps: int) -> None:
        """Let events come to a process, which they reach well, or with the trouble that is its fate."""
        events = [self.book.events[one % len(self.book.events)] for one in numbers]
        self.api.failures = 1 if fate == "fails" else 0
        if fate == "dies":
            life = Life(steps)
            await self._work(kind, events, MortalSessions(self.database, life), MortalAccess(self.api, life), None)
            return
        number = await self._free_process(number)
        access = BookAccess(self.api)
        work = asyncio.ensure_future(self._work(kind, events, self.database, access, self.processes[number]))
        if fate == "late":
            self.api.gate = gate = asyncio.Event()
            asked = asyncio.ensure_future(self.api.is_held.wait())
            await asyncio.wait([work, asked], return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            self.api.gate = None
            self.api.is_held.clear()
            self.late[number] = gate, work
        else:
            await work
        self.api.failures = 0

    async def _work(
        self, kind: str, events: list[dict[str, Any]], sessions, access, intake: EventIntake | None
    ) -> None:
        intake = intake or EventIntake(sessions, access, publish_nothing)
        if kind == "catch up":
            works = [catch_up(sessions, access, intake, publish=publish_nothing)]
        else:
            way = {"via": ReceivedVia.WEBHOOK, "verdict": SignatureVerdict.VALID}
            works = [intake.take(read_event(event), **way) for event in events]
        for outcome in await asyncio.gather(*works, return_exceptions=True):
            # What failed, or died, is brought again; anything else is a fault.
            is_expected = isinstance(outcome, UserFacingError | asyncio.CancelledError)
            if isinstance(outcome, BaseException) and not is_expected:
                raise outcome

    async def _free_process(self, number: int) -> int:
        """Return a process that waits for no late answer, the one wanted if possible."""
        if number in self.late:
            number = 1 - number
        if number in self.late:
            await self._hear_late(number)
        return number

    async def _hear_late(self, number: int) -> None:
        gate, work = self.late.pop(number)
        gate.set()
        await work

    async def end(self) -> None:
        """Let late answers come, and catch up: from then on every event has been heard of at least once."""
        for number in list(self.late):
            await self._hear_late(number)
        await self._work("catch up", [], self.database, BookAccess(self.api), self.processes[0])
        for process in self.processes:
            await process.close()

    async def what_is_stored(self):
        async with self.database.read() as db:
            account = await billing_database.get_account(db, self.organization_id, livemode=False)
            invoices = await billing_database.list_invoices(db, self.organization_id, livemode=False)
            events = (await db.execute(select(WebhookEventRecord.stripe_id, WebhookEventRecord.outcome))).all()
            kinds = select(BillingNoticeRecord.kind, BillingNoticeRecord.object_id, func.count())
            own = kinds.where(BillingNoticeRecord.organization_id == self.organization_id)
            notices = (await db.execute(own.group_by(BillingNoticeRecord.kind, BillingNoticeRecord.object_id))).all()
        return account, invoices, [tuple(row) for row in events], [tuple(row) for row in notices]


@pytest.mark.timeout(900)
@settings(
    max_examples=HISTORIES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
async def test_any_fate_of_the_events_ends_in_what_stripe_says_with_one_effect_each(database, history):
    told = _History(database)
    await told.begin()
    for part in history:
        if isinstance(part, str):
            told.change(part)
        else:
            await told.hear(*part)

    await told.end()

    account, invoices, events, notices = await told.what_is_stored()
    truth = told.api.state(told.customer_id)
    assert drift_of(account, invoices, truth) == ()
    expected = {
        (event["id"], "done" if event["type"] in HANDLED_TYPES else "not_ours")
        for event in told.book.events
        if _is_of(event, told.customer_id) or event["type"] not in HANDLED_TYPES
    }
    assert sorted(events) == sorted(expected)
    assert all(count == 1 for *_, count in notices)
    assert {(kind.value, about) for kind, about, _ in notices_of(truth)} <= {
        (kind, about) for kind, about, _ in notices
    }


def _is_of(event: dict[str, Any], customer_id: str) -> bool:
    return read_event(event).customer_id == customer_id
