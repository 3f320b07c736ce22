"""What is known of organizations' billing, and bringing it up to date."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound, StripeRefused
from smtpy_desktop.database import (
    audit_database,
    billing_database,
    billing_notices_database,
    prices_database,
    stripe_intents_database,
)
from smtpy_desktop.errors import ConflictError, FieldError, NotFoundError
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.billing import Customer, Price
from smtpy_desktop.schemas.billing_account import (
    BillingAccount,
    BillingNotice,
    BillingOverview,
    BillingPicture,
    IntentKind,
    NoticeKind,
)
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import KeyMode
from smtpy_desktop.schemas.text import text


async def billing_picture(sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId) -> BillingPicture:
    """Return what is kept of an organization's billing, without asking Stripe; raise NotFoundError."""
    mode = await stripe.mode()
    livemode = mode.key is KeyMode.LIVE
    async with sessions.read() as db:
        account = await billing_database.get_account(db, organization_id, livemode=livemode)
        if account is None:
            raise _no_organization(organization_id)
        checkout = await stripe_intents_database.last_done(db, organization_id, IntentKind.CHECKOUT, livemode=livemode)
        prices = await prices_database.list_prices(db, livemode=livemode)
        is_subscribed = account.subscription is not None and not account.subscription.status.is_over
        waiting = checkout.result if checkout is not None and not is_subscribed else {}
        return BillingPicture(
            account=_named(account, prices),
            invoices=await billing_database.list_invoices(db, organization_id, livemode=livemode),
            notices=await billing_notices_database.list_notices(db, livemode=livemode, organization_id=organization_id),
            prices=prices,
            mode=mode,
            open_checkout_url=waiting.get("url") or None,
            open_checkout_price=waiting.get("price"),
        )


async def billing_overview(sessions: Sessions, stripe: StripeAccess) -> BillingOverview:
    """Return what is kept of the billing of all organizations, without asking Stripe."""
    mode = await stripe.mode()
    livemode = mode.key is KeyMode.LIVE
    async with sessions.read() as db:
        prices = await prices_database.list_prices(db, livemode=livemode)
        accounts = await billing_database.list_accounts(db, livemode=livemode)
        return BillingOverview(
            mode,
            tuple(_named(account, prices) for account in accounts),
            await billing_notices_database.list_notices(db, livemode=livemode),
        )


async def list_accounts(sessions: Sessions, stripe: StripeAccess) -> tuple[BillingAccount, ...]:
    """Return the accounts of all organizations by name, empty ones too."""
    livemode = await stripe.livemode()
    async with sessions.read() as db:
        return await billing_database.list_accounts(db, livemode=livemode)


async def read_prices(sessions: Sessions, stripe: StripeAccess, *, publish: Publish) -> tuple[Price, ...]:
    """Ask Stripe for the prices, keep and return them; raise StripeError."""
    api = await stripe.connect()
    found = await api.prices()
    async with sessions.begin() as db:
        is_changed = await prices_database.store_prices(db, found, livemode=api.livemode)
        prices = await prices_database.list_prices(db, livemode=api.livemode)
    if is_changed:
        publish(Change(Topic.BILLING))
    return prices


async def look_up_customer(stripe: StripeAccess, customer_id: str) -> Customer:
    """Ask Stripe who a customer is, before it is linked; raise FieldError for none that can be, and StripeError."""
    customer_id = _checked_customer(customer_id)
    api = await stripe.connect()
    try:
        state = await api.customer_state(customer_id)
    except StripeNotFound as error:
        raise FieldError("customer", error.code, error.message, detail=error.detail, hint=error.hint) from error
    if state.customer.is_deleted:
        raise _deleted(customer_id)
    return state.customer


async def link_customer(
    sessions: Sessions,
    stripe: StripeAccess,
    organization_id: OrganizationId,
    customer_id: str,
    *,
    actor: Actor,
    publish: Publish,
) -> BillingPicture:
    """Make a customer that exists at Stripe the organization's; raise FieldError, ConflictError or StripeError."""
    customer_id = _checked_customer(customer_id)
    api = await stripe.connect()
    account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
    if account.customer_id not in (None, customer_id) and not account.is_customer_deleted:
        raise ConflictError(
            "CUSTOMER_LINKED",
            text("This organization is linked to the customer {customer} already.", customer=account.customer_id),
            hint=text("Unlink it first; nothing is changed at Stripe by that."),
        )
    state = await api.customer_state(customer_id)
    if state.customer.is_deleted:
        raise _deleted(customer_id)
    await _end_checkout_of_another(sessions, api, account, customer_id)
    await _set_customer(sessions, account, customer_id, actor=actor)
    await sync_customer(sessions, api, customer_id, publish=publish)
    publish(Change(Topic.BILLING, frozenset({organization_id})))
    return await billing_picture(sessions, stripe, organization_id)


async def unlink_customer(
    sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId, *, actor: Actor, publish: Publish
) -> BillingPicture:
    """Forget an organization's customer here; at Stripe nothing is changed."""
    account = await existing_account(sessions, stripe, organization_id)
    if account.customer_id is not None:
        await _set_customer(sessions, account, None, actor=actor)
        publish(Change(Topic.BILLING, frozenset({organization_id})))
    return await billing_picture(sessions, stripe, organization_id)


async def unseen_notices(sessions: Sessions, stripe: StripeAccess) -> tuple[BillingNotice, ...]:
    """Return what administrators have not read yet, of all organizations."""
    livemode = await stripe.livemode()
    async with sessions.read() as db:
        return await billing_notices_database.list_notices(db, livemode=livemode)


async def withdraw_ending(sessions: Sessions, account: BillingAccount) -> None:
    """Take a notice as read that the subscription will end: whoever has resumed it knows, and it is true no more."""
    async with sessions.begin() as db:
        notices = await billing_notices_database.list_notices(
            db, livemode=account.livemode, organization_id=account.organization_id
        )
        ending = [notice.id for notice in notices if notice.kind is NoticeKind.SUBSCRIPTION_ENDING]
        await billing_notices_database.mark_seen(db, ending)


async def mark_notices_seen(sessions: Sessions, ids: Collection[int], *, publish: Publish) -> None:
    """Note that notices were read."""
    async with sessions.begin() as db:
        changed = await billing_notices_database.mark_seen(db, ids)
    if changed:
        publish(Change(Topic.BILLING))


async def existing_account(sessions: Sessions, stripe: StripeAccess, organization_id: OrganizationId) -> BillingAccount:
    """Return an organization's account in the key's mode; raise NotFoundError when the organization is gone."""
    return await account_in_mode(sessions, organization_id, livemode=await stripe.livemode())


async def account_in_mode(sessions: Sessions, organization_id: OrganizationId, *, livemode: bool) -> BillingAccount:
    """Return an organization's account in one mode; raise NotFoundError when the organization is gone.

    Whoever talks to Stripe asks for the mode of that very key: it may be replaced by one of the other mode meanwhile.
    """
    async with sessions.read() as db:
        account = await billing_database.get_account(db, organization_id, livemode=livemode)
    if account is None:
        raise _no_organization(organization_id)
    return account


def _named(account: BillingAccount, prices: Collection[Price]) -> BillingAccount:
    """Return an account with the name of its plan, which Stripe does not tell with a subscription."""
    subscription = account.subscription
    if subscription is None or subscription.price is None or subscription.price.product_name:
        return account
    product_id = subscription.price.product_id
    name = next((price.product_name for price in prices if price.product_id == product_id), "")
    price = replace(subscription.price, product_name=name)
    return replace(account, subscription=replace(subscription, price=price))


async def _set_customer(sessions: Sessions, account: BillingAccount, customer_id: str | None, *, actor: Actor) -> None:
    organization_id = account.organization_id
    async with sessions.begin() as db:
        if not await billing_database.set_customer(db, organization_id, customer_id, livemode=account.livemode):
            raise ConflictError(
                "CUSTOMER_TAKEN",
                text("The customer {customer} belongs to another organization.", customer=customer_id),
                hint=text("Unlink it there first, or choose another customer."),
            )
        changes = {"customer": [account.customer_id, customer_id]}
        entry = AuditEntry(
            "billing.customer", "organization", organization_id, account.organization_name, organization_id, changes
        )
        await audit_database.record(db, actor, entry)


async def _end_checkout_of_another(
    sessions: Sessions, api: StripeApi, account: BillingAccount, customer_id: str
) -> None:
    """End a checkout that was begun as another customer: what is paid there would not show up here any more."""
    async with sessions.read() as db:
        last = await stripe_intents_database.last_done(
            db, account.organization_id, IntentKind.CHECKOUT, livemode=account.livemode
        )
    if last is None or not last.result.get("url") or last.parameters.get("customer") == customer_id:
        return
    with contextlib.suppress(StripeRefused):  # it is over, or of another Stripe account
        await api.expire_checkout(last.result["checkout"])
    async with sessions.begin() as db:
        await stripe_intents_database.set_result(db, last.id, {**last.result, "url": ""})


def _checked_customer(customer_id: str) -> str:
    customer_id = customer_id.strip()
    if customer_id.startswith("cus_") and customer_id.replace("_", "").isalnum() and customer_id.isascii():
        return customer_id
    raise FieldError(
        "customer",
        "CUSTOMER_ID",
        text("A customer's id begins with cus_."),
        hint=text("Copy it from the customer's page in the Stripe dashboard."),
    )


def _deleted(customer_id: str) -> FieldError:
    return FieldError(
        "customer",
        "CUSTOMER_DELETED",
        text("The customer {customer} was deleted at Stripe.", customer=customer_id),
        hint=text("Choose another customer, or subscribe: that makes a new one."),
    )


def _no_organization(organization_id: OrganizationId) -> NotFoundError:
    return NotFoundError(
        "ORGANIZATION_NOT_FOUND",
        text("The organization with the number {id} does not exist any more.", id=organization_id),
    )
