"""When the next backup is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

_SUNDAY = 6
RETRY = timedelta(hours=1)
"""How long after a failed backup the next one is tried."""


@dataclass(frozen=True, slots=True)
class BackupSchedule:
    """How often (``off``, ``daily`` or ``weekly``: on Sundays) and at which time of the day on this machine."""

    every: str
    at: time


def next_due(
    schedule: BackupSchedule,
    now: datetime,
    *,
    good_at: datetime | None,
    failed_at: datetime | None,
    zone: tzinfo | None = None,
) -> datetime | None:
    """Return when a backup is to be made (in UTC; what lies in the past is due now); None without a schedule.

    ``good_at`` is when one last went well, ``failed_at`` when one has failed since. A moment that passed while nothing
    ran is made up for. ``zone`` None: that of this machine.
    """
    if schedule.every == "off":
        return None
    last = _moment(schedule, now, zone, ahead=0)
    if good_at is not None and good_at >= last:
        return _moment(schedule, now, zone, ahead=1)
    return max(last, failed_at + RETRY) if failed_at is not None else last


def _moment(schedule: BackupSchedule, now: datetime, zone: tzinfo | None, *, ahead: int) -> datetime:
    """Return the newest moment of the schedule that is not after ``now``, or the ``ahead``-th after it."""
    here = now.astimezone(zone)
    days = 7 if schedule.every == "weekly" else 1
    back = (here.weekday() - _SUNDAY) % 7 if days == 7 else 0
    found = _at(here, -back, schedule.at, zone)
    if found > now:
        back += days
    return _at(here, days * ahead - back, schedule.at, zone)


def _at(here: datetime, days: int, at: time, zone: tzinfo | None) -> datetime:
    """Return a time of the day some days off, by the clock on the wall, summer time or not."""
    moment = datetime.combine(here.date() + timedelta(days=days), at)
    return (moment.astimezone() if zone is None else moment.replace(tzinfo=zone)).astimezone(UTC)
