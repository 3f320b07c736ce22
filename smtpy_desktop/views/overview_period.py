"""The periods that the overview can show, and the searches that find their messages."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from smtpy_desktop.schemas.message_statistics import StatisticsPeriod
from smtpy_desktop.views.widgets.texts import tr, tr_n

_MOST_DAY_BARS = 120
_MOST_BARS = 600


class PeriodChoice(enum.StrEnum):
    """What the period chooser offers."""

    WEEK = "7"
    MONTH = "30"
    QUARTER = "90"
    YEAR = "year"
    ALL = "all"
    SINCE = "since"


def period_of(choice: PeriodChoice, now: datetime, since: date | None = None) -> StatisticsPeriod:
    """Return the period that ends with today (UTC, as messages are counted)."""
    tomorrow = datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)
    match choice:
        case PeriodChoice.WEEK | PeriodChoice.MONTH | PeriodChoice.QUARTER:
            return StatisticsPeriod(tomorrow - timedelta(days=int(choice.value)), tomorrow, "day")
        case PeriodChoice.YEAR:
            start = datetime(now.year - 1, now.month, 1, tzinfo=UTC)
            return StatisticsPeriod(_next_month(start), tomorrow, "month")
        case PeriodChoice.SINCE if since is not None:
            start = datetime(since.year, since.month, since.day, tzinfo=UTC)
            step = "day" if tomorrow - start <= timedelta(days=_MOST_DAY_BARS) else "month"
            return StatisticsPeriod(start, tomorrow, step)
    return StatisticsPeriod(None, tomorrow, "month")


def choice_words(choice: PeriodChoice) -> str:
    """Return what the chooser says."""
    match choice:
        case PeriodChoice.WEEK | PeriodChoice.MONTH | PeriodChoice.QUARTER:
            return tr_n("Last {n} day", "Last {n} days", int(choice.value))
        case PeriodChoice.YEAR:
            return tr("Last 12 months")
        case PeriodChoice.ALL:
            return tr("All time")
        case PeriodChoice.SINCE:
            return tr("Since a date…")


def before_words(choice: PeriodChoice) -> str:
    """Return what the figures are compared with; nothing where there is nothing before."""
    match choice:
        case PeriodChoice.WEEK | PeriodChoice.MONTH | PeriodChoice.QUARTER:
            return tr_n("against the day before", "against the {n} days before", int(choice.value))
        case PeriodChoice.YEAR:
            return tr("against the year before")
        case PeriodChoice.ALL:
            return ""
        case PeriodChoice.SINCE:
            return tr("against as long before")


def steps_of(period: StatisticsPeriod, first: datetime | None) -> Iterator[datetime]:
    """Yield the beginning of every bar, also of those without messages; ``first`` where the period has no start."""
    start = period.since or first
    if start is None:
        return
    moment = start.astimezone(UTC)
    if period.step == "month":
        moment = datetime(moment.year, moment.month, 1, tzinfo=UTC)
    for _ in range(_MOST_BARS):
        if moment >= period.until:
            return
        yield moment
        moment = end_of_step(moment, period.step)


def end_of_step(start: datetime, step: str) -> datetime:
    """Return where a bar ends."""
    return _next_month(start) if step == "month" else start + timedelta(days=1)


def search_of_span(since: datetime | None, until: datetime) -> str:
    """Return the search for a span of time, to the minute, whatever the time zone is."""
    parts = [f"after:{since:%Y-%m-%dT%H:%M}Z"] if since is not None else []
    if until <= datetime.now(UTC):
        parts.append(f"before:{until:%Y-%m-%dT%H:%M}Z")
    return " ".join(parts)


def _next_month(start: datetime) -> datetime:
    year, month = divmod(start.year * 12 + start.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)
