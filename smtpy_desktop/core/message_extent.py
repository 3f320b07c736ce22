"""Which rows of a list a selection means, in plain Python: what the list marks, and the yardstick for the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from smtpy_desktop.core.message_search_words import lower
from smtpy_desktop.schemas.message_bulk import MessageSelection, Span
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageDetails, MessageRow, MessageSort
from smtpy_desktop.schemas.paging import Key

_CUT = 200
SortValue = datetime | str | int


Listed = MessageRow | MessageDetails


def sort_value(row: Listed, sort: MessageSort) -> SortValue:
    """Return the value by which a list is sorted, as the database's indexes hold it."""
    match sort:
        case MessageSort.CREATED:
            return row.created_at
        case MessageSort.STATUS:
            return row.status.value
        case MessageSort.SENDER:
            return lower(row.sender_email)[:_CUT]
        case MessageSort.RECIPIENT:
            return lower(row.recipient_email)[:_CUT]
        case MessageSort.FORWARDED:
            return lower(row.forwarded_to or "")[:_CUT]
        case MessageSort.SUBJECT:
            return lower(row.subject)[:_CUT]
        case MessageSort.SIZE:
            return row.size_bytes
        case MessageSort.DOMAIN:
            return row.domain_name


def is_meant(selection: MessageSelection, row: Listed) -> bool:
    """Say whether a selection means a message that its search finds."""
    if row.id > selection.newest_id or (selection.ids is not None and row.id not in selection.ids):
        return False
    if not selection.spans:
        return True
    key = (sort_value(row, selection.query.sort), row.id)
    return any(_is_inside(span, key, selection.query) for span in selection.spans)


def is_beyond(end: Key, key: Key, query: MessageQuery) -> bool:
    """Say whether a row comes after the end of a part of the list, by their keys."""
    return _comes_before(end, key) if not query.descending else _comes_before(key, end)


def _comes_before(one: Any, other: Any) -> bool:
    return bool(one < other)


def _is_inside(span: Span, key: Key, query: MessageQuery) -> bool:
    is_early = span.first is not None and is_beyond(key, span.first, query)
    return not is_early and (span.last is None or not is_beyond(span.last, key, query))
