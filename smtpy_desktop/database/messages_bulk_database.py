"""Which messages an action on a whole search reaches: counted, read by key in pieces, and held while it acts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, literal, or_, select, true, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.message_conditions import Condition
from smtpy_desktop.database.message_narrowing import narrow
from smtpy_desktop.database.messages_list_database import SORT_VALUES
from smtpy_desktop.database.models import AuditRecord, Domain, Message
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_bulk import BulkPreview, MessageSelection, Span
from smtpy_desktop.schemas.message_search import MessageCount, MessageQuery
from smtpy_desktop.schemas.messages import MessageSort, MessageStatus
from smtpy_desktop.schemas.paging import Key

_COUNTING = 1_500
"""Milliseconds that a question may wait for an exact number; beyond, it names what the planner expects."""
_READING = 600_000
_TIMED_OUT = "57014"
_UNDER_WAY = (MessageStatus.PENDING.value, MessageStatus.PROCESSING.value)


async def newest_id(db: AsyncSession) -> int:
    """Return the largest number of a message, 0 where there is none.

    Numbers only grow, so that later arrivals lie above it whatever time they carry.
    """
    return int(await db.scalar(select(func.max(Message.id))) or 0)


async def preview(db: AsyncSession, selection: MessageSelection) -> BulkPreview:
    """Return how many messages a selection has: exactly where that is quick, else about."""
    conditions = await _conditions(db, selection)
    if conditions is None:
        return BulkPreview(selection, MessageCount(0, is_exact=True), 0)
    count = await _quick_count(db, conditions)
    if count is None:
        planned = await _planned(db, conditions)
        return BulkPreview(selection, MessageCount(planned, is_exact=False), None)
    under_way = await _quick_count(db, [*conditions, Message.status.in_(_UNDER_WAY), Message.status != "delivered"])
    return BulkPreview(selection, MessageCount(count, is_exact=True), under_way)


async def count(db: AsyncSession, selection: MessageSelection) -> int:
    """Return the exact number of messages, however long that takes up to some minutes."""
    conditions = await _conditions(db, selection)
    if conditions is None:
        return 0
    await _allow(db, _READING)
    return await _count(db, conditions)


async def next_ids(db: AsyncSession, selection: MessageSelection, after: int, limit: int) -> list[MessageId]:
    """Return the next numbers above ``after``, growing; fewer than ``limit`` when these were the last."""
    conditions = await _conditions(db, selection)
    if conditions is None:
        return []
    await _allow(db, _READING)
    statement = select(Message.id).where(*conditions, Message.id > after).order_by(Message.id).limit(limit)
    return [MessageId(number) for number in await db.scalars(statement)]


async def hold(db: AsyncSession, selection: MessageSelection, ids: Sequence[MessageId]) -> list[MessageId]:
    """Lock those of the messages that still belong to the selection, and return them."""
    conditions = await _conditions(db, selection)
    if conditions is None:
        return []
    # In the order of numbers, so that two actions on the same messages wait for each other instead of locking up.
    statement = (
        select(Message.id)
        .where(is_one_of(Message.id, ids), *conditions)
        .order_by(Message.id)
        .with_for_update(of=Message)
    )
    return [MessageId(number) for number in await db.scalars(statement)]


async def begin_entry(db: AsyncSession, actor: Actor, entry: AuditEntry) -> int:
    """Write down the beginning of a long action; return the number under which its count is kept up."""
    statement = (
        insert(AuditRecord)
        .values(
            actor=actor.name,
            via=actor.via,
            action=entry.action,
            object_type=entry.object_type,
            object_id=entry.object_id,
            object_name=entry.object_name,
            organization_id=entry.organization_id,
            changes=dict(entry.changes),
        )
        .returning(AuditRecord.id)
    )
    return int((await db.execute(statement)).scalar_one())


async def continue_entry(db: AsyncSession, number: int, entry: AuditEntry) -> None:
    """Bring the changes of an entry up to date, in the transaction that makes them."""
    await db.execute(update(AuditRecord).where(AuditRecord.id == number).values(changes=dict(entry.changes)))


async def _conditions(db: AsyncSession, selection: MessageSelection) -> list[Condition] | None:
    """Return what holds for the selection's messages; None when it is clear that there are none."""
    narrowing = await narrow(db, selection.query)
    if narrowing.is_empty:
        return None
    found = [*narrowing.conditions(), Message.id <= selection.newest_id]
    if selection.ids is not None:
        found.append(is_one_of(Message.id, selection.ids))
    if selection.spans:
        found.append(or_(*(_is_inside(span, selection.query) for span in selection.spans)))
    return found


def _is_inside(span: Span, query: MessageQuery) -> ColumnElement[bool]:
    value: Any = SORT_VALUES[query.sort]
    if query.sort is MessageSort.DOMAIN:
        value = select(Domain.name).where(Domain.id == Message.domain_id).scalar_subquery()
    smallest, largest = (span.last, span.first) if query.descending else (span.first, span.last)
    place = tuple_(value, Message.id)
    conditions: list[ColumnElement[bool]] = [true()]
    if smallest is not None:
        conditions.append(place >= _key(smallest, value))
    if largest is not None:
        conditions.append(place <= _key(largest, value))
    return and_(*conditions)


def _key(key: Key, value: Any) -> Any:
    return tuple_(literal(key[0], value.type), literal(key[1]))


async def _quick_count(db: AsyncSession, conditions: Sequence[Condition]) -> int | None:
    try:
        async with db.begin_nested():
            await _allow(db, _COUNTING)
            return await _count(db, conditions)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
            raise
    return None


async def _count(db: AsyncSession, conditions: Sequence[Condition]) -> int:
    return int(await db.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0)


async def _planned(db: AsyncSession, conditions: Sequence[Condition]) -> int:
    """Return how many messages the planner expects, which costs no reading."""
    connection = await db.connection()
    statement = select(Message.id).where(*conditions)
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    found = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {compiled}", compiled.params)).scalar_one()
    plan = json.loads(found) if isinstance(found, str) else found
    return int(plan[0]["Plan"]["Plan Rows"])


async def _allow(db: AsyncSession, milliseconds: int) -> None:
    await db.execute(select(func.set_config("statement_timeout", str(milliseconds), true())))
