"""The queue by destination, the deliveries of one destination, and the flow of each minute.

A backlog of a million deliveries is counted in one pass over the index of what is due, without touching the table once
that is vacuumed (measured: 150 ms); everything else is looked up per destination.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.schemas.forwarder import QueueLine
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.queue import MinuteFlow, QueueSnapshot, WaitingDelivery

_WORK_MEMORY = "64MB"
_TRIED_LAST = 5
"""Deliveries of a destination that are asked for the last reply: those whose next attempt is furthest away."""

# The conditions are the words of the partial indexes. Where next_attempt_at is NULL the delivery is due at once.
_SNAPSHOT = text("""
    WITH due AS MATERIALIZED (
        SELECT destination, count(*) AS waiting, min(id) AS first_id, min(next_attempt_at) AS next_at,
               count(*) - count(next_attempt_at) AS at_once
        FROM deliveries WHERE state IN ('queued', 'deferred', 'uncertain') AND held_at IS NULL GROUP BY destination
    ), held AS MATERIALIZED (
        SELECT destination, count(*) AS held, min(id) AS first_id
        FROM deliveries WHERE held_at IS NOT NULL AND state IN ('queued', 'deferred', 'uncertain') GROUP BY destination
    ), sent AS MATERIALIZED (
        SELECT destination, count(*) AS sending, min(id) AS first_id
        FROM deliveries WHERE state = 'sending' GROUP BY destination
    ), lines AS MATERIALIZED (
        SELECT destination, coalesce(waiting, 0) AS waiting, coalesce(sending, 0) AS sending, coalesce(held, 0) AS held,
               least(due.first_id, held.first_id, sent.first_id) AS first_id,
               CASE WHEN at_once > 0 THEN least(next_at, now()) ELSE next_at END AS next_at
        FROM due FULL JOIN held USING (destination) FULL JOIN sent USING (destination)
    ), busiest AS MATERIALIZED (
        SELECT * FROM lines ORDER BY waiting + sending + held DESC, destination LIMIT :most
    )
    SELECT line.destination, line.waiting, line.sending, line.held, first.created_at AS oldest_at, line.next_at,
           tried.reply, total.destinations, total.waiting AS all_waiting, total.sending AS all_sending,
           total.held AS all_held, oldest.created_at AS oldest_of_all
    FROM (
        SELECT count(*) AS destinations, coalesce(sum(waiting), 0)::bigint AS waiting,
               coalesce(sum(sending), 0)::bigint AS sending, coalesce(sum(held), 0)::bigint AS held,
               min(first_id) AS first_id
        FROM lines
    ) AS total
    LEFT JOIN deliveries AS oldest ON oldest.id = total.first_id
    LEFT JOIN busiest AS line ON true
    LEFT JOIN deliveries AS first ON first.id = line.first_id
    LEFT JOIN LATERAL (
        SELECT concat_ws(' ', made.code, made.enhanced, made.reply) AS reply
        FROM (
            (SELECT id FROM deliveries
             WHERE destination = line.destination AND state IN ('queued', 'deferred', 'uncertain')
                 AND held_at IS NULL AND next_attempt_at IS NOT NULL
             ORDER BY next_attempt_at DESC, id DESC LIMIT :tried)
            UNION ALL
            (SELECT id FROM deliveries WHERE destination = line.destination AND held_at IS NOT NULL
             ORDER BY id DESC LIMIT :tried)
        ) AS latest
        CROSS JOIN LATERAL (
            SELECT id, code, enhanced, reply FROM delivery_attempts
            WHERE delivery_id = latest.id AND outcome <> 'sending' ORDER BY id DESC LIMIT 1
        ) AS made
        ORDER BY made.id DESC LIMIT 1
    ) AS tried ON true
    ORDER BY line.waiting + line.sending + line.held DESC, line.destination
""")

_WAITING = text("""
    SELECT d.id, d.message_id, m.sender_email, m.recipient_email, d.target, m.subject, m.size_bytes, d.state,
           d.attempts, d.created_at, d.next_attempt_at, d.held_at, d.leased_by, made.reply
    FROM (
        (SELECT * FROM deliveries WHERE state = 'sending' AND destination = :destination ORDER BY id LIMIT :most)
        UNION ALL
        (SELECT * FROM deliveries
         WHERE destination = :destination AND state IN ('queued', 'deferred', 'uncertain') AND held_at IS NULL
         ORDER BY next_attempt_at, id LIMIT :most)
        UNION ALL
        (SELECT * FROM deliveries
         WHERE destination = :destination AND held_at IS NOT NULL AND state IN ('queued', 'deferred', 'uncertain')
         ORDER BY id LIMIT :most)
        LIMIT :most
    ) AS d
    JOIN messages AS m ON m.id = d.message_id
    LEFT JOIN LATERAL (
        SELECT concat_ws(' ', code, enhanced, reply) AS reply FROM delivery_attempts
        WHERE delivery_id = d.id AND outcome <> 'sending' ORDER BY id DESC LIMIT 1
    ) AS made ON true
    ORDER BY d.state <> 'sending', d.held_at IS NOT NULL, d.next_attempt_at NULLS FIRST, d.id
""")

_ACCEPTED = text("""
    SELECT date_trunc('minute', accepted_at, 'UTC') AS minute, count(*) FROM mail_envelopes
    WHERE accepted_at >= :since GROUP BY minute
""")
_DELIVERED = text("""
    SELECT date_trunc('minute', at, 'UTC') AS minute, count(*) FROM delivery_attempts
    WHERE at >= :since AND outcome = 'sent' GROUP BY minute
""")


async def queue_snapshot(db: AsyncSession, most: int = 1000) -> QueueSnapshot:
    """Return the queue of the busiest destinations, exactly, and the totals of all; at most ``most`` lines."""
    await read_alone(db)
    rows = (await db.execute(_SNAPSHOT, {"most": most, "tried": _TRIED_LAST})).all()
    total = rows[0]
    return QueueSnapshot(
        lines=tuple(_line(row) for row in rows if row.destination is not None),
        destinations=total.destinations,
        waiting=total.all_waiting,
        sending=total.all_sending,
        held=total.all_held,
        oldest_at=total.oldest_of_all,
    )


async def waiting_deliveries(db: AsyncSession, destination: str, most: int = 200) -> tuple[WaitingDelivery, ...]:
    """Return the deliveries of a destination that are being sent, wait or are held, in this order, soonest first."""
    rows = await db.execute(_WAITING, {"destination": destination, "most": most})
    return tuple(_delivery(row) for row in rows)


async def minute_flow(db: AsyncSession, since: datetime) -> tuple[MinuteFlow, ...]:
    """Return what was accepted and delivered in each minute from ``since`` on in which something was, in order."""
    accepted = await _by_minute(db, _ACCEPTED, since)
    delivered = await _by_minute(db, _DELIVERED, since)
    minutes = sorted({*accepted, *delivered})
    return tuple(MinuteFlow(minute, accepted.get(minute, 0), delivered.get(minute, 0)) for minute in minutes)


async def database_time(db: AsyncSession) -> datetime:
    """Return the time of the database's clock, which all processes go by."""
    found: datetime = (await db.execute(select(func.clock_timestamp()))).scalar_one()
    return found


async def _by_minute(db: AsyncSession, statement: TextClause, since: datetime) -> dict[datetime, int]:
    rows = await db.execute(statement, {"since": since})
    return {row[0]: row[1] for row in rows}


async def read_alone(db: AsyncSession) -> None:
    """Keep what is counted every few seconds to one core, and in memory, within this transaction."""
    for name, value in (("max_parallel_workers_per_gather", "0"), ("work_mem", _WORK_MEMORY), ("jit", "off")):
        await db.execute(select(func.set_config(name, value, True)))  # noqa: FBT003 - "for this transaction"


def _delivery(row: Any) -> WaitingDelivery:
    return WaitingDelivery(
        id=row.id,
        message_id=MessageId(row.message_id),
        sender_email=row.sender_email,
        recipient_email=row.recipient_email,
        target=row.target,
        subject=row.subject,
        size_bytes=row.size_bytes,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        held_at=row.held_at,
        leased_by=row.leased_by,
        last_reply=row.reply or "",
    )


def _line(row: Any) -> QueueLine:
    return QueueLine(
        destination=row.destination,
        waiting=row.waiting,
        sending=row.sending,
        held=row.held,
        oldest_at=row.oldest_at,
        next_attempt_at=row.next_at,
        last_reply=row.reply or "",
    )
