"""From which figures on something is worth a notice."""

from __future__ import annotations

from datetime import timedelta

from smtpy_desktop.schemas.messages import MessageTotals
from smtpy_desktop.schemas.notice_kinds import Severity
from smtpy_desktop.schemas.notices import DiskSpace

FAILING_WITHIN = timedelta(hours=2)
"""Messages of so long are counted …"""
_FEWEST_FAILED = 5
_FAILED_SHARE = 0.25

LATE = timedelta(minutes=10)
"""How long a delivery that is due may wait for a forwarder to take it."""

OLD = timedelta(hours=4)
"""How long mail to one destination may wait; RFC 5321 section 4.5.4.1 has the sender told after some four hours."""

OVERDUE = timedelta(hours=3)
"""How late a scheduled backup may be."""

CERTIFICATE_DAYS = 14
"""A certificate that is renewed by itself is so a month before its end."""
CERTIFICATE_DAYS_LEFT = 3

MOST_ALONE = 20
"""More broken domains than that have one cause, and are told as one."""

_MIB = 1024 * 1024
_SMALL, _TINY = 1024 * _MIB, 256 * _MIB
_SMALL_SHARE = 0.03


def is_failing(totals: MessageTotals) -> bool:
    """Say whether so many messages fail that it is no accident: five, and a quarter of those whose fate is known."""
    failed = totals.failed + totals.bounced
    return failed >= _FEWEST_FAILED and failed >= _FAILED_SHARE * (failed + totals.delivered)


def disk_severity(disk: DiskSpace) -> Severity | None:
    """Return how bad it is that a disk has so little room; None where it has enough: 1 GiB, or 3 % of a small one."""
    if disk.free < min(_TINY, disk.total // 20):
        return Severity.BAD
    return Severity.WARNING if disk.free < min(_SMALL, max(_SMALL_SHARE * disk.total, _TINY)) else None
