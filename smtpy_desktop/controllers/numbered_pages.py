"""Pages counted from 1, as scripts ask for them, of lists that are read by key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.paging import ListShape, NumberedPage, Page, Position
from smtpy_desktop.schemas.text import text

Query = TypeVar("Query")
Row = TypeVar("Row")

_LARGEST_PAGE = 1000


async def read_numbered_page(
    sessions: Sessions,
    query: Query,
    page: int,
    page_size: int,
    *,
    read_shape: Callable[[AsyncSession, Query, int], Awaitable[ListShape]],
    read_rows: Callable[[AsyncSession, Query, Position, int], Awaitable[Page[Row]]],
) -> NumberedPage[Row]:
    """Return a page, empty behind the list's end; raise FieldError for numbers that make no page."""
    if page < 1:
        raise FieldError("page", "PAGE_NUMBER", text("Pages are counted from 1."))
    if not 1 <= page_size <= _LARGEST_PAGE:
        raise FieldError("page_size", "PAGE_SIZE", text("A page has 1 to {largest} rows.", largest=_LARGEST_PAGE))
    first = (page - 1) * page_size
    rows: tuple[Row, ...] = ()
    async with sessions.read() as db:
        shape = await read_shape(db, query, page_size)
        found = shape.position_of(first) if first < shape.total else None
        if found is not None:
            position, before = found
            rows = (await read_rows(db, query, position, before + page_size)).rows[before:]
    return NumberedPage(rows, shape.total, page, page_size)
