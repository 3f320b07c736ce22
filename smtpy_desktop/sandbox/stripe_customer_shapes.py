"""Customers and their cards of the sandbox's Stripe in the shapes of the real ones."""

from __future__ import annotations

from smtpy_desktop.sandbox.stripe_shapes import Object, new_id


def customer(now: int, *, name: str | None, email: str | None, metadata: dict[str, str]) -> Object:
    """Return a customer."""
    return {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": email,
        "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata,
        "name": name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payment_method(customer_id: str, now: int, *, brand: str, last4: str) -> Object:
    """Return a card, valid for three more years."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "card": {
            "brand": brand,
            "checks": None,
            "country": "US",
            "exp_month": 12,
            "exp_year": 1973 + now // 31_556_952,
            "fingerprint": None,
            "funding": "credit",
            "generated_from": None,
            "last4": last4,
            "networks": None,
            "three_d_secure_usage": None,
            "wallet": None,
        },
        "created": now,
        "customer": customer_id,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
