"""What the database says of itself."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def server_version(db: AsyncSession) -> int:
    """Return the server's version as PostgreSQL numbers it (180004 for 18.4)."""
    return int((await db.execute(text("SHOW server_version_num"))).scalar_one())
