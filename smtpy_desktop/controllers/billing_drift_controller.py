"""Holding what is kept here against Stripe's truth, and taking that truth over."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.billing_controller import account_in_mode
from smtpy_desktop.controllers.billing_sync_controller import sync_customer
from smtpy_desktop.controllers.side_by_side import all_of
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.billing_drift import drift_of
from smtpy_desktop.core.stripe_errors import StripeNotFound
from smtpy_desktop.database import audit_database, billing_database, billing_notices_database
from smtpy_desktop.gateways.stripe_api import StripeAccess, StripeApi
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.billing_account import AccountDrift, BillingAccount, DriftField, NoticeKind
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.progress import Progress

_AT_ONCE = 8


async def find_drift(
    sessions: Sessions, stripe: StripeAccess, *, publish: Publish, progress: Progress | None = None
) -> tuple[AccountDrift, ...]:
    """Compare every organization that is a customer with Stripe; return those that differ, by name.

    Each difference is told in a notice, once a day at most. Raises StripeError.
    """
    progress = progress or Progress()
    api = await stripe.connect()
    async with sessions.read() as db:
        accounts = await billing_database.list_accounts(db, livemode=api.livemode)
    linked = [account for account in accounts if account.customer_id is not None]
    progress.total = len(linked)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def compare(account: BillingAccount) -> AccountDrift:
        async with turns:
            found = await _compared(sessions, api, account)
            progress.done += 1
            return found

    found = [drift for drift in await all_of(map(compare, linked)) if drift.fields]
    if found and await _notify(sessions, found):
        publish(Change(Topic.BILLING, frozenset(drift.organization_id for drift in found)))
    return tuple(found)


async def apply_truth(
    sessions: Sessions,
    stripe: StripeAccess,
    organization_ids: Collection[OrganizationId],
    *,
    actor: Actor,
    publish: Publish,
    progress: Progress | None = None,
) -> int:
    """Take over what Stripe says of these organizations; return how many were customers. Raises StripeError."""
    progress = progress or Progress()
    progress.total = len(organization_ids)
    api = await stripe.connect()
    applied = 0
    for organization_id in organization_ids:
        account = await account_in_mode(sessions, organization_id, livemode=api.livemode)
        if account.customer_id is not None:
            await sync_customer(sessions, api, account.customer_id, publish=publish)
            await _note(sessions, account, actor)
            applied += 1
        progress.done += 1
    return applied


async def _compared(sessions: Sessions, api: StripeApi, account: BillingAccount) -> AccountDrift:
    customer_id = account.customer_id or ""
    try:
        truth = await api.customer_state(customer_id)
    except StripeNotFound:
        fields: tuple[DriftField, ...] = (DriftField("customer.id", customer_id, ""),)
    else:
        async with sessions.read() as db:  # read after Stripe was asked, so that news in between is no drift
            now = await billing_database.get_account(db, account.organization_id, livemode=account.livemode)
            invoices = await billing_database.list_invoices(db, account.organization_id, livemode=account.livemode)
        fields = drift_of(now or account, invoices, truth)
    return AccountDrift(account.organization_id, account.organization_name, account.livemode, customer_id, fields)


async def _notify(sessions: Sessions, found: list[AccountDrift]) -> bool:
    async with sessions.begin() as db:
        today = await billing_database.today(db)
        new = [
            await billing_notices_database.add_notice(
                db,
                drift.organization_id,
                NoticeKind.DRIFT_FOUND,
                f"{drift.customer_id}@{today}",
                livemode=drift.livemode,
            )
            for drift in found
        ]
    return any(new)


async def _note(sessions: Sessions, account: BillingAccount, actor: Actor) -> None:
    async with sessions.begin() as db:
        entry = AuditEntry(
            "billing.truth",
            "organization",
            account.organization_id,
            account.organization_name,
            account.organization_id,
            {"customer": [None, account.customer_id]},
        )
        await audit_database.record(db, actor, entry)
