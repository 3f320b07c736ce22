"""The books of accepted mail, and what in them cannot be right."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.forwarder import BookLine
from smtpy_desktop.schemas.identifiers import MessageId


class BookClass(enum.StrEnum):
    """Where an accepted message is; all but the faults balance the books.

    *gone*: there is no message, and nobody noted that it was removed. *idle*: the message is under way by its status,
    and no delivery is left that would send it. *reopened*: its status is final, and deliveries still wait. *stuck*: a
    forwarder that took a delivery has let its lease run out, and nobody has taken it since.
    """

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    REJECTED = "rejected"
    WAITING = "waiting"
    REMOVED = "removed"
    GONE = "gone"
    IDLE = "idle"
    REOPENED = "reopened"
    STUCK = "stuck"

    @property
    def is_fault(self) -> bool:
        """Whether a message of this class is a difference in the books."""
        return self in FAULTS


FAULTS = frozenset({BookClass.GONE, BookClass.IDLE, BookClass.REOPENED, BookClass.STUCK})


@dataclass(frozen=True, slots=True)
class BookCount:
    """So many messages accepted within an hour are of one class; ``ids`` are the first of them where it is a fault."""

    hour: datetime
    kind: BookClass
    count: int
    ids: tuple[MessageId, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """An accepted message that is nowhere; its address is None where the message itself is gone."""

    message_id: MessageId
    hour: datetime
    kind: BookClass
    recipient_email: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """The hours in which mail was accepted, the newest first, and the messages behind their differences.

    ``suspects`` are the first of each hour where there are very many; the difference itself is exact.
    """

    since: datetime
    lines: tuple[BookLine, ...] = ()
    suspects: tuple[Suspect, ...] = ()

    @property
    def difference(self) -> int:
        """How many accepted messages are not accounted for."""
        return sum(line.difference for line in self.lines)
