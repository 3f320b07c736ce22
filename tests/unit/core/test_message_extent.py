"""Which rows of a list a selection means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from smtpy_desktop.core.message_extent import is_beyond, is_meant, sort_value
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.message_bulk import MessageSelection, Span
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import MessageRow, MessageSort, MessageStatus

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def row(number: int) -> MessageRow:
    return MessageRow(
        id=MessageId(number),
        created_at=NOW + timedelta(minutes=number),
        status=MessageStatus.FAILED,
        sender_email="Ann@Example.org",
        recipient_email="info@example.com",
        forwarded_to=None,
        subject=f"Invoice {number}",
        size_bytes=number * 100,
        has_attachments=False,
        domain_id=DomainId(1),
        domain_name="example.com",
        error_message=None,
    )


def meant(selection: MessageSelection) -> list[int]:
    return [number for number in range(1, 7) if is_meant(selection, row(number))]


def test_what_came_later_is_not_meant() -> None:
    assert meant(MessageSelection(MessageQuery(), 4)) == [1, 2, 3, 4]


def test_of_chosen_messages_no_others_are_meant() -> None:
    assert meant(MessageSelection(MessageQuery(), 4, ids=(MessageId(2), MessageId(6)))) == [2]


@pytest.mark.parametrize("sort", list(MessageSort))
@pytest.mark.parametrize("descending", [True, False])
def test_parts_of_the_list_include_their_ends(sort: MessageSort, descending: bool) -> None:
    query = MessageQuery(sort=sort, descending=descending)
    first, last = (4, 3) if descending else (3, 4)
    keys = [(sort_value(row(number), sort), number) for number in (first, last)]
    open_end = Span((sort_value(row(1 if descending else 6), sort), 1 if descending else 6), None)

    assert meant(MessageSelection(query, 6, (Span(*keys),))) == [3, 4]
    assert meant(MessageSelection(query, 6, (Span(*keys), open_end))) == ([1, 3, 4] if descending else [3, 4, 6])
    assert is_beyond(keys[0], keys[1], query)
    assert not is_beyond(keys[1], keys[1], query)
