"""The books of accepted mail: where each message is, and what balances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.schemas.books import BookClass, BookCount
from smtpy_desktop.schemas.forwarder import BookLine
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus

_WAITING_STATES = frozenset({DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN})
_UNDER_WAY = frozenset({MessageStatus.PENDING, MessageStatus.PROCESSING})


@dataclass(frozen=True, slots=True)
class AcceptedMail:
    """What the books know of one accepted message: ``status`` is None where the message does not exist.

    ``deliveries`` are the states of all of them; ``has_lapsed``: one that is being sent has a lease that ran out.
    """

    status: MessageStatus | None
    is_removed: bool = False
    deliveries: tuple[DeliveryState, ...] = ()
    has_lapsed: bool = False


def book_class(mail: AcceptedMail) -> BookClass:
    """Return where an accepted message is. The statement of ``books_database`` says the same in SQL."""
    if mail.status is None:
        return BookClass.REMOVED if mail.is_removed else BookClass.GONE
    if mail.has_lapsed:
        return BookClass.STUCK
    waits = any(state in _WAITING_STATES for state in mail.deliveries)
    if mail.status in _UNDER_WAY:
        is_sent = DeliveryState.SENDING in mail.deliveries
        return BookClass.WAITING if waits or is_sent else BookClass.IDLE
    return BookClass.REOPENED if waits else BookClass(mail.status.value)


def book_lines(counts: Iterable[BookCount]) -> tuple[BookLine, ...]:
    """Return a line for each hour, the newest first; faults are counted as accepted and as nothing else."""
    hours: dict[datetime, list[BookCount]] = {}
    for one in counts:
        hours.setdefault(one.hour, []).append(one)
    return tuple(_line(hour, hours[hour]) for hour in sorted(hours, reverse=True))


def _line(hour: datetime, counts: Sequence[BookCount]) -> BookLine:
    amounts = {kind: sum(one.count for one in counts if one.kind is kind) for kind in BookClass}
    suspicious: list[MessageId] = sorted(number for one in counts if one.kind.is_fault for number in one.ids)
    return BookLine(
        hour=hour,
        accepted=sum(amounts.values()),
        delivered=amounts[BookClass.DELIVERED],
        bounced=amounts[BookClass.BOUNCED],
        failed=amounts[BookClass.FAILED],
        rejected=amounts[BookClass.REJECTED],
        waiting=amounts[BookClass.WAITING],
        removed=amounts[BookClass.REMOVED],
        suspicious=tuple(suspicious),
    )
