"""Connections that carried something large are closed afterwards: libpq's buffers grow with it and never shrink."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.pool import ConnectionPoolEntry

LARGE_BYTES = 1024 * 1024
"""To connect anew costs a few milliseconds; what is larger than this takes longer itself."""

_MARK = "smtpy_is_swollen"


async def has_carried(db: AsyncSession, size_bytes: int) -> None:
    """Tell how many bytes a transaction has sent or received; were it many, its connection is not used again."""
    if size_bytes > LARGE_BYTES:
        connection = await db.connection()
        (await connection.get_raw_connection()).info[_MARK] = True


def close_swollen(engine: Engine) -> None:
    """Let an engine's pool close such connections when they are given back."""
    event.listen(engine, "checkin", _on_given_back)


def _on_given_back(connection: Any, entry: ConnectionPoolEntry) -> None:
    if connection is not None and entry.info.pop(_MARK, False):
        entry.invalidate()
