"""Somebody came back from Stripe's checkout: what was bought is read at once, whether or not a webhook comes."""

from __future__ import annotations

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.subscription_controller import refresh_billing
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.stripe_errors import StripeNotFound
from smtpy_desktop.database import stripe_intents_database
from smtpy_desktop.errors import NotFoundError
from smtpy_desktop.gateways.stripe_api import StripeAccess


async def refresh_after_checkout(sessions: Sessions, stripe: StripeAccess, *, publish: Publish) -> int:
    """Read the organizations anew that have a checkout open, each told by its change; return how many.

    The page that was visited does not say whose checkout it was: anybody could claim that. Raises StripeError.
    """
    livemode = await stripe.livemode()
    async with sessions.read() as db:
        organizations = await stripe_intents_database.organizations_in_checkout(db, livemode=livemode)
    for organization_id in organizations:
        try:
            await refresh_billing(sessions, stripe, organization_id, publish=publish)
        except (NotFoundError, StripeNotFound):
            continue  # it was deleted meanwhile, or its customer is none of this key's
    return len(organizations)
