"""Reads dates as people type them: days, months, names, distances from now, and ranges of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from smtpy_desktop.schemas.message_search import TimeSpan

DATE_WORDS = (
    "today",
    "yesterday",
    "this-week",
    "last-week",
    "this-month",
    "last-month",
    "this-year",
    "last-year",
    "24h",
    "7d",
    "30d",
)
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_DISTANCE = re.compile(r"(\d{1,6})(min|h|d|w|mo|m|y)")
_DAY = re.compile(r"(\d{4})([-./])(\d{1,2})(?:\2(\d{1,2}))?|(\d{4})")
_EUROPEAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_NAMED_MONTH = re.compile(r"(?:(\d{1,2})[. -]*)?([a-z]{3,9})\.?[ -]*(\d{4})?")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2}(?::\d{2})?)(z|[+-]\d{2}:\d{2})?")
_LENGTHS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class NoDate(ValueError):
    """The text is no date, or one that no message can have."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """The present moment, and the zone in which days begin."""

    now: datetime
    zone: tzinfo

    def day(self, year: int, month: int = 1, day: int = 1) -> datetime:
        """Return the beginning of a day; years, months and days beyond their ends raise ValueError."""
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise NoDate
        return datetime(year, month, day, tzinfo=self.zone)

    def today(self) -> datetime:
        """Return the beginning of the present day."""
        local = self.now.astimezone(self.zone)
        return self.day(local.year, local.month, local.day)


_Span = tuple[datetime, datetime]


def after(value: str, *, now: datetime, zone: tzinfo) -> TimeSpan:
    """Return the time from the beginning of what is named; raise NoDate."""
    since, _ = _read(value, _Clock(now, zone), is_moment=True)
    return TimeSpan(_utc(since), None)


def before(value: str, *, now: datetime, zone: tzinfo) -> TimeSpan:
    """Return the time up to the beginning of what is named; raise NoDate."""
    since, _ = _read(value, _Clock(now, zone), is_moment=True)
    return TimeSpan(None, _utc(since))


def on(value: str, *, now: datetime, zone: tzinfo) -> TimeSpan:
    """Return the whole of the day, month, year or range (``A..B``, both included) that is named; raise NoDate."""
    first, dots, last = value.partition("..")
    clock = _Clock(now, zone)
    since, until = _read(first, clock, is_moment=False)
    if dots:
        _, until = _read(last, clock, is_moment=False)
    if until <= since:
        raise NoDate
    return TimeSpan(_utc(since), _utc(until))


def _read(value: str, clock: _Clock, *, is_moment: bool) -> _Span:
    wanted = " ".join(value.lower().split())
    try:
        if is_moment and (moment := _moment(wanted, clock)) is not None:
            return moment, moment
        for reader in _READERS:
            span = reader(wanted, clock)
            if span is not None:
                return span
    except (ValueError, OverflowError) as error:
        raise NoDate from error
    raise NoDate


def _moment(value: str, clock: _Clock) -> datetime | None:
    if value == "now":
        return clock.now
    if found := _TIME.fullmatch(value):
        day, time, offset = found.groups()
        moment = datetime.fromisoformat(f"{day}T{time}{(offset or '').upper()}")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=clock.zone)
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise NoDate
        return moment
    if (found := _DISTANCE.fullmatch(value)) and found[2] in _LENGTHS:
        return _in_reach(clock.now - int(found[1]) * _LENGTHS[found[2]])
    return None


def _distance(value: str, clock: _Clock) -> _Span | None:
    found = _DISTANCE.fullmatch(value)
    if not found:
        return None
    count, unit = int(found[1]), found[2]
    if unit in _LENGTHS:
        moment = _in_reach(clock.now - count * _LENGTHS[unit]).astimezone(clock.zone)
        return _days(clock, clock.day(moment.year, moment.month, moment.day))
    today = clock.today()
    months = count * (12 if unit == "y" else 1)
    month = _months_later(clock, today, -months)
    day = min(today.day, (_months_later(clock, month, 1) - timedelta(days=1)).day)
    return _days(clock, clock.day(month.year, month.month, day))


def _word(value: str, clock: _Clock) -> _Span | None:
    today = clock.today()
    which, _, unit = value.replace(" ", "-").partition("-")
    back = {"this": 0, "last": 1}.get(which)
    if value in ("today", "yesterday"):
        return _days(clock, today, back=1 if value == "yesterday" else 0)
    if back is None or unit not in ("week", "month", "year"):
        return None
    if unit == "week":
        return _days(clock, today, back=today.weekday() + 7 * back, count=7)
    if unit == "month":
        month = _months_later(clock, today, -back)
        return month, _months_later(clock, month, 1)
    return clock.day(today.year - back), clock.day(today.year - back + 1)


def _numbers(value: str, clock: _Clock) -> _Span | None:
    if found := _EUROPEAN_DAY.fullmatch(value):
        return _days(clock, clock.day(int(found[3]), int(found[2]), int(found[1])))
    found = _DAY.fullmatch(value)
    if not found:
        return None
    if found[5]:
        return clock.day(int(found[5])), clock.day(int(found[5]) + 1)
    month = clock.day(int(found[1]), int(found[3]))
    if found[4] is None:
        return month, _months_later(clock, month, 1)
    return _days(clock, clock.day(month.year, month.month, int(found[4])))


def _names(value: str, clock: _Clock) -> _Span | None:
    today = clock.today()
    if (weekday := _number_of(value, WEEKDAYS)) is not None:
        return _days(clock, today, back=(today.weekday() - weekday) % 7)
    found = _NAMED_MONTH.fullmatch(value)
    month = _number_of(found[2], MONTHS) if found else None
    if not found or month is None:
        return None
    day = int(found[1]) if found[1] else 1
    year = int(found[3]) if found[3] else today.year
    start = clock.day(year, month + 1, day)
    if not found[3] and start > today:
        start = clock.day(year - 1, month + 1, day)
    return _days(clock, start) if found[1] else (start, _months_later(clock, start, 1))


_READERS: tuple[Callable[[str, _Clock], _Span | None], ...] = (_distance, _word, _numbers, _names)


def _number_of(name: str, names: tuple[str, ...]) -> int | None:
    return next((number for number, whole in enumerate(names) if len(name) >= 3 and whole.startswith(name)), None)


def _days(clock: _Clock, day: datetime, *, back: int = 0, count: int = 1) -> _Span:
    """Return ``count`` days; their length follows from the calendar, which knows days of 23 and 25 hours."""
    # Arithmetic on a time with a zone moves the hands of the clock, so that midnight stays midnight.
    first = _in_reach(day - timedelta(days=back))
    return first, _in_reach(first + timedelta(days=count))


def _months_later(clock: _Clock, day: datetime, months: int) -> datetime:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return clock.day(year, month + 1)


def _in_reach(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR + 1:
        raise NoDate
    return moment


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
