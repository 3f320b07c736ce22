"""How long messages and events are kept, and how many are past their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.identifiers import MessageId


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How many days messages, contents of those not delivered, and Stripe's events are kept; 0: for ever."""

    messages_days: int = 0
    contents_days: int = 0
    events_days: int = 0

    def is_stricter_than(self, other: RetentionRule) -> bool:
        """Return whether something goes earlier than by the other rule."""
        pairs = (
            (self.messages_days, other.messages_days),
            (self.contents_days, other.contents_days),
            (self.events_days, other.events_days),
        )
        return any(mine and (not theirs or mine < theirs) for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class RetentionNumbers:
    """How many messages (with all that belongs to them), contents of kept messages and events go, or have gone."""

    messages: int = 0
    contents: int = 0
    events: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing goes."""
        return not (self.messages or self.contents or self.events)


@dataclass(frozen=True, slots=True)
class RetentionBatch:
    """What one small step removed, and after which key the next one begins; None: there is nothing left."""

    removed: tuple[MessageId, ...]
    next_key: tuple[datetime, MessageId] | None
