"""The sandbox's Stripe objects in the shapes of the real ones (API version of stripe_gateway.py)."""

from __future__ import annotations

import secrets
import string
from typing import Any

Object = dict[str, Any]
API_VERSION = "2026-10-28.endive"
_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id as Stripe makes them."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def list_of(items: list[Object], url: str, *, has_more: bool = False) -> Object:
    """Return a list object."""
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


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


def subscription(
    customer_id: str, the_price: Object, now: int, period_end: int, *, metadata: dict[str, str], status: str = "active"
) -> Object:
    """Return a subscription to one price."""
    subscription_id = new_id("sub")
    item: Object = {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": now,
        "current_period_end": period_end,
        "current_period_start": now,
        "discounts": [],
        "metadata": {},
        "price": the_price,
        "quantity": 1,
        "subscription": subscription_id,
        "tax_rates": [],
    }
    return {
        "id": subscription_id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": now,
        "currency": the_price["currency"],
        "customer": customer_id,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "items": list_of([item], f"/v1/subscription_items?subscription={subscription_id}"),
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata,
        "pause_collection": None,
        "schedule": None,
        "start_date": now,
        "status": status,
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
    }


def invoice(of: Object, number: str, now: int, *, is_paid: bool, base: str, reason: str) -> Object:
    """Return a finalized invoice of a subscription's present period."""
    item = of["items"]["data"][0]
    amount = (item["price"]["unit_amount"] or 0) * item["quantity"]
    invoice_id = new_id("in")
    return {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "SMTPy Sandbox",
        "amount_due": amount,
        "amount_paid": amount if is_paid else 0,
        "amount_remaining": 0 if is_paid else amount,
        "attempt_count": 1,
        "attempted": True,
        "auto_advance": not is_paid,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": of["currency"],
        "customer": of["customer"],
        "description": None,
        "due_date": None,
        "hosted_invoice_url": f"{base}/invoice/{invoice_id}",
        "invoice_pdf": f"{base}/invoice/{invoice_id}/pdf",
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None if is_paid else now + 3 * 86_400,
        "number": number,
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": of["metadata"], "subscription": of["id"]},
            "type": "subscription_details",
        },
        "period_end": item["current_period_end"],
        "period_start": item["current_period_start"],
        "status": "paid" if is_paid else "open",
        "subtotal": amount,
        "total": amount,
    }


def checkout_session(now: int, base: str, given: Object) -> Object:
    """Return an open checkout session for 24 hours; ``given`` are the call's parameters."""
    session_id = new_id("cs_test", 58)
    return {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": None,
        "amount_total": None,
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": now,
        "currency": None,
        "customer": given.get("customer"),
        "customer_details": None,
        "customer_email": given.get("customer_email"),
        "expires_at": now + 86_400,
        "invoice": None,
        "livemode": False,
        "metadata": given.get("metadata") or {},
        "mode": given.get("mode"),
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "status": "open",
        "subscription": None,
        "success_url": given.get("success_url"),
        "ui_mode": "hosted_page",
        "url": f"{base}/pay/{session_id}",
    }


def portal_session(now: int, base: str, customer_id: str, return_url: str | None) -> Object:
    """Return a customer portal session."""
    session_id = new_id("bps")
    return {
        "id": session_id,
        "object": "billing_portal.session",
        "configuration": "bpc_sandbox",
        "created": now,
        "customer": customer_id,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": return_url,
        "url": f"{base}/portal/{session_id}",
    }


def event(event_type: str, about: Object, now: int, *, request_key: str | None, previous: Object | None) -> Object:
    """Return an event with a snapshot of its object."""
    data: Object = {"object": about}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": request_key},
        "type": event_type,
    }
