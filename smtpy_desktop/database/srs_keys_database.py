"""Queries on the keys that rewritten senders are signed with, and on the senders that are kept for them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import SrsKey, SrsSender

_MAKING_A_KEY = 0x5352536B6579  # an advisory lock of its own
_FRESH = timedelta(hours=1)


async def lock_keys(db: AsyncSession) -> None:
    """Wait until nobody else makes or replaces keys, for the rest of the transaction."""
    await db.execute(select(func.pg_advisory_xact_lock(_MAKING_A_KEY)))


async def sealed_keys(db: AsyncSession) -> tuple[bytes, ...]:
    """Return all keys as they are sealed, the newest first."""
    return tuple(await db.scalars(select(SrsKey.secret_sealed).order_by(SrsKey.id.desc())))


async def insert_key(db: AsyncSession, sealed: bytes, master_key_id: str) -> None:
    """Add a key, which from then on is the newest."""
    db.add(SrsKey(secret_sealed=sealed, master_key_id=master_key_id))
    await db.flush()


async def delete_keys_replaced_before(db: AsyncSession, age: timedelta) -> int:
    """Delete the keys whose successor is older than that, and return how many there were."""
    newer = select(func.max(SrsKey.id)).where(SrsKey.created_at < func.now() - age).scalar_subquery()
    found = await db.execute(delete(SrsKey).where(SrsKey.id < newer).returning(SrsKey.id))
    return len(found.all())


async def keep_sender(db: AsyncSession, token: str, sender: str) -> None:
    """Keep a sender under its token; a token that is known keeps its sender and counts as used now."""
    statement = insert(SrsSender).values(token=token, sender=sender)
    is_stale = SrsSender.used_at < func.now() - _FRESH
    await db.execute(
        statement.on_conflict_do_update(index_elements=[SrsSender.token], set_={"used_at": func.now()}, where=is_stale)
    )


async def kept_sender(db: AsyncSession, token: str) -> str | None:
    """Return the sender that is kept under a token, or None."""
    return (await db.scalars(select(SrsSender.sender).where(SrsSender.token == token))).one_or_none()


async def delete_senders_unused_for(db: AsyncSession, age: timedelta) -> None:
    """Delete the senders that nothing was sent for in that time."""
    await db.execute(delete(SrsSender).where(SrsSender.used_at < func.now() - age))
