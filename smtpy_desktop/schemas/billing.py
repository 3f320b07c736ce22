"""What the program knows of Stripe's objects: only the fields that it uses, in its own words."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class SubscriptionStatus(enum.StrEnum):
    """Every state of a subscription (docs.stripe.com/api/subscriptions/object, ``status``)."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    UNPAID = "unpaid"
    CANCELED = "canceled"
    INCOMPLETE = "incomplete"
    INCOMPLETE_EXPIRED = "incomplete_expired"
    PAUSED = "paused"

    @property
    def is_over(self) -> bool:
        """Whether the subscription has ended for good, so that another one may be begun."""
        return self in (SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED)

    @property
    def is_served(self) -> bool:
        """Whether the customer gets what is paid for now; payments may be late (``is_active`` for scripts)."""
        return self in (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)


class Interval(enum.StrEnum):
    """How often a price is due."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """Whose key it is; ``name`` as the dashboard shows it, empty where the key may not read it."""

    id: str
    name: str
    livemode: bool


@dataclass(frozen=True, slots=True)
class Price:
    """What a plan costs: ``amount`` in minor units of ``currency``, every ``interval_count`` intervals.

    ``amount`` is None where it depends on the quantity (tiers). ``interval`` is None for a price that is paid once.
    """

    id: str
    product_id: str
    product_name: str
    nickname: str
    currency: str
    amount: int | None
    interval: Interval | None
    interval_count: int
    is_active: bool
    livemode: bool
    trial_days: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """What is charged, as far as it may be shown: for a card its brand, last four digits and expiry."""

    kind: str
    brand: str = ""
    last4: str = ""
    expires_year: int | None = None
    expires_month: int | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription with its first item's price; the period is the item's (since Stripe API 2025-03-31)."""

    id: str
    customer_id: str
    status: SubscriptionStatus
    price_id: str | None
    created_at: datetime
    current_period_start: datetime | None
    current_period_end: datetime | None
    cancel_at_period_end: bool
    cancel_at: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    trial_end: datetime | None
    livemode: bool
    quantity: int = 1
    items: int = 1
    price: Price | None = None
    payment_method: PaymentMethod | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer at Stripe; of a deleted one only the id is left."""

    id: str
    email: str
    name: str
    livemode: bool
    is_deleted: bool = False
    is_delinquent: bool = False
    organization_ref: str | None = None
    payment_method: PaymentMethod | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice; amounts in minor units. The links are Stripe's and None until it is finalized."""

    id: str
    customer_id: str
    subscription_id: str | None
    number: str | None
    status: str
    currency: str
    amount_due: int
    amount_paid: int
    created_at: datetime
    due_at: datetime | None
    next_attempt_at: datetime | None
    attempts: int
    livemode: bool
    hosted_url: str | None = None
    pdf_url: str | None = None


class CheckoutStatus(enum.StrEnum):
    """How far a hosted checkout is."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A hosted checkout; ``url`` is there while it is open."""

    id: str
    status: CheckoutStatus
    url: str | None
    customer_id: str | None
    subscription_id: str | None
    price_id: str | None
    client_reference: str | None
    livemode: bool
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CustomerState:
    """Everything that Stripe knows of one customer that is kept here, read in one go."""

    customer: Customer
    subscriptions: tuple[Subscription, ...]
    invoices: tuple[Invoice, ...]


@dataclass(frozen=True, slots=True)
class StripeEvent:
    """An event as Stripe told it; its object is only referred to and read anew, never trusted from ``payload``."""

    id: str
    type: str
    created_at: datetime
    livemode: bool
    object_type: str
    object_id: str
    customer_id: str | None
    payload: dict[str, object]
