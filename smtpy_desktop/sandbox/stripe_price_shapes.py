"""Products and prices of the sandbox's Stripe in the shapes of the real ones."""

from __future__ import annotations

from smtpy_desktop.sandbox.stripe_shapes import Object, new_id


def product(name: str, now: int) -> Object:
    """Return a product."""
    return {
        "id": new_id("prod", 14),
        "object": "product",
        "active": True,
        "created": now,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "tax_code": None,
        "updated": now,
        "url": None,
    }


def price(product_id: str, now: int, *, amount: int, currency: str, interval: str, nickname: str | None) -> Object:
    """Return a recurring price; ``amount`` in minor units."""
    return {
        "id": new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": nickname,
        "product": product_id,
        "recurring": {
            "interval": interval,
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
