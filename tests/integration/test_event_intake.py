"""Events of Stripe taken in: once each, in any order, and what is stored is what Stripe says."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest

from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.installation_id import organization_reference
from smtpy_desktop.controllers.webhook_controller import WebhookReceiver
from smtpy_desktop.core.stripe_events import read_event
from smtpy_desktop.core.stripe_signature import sign
from smtpy_desktop.database import billing_database, webhook_events_database
from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.sandbox.stripe_faults import CallFault
from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict
from tests.helpers.stripe_account import StripeTrial, stripe_trial

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
async def trial(database, actor, changes):
    async with stripe_trial(database) as made:
        created = await organizations_controller.create_organization(
            database, "Example", "admin@example.com", actor=actor, publish=changes.append
        )
        made.organization_id = created.id
        made.intake = EventIntake(database, made.access, changes.append)
        yield made
        await made.intake.close()


async def _subscribed(trial: StripeTrial, *, is_linked: bool = True) -> str:
    """Let the organization subscribe at Stripe; return its customer."""
    reference = await organization_reference(trial.database, trial.organization_id)
    customer = trial.stripe.book.add_customer("Example", "admin@example.com", {"smtpy_organization": reference})
    price = trial.stripe.book.add_price("Basic", 900)
    if is_linked:
        async with trial.database.begin() as db:
            await billing_database.set_customer(db, trial.organization_id, customer["id"], livemode=False)
    session = trial.stripe.book.begin_checkout(
        {
            "mode": "subscription",
            "customer": customer["id"],
            "client_reference_id": reference,
            "line_items": [{"price": price["id"], "quantity": "1"}],
        }
    )
    trial.stripe.book.complete_checkout(session["id"])
    return str(customer["id"])


async def _account(trial: StripeTrial):
    async with trial.database.read() as db:
        return await billing_database.get_account(db, trial.organization_id, livemode=False)


async def _take(trial: StripeTrial, event) -> EventOutcome:
    taken = await trial.intake.take(read_event(event), via=ReceivedVia.WEBHOOK, verdict=SignatureVerdict.VALID)
    return taken.outcome


async def test_events_in_any_order_and_number_end_in_what_stripe_says(trial):
    await _subscribed(trial)
    trial.stripe.book.set_cancel_at_period_end(next(iter(trial.stripe.book.objects["subscriptions"])), wanted=True)
    events = trial.stripe.book.events

    outcomes = await asyncio.gather(*(_take(trial, event) for event in [*events[::-1], *events]))

    account = await _account(trial)
    assert account.subscription.cancel_at_period_end
    assert account.subscription.status == "active"
    assert set(outcomes) == {EventOutcome.DONE, EventOutcome.NOT_OURS}


async def test_a_checkout_makes_its_customer_the_organizations(trial):
    customer = await _subscribed(trial, is_linked=False)

    for event in trial.stripe.book.events:
        await _take(trial, event)

    account = await _account(trial)
    assert account.customer_id == customer
    assert account.subscription.status == "active"


async def test_an_event_whose_customer_cannot_be_read_fails_and_works_when_it_comes_again(trial):
    await _subscribed(trial)
    event = trial.stripe.book.events[-1]
    trial.stripe.faults.call_fault = CallFault.SERVER_ERROR
    with pytest.raises(UserFacingError, match="fault of its own"):
        await _take(trial, event)
    trial.stripe.faults.call_fault = CallFault.NONE

    outcome = await _take(trial, event)

    assert outcome is EventOutcome.DONE
    assert (await _account(trial)).subscription is not None


async def test_a_late_checkout_does_not_replace_a_customer_that_was_chosen_meanwhile(trial):
    await _subscribed(trial, is_linked=False)
    chosen = trial.stripe.book.add_customer("Example", "billing@example.com")["id"]
    async with trial.database.begin() as db:
        await billing_database.set_customer(db, trial.organization_id, chosen, livemode=False)

    for event in trial.stripe.book.events:
        await _take(trial, event)

    assert (await _account(trial)).customer_id == chosen


async def test_an_event_of_the_other_mode_waits_for_a_key_that_can_read_its_customer(trial):
    async with trial.database.begin() as db:
        await billing_database.set_customer(db, trial.organization_id, "cus_live", livemode=True)
    event = {
        "id": "evt_live",
        "object": "event",
        "type": "customer.updated",
        "created": 1_790_000_000,
        "livemode": True,
        "data": {"object": {"id": "cus_live", "object": "customer"}},
    }

    with pytest.raises(ConflictError, match="is of live data"):
        await _take(trial, event)

    async with trial.database.read() as db:
        waiting = await webhook_events_database.unfinished(db, livemode=True, limit=10)
    assert [item[1].id for item in waiting] == ["evt_live"]


async def test_a_signed_request_is_taken_once_and_an_altered_one_never(trial, changes):
    await _subscribed(trial)
    receiver = WebhookReceiver(trial.database, trial.access, trial.intake, changes.append)
    body = json.dumps(trial.stripe.book.events[-1]).encode()
    header = sign(body, trial.webhook_secret, NOW)

    first = await receiver.receive(body, header, now=NOW)
    again = await receiver.receive(body, header, now=NOW)
    altered = await receiver.receive(body.replace(b"evt_", b"evt-"), header, now=NOW)

    assert [first.status, again.status, altered.status] == [200, 200, 400]
    assert (first.text, again.text) == ("done", "repeated")
