"""What changed: the records that mutations publish after their commit and that open screens react to."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field


class Topic(enum.StrEnum):
    """A kind of object that screens can show."""

    ORGANIZATIONS = "organizations"
    DOMAINS = "domains"
    ALIASES = "aliases"
    MESSAGES = "messages"
    BILLING = "billing"
    EVENTS = "events"
    SETTINGS = "settings"
    AUDIT = "audit"
    CONNECTION = "connection"
    NOTICES = "notices"
    RULES = "rules"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Change:
    """Objects of one topic changed; an empty ``ids`` means "any of them".

    ``origin`` names the process that made the change (empty: this one).
    """

    topic: Topic
    ids: frozenset[int] = field(default_factory=frozenset)
    origin: str = ""


Publish = Callable[[Change], None]
"""What a controller is given to tell the rest of the program what it changed; safe to call on any thread."""


def publish_nothing(change: Change) -> None:
    """Take a change and tell nobody (for commands and tests that have no listener)."""
