"""Finding a message again by the Message-ID that it was given."""

from __future__ import annotations

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import Message
from smtpy_desktop.database.models.message import MESSAGE_ID_START
from smtpy_desktop.schemas.identifiers import MessageId

_INDEXED = 200


async def ids_of_message(db: AsyncSession, message_id: str) -> tuple[MessageId, ...]:
    """Return the rows of a message, one per recipient, in the order in which they were written."""
    statement = (
        select(Message.id)
        .where(literal(message_id[:_INDEXED]) == MESSAGE_ID_START, Message.message_id == message_id)
        .order_by(Message.id)
    )
    return tuple(MessageId(number) for number in await db.scalars(statement))
