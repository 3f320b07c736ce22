"""What is written for mail that was accepted or refused."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.messages import Attachment, MessageStatus


class EnvelopeKind(enum.StrEnum):
    """Why we send a message: it is forwarded, it comes back to its sender, or it is a report of our own."""

    FORWARD = "forward"
    RETURN = "return"
    REPORT = "report"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class SpooledEnvelope:
    """How a message is sent on.

    ``sender`` is what came in MAIL FROM (empty: ``<>``), ``forward_sender`` what goes out (SRS; empty: ``<>``).
    ``prefix`` are the header lines that go on top, each with its CRLF. ``may_report``: a failure may be told to the
    sender (no backscatter). ``client_address`` and the rest say where it came from.
    """

    kind: EnvelopeKind
    sender: str
    forward_sender: str
    prefix: bytes = b""
    may_report: bool = False
    is_utf8: bool = False
    is_8bit: bool = False
    client_address: str = ""
    client_helo: str = ""
    client_tls: str | None = None


@dataclass(frozen=True, slots=True)
class SpooledMessage:
    """One message for one recipient, as it is written in one transaction with its deliveries.

    ``raw`` None: nothing is kept (a refusal). ``targets`` get one delivery each; empty where nothing is to be sent.
    ``rule_ids``: the rules that matched, whose counters go up.
    """

    domain_id: DomainId
    message_id: str
    thread_id: str | None
    sender_email: str
    recipient_email: str
    forwarded_to: str | None
    subject: str
    body_preview: str
    status: MessageStatus
    size_bytes: int
    headers: str = ""
    attachments: tuple[Attachment, ...] = ()
    authentication: Mapping[str, str] = field(default_factory=dict)
    error_message: str | None = None
    bounce_class: str | None = None
    raw: bytes | None = None
    targets: tuple[str, ...] = ()
    envelope: SpooledEnvelope | None = None
    rule_ids: tuple[int, ...] = ()
