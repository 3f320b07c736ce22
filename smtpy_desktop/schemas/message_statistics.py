"""What the overview shows about the messages of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.messages import CountPoint, MessageTotals, RankedCount


@dataclass(frozen=True, slots=True)
class StatisticsPeriod:
    """From ``since`` (included; None: from the first message) to ``until`` (not included), in UTC.

    ``step`` is the stretch of time that one bar stands for: hour, day or month.
    """

    since: datetime | None
    until: datetime
    step: str = "day"

    @property
    def before(self) -> StatisticsPeriod | None:
        """The period of the same length before it; None where it has no beginning."""
        if self.since is None:
            return None
        return StatisticsPeriod(self.since - (self.until - self.since), self.since, self.step)


@dataclass(frozen=True, slots=True)
class MessageStatistics:
    """A period in numbers; ``before`` is the period before it, None where there is none."""

    period: StatisticsPeriod
    totals: MessageTotals
    before: MessageTotals | None
    points: tuple[CountPoint, ...]
    reasons: tuple[RankedCount, ...]
    domains: tuple[RankedCount, ...]
    in_queue: int = 0
