"""What waits to be delivered: how many messages, and since when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Select, cast, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.message_conditions import has_status
from smtpy_desktop.database.message_count_sources import CountKind, Scope, counts
from smtpy_desktop.database.models import Message
from smtpy_desktop.schemas.message_statistics import Queue
from smtpy_desktop.schemas.messages import MessageStatus

_WAITING = (MessageStatus.PENDING, MessageStatus.PROCESSING)


async def queue(db: AsyncSession, *, organization_id: int | None = None, domain_id: int | None = None) -> Queue:
    """Count the messages that wait or are being sent, and tell when the oldest of them came."""
    scope = Scope(organization_id, domain_id)
    found = counts(scope, CountKind.STATUS)
    waiting = found.c.label.in_([status.value for status in _WAITING])
    count = select(func.coalesce(cast(func.sum(found.c.count), BigInteger), 0)).where(waiting)
    # One by one, so that each is a look at the beginning of an index.
    first = union_all(*(_oldest(status, scope) for status in _WAITING)).subquery("first")
    oldest = select(func.min(first.c.created_at))
    row = (await db.execute(select(count.scalar_subquery(), oldest.scalar_subquery()))).one()
    return Queue(row[0], row[1])


def _oldest(status: MessageStatus, scope: Scope) -> Select[datetime]:
    oldest = func.min(Message.created_at).label("created_at")
    return select(oldest).where(has_status(frozenset({status})), scope.owns(Message.domain_id))
