"""Queries on how far Stripe has been followed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import StripeCursor
from smtpy_desktop.schemas.catch_up import FollowedUntil


async def get_cursor(db: AsyncSession, *, livemode: bool) -> FollowedUntil:
    """Return how far events have been followed in one mode; an empty answer before the first time."""
    statement = select(StripeCursor).where(StripeCursor.livemode == livemode)
    found = (await db.execute(statement)).scalars().one_or_none()
    if found is None:
        return FollowedUntil(livemode)
    return FollowedUntil(livemode, found.account_id, found.followed_until, found.checked_at, found.full_sync_at)


async def advance(
    db: AsyncSession, account_id: str, followed_until: datetime | None, *, livemode: bool, was_full: bool
) -> None:
    """Note that all events have been recorded, the newest of then; None when Stripe listed none.

    Another process that is further ahead stays so.
    """
    values = {
        "account_id": account_id,
        "followed_until": followed_until,
        "checked_at": func.now(),
        **({"full_sync_at": func.now()} if was_full else {}),
    }
    statement = insert(StripeCursor).values(livemode=livemode, **values)
    # A full run may begin anew with another account; events alone only ever lead ahead.
    until = statement.excluded.followed_until
    changed = values | {"followed_until": until if was_full else func.greatest(StripeCursor.followed_until, until)}
    await db.execute(statement.on_conflict_do_update(index_elements=["livemode"], set_=changed))
