"""Beginning, ending and resuming subscriptions: every change is made once, whatever breaks in between."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_controller import account_in_mode, billing_picture, withdraw_ending
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.installation_id import organization_reference
from smtpy_desktop.controllers.stripe_intents import Call, is_too_old, keep_and_call, make_call
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound, StripeRefused
from smtpy_desktop.database import audit_database, billing_database, organizations_database, stripe_intents_database
from smtpy_desktop.errors import ConflictError, NotFoundError, UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.billing import CheckoutSession, CheckoutStatus, Subscription, SubscriptionStatus
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingPicture, IntentKind, IntentState, StripeIntent
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
    await _finish_open(sessions, api, organization_id)
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
        _checkout_call(api),
        livemode=api.livemode,
        after=_number(last),
    )
    await _note(sessions, account, "billing.checkout", {"price": [None, price_id]}, actor=actor)
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
    open_one = await _open_checkout(sessions, api, account)
    if open_one is not None:
        with contextlib.suppress(StripeRefused):  # it was paid in this very moment
            await api.expire_checkout(open_one.id)
        await _open_checkout(sessions, api, account)
    if account.customer_id is not None:
        await sync_customer(sessions, api, account.customer_id, publish=publish)
    publish(Change(Topic.BILLING, frozenset({organization_id})))
    return await billing_picture(sessions, stripe, organization_id)


async def open_portal(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId, *, urls: ReturnUrls
) -> str:
    """Return the address of the customer portal, good for a few minutes; raise NotFoundError without a customer."""
    api = await stripe.connect()
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id is None or account.is_customer_deleted:
        raise _no_customer(account)
    return await api.create_portal(customer_id=account.customer_id, return_url=urls.portal)


async def cancel_subscription(
    sessions: Sessions,
    stripe: StripeAccess,
    organization_id: OrganizationId,
    *,
    at_once: bool,
    actor: Actor,
    publish: Publish,
) -> BillingPicture:
    """End the subscription with its period, or at once; raise ConflictError when there is none, and StripeError."""
    kind = IntentKind.CANCEL_NOW if at_once else IntentKind.CANCEL_AT_PERIOD_END
    return await _change(sessions, stripe, organization_id, kind, actor=actor, publish=publish)


async def resume_subscription(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId, *, actor: Actor, publish: Publish
) -> BillingPicture:
    """Let a subscription go on that is to end or is paused; raise ConflictError when there is nothing to resume."""
    return await _change(sessions, stripe, organization_id, IntentKind.RESUME, actor=actor, publish=publish)


async def refresh_billing(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId, *, publish: Publish
) -> BillingPicture:
    """Bring an organization in step with Stripe, open calls included, and return the result; raise StripeError."""
    api = await stripe.connect()
    await _finish_open(sessions, api, organization_id)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id is not None:
        await sync_customer(sessions, api, account.customer_id, publish=publish)
        await _open_checkout(sessions, api, account)
    publish(Change(Topic.BILLING, frozenset({organization_id})))
    return await billing_picture(sessions, stripe, organization_id)


async def finish_open_intents(sessions: Sessions, stripe: StripeAccess, *, publish: Publish) -> int:
    """Make again, with their keys, the calls that an earlier run left open; return how many there were.

    Those that Stripe may have forgotten are given up; their customers are read anew. Raises the first error once all
    were tried.
    """
    api = await stripe.connect()
    async with sessions.read() as db:
        left_open = await stripe_intents_database.open_intents(db, livemode=api.livemode)
    first_error: UserFacingError | None = None
    for organization_id in dict.fromkeys(intent.organization_id for intent in left_open):
        try:
            await refresh_billing(sessions, stripe, organization_id, publish=publish)
        except UserFacingError as error:
            first_error = first_error or error
    if first_error is not None:
        raise first_error
    return len(left_open)


async def _finish_open(sessions: Sessions, api: StripeApi, organization_id: OrganizationId) -> None:
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
    call = {IntentKind.CREATE_CUSTOMER: _customer_call, IntentKind.CHECKOUT: _checkout_call}.get(
        intent.kind, _change_call
    )
    result = await make_call(sessions, intent, call(api))
    if intent.kind is IntentKind.CREATE_CUSTOMER:
        account = await account_in_mode(sessions, intent.organization_id, livemode=intent.livemode)
        if account.customer_id is not None and not account.is_customer_deleted:
            return  # another one was linked meanwhile
        async with sessions.begin() as db:
            await billing_database.set_customer(
                db, intent.organization_id, result["customer"], livemode=intent.livemode
            )


async def _change(
    sessions: Sessions,
    stripe: StripeAccess,
    organization_id: OrganizationId,
    kind: IntentKind,
    *,
    actor: Actor,
    publish: Publish,
) -> BillingPicture:
    api = await stripe.connect()
    await _finish_open(sessions, api, organization_id)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    customer_id = account.customer_id
    if customer_id is None:
        raise _no_customer(account)
    await sync_customer(sessions, api, customer_id, publish=publish)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    subscription = _changeable(account, kind)
    if subscription is not None:
        parameters = {
            "subscription": subscription.id,
            "is_paused": str(subscription.status is SubscriptionStatus.PAUSED),
            "has_date": str(subscription.cancel_at is not None and not subscription.cancel_at_period_end),
        }
        await keep_and_call(sessions, organization_id, kind, parameters, _change_call(api), livemode=api.livemode)
        changes: dict[str, list[str | None]] = {"subscription": [subscription.id, kind.value]}
        await _note(sessions, account, f"billing.{kind.value}", changes, actor=actor)
        if kind is IntentKind.RESUME:
            await withdraw_ending(sessions, account)
        await sync_customer(sessions, api, customer_id, publish=publish)
    return await billing_picture(sessions, stripe, organization_id)


def _changeable(account: BillingAccount, kind: IntentKind) -> Subscription | None:
    """Return the subscription to change, None when it already is as wanted; raise ConflictError when there is none."""
    subscription = account.subscription
    if subscription is None or subscription.status.is_over:
        raise ConflictError(
            "NO_SUBSCRIPTION",
            text("{organization} has no subscription that could be changed.", organization=account.organization_name),
            hint=text("Subscribe first."),
        )
    is_ending = subscription.cancel_at_period_end or subscription.cancel_at is not None
    is_paused = subscription.status is SubscriptionStatus.PAUSED
    if kind is IntentKind.RESUME and not is_ending and not is_paused:
        return None
    return None if kind is IntentKind.CANCEL_AT_PERIOD_END and subscription.cancel_at_period_end else subscription


def _change_call(api: StripeApi) -> Call:
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


def _checkout_call(api: StripeApi) -> Call:
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


def _customer_call(api: StripeApi) -> Call:
    async def call(intent: StripeIntent) -> Mapping[str, str]:
        given = intent.parameters
        made = await api.create_customer(
            name=given["name"], email=given["email"], organization_ref=given["reference"], key=intent.idempotency_key
        )
        return {"customer": made.id}

    return call


async def _customer(sessions: Sessions, api: StripeApi, organization_id: OrganizationId) -> str:
    """Return the organization's customer; one that was made before for it, or a new one."""
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id is not None and not account.is_customer_deleted:
        return account.customer_id
    last = await _last_made(sessions, account, IntentKind.CREATE_CUSTOMER)
    async with sessions.read() as db:
        organization = await organizations_database.get_organization(db, organization_id)
    if organization is None:
        raise _no_customer(account)
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
            _customer_call(api),
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


async def _open_checkout(sessions: Sessions, api: StripeApi, account: BillingAccount) -> CheckoutSession | None:
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
    open_one = await _open_checkout(sessions, api, account)
    if open_one is None or last is None:
        return None
    leads_back = last.parameters.get("success_url") == urls.success
    if leads_back and (open_one.price_id, open_one.customer_id) == (price_id, account.customer_id):
        return open_one
    await api.expire_checkout(open_one.id)
    return None


async def _note(
    sessions: Sessions, account: BillingAccount, action: str, changes: dict[str, list[str | None]], *, actor: Actor
) -> None:
    async with sessions.begin() as db:
        entry = AuditEntry(
            action, "organization", account.organization_id, account.organization_name, account.organization_id, changes
        )
        await audit_database.record(db, actor, entry)


def _require_no_subscription(account: BillingAccount) -> None:
    subscription = account.subscription
    if subscription is None or subscription.status.is_over:
        return
    raise ConflictError(
        "SUBSCRIBED_ALREADY",
        text("{organization} has a subscription already.", organization=account.organization_name),
        hint=text("Change the plan in the customer portal, or cancel the subscription first."),
    )


def _no_customer(account: BillingAccount) -> NotFoundError:
    return NotFoundError(
        "NO_CUSTOMER",
        text("{organization} is no customer at Stripe yet.", organization=account.organization_name),
        hint=text("Subscribe, or link a customer that exists at Stripe."),
    )
