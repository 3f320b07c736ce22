"""Events of Stripe as they are kept: how each came, whether it is genuine, what became of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.identifiers import OrganizationId


class ReceivedVia(enum.StrEnum):
    """How an event came first."""

    WEBHOOK = "webhook"
    CATCH_UP = "catch-up"
    TEST = "test"


class SignatureVerdict(enum.StrEnum):
    """What is known of who sent an event; those after ``FETCHED`` are refused and never become an event."""

    VALID = "valid"
    FETCHED = "fetched"  # read from Stripe with our own key, so that it needs no signature
    MISSING = "missing"
    MALFORMED = "malformed"
    WRONG = "wrong"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_SECRET = "no_secret"  # noqa: S105 - none is kept here that it could be held against

    @property
    def is_genuine(self) -> bool:
        """Whether the event is Stripe's."""
        return self in (SignatureVerdict.VALID, SignatureVerdict.FETCHED)


class EventOutcome(enum.StrEnum):
    """What became of an event."""

    PENDING = "pending"  # kept, not worked on yet
    DONE = "done"
    NOT_OURS = "not_ours"  # a type or an object that the program does not look after
    FAILED = "failed"  # is tried again: by Stripe, by the next catch-up, by Replay


@dataclass(frozen=True, slots=True)
class WebhookEventRow:
    """One event as the list shows it; ``number`` is its number here, ``id`` Stripe's."""

    number: int
    id: str
    type: str
    object_type: str
    object_id: str
    customer_id: str | None
    organization_id: OrganizationId | None
    organization_name: str | None
    livemode: bool
    created_at: datetime
    received_at: datetime
    received_via: ReceivedVia
    verdict: SignatureVerdict
    attempts: int
    outcome: EventOutcome
    finished_at: datetime | None
    error_code: str | None
    error_text: str | None


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """What Stripe sent of an event, how often it came, and when last."""

    content: Mapping[str, object]
    deliveries: int
    last_received_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookEventDetails:
    """One event with what Stripe sent (as JSON, indented) and how often it came.

    ``is_shortened``: the payload is longer than can be shown, and this is its beginning.
    """

    row: WebhookEventRow
    payload: str
    deliveries: int
    last_received_at: datetime
    is_shortened: bool = False


@dataclass(frozen=True, slots=True)
class RefusedDelivery:
    """A request to the webhook that was no genuine event; only the latest few hundred are kept, without their body."""

    id: int
    at: datetime
    verdict: SignatureVerdict
    claimed_type: str
    claimed_id: str
    size: int


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events are wanted; None and empty mean all. ``search`` is looked for in ids and types, as typed."""

    search: str = ""
    outcomes: frozenset[EventOutcome] = frozenset()
    via: ReceivedVia | None = None
    organization_id: OrganizationId | None = None
    livemode: bool | None = None


@dataclass(frozen=True, slots=True)
class EventTotals:
    """How many events there are, and how many wait or failed."""

    total: int
    pending: int
    failed: int
