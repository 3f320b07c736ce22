"""What is kept of a customer held against Stripe's truth, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from smtpy_desktop.core.billing_state import others_not_over, subscription_that_counts
from smtpy_desktop.schemas.billing import CustomerState, Invoice, PaymentMethod, Subscription
from smtpy_desktop.schemas.billing_account import BillingAccount, DriftField, DriftValue

_Pair = tuple[str, DriftValue, DriftValue]


def drift_of(account: BillingAccount, invoices: Sequence[Invoice], truth: CustomerState) -> tuple[DriftField, ...]:
    """Return the fields in which an account differs from what Stripe says of its customer, in a fixed order."""
    if truth.customer.is_deleted:
        return _differing([("customer.deleted", account.is_customer_deleted, True)])
    subscription = subscription_that_counts(truth.subscriptions)
    method = (subscription.payment_method if subscription is not None else None) or truth.customer.payment_method
    pairs: list[_Pair] = [
        ("customer.deleted", account.is_customer_deleted, False),
        ("customer.email", account.customer_email, truth.customer.email),
        ("customer.delinquent", account.is_delinquent, truth.customer.is_delinquent),
        ("payment_method", account.payment_method, method),
        ("subscriptions.others", account.other_subscriptions, others_not_over(truth.subscriptions)),
        *_of_subscription(account.subscription, subscription),
        *_of_invoices(invoices, truth.invoices),
    ]
    return _differing(pairs)


def _of_subscription(local: Subscription | None, truth: Subscription | None) -> list[_Pair]:
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


def _of_invoices(local: Sequence[Invoice], truth: Sequence[Invoice]) -> list[_Pair]:
    """Compare the invoices that Stripe told of; older ones are kept here and not asked for, drafts may be deleted."""
    known, told = {invoice.id: invoice for invoice in local}, {invoice.id for invoice in truth}
    oldest = min((invoice.created_at for invoice in truth), default=None)
    drafts = [invoice for invoice in local if invoice.status == "draft" and invoice.id not in told]
    gone = [draft for draft in drafts if oldest is None or draft.created_at > oldest]
    pairs: list[_Pair] = [(_invoice_name(invoice), known.get(invoice.id), invoice) for invoice in truth]
    return pairs + [(_invoice_name(invoice), invoice, None) for invoice in gone]


def _invoice_name(invoice: Invoice) -> str:
    return f"invoice.{invoice.number or invoice.id}"


def _differing(pairs: Iterable[_Pair]) -> tuple[DriftField, ...]:
    written = ((name, _word(local), _word(truth), local, truth) for name, local, truth in pairs)
    return tuple(DriftField(*field) for field in written if field[1] != field[2])


def _word(value: DriftValue) -> str:
    """Return a value as text: nothing as an empty one, moments in UTC; of an object only what is compared."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case Invoice():
            return f"{value.status} {value.amount_paid}/{value.amount_due} {value.currency}"
        case PaymentMethod():
            return " ".join(part for part in (value.kind, value.brand, value.last4) if part)
        case _:
            return str(value)
