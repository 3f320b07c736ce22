"""Amounts of money as Stripe counts them: whole numbers of a currency's smallest unit."""

from __future__ import annotations

from decimal import Decimal

# docs.stripe.com/currencies: UGX and ISK have no smaller unit either, but Stripe counts them in hundredths.
_WHOLE = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
_THOUSANDTHS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))


def fraction_digits(currency: str) -> int:
    """Return how many digits behind the point Stripe's amounts in a currency (ISO 4217, any case) have."""
    code = currency.lower()
    if code in _WHOLE:
        return 0
    return 3 if code in _THOUSANDTHS else 2


def major_units(amount: int, currency: str) -> Decimal:
    """Return an amount in minor units as people write it: 1999 in eur gives 19.99."""
    return Decimal(amount).scaleb(-fraction_digits(currency))
