"""The books of accepted mail, hour by hour: what was accepted, where it is, and what is nowhere.

An hour's messages have numbers close to each other, so that everything that belongs to them is read as one stretch of
each index. ``core/books`` says in words of its own what the statement says in SQL; a property test compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.queue_database import read_alone
from smtpy_desktop.schemas.books import BookClass, BookCount, Suspect
from smtpy_desktop.schemas.identifiers import MessageId

HOUR = timedelta(hours=1)
_LAPSED_AFTER = timedelta(minutes=1)
"""A lease that ran out a moment ago is taken up again within seconds; that is no difference yet."""
_ARRIVAL_SLACK = timedelta(minutes=5)
"""How far a message's own time may be from that of its acceptance; others are looked up one by one."""

# As core/books says it. Of each fault the first two hundred are named.
_HOUR = text("""
    WITH accepted AS MATERIALIZED (
        SELECT message_id, removed_at IS NOT NULL AS is_removed FROM mail_envelopes
        WHERE accepted_at >= :hour AND accepted_at < :until
    ), span AS MATERIALIZED (
        SELECT min(message_id) AS first, max(message_id) AS last FROM accepted
    ), known AS MATERIALIZED (
        SELECT id, status FROM messages WHERE created_at >= :hour - :slack AND created_at < :until + :slack
    ), live AS MATERIALIZED (
        SELECT message_id, bool_or(state IN ('queued', 'deferred', 'uncertain')) AS waits,
               bool_or(state = 'sending' AND (lease_until IS NULL OR lease_until < now() - :lapsed)) AS has_lapsed
        FROM deliveries
        WHERE message_id BETWEEN (SELECT first FROM span) AND (SELECT last FROM span)
            AND state IN ('queued', 'deferred', 'uncertain', 'sending')
        GROUP BY message_id
    ), placed AS (
        SELECT accepted.message_id, is_removed, waits, has_lapsed, live.message_id IS NOT NULL AS is_live,
               CASE WHEN known.id IS NOT NULL THEN known.status
                    ELSE (SELECT status FROM messages WHERE id = accepted.message_id) END AS status
        FROM accepted
        LEFT JOIN known ON known.id = accepted.message_id
        LEFT JOIN live ON live.message_id = accepted.message_id
    ), classed AS MATERIALIZED (
        SELECT message_id, CASE
            WHEN status IS NULL AND is_removed THEN 'removed'
            WHEN status IS NULL THEN 'gone'
            WHEN has_lapsed THEN 'stuck'
            WHEN status IN ('pending', 'processing') THEN CASE WHEN is_live THEN 'waiting' ELSE 'idle' END
            WHEN waits THEN 'reopened'
            ELSE status END AS kind
        FROM placed
    )
    SELECT kind, count(*), CASE WHEN kind = ANY (:faults) THEN ARRAY(
        SELECT message_id FROM classed AS one WHERE one.kind = classed.kind ORDER BY message_id LIMIT 200
    ) END
    FROM classed GROUP BY kind
""")
_LAST_HOUR = text("""
    SELECT date_trunc('hour', max(accepted_at), 'UTC') FROM mail_envelopes
    WHERE accepted_at >= :since AND accepted_at < :before
""")
_SUSPECTS = text("SELECT id, recipient_email, status FROM messages WHERE id = ANY (:ids)")


async def last_hour(db: AsyncSession, since: datetime, before: datetime) -> datetime | None:
    """Return the last hour before a moment in which mail was accepted, None where there is none since ``since``."""
    found: datetime | None = (await db.execute(_LAST_HOUR, {"since": since, "before": before})).scalar_one()
    return found


async def hour_counts(db: AsyncSession, hour: datetime) -> tuple[BookCount, ...]:
    """Count what was accepted within an hour by where it is now; of each fault the first numbers are named."""
    await read_alone(db)
    values = {
        "hour": hour,
        "until": hour + HOUR,
        "slack": _ARRIVAL_SLACK,
        "lapsed": _LAPSED_AFTER,
        "faults": [kind.value for kind in BookClass if kind.is_fault],
    }
    rows = await db.execute(_HOUR, values)
    return tuple(
        BookCount(hour, BookClass(kind), count, tuple(MessageId(number) for number in ids or ()))
        for kind, count, ids in rows
    )


async def describe_suspects(db: AsyncSession, counts: Sequence[BookCount]) -> tuple[Suspect, ...]:
    """Return the named messages of the faults with what is still known of them, by number."""
    named = [(number, one.hour, one.kind) for one in counts if one.kind.is_fault for number in one.ids]
    if not named:
        return ()
    rows = await db.execute(_SUSPECTS, {"ids": [number for number, _, _ in named]})
    known = {number: (recipient, status) for number, recipient, status in rows}
    return tuple(Suspect(number, hour, kind, *known.get(number, (None, None))) for number, hour, kind in sorted(named))
