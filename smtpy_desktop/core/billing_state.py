"""Rules on subscriptions: which of a customer's counts, how many days are left, what an administrator should know."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from datetime import date, datetime

from smtpy_desktop.schemas.billing import CustomerState, Invoice, PaymentMethod, Subscription, SubscriptionStatus
from smtpy_desktop.schemas.billing_account import NoticeKind

_RANK = {
    SubscriptionStatus.ACTIVE: 0,
    SubscriptionStatus.TRIALING: 0,
    SubscriptionStatus.PAST_DUE: 1,
    SubscriptionStatus.UNPAID: 2,
    SubscriptionStatus.PAUSED: 2,
    SubscriptionStatus.INCOMPLETE: 3,
    SubscriptionStatus.CANCELED: 4,
    SubscriptionStatus.INCOMPLETE_EXPIRED: 5,
}
_SECONDS_OF_A_DAY = 86_400
_SOON_MONTHS = 1


class CardExpiry(enum.StrEnum):
    """Whether what is charged can still be charged."""

    GOOD = "good"
    SOON = "soon"
    EXPIRED = "expired"


def subscription_that_counts(subscriptions: Sequence[Subscription]) -> Subscription | None:
    """Return the one that serves the customer best, of equal ones the newest; None when there is none."""
    return min(
        subscriptions, key=lambda item: (_RANK[item.status], -item.created_at.timestamp(), item.id), default=None
    )


def others_not_over(subscriptions: Sequence[Subscription]) -> int:
    """Return how many subscriptions besides the one that counts are not over, and may be charged for."""
    counting = subscription_that_counts(subscriptions)
    return sum(1 for item in subscriptions if not item.status.is_over and item is not counting)


def days_until_renewal(subscription: Subscription, now: datetime) -> int | None:
    """Return the begun days until the present period ends, 0 once it has; None when nothing is renewed any more."""
    if subscription.status.is_over or subscription.current_period_end is None:
        return None
    return max(0, math.ceil((subscription.current_period_end - now).total_seconds() / _SECONDS_OF_A_DAY))


def card_expiry(method: PaymentMethod, today: date) -> CardExpiry:
    """Return whether a card is good, expires this month or the next, or has expired; one without expiry is good.

    A card can be charged until the last day of the month that stands on it.
    """
    if method.expires_year is None or method.expires_month is None:
        return CardExpiry.GOOD
    months_left = (method.expires_year - today.year) * 12 + method.expires_month - today.month
    if months_left < 0:
        return CardExpiry.EXPIRED
    return CardExpiry.SOON if months_left <= _SOON_MONTHS else CardExpiry.GOOD


def notices_of(state: CustomerState) -> tuple[tuple[NoticeKind, str, Invoice | None], ...]:
    """Return what should be told of a customer: the kind, the object that it is told once for, and its invoice."""
    customer_id = state.customer.id
    if state.customer.is_deleted:
        return ((NoticeKind.CUSTOMER_DELETED, customer_id, None),)
    found: list[tuple[NoticeKind, str, Invoice | None]] = [
        (NoticeKind.PAYMENT_FAILED, invoice.id, invoice)
        for invoice in state.invoices
        if invoice.status in ("open", "uncollectible") and invoice.attempts > 0
    ]
    subscription = subscription_that_counts(state.subscriptions)
    if subscription is None:
        return tuple(found)
    if subscription.status.is_over:
        found.append((NoticeKind.SUBSCRIPTION_ENDED, subscription.id, None))
    elif subscription.cancel_at_period_end or subscription.cancel_at is not None:
        end = subscription.cancel_at or subscription.current_period_end
        found.append(
            (NoticeKind.SUBSCRIPTION_ENDING, f"{subscription.id}@{end:%Y-%m-%d}" if end else subscription.id, None)
        )
    return tuple(found)
