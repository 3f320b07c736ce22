"""Test events: signed here with the stored secret and brought to the own listener, the way Stripe's events come."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from smtpy_desktop.core.stripe_events import HANDLED_TYPES, TEST_EVENT_PREFIX
from smtpy_desktop.core.stripe_signature import sign
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.gateways.event_poster import EventPoster
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.schemas.text import text

WEBHOOK_PATH = "/webhooks/stripe"
DEFAULT_TYPE = "customer.updated"
TEST_TYPES = tuple(sorted(HANDLED_TYPES))
_ABOUT = {"customer": "customer", "invoice": "invoice", "checkout": "checkout.session"}


@dataclass(frozen=True, slots=True)
class TestEventReport:
    """What came of a test event: the listener's answer, and how long it took."""

    __test__ = False  # for pytest: no test in spite of the name

    event_id: str
    event_type: str
    url: str
    status: int
    answer: str
    milliseconds: float

    @property
    def is_taken(self) -> bool:
        """Whether it was taken in."""
        return 200 <= self.status < 300


async def send_test_event(
    stripe: StripeAccess,
    poster: EventPoster,
    address: str,
    *,
    event_type: str = DEFAULT_TYPE,
    customer_id: str | None = None,
) -> TestEventReport:
    """Send an event of one of the handled types to the listener at ``address`` (http://127.0.0.1:4242).

    It is about ``customer_id``, who is then read from Stripe as after any event, or about nobody (recorded as not
    ours). Raises FieldError for another type, UserFacingError without a webhook secret or an answer.
    """
    if event_type not in HANDLED_TYPES:
        raise FieldError(
            "type",
            "EVENT_TYPE",
            text("{type} is no event that the program looks after.", type=event_type),
            hint=text("Choose one of: {types}.", types=", ".join(TEST_TYPES)),
        )
    signing = await stripe.webhook_secrets()
    if not signing:
        raise UserFacingError(
            "NO_WEBHOOK_SECRET",
            text("No webhook secret is set up, so that the event cannot be signed."),
            hint=text("Set one in Settings, Billing, or STRIPE_WEBHOOK_SECRET."),
        )
    now = datetime.now(UTC)
    event = _event(event_type, customer_id, now, livemode=await stripe.livemode())
    body = json.dumps(event, separators=(",", ":")).encode()
    url = address.rstrip("/") + WEBHOOK_PATH
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": sign(body, signing[0], now)}
    answer = await poster.post(url, body, headers)
    return TestEventReport(str(event["id"]), event_type, url, answer.status, answer.text, answer.milliseconds)


def _event(event_type: str, customer_id: str | None, now: datetime, *, livemode: bool) -> dict[str, object]:
    """Return an event in Stripe's shape; its id tells that it is a test."""
    family = event_type.partition(".")[0]
    is_subscription = event_type.startswith("customer.subscription.")
    object_type = "subscription" if is_subscription else _ABOUT[family]
    customer = customer_id or "cus_smtpytest"
    about: dict[str, object] = {"object": object_type, "livemode": livemode}
    if object_type == "customer":
        about["id"] = customer
    else:
        about |= {"id": f"test_{secrets.token_hex(8)}", "customer": customer}
    return {
        "id": f"{TEST_EVENT_PREFIX}{secrets.token_hex(10)}",
        "object": "event",
        "type": event_type,
        "created": int(now.timestamp()),
        "livemode": livemode,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": about},
    }
