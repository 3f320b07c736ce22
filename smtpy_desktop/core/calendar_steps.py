"""Divides a stretch of time into the hours, days or months of a time zone, whose days may have 23 or 25 hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

MOST_STEPS = 1000


def day_start(day: date, zone: tzinfo) -> datetime:
    """Return the moment (UTC) at which a day begins in a zone, also where clocks leave out its midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def days_later(moment: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the moment (UTC) that has the same time of day in a zone, so many days later or (negative) earlier."""
    # Arithmetic on a time with a zone moves the hands of the clock: midnight stays midnight.
    return (moment.astimezone(zone) + timedelta(days=days)).astimezone(UTC)


def month_start(day: date, zone: tzinfo, months: int = 0) -> datetime:
    """Return the moment (UTC) at which the month of a day begins, or one so many months later or earlier."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day_start(date(year, month + 1, 1), zone)


def next_step(moment: datetime, step: str, zone: tzinfo) -> datetime:
    """Return the moment (UTC) at which the hour, day or month of a zone ends in which ``moment`` lies."""
    local = moment.astimezone(zone)
    if step == "hour":
        past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return moment.astimezone(UTC) - past + timedelta(hours=1)
    return month_start(local, zone, 1) if step == "month" else day_start(local.date() + timedelta(days=1), zone)


def step_bounds(since: datetime, until: datetime, step: str, zone: tzinfo) -> tuple[datetime, ...]:
    """Return ``since``, every moment up to ``until`` at which an hour, day or month of the zone begins, and ``until``.

    At most a thousand steps; the last one takes what is left.
    """
    return tuple(_bounds(since.astimezone(UTC), until.astimezone(UTC), step, zone))


def _bounds(since: datetime, until: datetime, step: str, zone: tzinfo) -> Iterator[datetime]:
    moment = since
    for _ in range(MOST_STEPS):
        if moment >= until:
            break
        yield moment
        following = next_step(moment, step, zone)
        while following <= moment:  # a day that a zone left out altogether
            following = next_step(following + timedelta(hours=1), step, zone)
        moment = following
    yield until
