"""When a delivery that was put off is tried again, and when it is given up (RFC 5321 section 4.5.4.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_GAP = timedelta(minutes=5)
LONGEST_GAP = timedelta(hours=4)
_SPREAD = 0.15


def retry_gap(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after so many attempts (1 or more): 5 minutes, doubled each time up to 4 hours.

    ``chance`` from 0 to 1 moves it by up to 15 % either way, so that mail that was put off together does not come back
    together.
    """
    doublings = min(max(attempts, 1) - 1, 16)
    gap = min(FIRST_GAP * (1 << doublings), LONGEST_GAP)
    return gap * (1 - _SPREAD + 2 * _SPREAD * min(max(chance, 0.0), 1.0))


def next_attempt(
    now: datetime, first_at: datetime, attempts: int, *, retry_days: int, chance: float, may_end: bool = True
) -> datetime | None:
    """Return when to try again; None: it is given up, which is never before so many days have passed.

    ``now`` is the database's time, as ``first_at`` is. The last attempt is made when the days are over; where it may
    not end, because nobody has said anything about the mail, attempts go on after that.
    """
    end = first_at + timedelta(days=retry_days)
    if now >= end:
        return None if may_end else now + retry_gap(attempts, chance)
    return min(now + retry_gap(attempts, chance), end)
