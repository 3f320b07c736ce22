"""What somebody should know before a backup takes the place of what is there, and after it has."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import DeliveryRecord, Message
from smtpy_desktop.schemas.messages import DeliveryState

_WAITING = (DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value, DeliveryState.SENDING.value)


async def messages_since(db: AsyncSession, moment: datetime) -> int:
    """Count the messages that came in after a moment."""
    return int(await db.scalar(select(func.count()).where(Message.created_at > moment)) or 0)


async def waiting_deliveries(db: AsyncSession) -> int:
    """Count the deliveries that are still to be made."""
    return int(await db.scalar(select(func.count()).where(DeliveryRecord.state.in_(_WAITING))) or 0)
