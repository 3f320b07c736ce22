"""The reference's JSON shapes of billing, and the same for people at a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.core.billing_state import days_until_renewal
from smtpy_desktop.core.money import fraction_digits, major_units
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing import Price, Subscription
from smtpy_desktop.schemas.billing_account import AccountDrift, BillingAccount
from smtpy_desktop.schemas.webhook_events import WebhookEventDetails, WebhookEventRow


def subscription_shape(subscription: Subscription | None, now: datetime) -> dict[str, Any]:
    """The subscription that counts; without one nothing is set and it is not active."""
    if subscription is None:
        return {
            "id": None,
            "status": None,
            "plan_price_id": None,
            "current_period_end": None,
            "cancel_at_period_end": False,
            "is_active": False,
            "days_until_renewal": None,
        }
    return {
        "id": subscription.id,
        "status": subscription.status.value,
        "plan_price_id": subscription.price_id,
        "current_period_end": time_shape(subscription.current_period_end),
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "is_active": subscription.status.is_served,
        "days_until_renewal": days_until_renewal(subscription, now),
    }


def billing_shape(account: BillingAccount, domains: int, messages: int, now: datetime) -> dict[str, Any]:
    """An organization's billing, with how much it uses; the limits are the reference's, and there are none here."""
    subscription = account.subscription
    return {
        "organization_id": account.organization_id,
        "organization": account.organization_name,
        "stripe_customer_id": account.customer_id,
        "subscription": subscription_shape(subscription, now) if subscription is not None else None,
        "billing_email": account.customer_email,
        "domains_count": domains,
        "messages_count": messages,
        "plan_domain_limit": None,
        "plan_message_limit": None,
        "livemode": account.livemode,
        "is_customer_deleted": account.is_customer_deleted,
        "synced_at": time_shape(account.synced_at),
    }


def price_shape(price: Price) -> dict[str, Any]:
    """A price that can be subscribed to; ``amount`` in minor units."""
    return {
        "price_id": price.id,
        "name": price.product_name,
        "description": price.nickname or None,
        "amount": price.amount,
        "currency": price.currency,
        "interval": price.interval.value if price.interval is not None else None,
        "interval_count": price.interval_count,
        "trial_days": price.trial_days,
        "livemode": price.livemode,
    }


def event_shape(row: WebhookEventRow) -> dict[str, Any]:
    """An event in a list."""
    return {
        "id": row.id,
        "type": row.type,
        "object": row.object_id,
        "organization": row.organization_name,
        "received_via": row.received_via.value,
        "verdict": row.verdict.value,
        "attempts": row.attempts,
        "outcome": row.outcome.value,
        "error": {"code": row.error_code, "detail": row.error_text} if row.error_code else None,
        "livemode": row.livemode,
        "created_at": time_shape(row.created_at),
        "received_at": time_shape(row.received_at),
    }


def event_details_shape(details: WebhookEventDetails) -> dict[str, Any]:
    """An event with how often it was delivered."""
    return event_shape(details.row) | {
        "deliveries": details.deliveries,
        "last_received_at": time_shape(details.last_received_at),
    }


def drift_shape(drift: AccountDrift) -> dict[str, Any]:
    """How one organization's account differs from Stripe."""
    return {
        "organization_id": drift.organization_id,
        "organization": drift.organization_name,
        "stripe_customer_id": drift.customer_id,
        "livemode": drift.livemode,
        "fields": [{"field": field.name, "local": field.local, "stripe": field.stripe} for field in drift.fields],
    }


def amount_words(price: Price) -> str:
    """Return an amount with its currency, such as "12.00 EUR"; a dash where it depends on the quantity."""
    if price.amount is None:
        return "-"
    digits = fraction_digits(price.currency)
    return f"{major_units(price.amount, price.currency):.{digits}f} {price.currency.upper()}"


def interval_words(price: Price) -> str:
    """Return how often a price is due, such as "every 3 months"."""
    if price.interval is None:
        return "once"
    every = price.interval.value if price.interval_count == 1 else f"{price.interval_count} {price.interval.value}s"
    return f"every {every}"


def lines_of(shape: dict[str, Any]) -> str:
    """Return the plain values of a shape, one a line."""
    return "\n".join(
        f"{name.replace('_', ' ')}: {_words(value)}"
        for name, value in shape.items()
        if not isinstance(value, (dict, list))
    )


def _words(value: object) -> str:
    if value is None:
        return "-"
    return ("yes" if value else "no") if isinstance(value, bool) else visible_line(str(value))
