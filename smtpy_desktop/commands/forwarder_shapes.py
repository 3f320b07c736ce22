"""The JSON shapes of forwarders, their queue and the books."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from smtpy_desktop.commands.json_shapes import time_shape
from smtpy_desktop.schemas.books import Books, Suspect
from smtpy_desktop.schemas.forwarder import BookLine, ForwarderProcess, QueueLine
from smtpy_desktop.schemas.queue import MinuteFlow, QueueSnapshot, WaitingDelivery


def process_shape(process: ForwarderProcess) -> dict[str, Any]:
    """One forwarder process."""
    return {
        "name": process.name,
        "host": process.host,
        "pid": process.pid,
        "version": process.version,
        "listen": process.listen,
        "workers": process.workers,
        "state": process.state.value,
        "started_at": time_shape(process.started_at),
        "seen_at": time_shape(process.seen_at),
        "counters": dict(process.counters),
    }


def totals_shape(snapshot: QueueSnapshot) -> dict[str, Any]:
    """The queue in total."""
    return {
        "destinations": snapshot.destinations,
        "waiting": snapshot.waiting,
        "sending": snapshot.sending,
        "held": snapshot.held,
        "oldest_at": time_shape(snapshot.oldest_at),
    }


def queue_line_shape(line: QueueLine) -> dict[str, Any]:
    """What waits for one destination."""
    return {
        "destination": line.destination,
        "waiting": line.waiting,
        "sending": line.sending,
        "held": line.held,
        "oldest_at": time_shape(line.oldest_at),
        "next_attempt_at": time_shape(line.next_attempt_at),
        "last_reply": line.last_reply or None,
    }


def delivery_shape(delivery: WaitingDelivery) -> dict[str, Any]:
    """One delivery in the queue."""
    return {
        "id": delivery.id,
        "message_id": delivery.message_id,
        "sender_email": delivery.sender_email,
        "recipient_email": delivery.recipient_email,
        "target": delivery.target,
        "subject": delivery.subject,
        "size_bytes": delivery.size_bytes,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "created_at": time_shape(delivery.created_at),
        "next_attempt_at": time_shape(delivery.next_attempt_at),
        "held_at": time_shape(delivery.held_at),
        "leased_by": delivery.leased_by,
        "last_reply": delivery.last_reply or None,
    }


def flow_shape(minutes: Iterable[MinuteFlow]) -> dict[str, int]:
    """What came and went in some minutes together."""
    known = tuple(minutes)
    return {"accepted": sum(one.accepted for one in known), "delivered": sum(one.delivered for one in known)}


def books_shape(books: Books) -> dict[str, Any]:
    """The books with the messages behind their differences."""
    return {
        "since": time_shape(books.since),
        "difference": books.difference,
        "hours": [_book_line_shape(line) for line in books.lines],
        "suspects": [_suspect_shape(one) for one in books.suspects],
    }


def _book_line_shape(line: BookLine) -> dict[str, Any]:
    return {
        "hour": time_shape(line.hour),
        "accepted": line.accepted,
        "delivered": line.delivered,
        "bounced": line.bounced,
        "failed": line.failed,
        "rejected": line.rejected,
        "waiting": line.waiting,
        "removed": line.removed,
        "difference": line.difference,
        "suspicious": list(line.suspicious),
    }


def _suspect_shape(suspect: Suspect) -> dict[str, Any]:
    return {
        "message_id": suspect.message_id,
        "hour": time_shape(suspect.hour),
        "kind": suspect.kind.value,
        "recipient_email": suspect.recipient_email,
        "status": suspect.status,
    }
