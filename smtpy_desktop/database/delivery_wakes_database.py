"""Hearing at once that something is due to be delivered."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.engine import Database, translated_errors

_CHANNEL = "smtpy_wake"


async def delivery_wakes(database: Database, *, heartbeat_seconds: float = 10.0) -> AsyncGenerator[None]:
    """Yield at the start, and whenever some process has said that deliveries are due.

    Raises DatabaseUnavailable as soon as the connection is lost, and at the next heartbeat when it has gone silent.
    """
    with translated_errors():
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text(f"LISTEN {_CHANNEL}"))
            driver = (await connection.get_raw_connection()).driver_connection
            try:
                yield
                while driver is not None:
                    async for _ in driver.notifies(timeout=heartbeat_seconds):
                        yield
                    await connection.execute(text("SELECT 1"))
            finally:
                # A connection that listens must not go back to the pool, where others would use it.
                await connection.invalidate()


async def wake_deliveries(db: AsyncSession) -> None:
    """Tell every forwarder, once this transaction is committed, that deliveries are due."""
    await db.execute(text(f"NOTIFY {_CHANNEL}"))
