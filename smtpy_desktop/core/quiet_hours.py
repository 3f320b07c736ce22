"""Quiet hours: whether they hold at a moment, and when they end, by the clock on the wall with its changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from smtpy_desktop.schemas.notice_kinds import QuietHours

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def quiet_until(hours: QuietHours, moment: datetime, zone: tzinfo | None = None) -> datetime | None:
    """Return when the quiet hours around a moment end (UTC), None where it is in none.

    ``zone`` None is the zone of this machine. Where the clock is put back within the hours, they end the second time
    that it shows their end, so that nobody is woken up between; where it is put forward over a limit, the limit is the
    moment at which that is done. Hours that begin and end at the same time are none.
    """
    if hours.begin == hours.end:
        return None
    here = moment.astimezone(zone).date()
    for day in (here - _DAY, here):
        begin, end = _night(hours, day, zone)
        if begin <= moment < end:
            return end
    return None


def _night(hours: QuietHours, day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Return when the quiet hours that begin on a day begin and end."""
    last = day + _DAY if hours.end < hours.begin else day
    return _moment(day, hours.begin, zone, is_second=False), _moment(last, hours.end, zone, is_second=True)


def _moment(day: date, clock: time, zone: tzinfo | None, *, is_second: bool) -> datetime:
    """Return when the clock on the wall shows a time, or goes past it; the second time where it does twice."""
    naive = datetime.combine(day, clock)
    first, second = (_utc(naive.replace(fold=fold), zone) for fold in (0, 1))
    if first <= second:
        return second if is_second else first
    # The clock is put forward over this time (PEP 495): find the minute in which that happens.
    low, high = second, first
    while high - low > _MINUTE:
        middle = low + (high - low) / 2
        is_after = middle.astimezone(zone).replace(tzinfo=None) >= naive
        low, high = (low, middle) if is_after else (middle, high)
    return high.replace(second=0, microsecond=0)


def _utc(naive: datetime, zone: tzinfo | None) -> datetime:
    return (naive if zone is None else naive.replace(tzinfo=zone)).astimezone(UTC)
