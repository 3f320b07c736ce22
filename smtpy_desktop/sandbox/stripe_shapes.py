"""What all shapes of the sandbox's Stripe share: ids, lists, events (API version of stripe_gateway.py).

A field that begins with an underscore is the sandbox's own, and never leaves it.
"""

from __future__ import annotations

import copy
import secrets
import string
from typing import Any

Object = dict[str, Any]
API_VERSION = "2026-10-28.endive"
ACCOUNT_NAME = "SMTPy Sandbox"
_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id as Stripe makes them."""
    return f"{prefix}_{''.join(secrets.choice(_LETTERS) for _ in range(length))}"


def list_of(items: list[Object], url: str, *, has_more: bool = False) -> Object:
    """Return a list object."""
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def visible(item: Object) -> Object:
    """Return a copy of an object without what is the sandbox's own."""
    return copy.deepcopy({key: value for key, value in item.items() if not key.startswith("_")})


def account() -> Object:
    """Return whose sandbox it is."""
    return {
        "id": "acct_sandbox",
        "object": "account",
        "business_profile": {"name": ACCOUNT_NAME},
        "country": "US",
        "default_currency": "usd",
        "settings": {"dashboard": {"display_name": ACCOUNT_NAME, "timezone": "Etc/UTC"}},
    }


def event(
    event_type: str, about: Object, now: int, *, request_key: str | None, previous: Object | None, webhooks: int
) -> Object:
    """Return an event with a snapshot of its object; ``webhooks`` is how many addresses it goes to."""
    data: Object = {"object": visible(about)}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": webhooks,
        "request": {"id": None, "idempotency_key": request_key},
        "type": event_type,
    }
