"""Invoices of the sandbox's Stripe in the shape of the real ones."""

from __future__ import annotations

from smtpy_desktop.sandbox.stripe_shapes import ACCOUNT_NAME, Object, list_of, new_id


def invoice(
    of: Object, customer: Object, number: str, now: int, *, base: str, reason: str, is_trial: bool = False
) -> Object:
    """Return a draft invoice of a subscription's present period; a trial's costs nothing."""
    item = of["items"]["data"][0]
    amount = 0 if is_trial else (item["price"]["unit_amount"] or 0) * item["quantity"]
    invoice_id = new_id("in")
    return {
        "id": invoice_id,
        "object": "invoice",
        "account_country": "US",
        "account_name": ACCOUNT_NAME,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": of["currency"],
        "customer": of["customer"],
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "default_payment_method": None,
        "description": None,
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "hosted_invoice_url": f"{base}/invoice/{invoice_id}",
        "invoice_pdf": f"{base}/invoice/{invoice_id}/pdf",
        "lines": list_of([_line(invoice_id, of, amount)], f"/v1/invoices/{invoice_id}/lines"),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": number,
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": of["metadata"], "subscription": of["id"]},
            "type": "subscription_details",
        },
        "period_end": item["current_period_end"],
        "period_start": item["current_period_start"],
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "test_clock": None,
        **_amounts(amount),
    }


def _amounts(amount: int) -> Object:
    """Return the fields that say how much is owed: there are no taxes, discounts or balances here."""
    return {
        "amount_due": amount,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": amount,
        "amount_shipping": 0,
        "starting_balance": 0,
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
    }


def _line(invoice_id: str, of: Object, amount: int) -> Object:
    """Return the one line of an invoice: a period of the plan."""
    item = of["items"]["data"][0]
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": of["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": False,
        "metadata": of["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": of["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "quantity": item["quantity"],
        "subtotal": amount,
    }
