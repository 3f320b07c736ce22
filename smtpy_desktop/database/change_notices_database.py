"""Hearing at once what any process changed in the database.

Of messages only ten changes a second are told in a notice; the others are found by looking (``message_marks``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.database.message_marks import MessageMarks, Snapshot
from smtpy_desktop.schemas.change_notice import ChangeNotice

_CHANNEL = "smtpy_changes"
_ANSWER_SECONDS = 5.0
# In this order: the snapshot has to know every transaction that took one of the marks. It knows ids up to the last one
# that has ended, so with new marks a transaction of our own has to end before.
_LAST_MARK = text("SELECT last_value FROM smtpy_message_marks")
_OWN_TRANSACTION = text("SELECT pg_current_xact_id()::text")
_SNAPSHOT = text("SELECT pg_current_snapshot()::text")
_SOME_MESSAGES = ChangeNotice("messages", frozenset(), "")


async def notices(database: Database, *, heartbeat_seconds: float) -> AsyncGenerator[ChangeNotice | None]:
    """Yield every change notice of the database, and None at the start and at each heartbeat that was answered.

    Messages that no notice told of are found at the next heartbeat; one notice about any of them tells that.

    Raises DatabaseUnavailable as soon as the connection is lost, and at the next heartbeat when it has gone silent.
    """
    with translated_errors():
        async with database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text(f"LISTEN {_CHANNEL}"))
            driver = await _driver_connection(connection)
            marks = MessageMarks()
            try:
                while True:
                    async with asyncio.timeout(_ANSWER_SECONDS):
                        last = (await connection.execute(_LAST_MARK)).scalar_one()
                        if marks.has_news(last):
                            await connection.execute(_OWN_TRANSACTION)
                        snapshot = (await connection.execute(_SNAPSHOT)).scalar_one()
                    yield None
                    if marks.look(last, Snapshot.parse(snapshot)):
                        yield _SOME_MESSAGES
                    async for found in driver.notifies(timeout=heartbeat_seconds):
                        notice = _notice(found.payload)
                        if notice.mark is not None:
                            marks.hear(notice.mark)
                        yield notice
            finally:
                # A connection that listens must not go back to the pool, where others would use it.
                await connection.invalidate()


async def _driver_connection(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection


def _notice(payload: str) -> ChangeNotice:
    content = json.loads(payload)
    return ChangeNotice(content["topic"], frozenset(content["ids"]), content["origin"], content.get("mark"))
