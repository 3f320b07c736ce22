"""Writes the sandbox's messages into the database, and moves on those that are due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Insert, and_, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import DeliveryAttempt, DeliveryRecord, Message, MessageContent
from smtpy_desktop.sandbox.sample_messages import SampleMessage
from smtpy_desktop.schemas.identifiers import MessageId


class DueDelivery(NamedTuple):
    """A delivery that is to be tried now; ``tries`` counts the attempts before."""

    id: int
    message_id: int
    target: str
    tries: int


async def has_messages(db: AsyncSession) -> bool:
    """Say whether there is any message."""
    return bool((await db.execute(select(exists().where(Message.id > 0)))).scalar_one())


async def insert_messages(db: AsyncSession, messages: Sequence[SampleMessage]) -> tuple[MessageId, ...]:
    """Write messages with their deliveries, attempts and contents, in few statements; return their ids in order."""
    ids = await _inserted(db, Message, [message.row for message in messages])
    deliveries = [
        (delivery, number) for number, message in zip(ids, messages, strict=True) for delivery in message.deliveries
    ]
    delivery_ids = await _inserted(
        db, DeliveryRecord, [delivery.row | {"message_id": number} for delivery, number in deliveries]
    )
    attempts = [
        attempt | {"delivery_id": number}
        for number, (delivery, _) in zip(delivery_ids, deliveries, strict=True)
        for attempt in delivery.attempts
    ]
    await _inserted(db, DeliveryAttempt, attempts)
    contents = [
        {"message_id": number, "raw": message.raw, "expires_at": message.expires_at}
        for number, message in zip(ids, messages, strict=True)
        if message.raw is not None
    ]
    if contents:
        await db.execute(_insert(MessageContent), contents)
    return tuple(MessageId(number) for number in ids)


async def due_deliveries(
    db: AsyncSession, limit: int, *, message_id: MessageId | None = None
) -> tuple[DueDelivery, ...]:
    """Return deliveries that are due or whose sender has gone away, the longest due first, locked until the end.

    Those of one message alone are returned whether they are due yet or not.
    """
    tries = (
        select(func.count())
        .where(DeliveryAttempt.delivery_id == DeliveryRecord.id)
        .correlate(DeliveryRecord)
        .scalar_subquery()
    )
    is_time = func.coalesce(DeliveryRecord.next_attempt_at, DeliveryRecord.created_at) <= func.now()
    is_due = and_(
        DeliveryRecord.state.in_(("queued", "deferred")),
        is_time if message_id is None else DeliveryRecord.message_id == message_id,
    )
    is_left = and_(DeliveryRecord.state == "sending", DeliveryRecord.lease_until < func.now())
    statement = (
        select(DeliveryRecord.id, DeliveryRecord.message_id, DeliveryRecord.target, tries)
        .where(or_(is_due, is_left) if message_id is None else is_due)
        .order_by(DeliveryRecord.next_attempt_at.nulls_first(), DeliveryRecord.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeliveryRecord)
    )
    return tuple(DueDelivery(*row) for row in await db.execute(statement))


async def record_attempt(
    db: AsyncSession,
    due: DueDelivery,
    attempt: dict[str, Any],
    *,
    next_attempt_at: datetime | None,
    message: dict[str, Any],
) -> None:
    """Write one try down: the delivery has the state of its outcome, and the message has other values."""
    await db.execute(insert(DeliveryAttempt).values(attempt | {"delivery_id": due.id}))
    values = {"state": attempt["outcome"], "next_attempt_at": next_attempt_at, "lease_until": None}
    await db.execute(
        update(DeliveryRecord).where(DeliveryRecord.id == due.id).values(values | {"updated_at": func.now()})
    )
    await db.execute(update(Message).where(Message.id == due.message_id).values(message | {"updated_at": func.now()}))


async def _inserted(db: AsyncSession, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows that have the same columns, and return their ids in the same order."""
    if not rows:
        return []
    statement = _insert(model).returning(model.__table__.c.id, sort_by_parameter_order=True)
    return list(await db.scalars(statement, rows))


def _insert(model: Any) -> Insert:
    """Insert into the table: the ORM's own way makes one statement for each set of columns that are not None."""
    return insert(model.__table__)
