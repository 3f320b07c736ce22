"""Claiming deliveries that are due, holding their leases, and giving them back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.swollen_connections import has_carried
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, OutgoingMail

# Word for word the condition of the partial indexes of the queue.
_DUE = "state IN ('queued', 'deferred', 'uncertain') AND held_at IS NULL"

# One look into the index for each destination, however many rows a destination has.
_WALK = text(f"""
    WITH RECURSIVE walk (destination, next_attempt_at, place) AS (
        (SELECT destination, next_attempt_at, 1 FROM deliveries
            WHERE {_DUE} AND destination > :after ORDER BY destination, next_attempt_at, id LIMIT 1)
        UNION ALL
        SELECT following.destination, following.next_attempt_at, walk.place + 1
        FROM walk CROSS JOIN LATERAL (
            SELECT destination, next_attempt_at FROM deliveries
            WHERE {_DUE} AND destination > walk.destination ORDER BY destination, next_attempt_at, id LIMIT 1
        ) AS following
        WHERE walk.place < :most
    )
    SELECT destination, next_attempt_at IS NULL OR next_attempt_at <= now() FROM walk
""")  # noqa: S608 - fixed texts

# Where little is due, as mostly, its destinations are found by time: a million that wait for later cost nothing.
_LITTLE = 500
_DUE_NOW = text(f"""
    SELECT destination FROM deliveries WHERE {_DUE} AND next_attempt_at <= now()
    ORDER BY next_attempt_at, id LIMIT :most
""")  # noqa: S608 - fixed texts

_CLAIM = text(f"""
    WITH wanted AS (SELECT * FROM unnest(CAST(:names AS text[]), CAST(:mosts AS integer[])) AS told (name, most)),
    chosen AS (
        SELECT found.id, found.message_id FROM wanted CROSS JOIN LATERAL (
            SELECT id, message_id FROM deliveries
            WHERE {_DUE} AND destination = wanted.name COLLATE "C" AND next_attempt_at <= now()
            ORDER BY next_attempt_at, id LIMIT wanted.most FOR UPDATE SKIP LOCKED
        ) AS found LIMIT :all_together
    ),
    sized AS (
        SELECT chosen.id, messages.status IN ('pending', 'processing') AS is_open,
            sum(messages.size_bytes) OVER (ORDER BY chosen.id) - messages.size_bytes AS before
        FROM chosen JOIN messages ON messages.id = chosen.message_id
    ),
    settled AS (
        UPDATE deliveries SET state = 'closed', next_attempt_at = NULL, updated_at = now()
        FROM sized WHERE deliveries.id = sized.id AND NOT sized.is_open
    ),
    taken AS (
        UPDATE deliveries SET state = 'sending', leased_by = :forwarder, next_attempt_at = NULL, updated_at = now(),
            lease_until = now() + make_interval(secs => :lease_seconds), attempts = deliveries.attempts + 1
        FROM sized WHERE deliveries.id = sized.id AND sized.is_open AND sized.before < :most_bytes
        RETURNING deliveries.id, deliveries.message_id, deliveries.target, deliveries.attempts - 1 AS attempts
    ),
    opened AS (INSERT INTO delivery_attempts (delivery_id) SELECT id FROM taken ORDER BY id RETURNING id, delivery_id)
    SELECT taken.id, opened.id AS attempt_id, taken.message_id, taken.target, taken.attempts, messages.domain_id,
        messages.recipient_email, coalesce(envelope.sender, '') AS sender,
        coalesce(envelope.forward_sender, '') AS forward_sender, coalesce(envelope.prefix, '') AS prefix,
        coalesce(envelope.may_report, false) AS may_report, coalesce(envelope.kind, 'forward') AS kind,
        coalesce(envelope.is_utf8, false) AS is_utf8, coalesce(envelope.is_8bit, false) AS is_8bit,
        coalesce(envelope.accepted_at, messages.created_at) AS first_at, contents.raw
    FROM taken
    JOIN opened ON opened.delivery_id = taken.id
    JOIN messages ON messages.id = taken.message_id
    LEFT JOIN mail_envelopes AS envelope ON envelope.message_id = taken.message_id
    LEFT JOIN message_contents AS contents ON contents.message_id = taken.message_id
    ORDER BY taken.id
""")  # noqa: S608 - fixed texts

# What has no time is due at once; with a time it has its place in the index of its destination.
_DATE = text(f"""
    UPDATE deliveries SET next_attempt_at = now() WHERE id IN (
        SELECT id FROM deliveries WHERE {_DUE} AND next_attempt_at IS NULL ORDER BY next_attempt_at, id LIMIT :most
        FOR UPDATE SKIP LOCKED)
    RETURNING id
""")  # noqa: S608 - fixed texts

_EXPIRE = text("""
    WITH left_behind AS (
        SELECT id FROM deliveries WHERE state = 'sending' AND lease_until < now()
        ORDER BY lease_until, id LIMIT :most FOR UPDATE SKIP LOCKED
    ),
    closed AS (
        UPDATE delivery_attempts SET outcome = 'uncertain', reply = :words
        FROM left_behind WHERE delivery_attempts.delivery_id = left_behind.id AND outcome = 'sending'
    )
    UPDATE deliveries SET state = 'uncertain', next_attempt_at = now(), lease_until = NULL, leased_by = NULL,
        updated_at = now()
    FROM left_behind WHERE deliveries.id = left_behind.id
    RETURNING deliveries.message_id
""")

_RENEW = text("""
    UPDATE deliveries SET lease_until = now() + make_interval(secs => :lease_seconds)
    WHERE id IN (
        SELECT id FROM deliveries WHERE id = ANY(CAST(:ids AS bigint[])) AND state = 'sending'
            AND leased_by = :forwarder ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING id
""")

_RELEASE = text("""
    WITH told AS (
        SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:attempt_ids AS bigint[]), CAST(:fences AS integer[]),
            CAST(:seconds AS double precision[])) AS told (id, attempt_id, fence, seconds)
    ),
    kept AS (SELECT id FROM deliveries WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE),
    given_back AS (
        UPDATE deliveries SET attempts = deliveries.attempts - 1, lease_until = NULL, leased_by = NULL,
            state = CASE WHEN deliveries.attempts > 1 THEN 'deferred' ELSE 'queued' END, updated_at = now(),
            next_attempt_at = now() + make_interval(secs => told.seconds)
        FROM told JOIN kept USING (id)
        WHERE deliveries.id = told.id AND deliveries.state = 'sending' AND deliveries.attempts = told.fence
        RETURNING told.attempt_id
    )
    DELETE FROM delivery_attempts USING given_back
    WHERE delivery_attempts.id = given_back.attempt_id AND outcome = 'sending'
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """What was leased: deliveries to send, and those whose content is not kept any more."""

    due: tuple[DueDelivery, ...] = ()
    without_content: tuple[DueDelivery, ...] = ()


async def waiting_destinations(db: AsyncSession, *, after: str, most: int) -> tuple[tuple[str, bool], ...]:
    """Return the next destinations in the queue after this one, and whether something is due for each now.

    Those that nothing is due for are left out where that is quicker.
    """
    due = (await db.execute(_DUE_NOW, {"most": _LITTLE})).scalars().all()
    if len(due) < _LITTLE:
        return tuple((name, True) for name in sorted({name for name in due if name > after})[:most])
    rows = await db.execute(_WALK, {"after": after, "most": most})
    return tuple((destination, is_due) for destination, is_due in rows)


async def claim(
    db: AsyncSession, wanted: Mapping[str, int], *, forwarder: str, lease_seconds: float, most_bytes: int
) -> Claimed:
    """Lease what is due for destinations, so many of each and the oldest first, and open an attempt for each.

    Rows that another process holds are passed over; what belongs to a message that somebody has settled is closed. Of
    larger messages fewer are taken: all together have about ``most_bytes``, but one at least.
    """
    values = {
        "names": list(wanted),
        "mosts": list(wanted.values()),
        "all_together": sum(wanted.values()),  # so that the planner knows how few they are
        "forwarder": forwarder,
        "lease_seconds": lease_seconds,
        "most_bytes": max(most_bytes, 1),
    }
    due: list[DueDelivery] = []
    without_content: list[DueDelivery] = []
    for row in (await db.execute(_CLAIM, values)).mappings():
        (without_content if row["raw"] is None else due).append(_due_delivery(row))
    await has_carried(db, sum(len(one.mail.raw) for one in due))
    return Claimed(tuple(due), tuple(without_content))


async def date_undated(db: AsyncSession, *, most: int = 1000) -> int:
    """Give deliveries that are due at once, without a time, this moment as their time; return how many."""
    return len((await db.execute(_DATE, {"most": most})).scalars().all())


async def expire_leases(db: AsyncSession, *, words: str, most: int = 500) -> tuple[MessageId, ...]:
    """Make due again what was leased by a process that is gone, its open attempts uncertain; return the messages."""
    rows = await db.execute(_EXPIRE, {"words": words, "most": most})
    return tuple(MessageId(number) for number in rows.scalars())


async def renew_leases(
    db: AsyncSession, ids: Collection[int], *, forwarder: str, lease_seconds: float
) -> frozenset[int]:
    """Extend the leases of deliveries that this process still holds; return which."""
    values = {"ids": list(ids), "forwarder": forwarder, "lease_seconds": lease_seconds}
    return frozenset((await db.execute(_RENEW, values)).scalars())


async def give_back(db: AsyncSession, released: Sequence[tuple[DueDelivery, float]]) -> None:
    """Give deliveries back whose attempt was never begun, to be due in so many seconds; the attempt is forgotten."""
    await db.execute(
        _RELEASE,
        {
            "ids": [due.id for due, _ in released],
            "attempt_ids": [due.attempt_id for due, _ in released],
            "fences": [due.attempts + 1 for due, _ in released],
            "seconds": [seconds for _, seconds in released],
        },
    )


def _due_delivery(row: RowMapping) -> DueDelivery:
    mail = OutgoingMail(
        sender=row["forward_sender"],
        recipient=row["target"],
        prefix=bytes(row["prefix"]),
        raw=bytes(row["raw"] or b""),
        is_utf8=row["is_utf8"],
        is_8bit=row["is_8bit"],
    )
    return DueDelivery(
        id=row["id"],
        attempt_id=row["attempt_id"],
        message_id=MessageId(row["message_id"]),
        domain_id=DomainId(row["domain_id"]),
        recipient_email=row["recipient_email"],
        original_sender=row["sender"],
        may_report=row["may_report"],
        kind=row["kind"],
        attempts=row["attempts"],
        first_at=row["first_at"],
        mail=mail,
    )
