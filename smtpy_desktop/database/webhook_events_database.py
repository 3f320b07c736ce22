"""Recording events of Stripe, each once, and what became of them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Integer,
    Text,
    case,
    cast,
    column,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from smtpy_desktop.database.models import WebhookEventRecord
from smtpy_desktop.schemas.billing import StripeEvent
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.webhook_events import EventOutcome, ReceivedVia, SignatureVerdict

_UNFINISHED = (EventOutcome.PENDING.value, EventOutcome.FAILED.value)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """What is to be recorded of one event; ``deliveries`` is 0 when it only is worked on again."""

    event: StripeEvent
    via: ReceivedVia
    verdict: SignatureVerdict
    outcome: EventOutcome
    organization_id: OrganizationId | None = None
    attempts: int = 1
    deliveries: int = 1
    error_code: str | None = None
    error_text: str | None = None


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """What became of an event; ``was_finished`` when it had been done with before it was recorded this time."""

    outcome: EventOutcome
    was_finished: bool


async def finished(db: AsyncSession, stripe_ids: Collection[str]) -> dict[str, EventOutcome]:
    """Return which of these events are done with, and how."""
    statement = select(WebhookEventRecord.stripe_id, WebhookEventRecord.outcome).where(
        WebhookEventRecord.stripe_id.in_(list(stripe_ids)), WebhookEventRecord.outcome.not_in(_UNFINISHED)
    )
    return {row[0]: EventOutcome(row[1]) for row in await db.execute(statement)}


async def record(db: AsyncSession, events: Sequence[RecordedEvent]) -> dict[str, KnownEvent]:
    """Record events in one statement and return what is known of each now.

    What is done with stays as it was, but for the count of its deliveries.
    """
    if not events:
        return {}
    statement = _insertion(events)
    known, given = WebhookEventRecord, statement.excluded
    is_open = known.outcome.in_(_UNFINISHED)
    changed = {
        "deliveries": known.deliveries + given.deliveries,
        "last_received_at": case((given.deliveries > 0, func.now()), else_=known.last_received_at),
        "attempts": known.attempts + case((is_open, given.attempts), else_=0),
        **{
            name: case((is_open, given[name]), else_=getattr(known, name))
            for name in ("outcome", "organization_id", "finished_at", "error_code", "error_text")
        },
    }
    upsert = statement.on_conflict_do_update(index_elements=["stripe_id"], set_=changed).returning(
        known.stripe_id, known.outcome, func.coalesce(known.finished_at < func.now(), false())
    )
    return {row[0]: KnownEvent(EventOutcome(row[1]), row[2]) for row in await db.execute(upsert)}


async def record_unseen(db: AsyncSession, events: Sequence[StripeEvent], via: ReceivedVia) -> int:
    """Record events that were never seen as waiting to be worked on; return how many there were."""
    if not events:
        return 0
    rows = [RecordedEvent(event, via, SignatureVerdict.FETCHED, EventOutcome.PENDING, attempts=0) for event in events]
    statement = _insertion(rows).on_conflict_do_nothing().returning(WebhookEventRecord.id)
    return len((await db.execute(statement)).all())


async def newest_received(db: AsyncSession) -> tuple[str, datetime] | None:
    """Return type and time of the event that came last; None before there is any."""
    record_type = WebhookEventRecord
    statement = select(record_type.type, record_type.last_received_at).order_by(record_type.id.desc()).limit(1)
    row = (await db.execute(statement)).one_or_none()
    return (row[0], row[1]) if row is not None else None


async def unfinished(
    db: AsyncSession, *, livemode: bool, limit: int, after: int = 0
) -> tuple[tuple[int, StripeEvent, ReceivedVia, SignatureVerdict], ...]:
    """Return events that wait or failed, without their payload, in the order in which they came."""
    record_type = WebhookEventRecord
    statement = (
        select(
            record_type.id,
            record_type.stripe_id,
            record_type.type,
            record_type.created_at,
            record_type.object_type,
            record_type.object_id,
            record_type.customer_id,
            record_type.received_via,
            record_type.verdict,
        )
        .where(record_type.outcome.in_(_UNFINISHED), record_type.livemode == livemode, record_type.id > after)
        .order_by(record_type.id)
        .limit(limit)
    )
    return tuple(
        (
            row.id,
            StripeEvent(
                row.stripe_id, row.type, row.created_at, livemode, row.object_type, row.object_id, row.customer_id, {}
            ),
            ReceivedVia(row.received_via),
            SignatureVerdict(row.verdict),
        )
        for row in await db.execute(statement)
    )


_COLUMNS: dict[str, type[TypeEngine[Any]]] = {
    "stripe_id": Text,
    "type": Text,
    "object_type": Text,
    "object_id": Text,
    "customer_id": Text,
    "organization_id": BigInteger,
    "livemode": Boolean,
    "created_at": TIMESTAMP,
    "received_via": Text,
    "verdict": Text,
    "deliveries": Integer,
    "attempts": Integer,
    "outcome": Text,
    "error_code": Text,
    "error_text": Text,
    "payload": JSONB,
}


def _insertion(events: Sequence[RecordedEvent]) -> Insert:
    """Return the insertion of any number of events: one statement, whatever their number, that is compiled once.

    They are inserted in the same order everywhere, so that two processes never wait for each other.
    """
    columns = [
        column(name, TIMESTAMP(timezone=True) if kind is TIMESTAMP else kind()) for name, kind in _COLUMNS.items()
    ]
    rows = cast(literal(_written(events), Text), JSONB)
    given = func.jsonb_to_recordset(rows).table_valued(*columns, name="given").render_derived(with_types=True)
    finished_at = case((given.c.outcome.not_in(_UNFINISHED), func.now()))
    chosen = select(*(given.c[name] for name in _COLUMNS), finished_at).order_by(given.c.stripe_id)
    return insert(WebhookEventRecord).from_select([*_COLUMNS, "finished_at"], chosen)


def _written(events: Sequence[RecordedEvent]) -> str:
    rows = [_values(item) for item in events]
    written = json.dumps(rows)
    if _NOT_STORABLE.search(written):
        written = json.dumps(_storable(rows))
    return written


def _values(item: RecordedEvent) -> dict[str, object]:
    event = item.event
    return {
        "stripe_id": event.id,
        "type": event.type,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "customer_id": event.customer_id,
        "organization_id": item.organization_id,
        "livemode": event.livemode,
        "created_at": event.created_at.isoformat(),
        "received_via": item.via.value,
        "verdict": item.verdict.value,
        "deliveries": item.deliveries,
        "attempts": item.attempts,
        "outcome": item.outcome.value,
        "error_code": item.error_code,
        "error_text": item.error_text,
        "payload": event.payload,
    }


_NOT_STORABLE = re.compile(r"\\u(?:0000|d[89a-f])")
"""JSON's way to write U+0000, and halves of letters that may lack their other half."""


def _storable(value: object) -> object:
    """Return JSON that PostgreSQL keeps: neither U+0000 nor half a letter has a place in its texts."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {str(_storable(key)): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value
