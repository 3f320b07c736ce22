"""Every accepted message is in one class of the books, and only faults make a difference."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.books import AcceptedMail, book_class, book_lines
from smtpy_desktop.schemas.books import BookClass, BookCount
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus

_HOUR = datetime(2026, 11, 22, 10, tzinfo=UTC)
_QUEUED, _SENDING, _SENT, _CLOSED = (
    (DeliveryState.QUEUED,),
    (DeliveryState.SENDING,),
    (DeliveryState.SENT,),
    (DeliveryState.CLOSED,),
)


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (AcceptedMail(None, is_removed=True), BookClass.REMOVED),
        (AcceptedMail(None), BookClass.GONE),
        (AcceptedMail(MessageStatus.PENDING, deliveries=_QUEUED), BookClass.WAITING),
        (AcceptedMail(MessageStatus.PROCESSING, deliveries=_SENDING), BookClass.WAITING),
        (AcceptedMail(MessageStatus.PENDING, deliveries=_SENT), BookClass.IDLE),
        (AcceptedMail(MessageStatus.PENDING), BookClass.IDLE),
        (AcceptedMail(MessageStatus.DELIVERED, deliveries=_SENT), BookClass.DELIVERED),
        (AcceptedMail(MessageStatus.REJECTED), BookClass.REJECTED),
        (AcceptedMail(MessageStatus.FAILED, deliveries=_CLOSED), BookClass.FAILED),
        (AcceptedMail(MessageStatus.BOUNCED, deliveries=_QUEUED), BookClass.REOPENED),
        (AcceptedMail(MessageStatus.DELIVERED, deliveries=_SENDING), BookClass.DELIVERED),
        (AcceptedMail(MessageStatus.PROCESSING, deliveries=_SENDING, has_lapsed=True), BookClass.STUCK),
    ],
)
def test_where_a_message_is(mail, expected):
    assert book_class(mail) is expected


@given(
    st.lists(
        st.builds(
            BookCount,
            hour=st.integers(0, 3).map(lambda hours: _HOUR + timedelta(hours=hours)),
            kind=st.sampled_from(BookClass),
            count=st.integers(1, 9),
        )
    )
)
def test_the_difference_of_an_hour_is_the_number_of_its_faults(counts):
    lines = book_lines(counts)

    faults = {
        line.hour: sum(one.count for one in counts if one.hour == line.hour and one.kind.is_fault) for line in lines
    }
    assert {line.hour: line.difference for line in lines} == faults
    assert sum(line.accepted for line in lines) == sum(one.count for one in counts)
    assert [line.hour for line in lines] == sorted({one.hour for one in counts}, reverse=True)


def test_a_line_names_the_messages_of_its_faults_in_their_order():
    gone = BookCount(_HOUR, BookClass.GONE, 2, (MessageId(7), MessageId(9)))
    idle = BookCount(_HOUR, BookClass.IDLE, 1, (MessageId(8),))

    (line,) = book_lines([gone, idle])

    assert line.suspicious == (7, 8, 9)
