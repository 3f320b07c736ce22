"""Bringing every organization in step with Stripe, as Refresh on the page of all of them does."""

from __future__ import annotations

import asyncio

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.billing_controller import list_accounts
from smtpy_desktop.controllers.side_by_side import all_of
from smtpy_desktop.controllers.subscription_controller import refresh_billing
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.progress import Progress

_AT_ONCE = 4


async def refresh_all(
    sessions: Sessions, stripe: StripeAccess, *, publish: Publish, progress: Progress | None = None
) -> int:
    """Read every customer from Stripe; return how many there are.

    A failure ends it and raises StripeError; but for a customer that Stripe does not know it is raised after the rest.
    """
    progress = progress or Progress()
    await stripe.connect()
    linked = [account.organization_id for account in await list_accounts(sessions, stripe) if account.customer_id]
    progress.total = len(linked)
    unknown: list[StripeNotFound] = []
    turns = asyncio.Semaphore(_AT_ONCE)

    async def refresh(organization_id: OrganizationId) -> None:
        async with turns:
            try:
                await refresh_billing(sessions, stripe, organization_id, publish=publish)
            except StripeNotFound as error:
                unknown.append(error)
            progress.done += 1

    await all_of(map(refresh, linked))
    if unknown:
        raise unknown[0]
    return len(linked)
