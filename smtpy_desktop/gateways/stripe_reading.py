"""Stripe's objects, as plain dictionaries, read into the program's own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from smtpy_desktop.schemas.billing import (
    CheckoutSession,
    CheckoutStatus,
    Customer,
    Interval,
    Invoice,
    PaymentMethod,
    Price,
    StripeAccount,
    Subscription,
    SubscriptionStatus,
)

ORGANIZATION_KEY = "smtpy_organization"
"""The key in an object's metadata under which its organization is named."""

Json = Mapping[str, Any]


def read_account(content: Json) -> StripeAccount:
    """Read an account; ``livemode`` is not known from it and left False."""
    settings = content.get("settings") or {}
    name = (settings.get("dashboard") or {}).get("display_name") or (content.get("business_profile") or {}).get("name")
    return StripeAccount(id=content["id"], name=name or "", livemode=False)


def read_price(content: Json) -> Price:
    """Read a price; its product's name is known where the product was expanded."""
    recurring = content.get("recurring") or {}
    product = content.get("product")
    expanded: Json = product if isinstance(product, Mapping) else {}
    return Price(
        id=content["id"],
        product_id=_id(product) or "",
        product_name=expanded.get("name") or "",
        nickname=content.get("nickname") or "",
        currency=content["currency"],
        amount=content.get("unit_amount"),
        interval=Interval(recurring["interval"]) if recurring else None,
        interval_count=recurring.get("interval_count", 1),
        is_active=bool(content.get("active")) and expanded.get("active") is not False,
        livemode=bool(content.get("livemode")),
        trial_days=recurring.get("trial_period_days"),
    )


def read_subscription(content: Json) -> Subscription:
    """Read a subscription; period and price are those of its first item."""
    items = (content.get("items") or {}).get("data") or []
    item: Json = items[0] if items else {}
    price = read_price(item["price"]) if item.get("price") else None
    return Subscription(
        id=content["id"],
        customer_id=_id(content["customer"]) or "",
        status=SubscriptionStatus(content["status"]),
        price_id=price.id if price is not None else None,
        created_at=_moment(content["created"]),
        current_period_start=_optional_moment(item.get("current_period_start")),
        current_period_end=_optional_moment(item.get("current_period_end")),
        cancel_at_period_end=bool(content.get("cancel_at_period_end")),
        cancel_at=_optional_moment(content.get("cancel_at")),
        canceled_at=_optional_moment(content.get("canceled_at")),
        ended_at=_optional_moment(content.get("ended_at")),
        trial_end=_optional_moment(content.get("trial_end")),
        livemode=bool(content.get("livemode")),
        quantity=item.get("quantity") or 1,
        items=len(items),
        price=price,
        payment_method=read_payment_method(content.get("default_payment_method")),
    )


def read_payment_method(content: Any) -> PaymentMethod | None:
    """Read an expanded payment method; None when there is none, or only its id is known."""
    if not isinstance(content, Mapping):
        return None
    kind = content.get("type") or ""
    details = content.get(kind) or {}
    return PaymentMethod(
        kind=kind,
        brand=details.get("brand") or details.get("bank_name") or "",
        last4=details.get("last4") or "",
        expires_year=details.get("exp_year"),
        expires_month=details.get("exp_month"),
    )


def read_customer(content: Json) -> Customer:
    """Read a customer, or what is left of a deleted one."""
    invoicing = content.get("invoice_settings") or {}
    return Customer(
        id=content["id"],
        email=content.get("email") or "",
        name=content.get("name") or "",
        livemode=bool(content.get("livemode")),
        is_deleted=content.get("deleted") is True,
        is_delinquent=content.get("delinquent") is True,
        organization_ref=(content.get("metadata") or {}).get(ORGANIZATION_KEY),
        payment_method=read_payment_method(invoicing.get("default_payment_method")),
    )


def read_invoice(content: Json) -> Invoice:
    """Read an invoice; its subscription stands below ``parent`` (since Stripe API 2025-03-31)."""
    details = (content.get("parent") or {}).get("subscription_details") or {}
    return Invoice(
        id=content["id"],
        customer_id=_id(content.get("customer")) or "",
        subscription_id=_id(details.get("subscription")),
        number=content.get("number"),
        status=content.get("status") or "draft",
        currency=content["currency"],
        amount_due=content["amount_due"],
        amount_paid=content["amount_paid"],
        created_at=_moment(content["created"]),
        due_at=_optional_moment(content.get("due_date")),
        next_attempt_at=_optional_moment(content.get("next_payment_attempt")),
        attempts=content.get("attempt_count") or 0,
        livemode=bool(content.get("livemode")),
        hosted_url=content.get("hosted_invoice_url"),
        pdf_url=content.get("invoice_pdf"),
    )


def read_checkout(content: Json) -> CheckoutSession:
    """Read a checkout session; its price is known where it was put into the metadata."""
    return CheckoutSession(
        id=content["id"],
        status=CheckoutStatus(content["status"]),
        url=content.get("url"),
        customer_id=_id(content.get("customer")),
        subscription_id=_id(content.get("subscription")),
        price_id=(content.get("metadata") or {}).get("smtpy_price"),
        client_reference=content.get("client_reference_id"),
        livemode=bool(content.get("livemode")),
        expires_at=_optional_moment(content.get("expires_at")),
    )


def _id(value: Any) -> str | None:
    """Return the id of an object that may be expanded."""
    return value.get("id") if isinstance(value, Mapping) else value


def _moment(value: int) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def _optional_moment(value: int | None) -> datetime | None:
    return _moment(value) if value is not None else None
