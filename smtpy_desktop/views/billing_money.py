"""How amounts, prices and what is charged are written wherever money is shown."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QLocale

from smtpy_desktop.core.billing_state import CardExpiry, card_expiry
from smtpy_desktop.core.money import fraction_digits, major_units
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing import Interval, PaymentMethod, Price
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.texts import tr, tr_n

_SYMBOLS = {"eur": "€", "gbp": "£", "jpy": "¥"}
"""Those that mean one currency everywhere; the dollar's does not."""
_AMERICAN = (QLocale.Country.UnitedStates, QLocale.Country.AnyCountry)
_NO_BREAK = "\u00a0"
_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def money(amount: int, currency: str) -> str:
    """Return an amount in minor units as the locale writes it, with as many decimals as the currency has."""
    locale, value, digits = QLocale(), float(major_units(amount, currency)), fraction_digits(currency)
    symbol = _SYMBOLS.get(currency.lower(), "$" if _is_american(currency, locale) else "")
    if symbol:
        return locale.toCurrencyString(value, symbol, digits)
    return f"{locale.toString(value, 'f', digits)}{_NO_BREAK}{visible_line(currency.upper(), 8)}"


def plan_name(price: Price) -> str:
    """Return what a price is called: its product, and its own nickname where it has one."""
    name = visible_line(price.product_name or price.product_id)
    return f"{name} · {visible_line(price.nickname)}" if price.nickname else name


def price_words(price: Price, quantity: int = 1) -> str:
    """Return "€9.00 a month", or that it depends on the use where there is no fixed amount."""
    if price.amount is None:
        return tr("by use")
    amount = money(price.amount, price.currency)
    if quantity != 1:
        amount = tr("{quantity} times {amount}", quantity=quantity, amount=amount)
    return _per_interval(amount, price.interval, price.interval_count)


def trial_words(price: Price) -> str:
    """Return how long a price may be tried without payment; nothing when it may not."""
    return tr_n("{n} day of trial", "{n} days of trial", price.trial_days) if price.trial_days else ""


def method_words(method: PaymentMethod) -> str:
    """Return what is charged, as "Visa •••• 4242, 12/2027"."""
    name = _BRANDS.get(method.brand, visible_line(method.brand or method.kind).capitalize())
    if method.last4:
        name = f"{name} •••• {visible_line(method.last4, 8)}"
    if method.expires_year is None or method.expires_month is None:
        return name
    return f"{name}, {method.expires_month:02}/{method.expires_year}"


def expiry_words(method: PaymentMethod, today: date) -> tuple[str, Tone] | None:
    """Return the warning that a card expires soon or has expired, with its tone; None while it is good."""
    match card_expiry(method, today):
        case CardExpiry.GOOD:
            return None
        case CardExpiry.SOON:
            return tr("expires soon"), Tone.WARN
        case CardExpiry.EXPIRED:
            return tr("expired"), Tone.BAD


def _is_american(currency: str, locale: QLocale) -> bool:
    return currency.lower() == "usd" and locale.territory() in _AMERICAN


def _per_interval(amount: str, interval: Interval | None, count: int) -> str:
    match interval:
        case Interval.DAY:
            return tr_n("{amount} a day", "{amount} every {n} days", count, amount=amount)
        case Interval.WEEK:
            return tr_n("{amount} a week", "{amount} every {n} weeks", count, amount=amount)
        case Interval.MONTH:
            return tr_n("{amount} a month", "{amount} every {n} months", count, amount=amount)
        case Interval.YEAR:
            return tr_n("{amount} a year", "{amount} every {n} years", count, amount=amount)
        case None:
            return tr("{amount} once", amount=amount)
