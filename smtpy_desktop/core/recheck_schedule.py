"""When a domain's records are looked at again by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from smtpy_desktop.schemas.dns import Verdict
from smtpy_desktop.schemas.domains import DomainStatus

_SOON = timedelta(minutes=10)
_UNANSWERED = timedelta(minutes=5)
_NEW_DOMAIN = timedelta(days=2)
_OLD_UNVERIFIED = timedelta(hours=6)
_SPREAD = 0.2


def next_check(
    *,
    status: DomainStatus,
    is_active: bool,
    created_at: datetime,
    verdicts: Iterable[Verdict],
    now: datetime,
    interval: timedelta,
    dice: float,
) -> datetime | None:
    """Return the time of the next check, or None when the domain is not checked by itself.

    ``interval`` is the rhythm for verified domains (zero: no background checks), ``dice`` a random number in [0, 1)
    that keeps many domains from being checked at the same moment.
    """
    if not is_active or not interval:
        return None
    seen = set(verdicts)
    if status is DomainStatus.VERIFIED and Verdict.WRONG in seen:
        wait = min(_SOON, interval)  # three wrong answers over half an hour make a fall: look more often now
    elif Verdict.WRONG not in seen and Verdict.UNKNOWN in seen:
        wait = min(_UNANSWERED, interval)
    elif status is DomainStatus.VERIFIED:
        wait = interval
    else:
        wait = _SOON if now - created_at < _NEW_DOMAIN else _OLD_UNVERIFIED
    return now + wait * (1 - _SPREAD / 2 + _SPREAD * dice)
