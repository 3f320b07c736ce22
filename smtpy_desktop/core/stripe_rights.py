"""The rights that a restricted key of Stripe needs, named as in the dashboard, where Write includes Read."""

from __future__ import annotations

from smtpy_desktop.schemas.stripe_settings import StripeRight

NEEDED_RIGHTS = (
    StripeRight("Customers", is_write=True),
    StripeRight("Subscriptions", is_write=True),
    StripeRight("Checkout Sessions", is_write=True),
    StripeRight("Customer portal", is_write=True),
    StripeRight("Invoices"),
    StripeRight("Prices"),
    StripeRight("Products"),
    StripeRight("PaymentMethods"),
    StripeRight("Events"),
)
"""Exactly these, and nothing else (docs.stripe.com/keys/restricted-api-keys)."""
