"""Buying a subscription: an organization's customer and its hosted checkout, never two at a time."""

from __future__ import annotations

import contextlib

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_controller import account_in_mode, billing_picture
from smtpy_desktop.controllers.billing_notes import no_customer, note_billing
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.installation_id import organization_reference
from smtpy_desktop.controllers.stripe_intent_calls import checkout_call, customer_call, finish_open_calls
from smtpy_desktop.controllers.stripe_intents import keep_and_call
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound, StripeRefused
from smtpy_desktop.database import billing_database, organizations_database, stripe_intents_database
from smtpy_desktop.errors import ConflictError
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.billing import CheckoutSession, CheckoutStatus
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingPicture, IntentKind, StripeIntent
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import ReturnUrls
from smtpy_desktop.schemas.text import text


async def subscribe(
    sessions: Sessions,
    stripe: StripeAccess,
    organization_id: OrganizationId,
    price_id: str,
    *,
    urls: ReturnUrls,
    actor: Actor,
    publish: Publish,
) -> CheckoutSession:
    """Begin a hosted checkout and return it, or the one that is open for the same price already.

    An open checkout for anything else is ended first, so that nobody can pay twice. Raises ConflictError when there is
    a subscription that is not over, and StripeError.
    """
    api = await stripe.connect()
    await finish_open_calls(sessions, api, organization_id)
    customer_id = await _customer(sessions, api, organization_id)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    last = await _last_made(sessions, account, IntentKind.CHECKOUT)
    open_one = await _reusable_checkout(sessions, api, account, price_id, urls)
    # Asked after the checkout, so that one that was paid a moment ago is known as the subscription.
    await sync_customer(sessions, api, customer_id, publish=publish)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    _require_no_subscription(account)
    if open_one is not None:
        return open_one
    parameters = {
        "customer": customer_id,
        "price": price_id,
        "success_url": urls.success,
        "cancel_url": urls.cancel,
        "reference": await organization_reference(sessions, organization_id),
    }
    result = await keep_and_call(
        sessions,
        organization_id,
        IntentKind.CHECKOUT,
        parameters,
        checkout_call(api),
        livemode=api.livemode,
        after=_number(last),
    )
    await note_billing(sessions, account, "billing.checkout", {"price": [None, price_id]}, actor=actor)
    publish(Change(Topic.BILLING, frozenset({organization_id})))
    return await api.checkout(result["checkout"])


async def give_up_checkout(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId, *, publish: Publish
) -> BillingPicture:
    """End an open checkout, so that nobody can pay there any more; one that was paid meanwhile is told by the result.

    Raises StripeError.
    """
    api = await stripe.connect()
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    open_one = await open_checkout(sessions, api, account)
    if open_one is not None:
        with contextlib.suppress(StripeRefused):  # it was paid in this very moment
            await api.expire_checkout(open_one.id)
        await open_checkout(sessions, api, account)
    if account.customer_id is not None:
        await sync_customer(sessions, api, account.customer_id, publish=publish)
    publish(Change(Topic.BILLING, frozenset({organization_id})))
    return await billing_picture(sessions, stripe, organization_id)


async def open_checkout(sessions: Sessions, api: StripeApi, account: BillingAccount) -> CheckoutSession | None:
    """Return the checkout that was begun last if it still is open; one that is not is not offered any more."""
    last = await _last_made(sessions, account, IntentKind.CHECKOUT)
    if last is None or not last.result.get("url"):
        return None
    try:
        session = await api.checkout(last.result["checkout"])
    except StripeNotFound:
        session = None
    if session is not None and session.status is CheckoutStatus.OPEN:
        return session
    async with sessions.begin() as db:
        await stripe_intents_database.set_result(db, last.id, {**last.result, "url": ""})
    return None


async def _reusable_checkout(
    sessions: Sessions, api: StripeApi, account: BillingAccount, price_id: str, urls: ReturnUrls
) -> CheckoutSession | None:
    """Return the open checkout if it is for this very price and customer and leads back; any other one is ended."""
    last = await _last_made(sessions, account, IntentKind.CHECKOUT)
    open_one = await open_checkout(sessions, api, account)
    if open_one is None or last is None:
        return None
    leads_back = last.parameters.get("success_url") == urls.success
    if leads_back and (open_one.price_id, open_one.customer_id) == (price_id, account.customer_id):
        return open_one
    await api.expire_checkout(open_one.id)
    return None


async def _customer(sessions: Sessions, api: StripeApi, organization_id: OrganizationId) -> str:
    """Return the organization's customer; one that was made before for it, or a new one."""
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id is not None and not account.is_customer_deleted:
        return account.customer_id
    last = await _last_made(sessions, account, IntentKind.CREATE_CUSTOMER)
    async with sessions.read() as db:
        organization = await organizations_database.get_organization(db, organization_id)
    if organization is None:
        raise no_customer(account)
    reference = await organization_reference(sessions, organization_id)
    known = await api.find_customers(reference, organization.email)
    if known:
        customer_id = known[0].id
    else:
        parameters = {"name": organization.name, "email": organization.email, "reference": reference}
        result = await keep_and_call(
            sessions,
            organization_id,
            IntentKind.CREATE_CUSTOMER,
            parameters,
            customer_call(api),
            livemode=api.livemode,
            after=_number(last),
        )
        customer_id = result["customer"]
    async with sessions.begin() as db:
        await billing_database.set_customer(db, organization_id, customer_id, livemode=api.livemode)
    return customer_id


async def _last_made(sessions: Sessions, account: BillingAccount, kind: IntentKind) -> StripeIntent | None:
    async with sessions.read() as db:
        return await stripe_intents_database.last_done(db, account.organization_id, kind, livemode=account.livemode)


def _number(intent: StripeIntent | None) -> int:
    return intent.id if intent is not None else 0


def _require_no_subscription(account: BillingAccount) -> None:
    subscription = account.subscription
    if subscription is None or subscription.status.is_over:
        return
    raise ConflictError(
        "SUBSCRIBED_ALREADY",
        text("{organization} has a subscription already.", organization=account.organization_name),
        hint=text("Change the plan in the customer portal, or cancel the subscription first."),
    )
