"""Mail that was accepted, with its deliveries and attempts, written straight into the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageStatus
from tests.helpers.stored_messages import connect, write_messages

_DEFERRED = "try again later"


@dataclass(frozen=True)
class StoredDelivery:
    """One delivery to be written; times count from now, the lease's end too."""

    target: str
    state: str = "queued"
    next_in: float | None = None
    held: bool = False
    lease_in: float | None = None
    attempts: int = 0
    reply: str = _DEFERRED
    code: int | None = 451


def write_accepted(
    url: str, *deliveries: StoredDelivery, minutes_ago: float = 0, status: MessageStatus = MessageStatus.PENDING
) -> MessageId:
    """Write one accepted message with its envelope and deliveries; return its number."""
    (number,) = write_messages(
        url,
        ("Hello",),
        minutes_ago=minutes_ago,
        status=status.value,
        forwarded_to=", ".join(one.target for one in deliveries) or None,
    )
    with connect(url) as connection:
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        connection.execute(
            "INSERT INTO mail_envelopes (message_id, accepted_at, kind, sender, forward_sender, prefix, may_report,"
            " is_utf8, is_8bit) VALUES (%s, %s, 'forward', 's@x', 'f@x', '', true, false, false)",
            [number, at],
        )
        connection.execute("INSERT INTO message_contents (message_id, raw) VALUES (%s, 'x')", [number])
        for one in deliveries:
            _write_delivery(connection, number, one, at)
    return number


def execute(url: str, statement: str, *values: Any) -> None:
    """Change the database behind the program's back."""
    with connect(url) as connection:
        connection.execute(statement, list(values))


def rows_of(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return what a query finds."""
    with connect(url) as connection:
        return connection.execute(statement, list(values)).fetchall()


def _write_delivery(connection: psycopg.Connection, number: int, one: StoredDelivery, at: datetime) -> None:
    now = datetime.now(UTC)
    values = [
        number,
        one.target,
        one.state,
        None if one.next_in is None else now + timedelta(seconds=one.next_in),
        now if one.held else None,
        None if one.lease_in is None else now + timedelta(seconds=one.lease_in),
        one.attempts,
        at,
    ]
    found = connection.execute(
        "INSERT INTO deliveries"
        " (message_id, target, state, next_attempt_at, held_at, lease_until, attempts, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        values,
    ).fetchone()
    assert found is not None
    for _ in range(one.attempts):
        connection.execute(
            "INSERT INTO delivery_attempts (delivery_id, at, host, code, reply, outcome)"
            " VALUES (%s, %s, 'mx.example', %s, %s, %s)",
            [found[0], at, one.code, one.reply, "sent" if one.state == "sent" else "deferred"],
        )
