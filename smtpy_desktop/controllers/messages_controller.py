"""Messages: searching and listing."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from smtpy_desktop.controllers.numbered_pages import read_numbered_page
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.core.message_search_completion import STORED_VALUES, Completion, complete, value_wanted
from smtpy_desktop.database import message_values_database, messages_list_database, messages_shape_database
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.message_search import MessageCount, MessageQuery, Search
from smtpy_desktop.schemas.messages import MessageRow
from smtpy_desktop.schemas.paging import ListShape, NumberedPage, Page, Position

_MOST_COMPLETIONS = 12


def read_search(typed: str, zone: tzinfo) -> Search:
    """Return what a text asks for now, with the days of a time zone."""
    return parse_search(typed, now=datetime.now(UTC), zone=zone)


async def list_messages(sessions: Sessions, query: MessageQuery, position: Position, limit: int) -> Page[MessageRow]:
    """Return consecutive messages of a sorted and filtered list."""
    async with sessions.read() as db:
        return await messages_list_database.list_messages(db, query, position, limit)


async def list_shape(sessions: Sessions, query: MessageQuery, step: int) -> ListShape:
    """Return how long the list is and where its parts begin; cancel it when that is not wanted any more."""
    async with sessions.read() as db:
        return await messages_shape_database.list_shape(db, query, step)


async def numbered_page(sessions: Sessions, query: MessageQuery, page: int, page_size: int) -> NumberedPage[MessageRow]:
    """Return a page counted from 1; raise FieldError for numbers that make no page."""
    return await read_numbered_page(
        sessions,
        query,
        page,
        page_size,
        read_shape=messages_shape_database.list_shape,
        read_rows=messages_list_database.list_messages,
    )


async def count_messages(sessions: Sessions, query: MessageQuery) -> int:
    """Return the exact number of messages; cancel it when that is not wanted any more."""
    async with sessions.read() as db:
        return await messages_shape_database.count_messages(db, query)


async def estimate_messages(sessions: Sessions, query: MessageQuery) -> MessageCount:
    """Return the number of messages at once, exact where that is possible."""
    async with sessions.read() as db:
        return await messages_shape_database.estimate_messages(db, query)


async def complete_search(
    sessions: Sessions, typed: str, cursor: int, organization_id: OrganizationId | None = None
) -> tuple[Completion, ...]:
    """Return how to go on from the cursor: keys, fixed values, and domains and addresses that are stored."""
    wanted = value_wanted(typed, cursor)
    if wanted is None or wanted.key not in STORED_VALUES:
        return complete(typed, cursor)
    async with sessions.read() as db:
        values = await message_values_database.stored_values(
            db, wanted.key, wanted.typed, organization_id, _MOST_COMPLETIONS
        )
    return tuple(wanted.complete_with(value) for value in values)
