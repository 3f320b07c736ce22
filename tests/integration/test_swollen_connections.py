"""A connection that carried something large is not kept; others are."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.swollen_connections import LARGE_BYTES, has_carried


@pytest.mark.parametrize(("size", "is_kept"), [(LARGE_BYTES, True), (LARGE_BYTES + 1, False)])
async def test_a_connection_is_closed_after_something_large(database: Database, size: int, is_kept: bool) -> None:
    async def session() -> int:
        async with database.read() as db:
            return int((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())

    async with database.begin() as db:
        used = int((await db.execute(text("SELECT pg_backend_pid()"))).scalar_one())
        await has_carried(db, size)

    assert (await session() == used) is is_kept
    assert await session() == await session()
