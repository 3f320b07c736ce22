"""Messages as lists and details show them, and the questions that lists ask."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from smtpy_desktop.schemas.identifiers import DomainId, MessageId, OrganizationId


class MessageStatus(enum.StrEnum):
    """The reference's six states of a message."""

    PENDING = "pending"
    PROCESSING = "processing"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    REJECTED = "rejected"


class MessageSort(enum.StrEnum):
    """The columns a list of messages can be sorted by."""

    CREATED = "created"
    STATUS = "status"
    SENDER = "sender"
    RECIPIENT = "recipient"
    FORWARDED = "forwarded"
    SUBJECT = "subject"
    SIZE = "size"
    DOMAIN = "domain"


class DeliveryState(enum.StrEnum):
    """Where the delivery to one target stands.

    *uncertain*: the connection broke after the final dot; *closed*: it waited when somebody gave the message a final
    status by hand, so that it is not sent any more.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as the list shows it."""

    id: MessageId
    created_at: datetime
    status: MessageStatus
    sender_email: str
    recipient_email: str
    forwarded_to: str | None
    subject: str
    size_bytes: int
    has_attachments: bool
    domain_id: DomainId
    domain_name: str
    error_message: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment, known by its headers alone."""

    name: str
    type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to hand a message to a target; ``code`` is the SMTP reply code, ``enhanced`` that of RFC 3463."""

    at: datetime
    host: str
    tls: str | None
    code: int | None
    enhanced: str | None
    reply: str
    milliseconds: int
    outcome: DeliveryState


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of a message to one target with its attempts, oldest first; ``changed_at``: since when it is so."""

    id: int
    target: str
    state: DeliveryState
    next_attempt_at: datetime | None
    attempts: tuple[Attempt, ...] = ()
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageDetails:
    """Everything kept about one message.

    ``headers`` are the received header lines as one text; ``authentication`` maps spf, dkim, dmarc and arc to a result
    such as ``pass``; ``bounce_class`` is a name of ``core/bounce_advice``; ``has_content`` tells whether the raw
    message is still kept.
    """

    id: MessageId
    message_id: str
    thread_id: str | None
    domain_id: DomainId
    domain_name: str
    organization_id: OrganizationId
    sender_email: str
    recipient_email: str
    forwarded_to: str | None
    subject: str
    body_preview: str
    status: MessageStatus
    error_message: str | None
    bounce_class: str | None
    size_bytes: int
    has_attachments: bool
    attachments: tuple[Attachment, ...]
    authentication: Mapping[str, str]
    headers: str
    has_content: bool
    created_at: datetime
    updated_at: datetime
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageTotals:
    """The reference's totals and more; times in seconds, rates from 0 to 1; None where there is nothing to divide."""

    total: int = 0
    delivered: int = 0
    failed: int = 0
    pending: int = 0
    processing: int = 0
    bounced: int = 0
    rejected: int = 0
    size_bytes: int = 0
    median_delivery_seconds: float | None = None

    @property
    def delivery_rate(self) -> float | None:
        """Delivered among those whose fate is known."""
        decided = self.delivered + self.failed + self.bounced
        return self.delivered / decided if decided else None


@dataclass(frozen=True, slots=True)
class CountPoint:
    """The messages of one stretch of time, by status."""

    start: datetime
    counts: Mapping[MessageStatus, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankedCount:
    """One line of a ranking: a domain, a sender, a reason, and how many messages."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class SavedView:
    """A search with a name; at most one is the default."""

    id: int
    name: str
    query: str
    is_default: bool
