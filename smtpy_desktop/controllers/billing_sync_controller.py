"""Bringing what is kept of a customer in step with Stripe: asked as a whole, stored as a whole."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.billing_state import notices_of, others_not_over, subscription_that_counts
from smtpy_desktop.database import billing_database, billing_notices_database
from smtpy_desktop.gateways.stripe_api import StripeApi
from smtpy_desktop.schemas.billing import CustomerState
from smtpy_desktop.schemas.identifiers import OrganizationId


async def fetch_customer(sessions: Sessions, api: StripeApi, customer_id: str) -> tuple[CustomerState, int]:
    """Ask Stripe for everything of a customer; return it with the number that was drawn before the question.

    What happened at Stripe before this was called is in the answer. Raises StripeError.
    """
    async with sessions.begin() as db:
        ticket = await billing_database.draw_ticket(db)
    return await api.customer_state(customer_id), ticket


async def store_customer(db: AsyncSession, state: CustomerState, ticket: int) -> OrganizationId | None:
    """Store an answer with the notices that follow from it, within the caller's transaction.

    Returns whose customer it is; None when it is nobody's, or when a later answer is stored already.
    """
    stored = await billing_database.store_state(
        db,
        state.customer,
        subscription_that_counts(state.subscriptions),
        others_not_over(state.subscriptions),
        state.invoices,
        ticket=ticket,
    )
    if stored is None:
        return None
    organization_id, livemode = stored
    for kind, object_id, invoice in notices_of(state):
        await billing_notices_database.add_notice(
            db,
            organization_id,
            kind,
            object_id,
            livemode=livemode,
            amount=invoice.amount_due if invoice is not None else None,
            currency=invoice.currency if invoice is not None else None,
        )
    return organization_id


async def sync_customer(
    sessions: Sessions, api: StripeApi, customer_id: str, *, publish: Publish
) -> OrganizationId | None:
    """Bring one customer in step with Stripe; return whose it is, None when it is nobody's here. Raises StripeError."""
    state, ticket = await fetch_customer(sessions, api, customer_id)
    async with sessions.begin() as db:
        stored = await store_customer(db, state, ticket)
    if stored is not None:
        publish(Change(Topic.BILLING, frozenset({stored})))
    return stored
