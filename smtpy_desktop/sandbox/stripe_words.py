"""How the sandbox's Stripe writes money, dates and states, in its hosted pages and in the window."""

from __future__ import annotations

from datetime import UTC, datetime

from smtpy_desktop.core.money import major_units
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.schemas.text import Text, text


def money_words(amount: int, currency: str) -> str:
    """Return an amount of minor units with its currency: ``USD 29.00``, ``JPY 1,200``."""
    return f"{currency.upper()} {major_units(amount, currency):,}"


def price_words(price: Object) -> Text:
    """Return what a price costs and how often."""
    money = money_words(price["unit_amount"] or 0, price["currency"])
    match price["recurring"]["interval"]:
        case "day":
            return text("{money} a day", money=money)
        case "week":
            return text("{money} a week", money=money)
        case "month":
            return text("{money} a month", money=money)
        case _:
            return text("{money} a year", money=money)


def date_words(moment: int | None) -> str:
    """Return a day as ISO 8601 writes it."""
    return datetime.fromtimestamp(moment, UTC).date().isoformat() if moment is not None else "—"


def status_words(status: str) -> Text:
    """Return a subscription's or an invoice's state in words."""
    known = {
        "active": text("Active"),
        "trialing": text("In trial"),
        "past_due": text("Past due"),
        "unpaid": text("Unpaid"),
        "canceled": text("Canceled"),
        "incomplete": text("Incomplete"),
        "incomplete_expired": text("Incomplete, expired"),
        "paused": text("Paused"),
        "draft": text("Draft"),
        "open": text("To be paid"),
        "paid": text("Paid"),
        "void": text("Void"),
    }
    return known.get(status, text("{status}", status=status))
