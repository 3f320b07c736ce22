"""Recording events of Stripe, each once, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

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


async def finished(db: AsyncSession, stripe_ids: Collection[str]) -> dict[str, EventOutcome]:
    """Return which of these events are done with, and how."""
    statement = select(WebhookEventRecord.stripe_id, WebhookEventRecord.outcome).where(
        WebhookEventRecord.stripe_id.in_(list(stripe_ids)), WebhookEventRecord.outcome.not_in(_UNFINISHED)
    )
    return {row[0]: EventOutcome(row[1]) for row in await db.execute(statement)}


async def record(db: AsyncSession, events: Sequence[RecordedEvent]) -> None:
    """Record events in one statement; what is done with stays as it was, but for the count of its deliveries."""
    if not events:
        return
    # In the same order everywhere, so that two processes never wait for each other.
    rows = [_values(item) for item in sorted(events, key=lambda item: item.event.id)]
    statement = insert(WebhookEventRecord).values(rows)
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
    await db.execute(statement.on_conflict_do_update(index_elements=["stripe_id"], set_=changed))


async def record_unseen(db: AsyncSession, events: Sequence[StripeEvent], via: ReceivedVia) -> int:
    """Record events that were never seen as waiting to be worked on; return how many there were."""
    if not events:
        return 0
    rows = [
        _values(RecordedEvent(event, via, SignatureVerdict.FETCHED, EventOutcome.PENDING, attempts=0))
        for event in sorted(events, key=lambda item: item.id)
    ]
    statement = insert(WebhookEventRecord).values(rows).on_conflict_do_nothing()
    return len((await db.execute(statement.returning(WebhookEventRecord.id))).all())


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


def _values(item: RecordedEvent) -> dict[str, object]:
    event = item.event
    is_finished = item.outcome.value not in _UNFINISHED
    finished_at: object = func.now() if is_finished else None
    return {
        "stripe_id": event.id,
        "type": event.type,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "customer_id": event.customer_id,
        "organization_id": item.organization_id,
        "livemode": event.livemode,
        "created_at": event.created_at,
        "received_via": item.via.value,
        "verdict": item.verdict.value,
        "deliveries": item.deliveries,
        "attempts": item.attempts,
        "outcome": item.outcome.value,
        "finished_at": finished_at,
        "error_code": item.error_code,
        "error_text": item.error_text,
        "payload": _storable(event.payload),
    }


def _storable(value: object) -> object:
    """Return JSON that PostgreSQL keeps: U+0000 has no place in its texts."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {str(_storable(key)): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value
