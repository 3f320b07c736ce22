"""Reading and writing the settings that all processes share."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import ServerSetting


async def read_settings(db: AsyncSession) -> dict[str, str]:
    """Return every setting that was ever set."""
    rows = await db.execute(select(ServerSetting.key, ServerSetting.value))
    return {row.key: row.value for row in rows}


async def write_settings(db: AsyncSession, values: Mapping[str, str]) -> None:
    """Set settings, replacing what was there."""
    if not values:
        return
    statement = insert(ServerSetting).values([{"key": key, "value": value} for key, value in values.items()])
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=[ServerSetting.key], set_={"value": statement.excluded.value, "updated_at": func.now()}
        )
    )


async def value_or_first(db: AsyncSession, key: str, first: str) -> str:
    """Return a setting; where it never was set, set it to ``first``, or to what another process sets it to just now."""
    known = select(ServerSetting.value).where(ServerSetting.key == key)
    found = (await db.execute(known)).scalar_one_or_none()
    if found is None:
        statement = insert(ServerSetting).values(key=key, value=first)
        await db.execute(statement.on_conflict_do_nothing(index_elements=[ServerSetting.key]))
        found = (await db.execute(known)).scalar_one()
    return found
