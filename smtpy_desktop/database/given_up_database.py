"""What is known of deliveries that somebody has just given up: for the message's error, and for the report."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, OutgoingMail, SendResult

# The first one of each message; its last attempt that has ended, and of the source no more than the header.
_GIVEN_UP = text("""
    SELECT DISTINCT ON (given.message_id) given.id, given.message_id, given.target, given.attempts,
           messages.domain_id, messages.recipient_email, messages.status IN ('pending', 'processing') AS is_open,
           coalesce(envelope.sender, '') AS sender, coalesce(envelope.may_report, false) AS may_report,
           coalesce(envelope.kind, 'forward') AS kind, coalesce(envelope.accepted_at, messages.created_at) AS first_at,
           coalesce(envelope.is_utf8, false) AS is_utf8,
           EXISTS (
               SELECT FROM deliveries AS other WHERE other.message_id = given.message_id AND other.state = 'failed'
                   AND other.id <> ALL (CAST(:ids AS bigint[]))
           ) AS is_told,
           made.id AS attempt_id, made.host, made.tls, made.code, made.enhanced, made.reply, made.milliseconds,
           coalesce(made.outcome, 'queued') AS outcome, messages.bounce_class,
           substring(contents.raw FROM 1 FOR 20000) AS head
    FROM deliveries AS given
    JOIN messages ON messages.id = given.message_id
    LEFT JOIN mail_envelopes AS envelope ON envelope.message_id = given.message_id
    LEFT JOIN message_contents AS contents ON contents.message_id = given.message_id
    LEFT JOIN LATERAL (
        SELECT * FROM delivery_attempts WHERE delivery_id = given.id AND outcome <> 'sending' ORDER BY id DESC LIMIT 1
    ) AS made ON true
    WHERE given.id = ANY (CAST(:ids AS bigint[]))
    ORDER BY given.message_id, made.id DESC NULLS LAST, given.id
""")


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One message of which deliveries were given up; ``is_told``: its sender has had a report before."""

    due: DueDelivery
    result: SendResult
    is_open: bool
    is_told: bool

    @property
    def may_be_told(self) -> bool:
        """Whether the sender may be sent a report of it."""
        return self.is_open and self.due.may_report and bool(self.due.original_sender) and not self.is_told


async def given_up_messages(db: AsyncSession, ids: Collection[int]) -> tuple[GivenUp, ...]:
    """Return the messages of these deliveries, each with the one that was tried last."""
    rows = await db.execute(_GIVEN_UP, {"ids": list(ids)})
    return tuple(_given_up(row) for row in rows)


def _given_up(row: Any) -> GivenUp:
    mail = OutgoingMail(
        sender="", recipient=row.target, prefix=b"", raw=bytes(row.head or b""), is_utf8=row.is_utf8, is_8bit=False
    )
    due = DueDelivery(
        id=row.id,
        attempt_id=row.attempt_id or 0,
        message_id=MessageId(row.message_id),
        domain_id=DomainId(row.domain_id),
        recipient_email=row.recipient_email,
        original_sender=row.sender,
        may_report=row.may_report,
        kind=row.kind,
        attempts=row.attempts,
        first_at=row.first_at,
        mail=mail,
    )
    result = SendResult(
        DeliveryState(row.outcome),
        row.host or "",
        row.tls,
        row.code,
        row.enhanced,
        row.reply or "",
        row.milliseconds or 0,
        row.bounce_class,
    )
    return GivenUp(due, result, row.is_open, row.is_told)
