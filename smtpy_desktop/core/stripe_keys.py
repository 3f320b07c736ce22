"""Stripe's keys and secrets by their looks: what can be one, and whether it moves real money."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.text import Text, text

_API_KEY = re.compile(r"(?:sk|rk)_(?:org_)?(live|test)_[A-Za-z0-9_]{8,500}")
_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]{8,500}")


def parse_api_key(value: str) -> str:
    """Return a secret or restricted key as it was meant; raise FieldError (field ``api_key``) for anything else."""
    key = value.strip().strip("\"'")
    if _API_KEY.fullmatch(key):
        return key
    if key.startswith("pk_"):
        raise _no_key(text("This is the publishable key; the program needs the secret one."))
    if key.startswith("whsec_"):
        raise _no_key(text("This is a webhook secret; it belongs into the field below."))
    raise _no_key(text("This is no secret key of Stripe."))


def is_live_key(key: str) -> bool:
    """Tell whether a key moves real money."""
    found = _API_KEY.fullmatch(key)
    return found is not None and found[1] == "live"


def parse_webhook_secrets(value: str) -> tuple[str, ...]:
    """Return the webhook secrets of a text, separated by blanks or commas, in order; raise FieldError."""
    secrets = [part for part in re.split(r"[\s,]+", value.strip()) if part]
    for secret in secrets:
        if not _WEBHOOK_SECRET.fullmatch(secret):
            raise FieldError(
                "webhook_secrets",
                "STRIPE_WEBHOOK_SECRET_FORM",
                text("A webhook secret begins with whsec_."),
                hint=text("Copy it from the webhook endpoint in the Stripe dashboard, or from stripe listen."),
            )
    return tuple(dict.fromkeys(secrets))


def shown_secret(value: str) -> str:
    """Return what may be shown of a key or secret: its kind and its last four letters."""
    kind = re.match(r"(?:(?:sk|rk)_(?:org_)?(?:live|test)_|whsec_)", value)
    return f"{kind[0] if kind else ''}…{value[-4:]}" if len(value) >= 16 else "…"


def check_api_base(value: str) -> str:
    """Return the address of another server than Stripe's; raise UserFacingError for one that keys must not go to."""
    parts = urlsplit(value)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        return value.rstrip("/")
    raise UserFacingError(
        "STRIPE_API_BASE",
        text("STRIPE_API_BASE is no https address: {value}.", value=value),
        hint=text("Remove it, or name a server as https://…; http is for this machine alone."),
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _no_key(message: Text) -> FieldError:
    return FieldError(
        "api_key",
        "STRIPE_KEY_FORM",
        message,
        hint=text("Copy the secret key (sk_… or rk_…) from Developers, API keys in the Stripe dashboard."),
    )
