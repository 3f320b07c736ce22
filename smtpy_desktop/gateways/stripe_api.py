"""Stripe as controllers know it: the calls that are made, and where a way to make them comes from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from smtpy_desktop.schemas.billing import (
    CheckoutSession,
    Customer,
    CustomerState,
    Price,
    StripeAccount,
    StripeEvent,
    Subscription,
)
from smtpy_desktop.schemas.stripe_settings import StripeMode


class StripeApi(Protocol):
    """Stripe with one key.

    Every method raises StripeError (core/stripe_errors.py): StripeUnreachable when nobody knows whether the call
    arrived, StripeBusy when it may be repeated, StripeRefused when it may not. ``key`` is the idempotency key, kept by
    the caller before the call; a repetition with the same key and parameters has no second effect.
    """

    @property
    def livemode(self) -> bool:
        """Whether real money is moved."""
        ...

    async def account(self) -> StripeAccount:
        """Return whose key it is."""
        ...

    async def prices(self) -> tuple[Price, ...]:
        """Return all active recurring prices of active products, each with its product's name."""
        ...

    async def customer_state(self, customer_id: str) -> CustomerState:
        """Return a customer with all subscriptions and the latest 24 invoices; of a deleted one only its id.

        Raises StripeNotFound when there never was such a customer in this mode.
        """
        ...

    async def find_customers(self, organization_ref: str, email: str) -> tuple[Customer, ...]:
        """Return the customers with this e-mail address that were made for this organization."""
        ...

    async def create_customer(self, *, name: str, email: str, organization_ref: str, key: str) -> Customer:
        """Create a customer."""
        ...

    async def create_checkout(
        self, *, customer_id: str, price_id: str, success_url: str, cancel_url: str, organization_ref: str, key: str
    ) -> CheckoutSession:
        """Begin a hosted checkout of a subscription."""
        ...

    async def checkout(self, session_id: str) -> CheckoutSession:
        """Return a checkout as it is now."""
        ...

    async def expire_checkout(self, session_id: str) -> CheckoutSession:
        """End an open checkout, so that nobody can pay there any more."""
        ...

    async def create_portal(self, *, customer_id: str, return_url: str) -> str:
        """Return the address of a customer portal session, which is good for a few minutes."""
        ...

    async def set_cancel_at_period_end(self, subscription_id: str, *, wanted: bool, key: str) -> Subscription:
        """Let a subscription end with its period, or go on."""
        ...

    async def clear_end_date(self, subscription_id: str, *, key: str) -> Subscription:
        """Let a subscription go on that was to end at a date of its own, which the dashboard can set."""
        ...

    async def cancel_now(self, subscription_id: str, *, key: str) -> Subscription:
        """End a subscription at once."""
        ...

    async def resume_paused(self, subscription_id: str, *, key: str) -> Subscription:
        """Let a paused subscription go on."""
        ...

    def events(self, *, since: datetime) -> AsyncIterator[tuple[StripeEvent, ...]]:
        """Yield pages of the events since then, newest first; Stripe keeps 30 days of them."""
        ...

    async def event(self, event_id: str) -> StripeEvent:
        """Return one event."""
        ...


class StripeAccess(Protocol):
    """Where a way to Stripe comes from: the key is looked up when it is needed, and may be changed meanwhile."""

    async def connect(self) -> StripeApi:
        """Return Stripe with the present key.

        Raises StripeNotSetUp when there is no key, KeyringUnavailable when the keyring does not give it out.
        """
        ...

    async def livemode(self) -> bool:
        """Return whether the present key moves real money; False when there is none. Never asks Stripe."""
        ...

    async def mode(self) -> StripeMode:
        """Return whether there is a key, and what it moves. Never asks Stripe; raises KeyringUnavailable."""
        ...

    async def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that webhooks may be signed with, newest first; empty when there is none."""
        ...
