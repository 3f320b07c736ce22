"""A report on the messages of a search: figures, course of time, rankings and the newest messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.messages import CountPoint, MessageRow, MessageStatus, RankedCount


@dataclass(frozen=True, slots=True)
class MessageReport:
    """What the messages of a search come to at one moment.

    ``since`` and ``until`` are the times of the first and the last one; ``step`` is the stretch of time of one point:
    hour, day or month of ``zone``. ``messages`` are the first of the list, at most as many as were asked for.
    """

    query: str
    zone: str
    made_at: datetime
    since: datetime | None
    until: datetime | None
    step: str
    counts: Mapping[MessageStatus, int]
    size_bytes: int
    points: tuple[CountPoint, ...]
    domains: tuple[RankedCount, ...]
    senders: tuple[RankedCount, ...]
    reasons: tuple[RankedCount, ...]
    messages: tuple[MessageRow, ...]

    @property
    def total(self) -> int:
        """How many messages there are."""
        return sum(self.counts.values())
