"""Killed between Stripe's answer and the commit: after a restart there is one object at Stripe, and the same here."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from smtpy_desktop.controllers import billing_drift_controller, organizations_controller
from smtpy_desktop.controllers.installation_id import organization_reference
from smtpy_desktop.controllers.subscription_controller import finish_open_intents, refresh_billing
from smtpy_desktop.database import billing_database, stripe_intents_database
from tests.helpers.stripe_account import StripeTrial, stripe_trial

ROUNDS = 10
TRIALS = (
    ("subscribe", "create_customer"),
    ("subscribe", "create_checkout"),
    ("cancel with period", "set_cancel_at_period_end"),
    ("cancel now", "cancel_now"),
    ("resume", "resume_paused"),
)
_ROOT = Path(__file__).parents[2]


class _Killed:
    """The process whose children are killed, one for each trial."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def answer(self) -> str:
        assert self._process.stdout is not None
        return (await asyncio.wait_for(self._process.stdout.readline(), 60)).decode().strip()

    async def run(self, **trial: Any) -> int:
        """Run a trial and return the signal that ended it."""
        assert self._process.stdin is not None
        self._process.stdin.write((json.dumps(trial) + "\n").encode())
        return int(await self.answer())


@pytest.fixture
async def trial(database):
    async with stripe_trial(database) as made:
        yield made


@pytest.fixture
async def killed(trial, database_url):
    command = [
        sys.executable,
        "-m",
        "tests.helpers.dying_billing",
        database_url,
        trial.stripe.base,
        trial.stripe.api_key,
    ]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    made = _Killed(process)
    assert await made.answer() == "ready"
    yield made
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def _organization(trial: StripeTrial, name: str, actor) -> None:
    created = await organizations_controller.create_organization(
        trial.database, name, "admin@example.com", actor=actor, publish=lambda change: None
    )
    trial.organization_id = created.id


async def _subscribed(trial: StripeTrial, price: str, change: str) -> str:
    """Let the organization have a subscription that can be changed so; return its id."""
    reference = await organization_reference(trial.database, trial.organization_id)
    book = trial.stripe.book
    customer = book.add_customer("Example", "admin@example.com", {"smtpy_organization": reference})
    subscription = book.subscribe(customer["id"], price)
    if change == "resume":
        book.pause(subscription["id"])
    async with trial.database.begin() as db:
        await billing_database.set_customer(db, trial.organization_id, customer["id"], livemode=False)
    return str(subscription["id"])


async def _restart(trial: StripeTrial) -> None:
    """Do what the program does when it is started again."""
    await finish_open_intents(trial.database, trial.access, publish=lambda change: None)
    await refresh_billing(trial.database, trial.access, trial.organization_id, publish=lambda change: None)


@pytest.mark.timeout(600)
async def test_fifty_kills_leave_one_object_at_stripe_and_the_same_here(trial, killed, actor):
    book = trial.stripe.book
    price = str(book.add_price("Basic", 900)["id"])
    signals = []

    for number in range(ROUNDS * len(TRIALS)):
        change, dies_after = TRIALS[number % len(TRIALS)]
        await _organization(trial, f"Example {number}", actor)
        subscription = None if change == "subscribe" else await _subscribed(trial, price, change)
        changes_before = len(book.events)
        request = {"change": change, "dies_after": dies_after, "organization": trial.organization_id, "price": price}
        signals.append(await killed.run(**request))
        changed = [event["type"] for event in book.events[changes_before:]]

        await _restart(trial)

        since = [event["type"] for event in book.events[changes_before:]]
        assert since == changed, "nothing is done a second time"
        reference = await organization_reference(trial.database, trial.organization_id)
        _assert_one_object(book, reference, subscription, change, dies_after)
    assert signals == [signal.SIGKILL] * len(signals)
    assert await billing_drift_controller.find_drift(trial.database, trial.access, publish=lambda change: None) == ()
    async with trial.database.read() as db:
        assert await stripe_intents_database.open_intents(db, livemode=False) == ()


def _assert_one_object(book: Any, reference: str, subscription: str | None, change: str, dies_after: str) -> None:
    objects = book.objects
    own = [item for item in objects["customers"].values() if item["metadata"].get("smtpy_organization") == reference]
    assert len(own) == 1
    sessions = [item for item in objects["checkouts"].values() if item["client_reference_id"] == reference]
    assert len(sessions) == (dies_after == "create_checkout")
    if subscription is not None:
        found = objects["subscriptions"][subscription]
        wanted = {"cancel now": "canceled"}.get(change, "active")
        assert (found["status"], found["cancel_at_period_end"]) == (wanted, change == "cancel with period")
