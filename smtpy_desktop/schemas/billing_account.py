"""What is kept here of an organization's billing, and what the billing page and command show of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.billing import Invoice, PaymentMethod, Price, Subscription
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import StripeMode


@dataclass(frozen=True, slots=True)
class BillingAccount:
    """An organization's customer at Stripe as last read from there; test and live data are two accounts.

    ``customer_id`` is None before the first checkout, and again after the customer was deleted at Stripe
    (``is_customer_deleted``). ``subscription`` is the one that counts; ``other_subscriptions`` tells how many more of
    them are not over, which should not be.
    """

    organization_id: OrganizationId
    organization_name: str
    livemode: bool
    customer_id: str | None
    customer_email: str
    is_customer_deleted: bool
    is_delinquent: bool
    subscription: Subscription | None
    other_subscriptions: int
    payment_method: PaymentMethod | None
    synced_at: datetime | None


class NoticeKind(enum.StrEnum):
    """What is told of an organization's billing without being asked."""

    PAYMENT_FAILED = "payment_failed"
    SUBSCRIPTION_ENDING = "subscription_ending"
    SUBSCRIPTION_ENDED = "subscription_ended"
    DRIFT_FOUND = "drift_found"
    CUSTOMER_DELETED = "customer_deleted"


@dataclass(frozen=True, slots=True)
class BillingNotice:
    """Told once for each ``object_id``: an invoice, a subscription with its period, a customer."""

    id: int
    organization_id: OrganizationId
    organization_name: str
    livemode: bool
    kind: NoticeKind
    object_id: str
    at: datetime
    is_seen: bool
    amount: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class BillingPicture:
    """Everything that the billing page paints at once from what is kept here, before Stripe answers.

    ``open_checkout_url`` is there while a payment in the browser is waited for, for the price ``open_checkout_price``.
    """

    account: BillingAccount
    invoices: tuple[Invoice, ...]
    notices: tuple[BillingNotice, ...]
    prices: tuple[Price, ...]
    mode: StripeMode
    open_checkout_url: str | None = None
    open_checkout_price: str | None = None


@dataclass(frozen=True, slots=True)
class BillingOverview:
    """The accounts of all organizations by name, and what administrators have not read yet of them."""

    mode: StripeMode
    accounts: tuple[BillingAccount, ...]
    notices: tuple[BillingNotice, ...]


class IntentKind(enum.StrEnum):
    """A call that changes something at Stripe."""

    CREATE_CUSTOMER = "create_customer"
    CHECKOUT = "checkout"
    CANCEL_AT_PERIOD_END = "cancel_at_period_end"
    CANCEL_NOW = "cancel_now"
    RESUME = "resume"


class IntentState(enum.StrEnum):
    """How far such a call is; an open one may or may not have reached Stripe."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class StripeIntent:
    """A call kept before it is made: after a crash it is repeated with the same key (docs.stripe.com idempotency)."""

    id: int
    organization_id: OrganizationId
    livemode: bool
    kind: IntentKind
    parameters: dict[str, str]
    idempotency_key: str
    state: IntentState
    created_at: datetime
    result: dict[str, str]


DriftValue = str | int | bool | datetime | Invoice | PaymentMethod | None
"""What a field can hold; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class DriftField:
    """One field in which what is kept here differs from Stripe's truth.

    ``local`` and ``stripe`` are texts for scripts (times in UTC, nothing as an empty text); the values behind them are
    for who writes them as the user's locale does.
    """

    name: str
    local: str
    stripe: str
    local_value: DriftValue = None
    stripe_value: DriftValue = None


@dataclass(frozen=True, slots=True)
class AccountDrift:
    """How one organization's account differs from Stripe; without ``fields`` it agrees."""

    organization_id: OrganizationId
    organization_name: str
    livemode: bool
    customer_id: str
    fields: tuple[DriftField, ...]
