"""Checkout and portal sessions of the sandbox's Stripe in the shapes of the real ones."""

from __future__ import annotations

from smtpy_desktop.sandbox.stripe_shapes import Object, new_id


def checkout_session(now: int, base: str, given: Object) -> Object:
    """Return an open checkout session for 24 hours; ``given`` are the call's parameters."""
    subscription_data = given.get("subscription_data") or {}
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
        "_trial_days": subscription_data.get("trial_period_days"),
        "_subscription_metadata": subscription_data.get("metadata") or given.get("metadata") or {},
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
