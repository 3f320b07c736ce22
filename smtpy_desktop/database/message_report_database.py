"""Figures about the messages of any search, counted from the messages themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.message_narrowing import Narrowing, narrow
from smtpy_desktop.database.models import Domain, Message
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import CountPoint, MessageStatus, RankedCount


async def extent(db: AsyncSession, query: MessageQuery) -> tuple[datetime | None, datetime | None, int]:
    """Return the times of the first and of the last message, and the bytes of all."""
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return None, None, 0
    size = func.coalesce(func.sum(Message.size_bytes), 0)
    columns: list[Any] = [func.min(Message.created_at), func.max(Message.created_at), size]
    row = (await db.execute(_where(select(*columns), narrowing))).one()
    return row[0], row[1], int(row[2])


async def course(db: AsyncSession, query: MessageQuery, step: str, zone: str) -> tuple[CountPoint, ...]:
    """Count by status and by hour, day or month of a time zone, oldest first; stretches without any are left out."""
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return ()
    start = func.date_trunc(step, Message.created_at, zone).label("start")
    statement = _where(select(start, Message.status, func.count().label("count")), narrowing)
    points: dict[datetime, dict[MessageStatus, int]] = {}
    for row in await db.execute(statement.group_by("start", Message.status).order_by("start")):
        points.setdefault(row[0], {})[MessageStatus(row[1])] = row[2]
    return tuple(CountPoint(start, counts) for start, counts in points.items())


async def top_domains(db: AsyncSession, query: MessageQuery, most: int) -> tuple[RankedCount, ...]:
    """Return the domains with the most messages."""
    return await _ranking(db, query, Domain.unicode_name, most)


async def top_senders(db: AsyncSession, query: MessageQuery, most: int) -> tuple[RankedCount, ...]:
    """Return the senders with the most messages."""
    return await _ranking(db, query, func.lower(Message.sender_email), most)


async def top_reasons(db: AsyncSession, query: MessageQuery, most: int) -> tuple[RankedCount, ...]:
    """Return the most frequent reasons of failure."""
    return await _ranking(db, query, func.coalesce(Message.bounce_class, Message.error_message), most, is_given=True)


async def _ranking(
    db: AsyncSession, query: MessageQuery, label: Any, most: int, *, is_given: bool = False
) -> tuple[RankedCount, ...]:
    narrowing = await narrow(db, query)
    if narrowing.is_empty:
        return ()
    statement = _where(select(label.label("label"), func.count().label("count")), narrowing)
    statement = statement.join(Domain, Domain.id == Message.domain_id)
    if is_given:
        statement = statement.where(label.is_not(None))
    found = await db.execute(statement.group_by("label").order_by(func.count().desc(), "label").limit(most))
    rows: Sequence[Any] = found.all()
    return tuple(RankedCount(str(row[0]), int(row[1])) for row in rows)


def _where(statement: Select[Any], narrowing: Narrowing) -> Select[Any]:
    return statement.select_from(Message).where(*narrowing.conditions())
