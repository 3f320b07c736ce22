"""Reading one message in full, and changing, retrying and deleting messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.delivery_wakes_database import wake_deliveries
from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import DeliveryAttempt, DeliveryRecord, Domain, Message, MessageContent
from smtpy_desktop.database.swollen_connections import has_carried
from smtpy_desktop.schemas.identifiers import DomainId, MessageId, OrganizationId
from smtpy_desktop.schemas.messages import Attachment, Attempt, Delivery, DeliveryState, MessageDetails, MessageStatus

# A target that has accepted the message never gets it again; one that is being served now is left alone.
_RETRIED = tuple(state.value for state in DeliveryState if state not in (DeliveryState.SENT, DeliveryState.SENDING))
_WAITING = tuple(state.value for state in (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.UNCERTAIN))
_DUE_NOW: dict[str, Any] = {
    "state": DeliveryState.QUEUED.value,
    "next_attempt_at": func.now(),
    "lease_until": None,
    "leased_by": None,
    "held_at": None,
}
_KEPT_MESSAGE_FIELDS = (
    *("message_id", "thread_id", "sender_email", "recipient_email", "forwarded_to", "subject", "body_preview"),
    *("error_message", "bounce_class", "size_bytes", "has_attachments", "headers", "created_at", "updated_at"),
)


async def get_message(db: AsyncSession, message_id: MessageId) -> MessageDetails | None:
    """Return everything kept about a message, its deliveries and attempts oldest first; None when there is none."""
    has_content = exists().where(MessageContent.message_id == Message.id)
    statement = (
        select(Message, Domain.name, Domain.organization_id, has_content)
        .join(Domain, Domain.id == Message.domain_id)
        .where(Message.id == message_id)
    )
    found = (await db.execute(statement)).one_or_none()
    if found is None:
        return None
    message, domain_name, organization_id, is_kept = found
    return MessageDetails(
        **{name: getattr(message, name) for name in _KEPT_MESSAGE_FIELDS},
        id=MessageId(message.id),
        domain_id=DomainId(message.domain_id),
        domain_name=domain_name,
        organization_id=OrganizationId(organization_id),
        status=MessageStatus(message.status),
        attachments=tuple(_attachment(entry) for entry in message.attachments),
        authentication=dict(message.authentication),
        has_content=is_kept,
        deliveries=await _deliveries(db, message_id),
    )


async def get_content(db: AsyncSession, message_id: MessageId) -> bytes | None:
    """Return the raw message as it was received; None when it is not kept any more."""
    statement = select(MessageContent.raw).where(MessageContent.message_id == message_id)
    content = (await db.execute(statement)).scalar_one_or_none()
    await has_carried(db, len(content or b""))
    return content


async def set_status(
    db: AsyncSession, ids: Iterable[int], status: MessageStatus, *, forwarded_to: str | None = None
) -> tuple[MessageId, ...]:
    """Give messages a status, and where it is given the address they were forwarded to; return which existed.

    What is delivered now has that time unless it had one before; what is not delivered has none. A final status closes
    the deliveries that still wait; *pending* makes everything that is not delivered due, as ``make_due`` does.
    """
    wanted = list(ids)
    values: dict[str, Any] = {"status": status.value, "updated_at": func.now(), "delivered_at": None}
    if status is MessageStatus.DELIVERED:
        values["delivered_at"] = func.coalesce(Message.delivered_at, func.now())
    if forwarded_to is not None:
        values["forwarded_to"] = forwarded_to
    statement = update(Message).where(is_one_of(Message.id, wanted)).values(values).returning(Message.id)
    found = await _ids(db, statement)
    if status is MessageStatus.PENDING:
        await make_due(db, found)
    elif status is not MessageStatus.PROCESSING:
        await _close_deliveries(db, found)
    return found


async def delete_messages(db: AsyncSession, ids: Iterable[int]) -> tuple[MessageId, ...]:
    """Delete messages with their contents, deliveries and attempts; return which existed."""
    return await _ids(db, delete(Message).where(is_one_of(Message.id, ids)).returning(Message.id))


async def make_due(db: AsyncSession, ids: Iterable[int]) -> tuple[MessageId, ...]:
    """Make the open, failed and uncertain deliveries of messages due now; return the messages that are tried again.

    Only where the raw message is still kept. Messages that had failed are pending again, and what was held is released.
    What was closed by hand is tried again unless the message is said to be delivered or rejected.
    """
    # The message's row first, as everywhere: so its content is not removed at the same moment.
    locked = select(Message.id).where(is_one_of(Message.id, ids)).order_by(Message.id).with_for_update()
    wanted = await _ids(db, locked)
    await _leave_accepted(db, wanted)
    is_kept = exists().where(MessageContent.message_id == DeliveryRecord.message_id)
    is_settled = exists().where(Message.id == DeliveryRecord.message_id, Message.status.in_(("delivered", "rejected")))
    stays_closed = and_(DeliveryRecord.state == DeliveryState.CLOSED.value, is_settled)
    statement = (
        update(DeliveryRecord)
        .where(is_one_of(DeliveryRecord.message_id, wanted), DeliveryRecord.state.in_(_RETRIED), is_kept, ~stays_closed)
        .values(**_DUE_NOW, updated_at=func.now())
        .returning(DeliveryRecord.message_id)
    )
    due = sorted(set(await _ids(db, statement)))
    if due:
        is_over = Message.status.in_(("failed", "bounced"))
        status = case((is_over, MessageStatus.PENDING.value), else_=Message.status)
        await db.execute(update(Message).where(is_one_of(Message.id, due)).values(status=status, updated_at=func.now()))
        await wake_deliveries(db)
        # A message that is to be sent again must not lose its content before.
        await db.execute(
            update(MessageContent).where(is_one_of(MessageContent.message_id, due)).values(expires_at=None)
        )
    return tuple(due)


async def _leave_accepted(db: AsyncSession, ids: Iterable[int]) -> None:
    """Count as sent what a target has accepted after it had been closed or given up: it never gets it again."""
    is_accepted = exists().where(DeliveryAttempt.delivery_id == DeliveryRecord.id, DeliveryAttempt.outcome == "sent")
    is_over = DeliveryRecord.state.in_((DeliveryState.CLOSED.value, DeliveryState.FAILED.value))
    await db.execute(
        update(DeliveryRecord)
        .where(is_one_of(DeliveryRecord.message_id, ids), is_over, is_accepted)
        .values(state=DeliveryState.SENT.value, updated_at=func.now())
    )


async def _close_deliveries(db: AsyncSession, ids: Iterable[int]) -> None:
    """End the deliveries that wait; one that is being sent now, under a lease that holds, is left to its worker."""
    delivery = DeliveryRecord
    is_left = and_(delivery.state == DeliveryState.SENDING.value, delivery.lease_until < func.now())
    is_waiting = delivery.state.in_(_WAITING)
    await db.execute(
        update(delivery)
        .where(is_one_of(delivery.message_id, ids), or_(is_waiting, is_left))
        .values(state=DeliveryState.CLOSED.value, next_attempt_at=None, lease_until=None, updated_at=func.now())
    )


async def _deliveries(db: AsyncSession, message_id: MessageId) -> tuple[Delivery, ...]:
    attempts: dict[int, list[Attempt]] = {}
    rows = await db.scalars(
        select(DeliveryAttempt)
        .join(DeliveryRecord, DeliveryRecord.id == DeliveryAttempt.delivery_id)
        .where(DeliveryRecord.message_id == message_id)
        .order_by(DeliveryAttempt.id)
    )
    for row in rows:
        attempts.setdefault(row.delivery_id, []).append(_attempt(row))
    deliveries = await db.scalars(
        select(DeliveryRecord).where(DeliveryRecord.message_id == message_id).order_by(DeliveryRecord.id)
    )
    return tuple(
        Delivery(
            id=row.id,
            target=row.target,
            state=DeliveryState(row.state),
            next_attempt_at=row.next_attempt_at,
            attempts=tuple(attempts.get(row.id, ())),
            changed_at=row.updated_at,
        )
        for row in deliveries
    )


def _attempt(row: DeliveryAttempt) -> Attempt:
    return Attempt(
        at=row.at,
        host=row.host,
        tls=row.tls,
        code=row.code,
        enhanced=row.enhanced,
        reply=row.reply,
        milliseconds=row.milliseconds,
        outcome=DeliveryState(row.outcome),
    )


def _attachment(entry: dict[str, Any]) -> Attachment:
    return Attachment(str(entry.get("name", "")), str(entry.get("type", "")), int(entry.get("size_bytes", 0)))


async def _ids(db: AsyncSession, statement: Any) -> tuple[MessageId, ...]:
    return tuple(MessageId(number) for number in (await db.execute(statement)).scalars())
