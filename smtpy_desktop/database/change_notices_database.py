"""Hearing at once what any process changed in the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.schemas.change_notice import ChangeNotice

_CHANNEL = "smtpy_changes"
_ANSWER_SECONDS = 5.0


async def notices(database: Database, *, heartbeat_seconds: float) -> AsyncGenerator[ChangeNotice | None]:
    """Yield every change notice of the database, and None at the start and at each heartbeat that was answered.

    Raises DatabaseUnavailable as soon as the connection is lost, and at the next heartbeat when it has gone silent.
    """
    with translated_errors():
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text(f"LISTEN {_CHANNEL}"))
            driver = await _driver_connection(connection)
            try:
                while True:
                    async with asyncio.timeout(_ANSWER_SECONDS):
                        await connection.execute(text("SELECT 1"))
                    yield None
                    async for found in driver.notifies(timeout=heartbeat_seconds):
                        yield _notice(found.payload)
            finally:
                # A connection that listens must not go back to the pool, where others would use it.
                await connection.invalidate()


async def _driver_connection(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


def _notice(payload: str) -> ChangeNotice:
    content = json.loads(payload)
    return ChangeNotice(content["topic"], frozenset(content["ids"]), content["origin"])
