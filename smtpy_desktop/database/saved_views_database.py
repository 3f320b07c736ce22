"""Reading and writing saved searches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import SavedViewRecord
from smtpy_desktop.schemas.messages import SavedView


async def list_saved_views(db: AsyncSession) -> tuple[SavedView, ...]:
    """Return all saved searches by name."""
    rows = await db.scalars(select(SavedViewRecord).order_by(func.lower(SavedViewRecord.name), SavedViewRecord.id))
    return tuple(_view(row) for row in rows)


async def get_saved_view(db: AsyncSession, name: str) -> SavedView | None:
    """Return the saved search of a name (upper and lower case are the same); None when there is none."""
    row = (await db.scalars(select(SavedViewRecord).where(_has(name)))).one_or_none()
    return None if row is None else _view(row)


async def get_default_view(db: AsyncSession) -> SavedView | None:
    """Return the saved search that lists begin with, if one was chosen."""
    row = (await db.scalars(select(SavedViewRecord).where(SavedViewRecord.is_default))).one_or_none()
    return None if row is None else _view(row)


async def save_view(db: AsyncSession, name: str, query: str) -> SavedView:
    """Save a search under a name; one of that name (in whatever case) is replaced and stays the default if it was."""
    statement = insert(SavedViewRecord).values(name=name, query=query)
    written = statement.on_conflict_do_update(
        index_elements=[func.lower(SavedViewRecord.name)],
        set_={"name": statement.excluded.name, "query": statement.excluded.query, "updated_at": func.now()},
    ).returning(SavedViewRecord)
    return _view((await db.scalars(written, execution_options={"populate_existing": True})).one())


async def rename_view(db: AsyncSession, view_id: int, name: str) -> bool:
    """Give a saved search another name; False when there is none. Raises ConflictError when the name is taken."""
    values = {"name": name, "updated_at": func.now()}
    return await _touched(db, update(SavedViewRecord).where(SavedViewRecord.id == view_id).values(values))


async def delete_view(db: AsyncSession, view_id: int) -> bool:
    """Delete a saved search; False when there was none."""
    return await _touched(db, delete(SavedViewRecord).where(SavedViewRecord.id == view_id))


async def set_default_view(db: AsyncSession, view_id: int | None) -> bool:
    """Make a saved search the default in place of any other (None: no default); False when there is none."""
    # First away from the others: at most one row may have it at any time.
    others = SavedViewRecord.is_default if view_id is None else SavedViewRecord.id != view_id
    await db.execute(update(SavedViewRecord).where(SavedViewRecord.is_default, others).values(is_default=False))
    if view_id is None:
        return True
    return await _touched(db, update(SavedViewRecord).where(SavedViewRecord.id == view_id).values(is_default=True))


async def _touched(db: AsyncSession, statement: Any) -> bool:
    return (await db.execute(statement.returning(SavedViewRecord.id))).scalar_one_or_none() is not None


def _has(name: str) -> Any:
    return func.lower(SavedViewRecord.name) == func.lower(name)


def _view(row: SavedViewRecord) -> SavedView:
    return SavedView(row.id, row.name, row.query, row.is_default)
