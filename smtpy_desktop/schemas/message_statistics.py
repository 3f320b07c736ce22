"""What the overview shows about the messages of a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from smtpy_desktop.schemas.messages import CountPoint, MessageTotals, RankedCount


@dataclass(frozen=True, slots=True)
class StatisticsPeriod:
    """From ``since`` (included; None: from the first message) to ``until`` (not included).

    ``step`` is the stretch of time that one bar stands for: hour, day or month, as they begin in ``zone``.
    """

    since: datetime | None
    until: datetime
    step: str = "day"
    zone: tzinfo = UTC

    @property
    def before(self) -> StatisticsPeriod | None:
        """The period of as many days before it; None where it has no beginning."""
        if self.since is None:
            return None
        # By the hands of the clock: thirty days are thirty days although one of them has 25 hours.
        first, last = (moment.astimezone(self.zone).replace(tzinfo=None) for moment in (self.since, self.until))
        start = (first - (last - first)).replace(tzinfo=self.zone)
        return StatisticsPeriod(min(start.astimezone(UTC), self.since), self.since, self.step, self.zone)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many messages wait or are being sent, and when the oldest of them came."""

    count: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class MessageStatistics:
    """A period in numbers; ``before`` is the period before it, None where there is none.

    ``points`` are all steps of the period, also those without messages; the last one ends at ``period.until``.
    """

    period: StatisticsPeriod
    totals: MessageTotals
    before: MessageTotals | None
    points: tuple[CountPoint, ...]
    reasons: tuple[RankedCount, ...]
    reasons_before: Mapping[str, int] = field(default_factory=dict)
    domains: tuple[RankedCount, ...] = ()
    queue: Queue = field(default_factory=Queue)
