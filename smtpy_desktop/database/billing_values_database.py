"""Subscriptions, prices and payment methods as JSON in columns, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from smtpy_desktop.schemas.billing import Interval, PaymentMethod, Price, Subscription, SubscriptionStatus

_MOMENTS = (
    "created_at",
    "current_period_start",
    "current_period_end",
    "cancel_at",
    "canceled_at",
    "ended_at",
    "trial_end",
)


def subscription_to_json(subscription: Subscription | None) -> dict[str, Any] | None:
    """Return what is stored of a subscription."""
    if subscription is None:
        return None
    content = asdict(subscription)
    return content | {name: content[name].isoformat() for name in _MOMENTS if content[name] is not None}


def subscription_from_json(content: dict[str, Any] | None) -> Subscription | None:
    """Return a subscription out of what was stored of it."""
    if content is None:
        return None
    moments = {name: datetime.fromisoformat(content[name]) for name in _MOMENTS if content[name] is not None}
    nested = {
        "status": SubscriptionStatus(content["status"]),
        "price": price_from_json(content["price"]),
        "payment_method": payment_method_from_json(content["payment_method"]),
    }
    return Subscription(**(content | moments | nested))


def price_to_json(price: Price) -> dict[str, Any]:
    """Return what is stored of a price."""
    return asdict(price)


def price_from_json(content: dict[str, Any] | None) -> Price | None:
    """Return a price out of what was stored of it."""
    if content is None:
        return None
    interval = Interval(content["interval"]) if content["interval"] is not None else None
    return Price(**(content | {"interval": interval}))


def payment_method_to_json(method: PaymentMethod | None) -> dict[str, Any] | None:
    """Return what is stored of a payment method."""
    return asdict(method) if method is not None else None


def payment_method_from_json(content: dict[str, Any] | None) -> PaymentMethod | None:
    """Return a payment method out of what was stored of it."""
    return PaymentMethod(**content) if content is not None else None
