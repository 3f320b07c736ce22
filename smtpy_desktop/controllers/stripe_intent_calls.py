"""The calls to Stripe that change something, made from their intents, and made again after a crash."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from smtpy_desktop.controllers.billing_controller import account_in_mode
from smtpy_desktop.controllers.stripe_intents import Call, is_too_old, make_call
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeRefused
from smtpy_desktop.database import billing_database, stripe_intents_database
from smtpy_desktop.gateways.stripe_api import StripeApi
from smtpy_desktop.schemas.billing_account import IntentKind, IntentState, StripeIntent
from smtpy_desktop.schemas.identifiers import OrganizationId


async def finish_open_calls(sessions: Sessions, api: StripeApi, organization_id: OrganizationId) -> None:
    """End what is open before anything else is changed, so that no change is overtaken by an earlier one."""
    async with sessions.read() as db:
        left_open = await stripe_intents_database.open_intents(db, livemode=api.livemode)
    for intent in left_open:
        if intent.organization_id != organization_id:
            continue
        if is_too_old(intent):
            async with sessions.begin() as db:
                await stripe_intents_database.end_intent(db, intent.id, IntentState.ABANDONED)
            continue
        with contextlib.suppress(StripeRefused):  # then it is ended too, and what is true is read from Stripe
            await _finish(sessions, api, intent)


async def _finish(sessions: Sessions, api: StripeApi, intent: StripeIntent) -> None:
    call = {IntentKind.CREATE_CUSTOMER: customer_call, IntentKind.CHECKOUT: checkout_call}.get(intent.kind, change_call)
    result = await make_call(sessions, intent, call(api))
    if intent.kind is IntentKind.CREATE_CUSTOMER:
        account = await account_in_mode(sessions, intent.organization_id, livemode=intent.livemode)
        if account.customer_id is not None and not account.is_customer_deleted:
            return  # another one was linked meanwhile
        async with sessions.begin() as db:
            await billing_database.set_customer(
                db, intent.organization_id, result["customer"], livemode=intent.livemode
            )


def change_call(api: StripeApi) -> Call:
    """Return the call that ends or resumes a subscription as its intent says."""

    async def call(intent: StripeIntent) -> Mapping[str, str]:
        subscription_id, key = intent.parameters["subscription"], intent.idempotency_key
        if intent.kind is IntentKind.CANCEL_NOW:
            changed = await api.cancel_now(subscription_id, key=key)
        elif intent.kind is IntentKind.CANCEL_AT_PERIOD_END:
            changed = await api.set_cancel_at_period_end(subscription_id, wanted=True, key=key)
        elif intent.parameters.get("is_paused") == "True":
            changed = await api.resume_paused(subscription_id, key=key)
        elif intent.parameters.get("has_date") == "True":
            changed = await api.clear_end_date(subscription_id, key=key)
        else:
            changed = await api.set_cancel_at_period_end(subscription_id, wanted=False, key=key)
        return {"status": changed.status.value}

    return call


def checkout_call(api: StripeApi) -> Call:
    """Return the call that begins a hosted checkout."""

    async def call(intent: StripeIntent) -> Mapping[str, str]:
        given = intent.parameters
        made = await api.create_checkout(
            customer_id=given["customer"],
            price_id=given["price"],
            success_url=given["success_url"],
            cancel_url=given["cancel_url"],
            organization_ref=given["reference"],
            key=intent.idempotency_key,
        )
        return {"checkout": made.id, "url": made.url or "", "price": given["price"]}

    return call


def customer_call(api: StripeApi) -> Call:
    """Return the call that makes a customer."""

    async def call(intent: StripeIntent) -> Mapping[str, str]:
        given = intent.parameters
        made = await api.create_customer(
            name=given["name"], email=given["email"], organization_ref=given["reference"], key=intent.idempotency_key
        )
        return {"customer": made.id}

    return call
