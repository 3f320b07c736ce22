"""How long a price's period lasts (docs.stripe.com/billing/subscriptions/billing-cycle)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from smtpy_desktop.sandbox.stripe_ledger import DAY
from smtpy_desktop.sandbox.stripe_shapes import Object


def period_after(start: int, price: Object, anchor: int | None = None) -> int:
    """Return when a period that begins at ``start`` ends.

    Months end on the anchor's day, or on their last: the 31st, the 28th, and the 31st again.
    """
    recurring = price["recurring"]
    count: int = recurring["interval_count"]
    if recurring["interval"] in ("day", "week"):
        return start + count * DAY * (7 if recurring["interval"] == "week" else 1)
    step = count * (12 if recurring["interval"] == "year" else 1)
    anchor = start if anchor is None or anchor > start else anchor
    months = step
    while (end := _months_after(anchor, months)) <= start:
        months += step
    return end


def _months_after(moment: int, months: int) -> int:
    begun = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
    first_of_next = datetime(year + month // 11, (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last_day = (first_of_next - timedelta(days=1)).day
    return int(begun.replace(year=year, month=month + 1, day=min(begun.day, last_day)).timestamp())
