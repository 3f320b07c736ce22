"""Queries on the keys that domains sign with."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import DkimKey, Domain


async def active_key(db: AsyncSession, domain: str) -> tuple[str, bytes, bool] | None:
    """Return selector, sealed private half and whether the public half was seen in the DNS, of the newest active key.

    None without such a key, or without a domain of that name.
    """
    statement = (
        select(DkimKey.selector, DkimKey.private_key_sealed, Domain.dkim_record_verified, Domain.dkim_selector)
        .join(Domain, Domain.id == DkimKey.domain_id)
        .where(Domain.name == domain, DkimKey.state == "active")
        .order_by(DkimKey.id.desc())
        .limit(1)
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    return row[0], row[1], row[2] and row[0] == row[3]
