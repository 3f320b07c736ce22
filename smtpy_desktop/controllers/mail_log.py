"""A line for each mail in the log: what was accepted or refused, and what came of each attempt; never its content.

The lines go to a logger of their own, which is silent unless somebody reads it (``logs.logging_to_stream``).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, SendResult
from smtpy_desktop.schemas.spool import SpooledMessage

_log = logging.getLogger("smtpy_desktop.mail")


class MailStore(Protocol):
    """Stores mail durably (``controllers/spool_controller.py``)."""

    async def store(self, messages: Sequence[SpooledMessage]) -> tuple[MessageId, ...]:
        """Return the ids once the messages are stored."""
        ...


class LoggedStore:
    """Stores mail and logs what was stored, with the ids that the window shows."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def store(self, messages: Sequence[SpooledMessage]) -> tuple[MessageId, ...]:
        """Return the ids once the messages are stored."""
        ids = await self._store.store(messages)
        if _log.isEnabledFor(logging.INFO):
            for number, message in zip(ids, messages, strict=True):
                _log.info("received", extra={"mail": _received(number, message)})
        return ids


def log_attempt(due: DueDelivery, result: SendResult) -> None:
    """Log what an attempt came to."""
    if _log.isEnabledFor(logging.INFO):
        _log.info("attempt", extra={"mail": _attempted(due, result)})


def _received(number: MessageId, message: SpooledMessage) -> dict[str, Any]:
    client = message.envelope.client_address if message.envelope is not None else ""
    return {
        "id": number,
        "message_id": message.message_id,
        "from": message.sender_email,
        "to": message.recipient_email,
        "status": message.status.value,
        "size": message.size_bytes,
        "targets": len(message.targets),
        "client": client,
        **{name: str(verdict) for name, verdict in message.authentication.items()},
    }


def _attempted(due: DueDelivery, result: SendResult) -> dict[str, Any]:
    return {
        "id": due.message_id,
        "delivery": due.id,
        "to": due.recipient_email,
        "target": due.mail.recipient,
        "attempt": due.attempts + 1,
        "outcome": result.outcome.value,
        "host": result.host,
        "tls": result.tls,
        "code": result.code,
        "enhanced": result.enhanced,
        "reply": result.reply,
        "milliseconds": result.milliseconds,
    }
