"""Mail on its way out: what is due, where it is taken, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.smart_host import SmartHostAccess


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """What is handed over: the bytes are ``prefix`` followed by ``raw``; an empty ``sender`` is ``<>``."""

    sender: str
    recipient: str
    prefix: bytes
    raw: bytes
    is_utf8: bool = False
    is_8bit: bool = False

    @property
    def size_bytes(self) -> int:
        """What SIZE has to announce."""
        return len(self.prefix) + len(self.raw)


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery that this process has leased, with its open attempt; everything that is needed to send it.

    ``attempts`` counts those that were made before this one; ``first_at`` is when the message was accepted.
    """

    id: int
    attempt_id: int
    message_id: MessageId
    domain_id: DomainId
    recipient_email: str
    original_sender: str
    may_report: bool
    kind: str
    attempts: int
    first_at: datetime
    mail: OutgoingMail

    @property
    def destination(self) -> str:
        """The domain of the target, as the queue is grouped by it."""
        return self.mail.recipient.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class MailServer:
    """One address of a server that mail may be handed to; ``name`` is what its certificate is compared with.

    ``smart_host`` is there where it is ours, and says how it is used; None: a server of the target's.
    """

    name: str
    address: str
    port: int = 25
    smart_host: SmartHostAccess | None = None


@dataclass(frozen=True, slots=True)
class SendResult:
    """What one attempt came to: SENT, DEFERRED, FAILED or UNCERTAIN (lost after the final dot)."""

    outcome: DeliveryState
    host: str = ""
    tls: str | None = None
    code: int | None = None
    enhanced: str | None = None
    reply: str = ""
    milliseconds: int = 0
    bounce_class: str | None = None
