"""Reading an event of Stripe: what it is about, from JSON that may be anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.schemas.billing import StripeEvent
from smtpy_desktop.schemas.text import text

_LONGEST_NAME = 255

TEST_EVENT_PREFIX = "evt_smtpytest_"
"""What the ids of our own test events begin with; Stripe's never hold a second underscore."""

HANDLED_TYPES = frozenset(
    {
        "checkout.session.completed",
        "customer.deleted",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
        "customer.subscription.updated",
        "customer.updated",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.payment_succeeded",
    }
)
"""The events that the program looks after (docs.stripe.com/api/events/types); all others are recorded as not ours."""


def parse_event(body: bytes) -> StripeEvent:
    """Read the body of a webhook request; raise UserFacingError (EVENT_MALFORMED, EVENT_THIN).

    A thin event (docs.stripe.com/event-destinations, ``"object": "v2.core.event"``) carries no object and is refused.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise _malformed() from None
    return read_event(content)


def read_event(content: Any) -> StripeEvent:
    """Read an event out of parsed JSON; raise UserFacingError (EVENT_MALFORMED, EVENT_THIN)."""
    if not isinstance(content, dict):
        raise _malformed()
    if str(content.get("object", "")).startswith("v2."):
        raise UserFacingError(
            "EVENT_THIN",
            text("This is a thin event, which tells nothing of its object."),
            hint=text("Choose snapshot events for this webhook endpoint in the Stripe dashboard."),
        )
    data = content.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    if content.get("object") != "event" or not isinstance(about, dict):
        raise _malformed()
    object_type = _name(about, "object")
    return StripeEvent(
        id=_name(content, "id"),
        type=_name(content, "type"),
        created_at=_moment(content.get("created")),
        livemode=content.get("livemode") is True,
        object_type=object_type,
        object_id=_optional_name(about.get("id")) or "",
        customer_id=_optional_name(about.get("id") if object_type == "customer" else about.get("customer")),
        payload=content,
    )


def other_mode(event: StripeEvent) -> ConflictError:
    """Return why an event cannot be worked on with a key of the other mode."""
    told = (
        text("The event {id} is of live data, and the present key is for test data.", id=event.id)
        if event.livemode
        else text("The event {id} is of test data, and the present key is for live data.", id=event.id)
    )
    return ConflictError(
        "EVENT_OTHER_MODE", told, hint=text("Enter the key of the other mode in Settings, Billing, and try again.")
    )


def _name(content: Mapping[str, Any], field: str) -> str:
    value = _optional_name(content.get(field))
    if value is None:
        raise _malformed()
    return value


def _optional_name(value: Any) -> str | None:
    """Return an id or a type; an expanded object stands for its id."""
    if isinstance(value, dict):
        value = value.get("id")
    is_name = isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME and value.isprintable()
    return value if is_name else None


def _moment(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value < 2**35:
        raise _malformed()
    return datetime.fromtimestamp(value, UTC)


def _malformed() -> UserFacingError:
    return UserFacingError(
        "EVENT_MALFORMED",
        text("This is no event of Stripe."),
        hint=text("Send what Stripe sends, unchanged, to this address."),
    )
