"""Beginning, ending and resuming subscriptions: every change is made once, whatever breaks in between."""

from __future__ import annotations

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_controller import account_in_mode, billing_picture, withdraw_ending
from smtpy_desktop.controllers.billing_notes import no_customer, note_billing
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.checkout_controller import open_checkout
from smtpy_desktop.controllers.stripe_intent_calls import change_call, finish_open_calls
from smtpy_desktop.controllers.stripe_intents import keep_and_call
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import stripe_intents_database
from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.billing import Subscription, SubscriptionStatus
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingPicture, IntentKind
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import ReturnUrls
from smtpy_desktop.schemas.text import text


async def open_portal(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId, *, urls: ReturnUrls
) -> str:
    """Return the address of the customer portal, good for a few minutes; raise NotFoundError without a customer."""
    api = await stripe.connect()
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id is None or account.is_customer_deleted:
        raise no_customer(account)
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
    await finish_open_calls(sessions, api, organization_id)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id is not None:
        await sync_customer(sessions, api, account.customer_id, publish=publish)
        await open_checkout(sessions, api, account)
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
    await finish_open_calls(sessions, api, organization_id)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    customer_id = account.customer_id
    if customer_id is None:
        raise no_customer(account)
    await sync_customer(sessions, api, customer_id, publish=publish)
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    subscription = _changeable(account, kind)
    if subscription is not None:
        parameters = {
            "subscription": subscription.id,
            "is_paused": str(subscription.status is SubscriptionStatus.PAUSED),
            "has_date": str(subscription.cancel_at is not None and not subscription.cancel_at_period_end),
        }
        await keep_and_call(sessions, organization_id, kind, parameters, change_call(api), livemode=api.livemode)
        changes: dict[str, list[str | None]] = {"subscription": [subscription.id, kind.value]}
        await note_billing(sessions, account, f"billing.{kind.value}", changes, actor=actor)
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
