"""Recording what attempts came to: many results in one transaction, messages first, then deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult

_LOCK = text("""
    SELECT id, status, now() FROM messages WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE
""")

# A late result still completes its attempt. It moves the delivery when it is the last attempt's and nobody has decided
# otherwise meanwhile; that the target has accepted counts always, but for what was closed by hand.
_RECORD = text("""
    WITH told AS (
        SELECT * FROM unnest(
            CAST(:ids AS bigint[]), CAST(:attempt_ids AS bigint[]), CAST(:fences AS integer[]),
            CAST(:states AS text[]), CAST(:next_times AS timestamptz[]), CAST(:outcomes AS text[]),
            CAST(:hosts AS text[]), CAST(:tls AS text[]), CAST(:codes AS integer[]), CAST(:enhanced AS text[]),
            CAST(:replies AS text[]), CAST(:milliseconds AS integer[])
        ) AS told (id, attempt_id, fence, state, next_time, outcome, host, tls, code, enhanced, reply, milliseconds)
    ),
    kept AS (SELECT id FROM deliveries WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE),
    completed AS (
        UPDATE delivery_attempts SET outcome = told.outcome, host = told.host, tls = told.tls, code = told.code,
            enhanced = told.enhanced, reply = told.reply, milliseconds = told.milliseconds
        FROM told WHERE delivery_attempts.id = told.attempt_id
    )
    UPDATE deliveries SET state = told.state, next_attempt_at = told.next_time, lease_until = NULL, leased_by = NULL,
        updated_at = now()
    FROM told JOIN kept USING (id)
    WHERE deliveries.id = told.id AND deliveries.state NOT IN ('closed', 'sent') AND (
        told.state = 'sent' OR (deliveries.attempts = told.fence AND deliveries.state IN ('sending', 'uncertain')))
    RETURNING deliveries.id
""")

_FIRST_FAILURES = text("""
    SELECT message_id FROM deliveries WHERE message_id = ANY(CAST(:ids AS bigint[])) AND state = 'failed'
    GROUP BY message_id HAVING NOT bool_or(id <> ALL(CAST(:delivery_ids AS bigint[])))
""")

# A message is bounced when a target has refused for good, failed when it was given up.
_SETTLE = text("""
    WITH told AS (
        SELECT * FROM unnest(CAST(:error_ids AS bigint[]), CAST(:errors AS text[]), CAST(:classes AS text[]))
            AS told (message_id, error, class)
    ),
    seen AS (
        SELECT message_id, bool_or(state = 'sending') AS is_sending, bool_or(state = 'sent') AS is_sent,
            bool_or(state IN ('queued', 'deferred', 'uncertain')) AS is_waiting, bool_or(state = 'failed') AS has_failed
        FROM deliveries WHERE message_id = ANY(CAST(:ids AS bigint[])) GROUP BY message_id
    ),
    decided AS (
        SELECT message_id, CASE
            WHEN is_sending THEN 'processing'
            WHEN is_waiting THEN 'pending'
            WHEN is_sent AND NOT has_failed THEN 'delivered'
            WHEN EXISTS (
                SELECT FROM deliveries AS one WHERE one.message_id = seen.message_id AND one.state = 'failed' AND (
                    SELECT outcome FROM delivery_attempts WHERE delivery_id = one.id ORDER BY id DESC LIMIT 1
                ) = 'failed'
            ) THEN 'bounced'
            WHEN has_failed THEN 'failed' END AS status
        FROM seen
    )
    UPDATE messages SET status = decided.status, updated_at = now(),
        delivered_at = CASE WHEN decided.status = 'delivered' THEN now() END,
        error_message = CASE WHEN decided.status <> 'delivered' THEN coalesce(told.error, error_message) END,
        bounce_class = CASE WHEN decided.status <> 'delivered' THEN coalesce(told.class, bounce_class) END
    FROM decided LEFT JOIN told USING (message_id)
    WHERE messages.id = decided.message_id AND decided.status IS NOT NULL
        AND messages.status IN ('pending', 'processing')
        AND (messages.status <> decided.status OR told.error IS NOT NULL)
""")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One result as it is written: ``state`` is what becomes of the delivery, ``next_at`` when it is tried again."""

    due: DueDelivery
    result: SendResult
    state: DeliveryState
    next_at: datetime | None = None


async def lock_messages(
    db: AsyncSession, ids: Iterable[MessageId]
) -> tuple[dict[MessageId, MessageStatus], datetime | None]:
    """Lock messages in the order of their ids; return the status of those that exist, and the database's time."""
    rows = (await db.execute(_LOCK, {"ids": sorted(set(ids))})).all()
    statuses = {MessageId(row[0]): MessageStatus(row[1]) for row in rows}
    return statuses, rows[0][2] if rows else None


async def record(db: AsyncSession, results: Sequence[Recorded]) -> frozenset[int]:
    """Complete the attempts and move the deliveries, whose messages are locked; return which deliveries were moved."""
    rows = await db.execute(
        _RECORD,
        {
            "ids": [one.due.id for one in results],
            "attempt_ids": [one.due.attempt_id for one in results],
            "fences": [one.due.attempts + 1 for one in results],
            "states": [one.state.value for one in results],
            "next_times": [one.next_at for one in results],
            "outcomes": [one.result.outcome.value for one in results],
            "hosts": [one.result.host for one in results],
            "tls": [one.result.tls for one in results],
            "codes": [one.result.code for one in results],
            "enhanced": [one.result.enhanced for one in results],
            "replies": [one.result.reply for one in results],
            "milliseconds": [min(one.result.milliseconds, 2**31 - 1) for one in results],
        },
    )
    return frozenset(rows.scalars())


async def settle_messages(
    db: AsyncSession, ids: Iterable[MessageId], errors: Mapping[MessageId, tuple[str, str | None]]
) -> None:
    """Give locked messages the status that follows from their deliveries; ``errors``: message and bounce class."""
    await db.execute(
        _SETTLE,
        {
            "ids": list(ids),
            "error_ids": list(errors),
            "errors": [error for error, _ in errors.values()],
            "classes": [bounce for _, bounce in errors.values()],
        },
    )


async def first_failures(db: AsyncSession, results: Sequence[Recorded]) -> frozenset[MessageId]:
    """Return the messages of these failed deliveries that had no failed delivery before."""
    values = {"ids": [one.due.message_id for one in results], "delivery_ids": [one.due.id for one in results]}
    return frozenset(MessageId(number) for number in (await db.execute(_FIRST_FAILURES, values)).scalars())
