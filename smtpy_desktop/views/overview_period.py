"""The periods that the overview can show, and the searches that find their messages."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from smtpy_desktop.core.calendar_steps import day_start, month_start
from smtpy_desktop.schemas.message_statistics import StatisticsPeriod
from smtpy_desktop.views.widgets.moments import write_date
from smtpy_desktop.views.widgets.texts import tr, tr_n

_MOST_DAY_BARS = 120
_MOST_HOUR_BARS = 48


class PeriodChoice(enum.StrEnum):
    """What the period chooser offers."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"
    YEAR = "year"
    ALL = "all"
    SINCE = "since"
    RANGE = "range"


ASKED = (PeriodChoice.SINCE, PeriodChoice.RANGE)
"""The choices that need a date."""


@dataclass(frozen=True, slots=True)
class ChosenPeriod:
    """What was chosen, with the first day of *since a date* and of a range, and the last day of a range."""

    choice: PeriodChoice = PeriodChoice.MONTH
    first: date | None = None
    last: date | None = None

    @property
    def words(self) -> str:
        """What the chooser says."""
        if self.choice is PeriodChoice.SINCE and self.first is not None:
            return tr("Since {day}", day=write_date(self.first))
        if self.choice is PeriodChoice.RANGE and self.first is not None and self.last is not None:
            if self.first == self.last:
                return write_date(self.first)
            return tr("{first} to {last}", first=write_date(self.first), last=write_date(self.last))
        return choice_words(self.choice)

    def period(self, now: datetime, zone: tzinfo = UTC) -> StatisticsPeriod:
        """Return the period: up to the end of today, or of the last day, as days begin in a time zone."""
        today = now.astimezone(zone).date()
        tomorrow = day_start(today + timedelta(days=1), zone)
        match self.choice:
            case PeriodChoice.WEEK | PeriodChoice.MONTH | PeriodChoice.QUARTER:
                since = day_start(today - timedelta(days=int(self.choice.value) - 1), zone)
                return StatisticsPeriod(since, tomorrow, "day", zone)
            case PeriodChoice.YEAR:
                return StatisticsPeriod(month_start(today, zone, -11), tomorrow, "month", zone)
            case PeriodChoice.SINCE | PeriodChoice.RANGE if self.first is not None:
                last = self.last if self.choice is PeriodChoice.RANGE and self.last is not None else today
                last = max(last, self.first)
                since, until = day_start(self.first, zone), day_start(last + timedelta(days=1), zone)
                return StatisticsPeriod(since, until, _step((last - self.first).days + 1), zone)
        return StatisticsPeriod(None, tomorrow, "month", zone)


def choice_words(choice: PeriodChoice) -> str:
    """Return what the menu of the chooser says."""
    match choice:
        case PeriodChoice.WEEK | PeriodChoice.MONTH | PeriodChoice.QUARTER:
            return tr_n("Last {n} day", "Last {n} days", int(choice.value))
        case PeriodChoice.YEAR:
            return tr("Last 12 months")
        case PeriodChoice.ALL:
            return tr("All time")
        case PeriodChoice.SINCE:
            return tr("Since a date…")
        case PeriodChoice.RANGE:
            return tr("From … to …")


def before_words(period: StatisticsPeriod) -> str:
    """Return what the figures are compared with; nothing where there is nothing before."""
    if period.since is None:
        return ""
    days = round((period.until - period.since) / timedelta(days=1))
    return tr_n("against the day before", "against the {n} days before", days)


def title_of_step(step: str) -> str:
    """Return the title of the chart over time."""
    match step:
        case "hour":
            return tr("Messages by hour and outcome")
        case "month":
            return tr("Messages by month and outcome")
        case _:
            return tr("Messages by day and outcome")


def search_of_span(since: datetime | None, until: datetime, zone: tzinfo) -> str:
    """Return the search for a span of time, in whole days where it has whole days of the zone.

    The page of the messages reads days in the same zone.
    """
    if since is None:
        return "" if until > datetime.now(UTC) else f"before:{_moment(until, zone)}"
    first, last = _day(since, zone), _day(until, zone)
    if first is None or last is None or first >= last:
        return f"after:{_moment(since, zone)} before:{_moment(until, zone)}"
    if last == first + timedelta(days=1):
        return f"on:{first}"
    if first.day == 1 and until == month_start(first, zone, 1):
        return f"on:{first:%Y-%m}"
    return f"on:{first}..{last - timedelta(days=1)}"


def _step(days: int) -> str:
    if days * 24 <= _MOST_HOUR_BARS:
        return "hour"
    return "day" if days <= _MOST_DAY_BARS else "month"


def _day(moment: datetime, zone: tzinfo) -> date | None:
    """Return the day that begins at a moment, None where none does."""
    day = moment.astimezone(zone).date()
    return day if day_start(day, zone) == moment else None


def _moment(moment: datetime, zone: tzinfo) -> str:
    """Return a moment with its offset, as one hour of the year has two meanings without."""
    local = moment.astimezone(zone)
    offset = local.utcoffset() or timedelta(0)
    written = local if not offset % timedelta(minutes=1) else moment.astimezone(UTC)
    return written.isoformat(timespec="seconds" if written.second else "minutes")
