"""Following Stripe: how far it has been followed, and what one run of it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FollowedUntil:
    """How far Stripe's events have been followed in one mode; ``followed_until`` is Stripe's own time."""

    livemode: bool
    account_id: str = ""
    followed_until: datetime | None = None
    checked_at: datetime | None = None
    full_sync_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CatchUpReport:
    """What a catch-up did: events read and new ones among them, events worked on, how many of these failed.

    ``customers`` is how many were read anew because events could not tell (``is_full``).
    """

    read: int
    new: int
    worked_on: int
    failed: int
    customers: int
    is_full: bool
