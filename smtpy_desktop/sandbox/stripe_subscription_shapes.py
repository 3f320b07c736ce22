"""Subscriptions of the sandbox's Stripe in the shape of the real ones."""

from __future__ import annotations

from smtpy_desktop.sandbox.stripe_shapes import Object, list_of, new_id


def subscription(
    customer_id: str,
    the_price: Object,
    now: int,
    period_end: int,
    *,
    metadata: dict[str, str],
    status: str,
    trial_end: int | None = None,
) -> Object:
    """Return a subscription to one price; a trial is its first period."""
    subscription_id = new_id("sub")
    item = _item(subscription_id, the_price, now, period_end)
    return {
        "id": subscription_id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": trial_end or now,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": the_price["currency"],
        "customer": customer_id,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "items": list_of([item], f"/v1/subscription_items?subscription={subscription_id}"),
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata,
        "pause_collection": None,
        "schedule": None,
        "start_date": now,
        "status": status,
        "test_clock": None,
        "trial_end": trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        "trial_start": now if trial_end is not None else None,
    }


def _item(subscription_id: str, the_price: Object, now: int, period_end: int) -> Object:
    """Return what is subscribed to; its period is the subscription's (since Stripe API 2025-03-31)."""
    return {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": period_end,
        "current_period_start": now,
        "discounts": [],
        "metadata": {},
        "price": the_price,
        "quantity": 1,
        "subscription": subscription_id,
        "tax_rates": [],
    }
