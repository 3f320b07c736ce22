"""Reading the list of Stripe's events by key, the newest first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.id_arrays import is_one_of
from smtpy_desktop.database.models import Organization, WebhookEventRecord
from smtpy_desktop.schemas.billing import StripeEvent
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.paging import ListShape, Page, Position
from smtpy_desktop.schemas.webhook_events import (
    EventOutcome,
    EventQuery,
    EventTotals,
    ReceivedVia,
    SignatureVerdict,
    StoredPayload,
    WebhookEventRow,
)

_Event = WebhookEventRecord
_UNFINISHED = (EventOutcome.PENDING.value, EventOutcome.FAILED.value)
_KEY = tuple_(_Event.created_at, _Event.id)
_NEWEST_FIRST = (_Event.created_at.desc(), _Event.id.desc())


async def list_events(db: AsyncSession, query: EventQuery, position: Position, limit: int) -> Page[WebhookEventRow]:
    """Return up to ``limit`` consecutive events of the filtered list, beginning at ``position``."""
    statement = _filtered(_columns(), query).order_by(*_NEWEST_FIRST).limit(limit)
    if position.key is not None:
        there = tuple_(*position.key)
        statement = statement.where(there >= _KEY if position.inclusive else there > _KEY)
    rows = (await db.execute(statement)).all()
    return Page(tuple(_row(row) for row in rows), tuple((row.created_at, row.id) for row in rows))


async def list_shape(db: AsyncSession, query: EventQuery, step: int) -> ListShape:
    """Return the length of the list and the key of every ``step``-th row of it, in one pass."""
    place = func.row_number().over(order_by=_NEWEST_FIRST).label("place")
    total = func.count().over().label("total")
    wanted = _filtered(select(_Event.created_at.label("at"), _Event.id.label("id"), place, total), query).subquery()
    statement = (
        select(wanted.c.at, wanted.c.id, wanted.c.total)
        .where((wanted.c.place - 1) % step == 0)
        .order_by(wanted.c.place)
    )
    found = (await db.execute(statement)).all()
    return ListShape(found[0].total if found else 0, step, tuple((row.at, row.id) for row in found))


async def event_totals(db: AsyncSession, organization_id: OrganizationId | None) -> EventTotals:
    """Count the events of one organization (or all), and those among them that wait or failed."""
    counts = [func.count().filter(_Event.outcome == outcome) for outcome in _UNFINISHED]
    statement = select(func.count(), *counts)
    if organization_id is not None:
        statement = statement.where(_Event.organization_id == organization_id)
    return EventTotals(*tuple((await db.execute(statement)).one()))


async def list_numbers(db: AsyncSession, query: EventQuery) -> tuple[int, ...]:
    """Return the numbers of all events that the filters let through, in the list's order."""
    statement = _filtered(select(_Event.id), query).order_by(*_NEWEST_FIRST)
    return tuple((await db.scalars(statement)).all())


async def get_event(db: AsyncSession, reference: int | str) -> tuple[WebhookEventRow, StoredPayload] | None:
    """Return an event, by its number here or its id at Stripe, with what Stripe sent."""
    wanted = _Event.id == reference if isinstance(reference, int) else _Event.stripe_id == reference
    columns = _columns().add_columns(_Event.payload, _Event.deliveries, _Event.last_received_at)
    found = (await db.execute(columns.where(wanted))).one_or_none()
    if found is None:
        return None
    return _row(found), StoredPayload(found.payload, found.deliveries, found.last_received_at)


async def find_events(db: AsyncSession, numbers: Collection[int]) -> tuple[tuple[WebhookEventRow, StripeEvent], ...]:
    """Return the events with these numbers, the oldest first, as they are worked on: without their payload."""
    rows = (
        await db.execute(_columns().where(is_one_of(_Event.id, numbers)).order_by(_Event.created_at, _Event.id))
    ).all()
    return tuple((made, _reference(made)) for made in map(_row, rows))


async def reopen(db: AsyncSession, number: int) -> None:
    """Let an event that was not ours wait to be worked on again."""
    values = {"outcome": EventOutcome.PENDING.value, "finished_at": None}
    not_ours = _Event.outcome == EventOutcome.NOT_OURS.value
    await db.execute(update(_Event).where(_Event.id == number, not_ours).values(values))


async def count_attempt(db: AsyncSession, number: int) -> None:
    """Count one more time that an event was worked on; its outcome stays."""
    await db.execute(update(_Event).where(_Event.id == number).values(attempts=_Event.attempts + 1))


async def count_old_events(db: AsyncSession, before: datetime) -> int:
    """Count the events that are done with and came before a time."""
    return await db.scalar(select(func.count()).select_from(_Event).where(*_is_old(before))) or 0


async def delete_old_events(db: AsyncSession, before: datetime, limit: int) -> int:
    """Delete up to ``limit`` events that are done with and came before a time; return how many went."""
    oldest = (
        select(_Event.id)
        .where(*_is_old(before))
        .order_by(_Event.created_at, _Event.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = delete(_Event).where(_Event.id.in_(oldest.scalar_subquery())).returning(_Event.id)
    return len((await db.execute(gone)).all())


def _is_old(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """An event that is removed while Stripe still lists it would come again, and be worked on again.

    Both times count: what happened long ago may have come yesterday, with a first catch-up.
    """
    return (_Event.created_at < before, _Event.last_received_at < before, _Event.outcome.not_in(_UNFINISHED))


def _columns() -> Select[Any]:
    # Typed by hand: the tuple of its columns is too long for the type of a statement.
    columns: Any = select(
        _Event.id,
        _Event.stripe_id,
        _Event.type,
        _Event.object_type,
        _Event.object_id,
        _Event.customer_id,
        _Event.organization_id,
        Organization.name.label("organization_name"),
        _Event.livemode,
        _Event.created_at,
        _Event.received_at,
        _Event.received_via,
        _Event.verdict,
        _Event.attempts,
        _Event.outcome,
        _Event.finished_at,
        _Event.error_code,
        _Event.error_text,
    )
    joined: Select[Any] = columns.outerjoin_from(_Event, Organization, Organization.id == _Event.organization_id)
    return joined


def _filtered(statement: Select[Any], query: EventQuery) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if query.organization_id is not None:
        conditions.append(_Event.organization_id == query.organization_id)
    if query.outcomes:
        conditions.append(_Event.outcome.in_(sorted(query.outcomes)))
    if query.via is not None:
        conditions.append(_Event.received_via == query.via)
    if query.livemode is not None:
        conditions.append(_Event.livemode.is_(query.livemode))
    wanted = query.search.strip()
    if wanted:
        columns = (_Event.stripe_id, _Event.type, _Event.object_id, _Event.customer_id)
        conditions.append(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
    return statement.where(*conditions)


def _row(row: Row[Any]) -> WebhookEventRow:
    return WebhookEventRow(
        number=row.id,
        id=row.stripe_id,
        type=row.type,
        object_type=row.object_type,
        object_id=row.object_id,
        customer_id=row.customer_id,
        organization_id=OrganizationId(row.organization_id) if row.organization_id is not None else None,
        organization_name=row.organization_name,
        livemode=row.livemode,
        created_at=row.created_at,
        received_at=row.received_at,
        received_via=ReceivedVia(row.received_via),
        verdict=SignatureVerdict(row.verdict),
        attempts=row.attempts,
        outcome=EventOutcome(row.outcome),
        finished_at=row.finished_at,
        error_code=row.error_code,
        error_text=row.error_text,
    )


def _reference(row: WebhookEventRow) -> StripeEvent:
    return StripeEvent(
        row.id, row.type, row.created_at, row.livemode, row.object_type, row.object_id, row.customer_id, {}
    )
