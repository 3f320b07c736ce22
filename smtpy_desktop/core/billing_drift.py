"""What is kept of a customer held against Stripe's truth, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from smtpy_desktop.core.billing_state import others_not_over, subscription_that_counts
from smtpy_desktop.schemas.billing import CustomerState, Invoice, PaymentMethod, Subscription
from smtpy_desktop.schemas.billing_account import BillingAccount, DriftField


def drift_of(account: BillingAccount, invoices: Sequence[Invoice], truth: CustomerState) -> tuple[DriftField, ...]:
    """Return the fields in which an account differs from what Stripe says of its customer, in a fixed order."""
    if truth.customer.is_deleted:
        return _differing([("customer.deleted", account.is_customer_deleted, True)])
    subscription = subscription_that_counts(truth.subscriptions)
    method = (subscription.payment_method if subscription is not None else None) or truth.customer.payment_method
    pairs: list[tuple[str, object, object]] = [
        ("customer.deleted", account.is_customer_deleted, False),
        ("customer.email", account.customer_email, truth.customer.email),
        ("customer.delinquent", account.is_delinquent, truth.customer.is_delinquent),
        ("payment_method", _method(account.payment_method), _method(method)),
        ("subscriptions.others", account.other_subscriptions, others_not_over(truth.subscriptions)),
        *_of_subscription(account.subscription, subscription),
        *_of_invoices(invoices, truth.invoices),
    ]
    return _differing(pairs)


def _of_subscription(local: Subscription | None, truth: Subscription | None) -> list[tuple[str, object, object]]:
    names = (
        "id",
        "status",
        "price_id",
        "quantity",
        "current_period_start",
        "current_period_end",
        "cancel_at_period_end",
        "cancel_at",
        "canceled_at",
        "ended_at",
        "trial_end",
    )
    return [(f"subscription.{name}", getattr(local, name, None), getattr(truth, name, None)) for name in names]


def _of_invoices(local: Sequence[Invoice], truth: Sequence[Invoice]) -> list[tuple[str, object, object]]:
    """Compare the invoices that Stripe told of; older ones are kept here and not asked for."""
    known = {invoice.id: invoice for invoice in local}
    return [
        (f"invoice.{invoice.number or invoice.id}", _invoice(known.get(invoice.id)), _invoice(invoice))
        for invoice in truth
    ]


def _invoice(invoice: Invoice | None) -> str | None:
    if invoice is None:
        return None
    return f"{invoice.status} {invoice.amount_paid}/{invoice.amount_due} {invoice.currency}"


def _method(method: PaymentMethod | None) -> str | None:
    if method is None:
        return None
    return " ".join(part for part in (method.kind, method.brand, method.last4) if part)


def _differing(pairs: Iterable[tuple[str, object, object]]) -> tuple[DriftField, ...]:
    return tuple(DriftField(name, _word(local), _word(truth)) for name, local, truth in pairs if local != truth)


def _word(value: object) -> str:
    """Return a value as text: nothing as an empty one, moments in UTC."""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
