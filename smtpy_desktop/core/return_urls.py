"""The addresses that Stripe's pages send people back to: what may be one, and where the local listener's pages are."""

from __future__ import annotations

from urllib.parse import urlsplit

from smtpy_desktop.core.stripe_keys import is_loopback
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

SUCCESS_PATH = "/billing/success"
CANCEL_PATH = "/billing/cancel"

SUCCESS_VARIABLE = "STRIPE_SUCCESS_URL"
CANCEL_VARIABLE = "STRIPE_CANCEL_URL"
PORTAL_VARIABLE = "STRIPE_PORTAL_RETURN_URL"

_LONGEST = 2000


def check_return_url(variable: str, value: str) -> str:
    """Return an address that a browser may be sent back to; raise UserFacingError naming the variable for another."""
    try:
        parts = urlsplit(value)
        host = parts.hostname or ""
        _ = parts.port  # raises ValueError when it is none
    except ValueError:
        raise _no_url(variable) from None
    has_odd_letters = not value.isprintable() or " " in value or not value.isascii()
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not host or has_odd_letters or not is_safe or parts.username is not None or len(value) > _LONGEST:
        raise _no_url(variable)
    return value


def _no_url(variable: str) -> UserFacingError:
    return UserFacingError(
        "STRIPE_RETURN_URL",
        text("{variable} is no address that a browser can be sent back to.", variable=variable),
        hint=text(
            "Write it as https://…, or as http://localhost:…; or remove it, then the program's own page is used."
        ),
    )
