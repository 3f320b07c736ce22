"""Holding, releasing, retrying and giving up waiting deliveries, some at a time; never what is being sent now.

Whatever is changed leaves the condition it was found by, so that "the next ones" are found by asking again. What
arrives after the action began stays out of it: numbers only grow, and the largest one is noted first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    any_,
    distinct,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import DeliveryRecord, Message
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.queue import QueueAction, QueueChoice, QueuePreview

_WAITING = ("queued", "deferred", "uncertain")


@dataclass(frozen=True, slots=True)
class QueueStep:
    """What one step has changed: deliveries, and the messages that they belong to; the last one finds nothing."""

    deliveries: tuple[int, ...] = ()
    messages: tuple[MessageId, ...] = ()
    is_last: bool = False


async def newest_delivery(db: AsyncSession) -> int:
    """Return the largest number of a delivery, 0 where there is none."""
    return int(await db.scalar(select(func.max(DeliveryRecord.id))) or 0)


async def preview(db: AsyncSession, choice: QueueChoice, action: QueueAction) -> QueuePreview:
    """Count what an action would reach now, and what of the choice is being sent meanwhile."""
    parts = [select(DeliveryRecord.message_id).where(*reached) for reached in _reached(choice, action)]
    found = union_all(*parts).subquery("found")
    counts = select(func.count(), func.count(distinct(found.c.message_id))).select_from(found)
    deliveries, messages = (await db.execute(counts)).one()
    is_sending = (DeliveryRecord.state == DeliveryState.SENDING.value, *_chosen(choice))
    sending = await db.scalar(select(func.count()).select_from(DeliveryRecord).where(*is_sending))
    return QueuePreview(deliveries, messages, int(sending or 0))


async def act(db: AsyncSession, choice: QueueChoice, action: QueueAction, *, newest: int, most: int) -> QueueStep:
    """Do something with the next deliveries of a choice: everything that is reached of some messages, about ``most``.

    Messages are locked before deliveries, as everywhere. Deliveries that somebody changed meanwhile are left alone.
    """
    parts = _reached(choice, action)
    for part in parts:
        next_ones = select(DeliveryRecord.message_id).where(*part, DeliveryRecord.id <= newest).limit(most)
        found = set((await db.execute(next_ones)).scalars())
        if found:
            await db.execute(
                select(Message.id).where(is_one_of(Message.id, found)).order_by(Message.id).with_for_update()
            )
            is_reached = or_(*(and_(*one) for one in parts))
            change = (
                update(DeliveryRecord)
                .where(is_one_of(DeliveryRecord.message_id, found), is_reached, DeliveryRecord.id <= newest)
                .values(_values(action))
                .returning(DeliveryRecord.id, DeliveryRecord.message_id)
            )
            pairs = (await db.execute(change)).all()
            messages = sorted({row.message_id for row in pairs})
            return QueueStep(tuple(row.id for row in pairs), tuple(MessageId(one) for one in messages))
    return QueueStep(is_last=True)


def _reached(choice: QueueChoice, action: QueueAction) -> tuple[Sequence[ColumnElement[bool]], ...]:
    """Return the conditions of what an action changes, a part for each of the partial indexes that are needed."""
    waits, chosen = DeliveryRecord.state.in_(_WAITING), _chosen(choice)
    free = (waits, DeliveryRecord.held_at.is_(None), *chosen)
    held = (waits, DeliveryRecord.held_at.is_not(None), *chosen)
    match action:
        case QueueAction.HOLD:
            return (free,)
        case QueueAction.RELEASE:
            return (held,)
        case QueueAction.RETRY:
            return ((*free, DeliveryRecord.next_attempt_at > func.now()),)
        case QueueAction.GIVE_UP:
            return free, held


def _chosen(choice: QueueChoice) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = []
    if choice.destinations is not None:
        found.append(DeliveryRecord.destination == any_(literal(list(choice.destinations), ARRAY(Text))))
    if choice.message_ids is not None:
        found.append(is_one_of(DeliveryRecord.message_id, choice.message_ids))
    return tuple(found)


def _values(action: QueueAction) -> dict[str, Any]:
    now = func.now()
    values: Mapping[QueueAction, dict[str, Any]] = {
        QueueAction.HOLD: {"held_at": now},
        QueueAction.RELEASE: {"held_at": None, "next_attempt_at": now},
        QueueAction.RETRY: {"next_attempt_at": now},
        QueueAction.GIVE_UP: {
            "state": DeliveryState.FAILED.value,
            "held_at": None,
            "next_attempt_at": None,
            "lease_until": None,
            "leased_by": None,
        },
    }
    return {**values[action], "updated_at": now}
