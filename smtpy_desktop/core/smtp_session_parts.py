"""What a mail session is made of: its rules, the mail that is begun, what it asks of the program, what it counts."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from smtpy_desktop.core.smtp_message_data import LONGEST_LINE, MessageData
from smtpy_desktop.core.smtp_path import SenderArgument
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope


class Dialect(enum.Enum):
    """How mail is handed over: one reply for all recipients (RFC 5321), or one for each (RFC 2033)."""

    SMTP = "SMTP"
    LMTP = "LMTP"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """What holds for every session of a listener; lengths in octets.

    ``mistakes`` and ``idle_commands`` (NOOP, RSET, refused recipients … since the last message) end a session;
    trusted peers may be idle as often as they like.
    """

    hostname: str
    dialect: Dialect = Dialect.SMTP
    command_line: int = 2048
    text_line: int = LONGEST_LINE
    recipients: int = 100
    mistakes: int = 20
    idle_commands: int = 200


@dataclass(slots=True)
class Transaction:
    """A mail that is begun (RFC 5321 section 3.3)."""

    client: MailClient
    sender: str
    is_8bit: bool
    is_utf8: bool
    recipients: list[str] = field(default_factory=list)
    data: MessageData | None = None

    def envelope(self) -> MailEnvelope:
        """Return it as the program gets it."""
        return MailEnvelope(self.client, self.sender, tuple(self.recipients), self.is_utf8, self.is_8bit)


@dataclass(frozen=True, slots=True)
class GreetingAsked:
    """Whether there shall be a session with this client."""

    client: MailClient


@dataclass(frozen=True, slots=True)
class SenderAsked:
    """Whether mail of this sender is taken."""

    client: MailClient
    argument: SenderArgument


@dataclass(frozen=True, slots=True)
class RecipientAsked:
    """Whether mail for this recipient is taken."""

    client: MailClient
    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """Take this message."""

    envelope: MailEnvelope
    raw: bytes


@dataclass(frozen=True, slots=True)
class TlsAsked:
    """Begin TLS once the output is written; bytes that came before must not reach the session."""


Question = GreetingAsked | SenderAsked | RecipientAsked | MessageAsked | TlsAsked

COUNTED = (
    "connections",
    "connections_refused",
    "connections_evicted",
    "greetings_refused",
    "commands",
    "mistakes",
    "senders_refused",
    "recipients_accepted",
    "recipients_refused",
    "messages_accepted",
    "messages_refused",
    "messages_deferred",
    "bytes_accepted",
    "refused_bare",
    "refused_long_line",
    "refused_too_big",
    "refused_no_room",
    "timeouts",
    "tls_begun",
    "tls_failed",
    "intake_faults",
)
"""What is counted, each from the start of the listener on."""


def new_counters() -> dict[str, int]:
    """Return counters that stand at nought."""
    return dict.fromkeys(COUNTED, 0)
