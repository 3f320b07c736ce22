"""Says in words in what an account differs from Stripe: names of fields, and values as the locale writes them."""

from __future__ import annotations

from datetime import datetime

from smtpy_desktop.schemas.billing import Invoice, PaymentMethod
from smtpy_desktop.schemas.billing_account import DriftField, DriftValue
from smtpy_desktop.views.billing_money import method_words, money
from smtpy_desktop.views.billing_notice_words import invoice_pill
from smtpy_desktop.views.billing_words import AccountState, state_word
from smtpy_desktop.views.widgets.moments import date_and_time_of
from smtpy_desktop.views.widgets.texts import number, tr

MISSING_CUSTOMER = "customer.id"
"""The field of a customer that Stripe does not know with the present key."""

_INVOICE = "invoice."
_STATUS = "subscription.status"


def field_words(field: DriftField) -> str:
    """Return what a field is called."""
    if field.name.startswith(_INVOICE):
        return tr("Invoice {number}", number=field.name.removeprefix(_INVOICE))
    known = {
        MISSING_CUSTOMER: tr("Customer"),
        "customer.deleted": tr("Customer deleted"),
        "customer.email": tr("E-mail address"),
        "customer.delinquent": tr("Payment overdue"),
        "payment_method": tr("Payment method"),
        "subscriptions.others": tr("Further subscriptions"),
        "subscription.id": tr("Subscription"),
        _STATUS: tr("Subscription status"),
        "subscription.price_id": tr("Price"),
        "subscription.quantity": tr("Quantity"),
        "subscription.current_period_start": tr("Period began"),
        "subscription.current_period_end": tr("Period ends"),
        "subscription.cancel_at_period_end": tr("Ends with the period"),
        "subscription.cancel_at": tr("Ends on"),
        "subscription.canceled_at": tr("Canceled at"),
        "subscription.ended_at": tr("Ended at"),
        "subscription.trial_end": tr("Trial ends"),
    }
    return known.get(field.name, field.name)


def local_words(field: DriftField) -> str:
    """Return what is kept here."""
    return _value_words(field, field.local_value if field.local_value is not None else field.local or None)


def stripe_words(field: DriftField) -> str:
    """Return what Stripe says."""
    if field.name == MISSING_CUSTOMER:
        return tr("not there with this key")
    return _value_words(field, field.stripe_value if field.stripe_value is not None else field.stripe or None)


def _value_words(field: DriftField, value: DriftValue) -> str:
    match value:
        case None | "":
            return tr("(nothing)")
        case bool():
            return tr("yes") if value else tr("no")
        case int():
            return number(value)
        case datetime():
            return date_and_time_of(value)
        case Invoice():
            return _invoice_words(value)
        case PaymentMethod():
            return method_words(value)
        case _ if field.name == _STATUS:
            return state_word(AccountState(str(value)))
        case _:
            return value


def _invoice_words(invoice: Invoice) -> str:
    paid, due = (money(amount, invoice.currency) for amount in (invoice.amount_paid, invoice.amount_due))
    return tr("{status}, {paid} of {due}", status=invoice_pill(invoice).text, paid=paid, due=due)
