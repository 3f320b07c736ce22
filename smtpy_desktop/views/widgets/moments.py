"""Days and times as the window's language writes them, in this machine's time zone or in UTC: the one place for it.

Exports and copies keep ISO 8601, because programs read them.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime, QTimeZone

_UTC_PROPERTY = "timesInUtc"
_UTC_NAME = "UTC"
_NAMES_OF_UTC = ("Etc/UTC", "Etc/UCT", "Etc/Zulu", "Etc/Universal", "UCT", "Zulu", "Universal", "Etc/GMT", "GMT")
_LONG = QLocale.FormatType.LongFormat
# What a pattern of the CLDR loses where a part is left out: with the part go the signs and words that belong to it.
_WEEKDAY = re.compile(r"[,،]?\s*dddd[,،]?\s*")
_YEAR = re.compile(r"[,،]?\s*(?:'[^']*'\s*)?yyyy\.?(?:\s*'[^']*'\.?)?[年년]?,?\s*")
_SECONDS = re.compile("ss?")
_ZONE = re.compile(r"[,\s]*\(?(?<![a-zA-Z'])t{1,4}(?![a-zA-Z'])\)?\s*")


def set_utc(*, wanted: bool) -> None:
    """Show every time in UTC, or in this machine's zone; what is shown already has to be shown again."""
    app = QCoreApplication.instance()
    if app is not None:
        app.setProperty(_UTC_PROPERTY, wanted)


def is_utc() -> bool:
    """Return whether times are shown in UTC because the user wants it."""
    app = QCoreApplication.instance()
    return app is not None and app.property(_UTC_PROPERTY) is True


def zone_name() -> str:
    """Return the name of the time zone in which times are shown: "Europe/Berlin"."""
    if is_utc():
        return _UTC_NAME
    return bytes(QTimeZone.systemTimeZoneId().data()).decode("ascii", "replace") or time.tzname[0]


def zone_words() -> str:
    """Return what the time zone is called where people read it: the several names of UTC are one."""
    name = zone_name()
    return _UTC_NAME if name in _NAMES_OF_UTC else name


def local_zone() -> tzinfo:
    """Return the time zone in which times are shown and dates are understood."""
    try:
        return ZoneInfo(zone_name())
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC).astimezone().tzinfo or UTC


def here(moment: datetime) -> datetime:
    """Return a moment as the clocks of the shown zone show it."""
    return moment.astimezone(UTC) if is_utc() else moment.astimezone()


def here_qt(moment: datetime) -> QDateTime:
    """Return a moment for Qt, in the shown zone."""
    zone = QTimeZone.utc() if is_utc() else QTimeZone(QTimeZone.Initialization.LocalTime)
    return QDateTime.fromMSecsSinceEpoch(int(moment.timestamp() * 1000), zone)


def write_date(day: date) -> str:
    """Return a whole date with its month in letters: "Nov 15, 2026", "15 nov. 2026"."""
    return _write(day, _date_format(QLocale().dateFormat(_LONG)))


def write_day(day: date) -> str:
    """Return day and month: "Nov 15", "15 nov."."""
    return _write(day, _day_format(QLocale().dateFormat(_LONG)))


def write_long_date(day: date) -> str:
    """Return a date in full: "Sunday, November 15, 2026"."""
    return QLocale().toString(QDate(day.year, day.month, day.day), _LONG)


def write_month(day: date, *, short: bool = False) -> str:
    """Return month and year: "November 2026", or "Nov 26" where there is little room."""
    month, year = ("MMM", "yy") if short else ("MMMM", "yyyy")
    is_year_first = QLocale().dateFormat(_LONG).lstrip().startswith("yyyy")
    return _write(day, f"{year} {month}" if is_year_first else f"{month} {year}")


def write_time(clock: datetime, *, seconds: bool = False, milliseconds: bool = False) -> str:
    """Return what a clock shows, without changing its zone: "3:21 PM", "15:21"."""
    shown = QTime(clock.hour, clock.minute, clock.second, clock.microsecond // 1000)
    if not seconds and not milliseconds:
        return QLocale().toString(shown, QLocale.FormatType.ShortFormat)
    pattern = _time_format(QLocale().timeFormat(_LONG))
    if milliseconds:
        fraction = f"'{QLocale().decimalPoint()}'zzz"
        pattern = _SECONDS.sub(lambda found: found.group() + fraction, pattern, count=1)
    return QLocale().toString(shown, pattern)


def typed_date_format() -> str:
    """Return the pattern in which dates are typed: in figures, with the whole year."""
    short = QLocale().dateFormat(QLocale.FormatType.ShortFormat)
    return short if "yyyy" in short else short.replace("yy", "yyyy")


def date_of(moment: datetime) -> str:
    """Return the date of a moment in the shown zone."""
    return write_date(here(moment).date())


def time_of(moment: datetime, *, seconds: bool = False) -> str:
    """Return the time of a moment in the shown zone."""
    return write_time(here(moment), seconds=seconds)


def day_and_time_of(moment: datetime) -> str:
    """Return day, month and time of a moment in the shown zone, for lists of what happened within a year."""
    return _side_by_side(write_day(here(moment).date()), time_of(moment))


def date_and_time_of(moment: datetime) -> str:
    """Return date and time of a moment in the shown zone, to the minute."""
    return _side_by_side(date_of(moment), time_of(moment))


def exact_of(moment: datetime) -> str:
    """Return date, time to the second and the zone: "Nov 15, 2026 3:21:53 PM CET"."""
    return _exact(here(moment), here_qt(moment).timeZoneAbbreviation())


def exact_utc(moment: datetime) -> str:
    """Return date and time to the second in UTC, whatever zone is shown."""
    return _exact(moment.astimezone(UTC), _UTC_NAME)


def is_today(moment: datetime, now: datetime) -> bool:
    """Return whether a moment lies in the same day as another one, in the shown zone."""
    return here(moment).date() == here(now).date()


def _exact(clock: datetime, zone: str) -> str:
    return f"{_side_by_side(write_date(clock.date()), write_time(clock, seconds=True))} {zone}"


def _side_by_side(day: str, clock: str) -> str:
    return f"{day} {clock}"


def _write(day: date, pattern: str) -> str:
    return QLocale().toString(QDate(day.year, day.month, day.day), pattern)


@cache
def _date_format(long: str) -> str:
    """Return a language's long pattern without the day of the week and with the month in short.

    Qt knows a long pattern and one of numbers alone, in which day and month can be confused.
    """
    return _WEEKDAY.sub("", long, count=1).replace("MMMM", "MMM").strip()


@cache
def _day_format(long: str) -> str:
    return _YEAR.sub(" ", _date_format(long), count=1).strip(" ,،") if "yyyy" in long else _date_format(long)


@cache
def _time_format(long: str) -> str:
    return _ZONE.sub("", long, count=1)
