"""What would become of a mail that is only tried out."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

from smtpy_desktop.schemas.aliases import Match, Target
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.mail_decision import MailOutcome
from smtpy_desktop.schemas.rules import Rule, RuleCondition
from smtpy_desktop.schemas.smtp_session import SmtpReply
from smtpy_desktop.schemas.text import Text


@dataclass(frozen=True, slots=True)
class MailSource:
    """A message as a server would get it, and what had to be done to the file or the text for that."""

    raw: bytes
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialEnvelope:
    """Who would hand the mail over, from whom and to whom; empty fields are not known. ``sender`` empty: ``<>``."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    client_address: str = ""
    helo: str = ""


class RuleVerdict(enum.StrEnum):
    """What a rule did with a message: it decided, it was not met, it is off, or one before it had decided."""

    DECIDED = "decided"
    NOT_MET = "not_met"
    OFF = "off"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """A rule held against a message; ``unmet`` are the conditions that it does not meet."""

    rule: Rule
    verdict: RuleVerdict
    unmet: tuple[RuleCondition, ...] = ()


class Speaker(enum.StrEnum):
    """Who says a line of a session."""

    CLIENT = "client"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One line of the session, without its CRLF; the message itself is left out."""

    speaker: Speaker
    words: str


@dataclass(frozen=True, slots=True)
class SimulatedSending:
    """How the mail would be sent on: envelope sender (empty: ``<>``), header lines on top, and to whom.

    ``may_report``: a failure would be reported to the sender.
    """

    forward_sender: str
    prefix: str
    targets: tuple[Target, ...]
    may_report: bool


@dataclass(frozen=True, slots=True)
class RecipientSimulation:
    """What would become of the mail to one recipient.

    ``match``: the alias or catch-all that takes it (None: no domain of ours), ``outcome`` None: the mail never came
    so far. ``sending`` is there where something would be sent.
    """

    address: str
    match: Match | None
    outcome: MailOutcome | None
    reply: SmtpReply | None
    reason: Text
    rules: tuple[RuleCheck, ...] = ()
    sending: SimulatedSending | None = None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What would become of a mail; ``verdict`` is None when it never came so far as to be authenticated.

    ``signatures`` are the verdicts on the author's DKIM signatures behind our header lines.
    """

    envelope: TrialEnvelope
    size_bytes: int
    subject: str
    from_address: str
    dialogue: tuple[DialogueLine, ...]
    recipients: tuple[RecipientSimulation, ...]
    verdict: AuthenticationVerdict | None = None
    signatures: tuple[DkimSignature, ...] = ()
    notes: tuple[Text, ...] = field(default=())

    @property
    def last_reply(self) -> str:
        """What the sender's server would hear about the mail in the end."""
        return decisive_reply(self.dialogue)


def decisive_reply(dialogue: Sequence[DialogueLine]) -> str:
    """Return what the server said last, but for its goodbye."""
    said = [line.words for line in dialogue if line.speaker is Speaker.SERVER and not line.words.startswith("221")]
    return said[-1] if said else ""
