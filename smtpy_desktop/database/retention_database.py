"""Finding and removing messages and contents whose time is over, a few at a time.

Nothing that is under way is ever touched: neither a message that is pending or processing, nor one with a delivery that
is queued, deferred or being sent. The row of the message is locked first and the condition asked again under that lock,
so that a message which somebody retries at the same moment stays with its content (``make_due`` takes the same lock).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database import message_counts_database
from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.message_count_sources import Scope
from smtpy_desktop.database.models import DeliveryRecord, Message, MessageContent
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.retention import RetentionBatch

Key = tuple[datetime, MessageId]

_TURN = 7305188406114
_UNDER_WAY = (MessageStatus.PENDING.value, MessageStatus.PROCESSING.value)
_WAITING = (DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value)
_SENDING = DeliveryState.SENDING.value
_ROW_KEY = tuple_(Message.created_at, Message.id)


async def rights(db: AsyncSession) -> tuple[bool, bool]:
    """Return whether the role may remove events, and whether it may change a line of the log that it has written.

    A forwarder's role may do neither: it removes mail, and adds to the log.
    """
    may_remove_events = func.has_table_privilege("webhook_events", "DELETE")
    may_amend_log = func.has_table_privilege("audit_log", "UPDATE")
    row = (await db.execute(select(may_remove_events, may_amend_log))).one()
    return bool(row[0]), bool(row[1])


async def take_turn(db: AsyncSession) -> bool:
    """Become the one process that removes, until this transaction ends; False when another one is at it."""
    return bool(await db.scalar(select(func.pg_try_advisory_xact_lock(_TURN))))


async def count_old_messages(db: AsyncSession, before: datetime) -> int:
    """Count the messages that came before a time and are not under way; read from the counts, not from the messages."""
    totals = await message_counts_database.totals(db, Scope(until=before))
    still_open = (
        select(func.count())
        .select_from(Message)
        .where(Message.id.in_(_open_message_ids()), Message.created_at < before, Message.status.not_in(_UNDER_WAY))
    )
    return totals.total - totals.pending - totals.processing - (await db.scalar(still_open) or 0)


async def count_old_contents(
    db: AsyncSession, now: datetime, before: datetime, *, messages_before: datetime | None = None
) -> int:
    """Count the contents that may go: past their own end, or last touched before a time.

    Without those that go with their messages, which came before ``messages_before``.
    """
    statement = (
        select(func.count())
        .select_from(MessageContent)
        .join(Message, Message.id == MessageContent.message_id)
        .where(_is_over(), _is_past(now, before))
    )
    if messages_before is not None:
        statement = statement.where(Message.created_at >= messages_before)
    return await db.scalar(statement) or 0


async def delete_old_messages(db: AsyncSession, before: datetime, after: Key | None, limit: int) -> RetentionBatch:
    """Look at up to ``limit`` messages that came before a time, oldest first, and delete those not under way."""
    statement = (
        select(Message.created_at, Message.id)
        .where(Message.created_at < before, Message.status.not_in(_UNDER_WAY))
        .order_by(Message.created_at, Message.id)
    )
    found, next_key = await _lock(db, statement, after, limit)
    # A statement of its own sees what was committed until the rows were locked.
    gone = delete(Message).where(is_one_of(Message.id, found), _is_over()).returning(Message.id)
    return RetentionBatch(await _ids(db, gone), next_key)


async def delete_old_contents(
    db: AsyncSession, now: datetime, before: datetime, after: Key | None, limit: int
) -> RetentionBatch:
    """Delete up to ``limit`` contents that are past their own end, or last touched before a time, and not needed."""
    statement = (
        select(Message.created_at, Message.id)
        .join(MessageContent, MessageContent.message_id == Message.id)
        .where(_is_over(), _is_past(now, before))
        .order_by(Message.created_at, Message.id)
    )
    found, next_key = await _lock(db, statement, after, limit)
    gone = delete(MessageContent).where(
        is_one_of(MessageContent.message_id, found),
        MessageContent.message_id == Message.id,
        _is_over(),
        _is_past(now, before),
    )
    return RetentionBatch(await _ids(db, gone.returning(MessageContent.message_id)), next_key)


async def _lock(
    db: AsyncSession, statement: Any, after: Key | None, limit: int
) -> tuple[tuple[MessageId, ...], Key | None]:
    """Lock the next messages that nobody else holds, and return them with the key to go on after."""
    if after is not None:
        statement = statement.where(tuple_(*after) < _ROW_KEY)
    rows = (await db.execute(statement.limit(limit).with_for_update(of=Message, skip_locked=True))).all()
    last = (rows[-1].created_at, MessageId(rows[-1].id)) if len(rows) == limit else None
    return tuple(MessageId(row.id) for row in rows), last


def _is_over() -> ColumnElement[bool]:
    """Nothing is to be done with the message any more: its status says so, and all its deliveries do."""
    delivery = DeliveryRecord
    is_open = exists().where(delivery.message_id == Message.id, delivery.state.in_((*_WAITING, _SENDING)))
    return and_(Message.status.not_in(_UNDER_WAY), ~is_open)


def _is_past(now: datetime, before: datetime) -> ColumnElement[bool]:
    return or_(MessageContent.expires_at < now, Message.updated_at < before)


def _open_message_ids() -> Any:
    """The messages of open deliveries, read from the two short indexes of the queue."""
    waiting = select(DeliveryRecord.message_id).where(DeliveryRecord.state.in_(_WAITING))
    sending = select(DeliveryRecord.message_id).where(DeliveryRecord.state == _SENDING)
    return waiting.union_all(sending)


async def _ids(db: AsyncSession, statement: Any) -> tuple[MessageId, ...]:
    return tuple(MessageId(number) for number in (await db.execute(statement)).scalars())
