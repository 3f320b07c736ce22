"""What waits to be delivered, which part of it somebody chose, and what was done with that."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.forwarder import ForwarderProcess, QueueLine
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState


class QueueAction(enum.StrEnum):
    """What can be done with waiting deliveries.

    *hold*: they wait until somebody releases them. *release*: held ones are due at once. *retry*: those that wait for
    their next attempt are due at once. *give up*: they are not tried any more; their messages fail.
    """

    HOLD = "hold"
    RELEASE = "release"
    RETRY = "retry"
    GIVE_UP = "give-up"


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """The queue at one moment: the busiest destinations one by one, and the totals of all of them."""

    lines: tuple[QueueLine, ...] = ()
    destinations: int = 0
    waiting: int = 0
    sending: int = 0
    held: int = 0
    oldest_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, is being sent or is held."""
        return not (self.waiting or self.sending or self.held)


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """Which deliveries are meant: those to some destinations, or those of some messages; both None: all of them."""

    destinations: tuple[str, ...] | None = None
    message_ids: tuple[MessageId, ...] | None = None


@dataclass(frozen=True, slots=True)
class QueuePreview:
    """How much an action would reach; ``sending`` is under way now and is never interrupted."""

    deliveries: int
    messages: int
    sending: int = 0


@dataclass(frozen=True, slots=True)
class QueueResult:
    """How much an action has reached; so many senders are ``told`` that their mail was given up."""

    deliveries: int = 0
    messages: int = 0
    told: int = 0


@dataclass(frozen=True, slots=True)
class WaitingDelivery:
    """One delivery in the queue with its message, as the details of a destination show it."""

    id: int
    message_id: MessageId
    sender_email: str
    recipient_email: str
    target: str
    subject: str
    size_bytes: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    held_at: datetime | None
    leased_by: str | None
    last_reply: str = ""


@dataclass(frozen=True, slots=True)
class MinuteFlow:
    """What happened within one minute (UTC): messages accepted, and deliveries that a target took."""

    minute: datetime
    accepted: int = 0
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class ForwarderPicture:
    """What the Forwarder page shows of one moment; it took ``seconds`` to read."""

    processes: tuple[ForwarderProcess, ...]
    queue: QueueSnapshot
    minutes: tuple[MinuteFlow, ...]
    seconds: float = 0.0
