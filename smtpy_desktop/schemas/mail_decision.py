"""What is known of a recipient, and what is decided about the mail to it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from smtpy_desktop.schemas.aliases import Destination, Forwarding, ServedDomain, Target
from smtpy_desktop.schemas.rules import Rule
from smtpy_desktop.schemas.smtp_session import SmtpReply
from smtpy_desktop.schemas.text import Text


class SenderReturn(enum.StrEnum):
    """What an address that looks like a rewritten sender (SRS) turned out to be."""

    NONE = "none"
    VALID = "valid"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RecipientRoute:
    """A recipient as it was written, and what the database says about it.

    ``domain`` and ``destination`` None: no domain of ours. ``rules`` are those that apply; ``forwarding`` holds what
    their targets lead to. ``return_to`` is the original sender that a valid rewritten one stands for.
    ``is_routed_by_sender``: the local part has the marks by which senders once named the way to another server.
    """

    address: str
    key: str
    domain: ServedDomain | None = None
    destination: Destination | None = None
    rules: tuple[Rule, ...] = ()
    forwarding: Forwarding = field(default_factory=Forwarding)
    sender_return: SenderReturn = SenderReturn.NONE
    return_to: Target | None = None
    is_routed_by_sender: bool = False


class MailOutcome(enum.StrEnum):
    """What becomes of the mail to one recipient."""

    FORWARD = "forward"
    RETURN = "return"
    REFUSE = "refuse"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class RecipientDecision:
    """What becomes of the mail to one recipient, why, and what the client is told.

    ``reason`` is for people and becomes the error message of what is refused or discarded; ``rule`` is the one that
    decided. ``targets`` are outside addresses, each once.
    """

    route: RecipientRoute
    outcome: MailOutcome
    reply: SmtpReply
    reason: Text
    targets: tuple[Target, ...] = ()
    rule: Rule | None = None
    bounce_class: str | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the client is told no."""
        return self.outcome is MailOutcome.REFUSE
