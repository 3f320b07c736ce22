"""How long messages are kept, and how many are past their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.identifiers import MessageId


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long messages and the contents of those that were not delivered are kept, in days; 0: for ever."""

    messages_days: int = 0
    contents_days: int = 0

    def is_stricter_than(self, other: RetentionRule) -> bool:
        """Return whether something goes earlier than by the other rule."""
        pairs = ((self.messages_days, other.messages_days), (self.contents_days, other.contents_days))
        return any(mine and (not theirs or mine < theirs) for mine, theirs in pairs)


@dataclass(frozen=True, slots=True)
class RetentionNumbers:
    """How many messages (with all that belongs to them) and how many contents of kept messages go, or have gone."""

    messages: int = 0
    contents: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether neither a message nor a content goes."""
        return not (self.messages or self.contents)


@dataclass(frozen=True, slots=True)
class RetentionBatch:
    """What one small step removed, and after which key the next one begins; None: there is nothing left."""

    removed: tuple[MessageId, ...]
    next_key: tuple[datetime, MessageId] | None
