"""A queue of mail in a real database, workers that send it, and what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers.delivery_controller import DeliveryWorkers
from smtpy_desktop.database import spool_database
from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.spool_database import NewDelivery
from smtpy_desktop.gateways.smtp_connection import SmtpDeadlines
from smtpy_desktop.gateways.smtp_gateway import MailSender, SmtpGateway
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.mail_route import MailRoute
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, MailServer, OutgoingMail
from smtpy_desktop.schemas.spool import EnvelopeKind, SpooledEnvelope, SpooledMessage
from tests.helpers.stored_messages import connect, own_domain

RAW = b"From: anna@sender.example\r\nMessage-ID: <1@sender.example>\r\nSubject: Hello\r\n\r\nHello\r\n"
BRIEF = SmtpDeadlines(*[0.3] * 11)
"""For servers that do not answer; those that do answer at once."""


@dataclass
class FixedRoutes:
    """Leads every address to one server on this machine, or where a test says."""

    port: int
    by_domain: dict[str, MailRoute] = field(default_factory=dict)

    async def find(self, recipient: str) -> MailRoute:
        usual = MailRoute((MailServer("sink.example", "127.0.0.1", self.port),))
        return self.by_domain.get(recipient.rpartition("@")[2], usual)


class DeliveryWorld:
    """Mail of the domain example.com; ``rows`` asks the database directly."""

    def __init__(self, database: Database, url: str, routes: FixedRoutes) -> None:
        self.database, self.routes = database, routes
        self.settings = ForwarderSettings("mx.example.com")
        self.changes: list[Change] = []
        self.connection = connect(url)
        self.domain = DomainId(own_domain(self.connection))

    def mail(self, *targets: str, **envelope: Any) -> SpooledMessage:
        """Return a message to office@example.com for these targets."""
        raw = envelope.pop("raw", RAW)
        known: dict[str, Any] = {
            "kind": EnvelopeKind.FORWARD,
            "sender": "anna@sender.example",
            "forward_sender": "SRS0=x@example.com",
            "prefix": b"Received: from here\r\n",
            "may_report": True,
        }
        return SpooledMessage(
            domain_id=self.domain,
            message_id="<1@sender.example>",
            thread_id=None,
            sender_email="anna@sender.example",
            recipient_email="office@example.com",
            forwarded_to=", ".join(targets),
            subject="Hello",
            body_preview="Hello",
            status=MessageStatus.PENDING,
            size_bytes=len(raw),
            raw=raw,
            targets=targets,
            envelope=SpooledEnvelope(**(known | envelope)),
        )

    async def spool(
        self, *messages: SpooledMessage, leased_by: str = "", lease_seconds: float = 300
    ) -> tuple[MessageId, ...]:
        """Write messages as the intake does: queued, or leased with an open attempt."""
        deliveries = [
            NewDelivery(place, target, is_leased=bool(leased_by))
            for place, message in enumerate(messages)
            for target in message.targets
        ]
        async with self.database.begin() as db:
            numbers = await spool_database.store(
                db, messages, deliveries, forwarder=leased_by or "test", lease_seconds=lease_seconds
            )
        return tuple(MessageId(number) for number in numbers.messages)

    def leased(self, message_id: MessageId) -> list[DueDelivery]:
        """Return the deliveries of a message that was spooled as leased, as the intake hands them over."""
        rows = self.rows(
            "SELECT deliveries.id, delivery_attempts.id, target, m.sender, m.forward_sender, m.prefix, m.may_report,"
            " m.kind, m.accepted_at, c.raw FROM deliveries JOIN delivery_attempts ON delivery_id = deliveries.id"
            " JOIN mail_envelopes m USING (message_id) JOIN message_contents c USING (message_id)"
            " WHERE message_id = %s ORDER BY 1",
            message_id,
        )
        return [
            DueDelivery(
                id=row[0],
                attempt_id=row[1],
                message_id=message_id,
                domain_id=self.domain,
                recipient_email="office@example.com",
                original_sender=row[3],
                may_report=row[6],
                kind=row[7],
                attempts=0,
                first_at=row[8],
                mail=OutgoingMail(row[4], row[2], row[5], row[9]),
            )
            for row in rows
        ]

    def workers(
        self,
        forwarder: str = "one",
        *,
        sender: MailSender | None = None,
        database: Database | None = None,
        deadlines: SmtpDeadlines | None = None,
        **options: Any,
    ) -> DeliveryWorkers:
        """Make the workers of one process."""
        return DeliveryWorkers(
            database or self.database,
            sender or SmtpGateway("mx.example.com", deadlines=deadlines or SmtpDeadlines(quit=0.3)),
            routes=self.routes,
            forwarder=forwarder,
            settings=lambda: self.settings,
            publish=self.changes.append,
            **options,
        )

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        return self.connection.execute(query.encode(), values).fetchall()

    def status(self, message_id: MessageId) -> str:
        """Return a message's status."""
        return str(self.rows("SELECT status FROM messages WHERE id = %s", message_id)[0][0])

    def states(self, message_id: MessageId) -> list[str]:
        """Return the states of a message's deliveries."""
        return [
            row[0] for row in self.rows("SELECT state FROM deliveries WHERE message_id = %s ORDER BY id", message_id)
        ]

    def outcomes(self, message_id: MessageId) -> list[str]:
        """Return what the attempts of a message came to, in their order."""
        query = (
            "SELECT outcome FROM delivery_attempts JOIN deliveries ON deliveries.id = delivery_id"
            " WHERE message_id = %s ORDER BY delivery_attempts.id"
        )
        return [row[0] for row in self.rows(query, message_id)]

    async def until(self, is_so: Callable[[], bool], seconds: float = 15) -> None:
        """Wait until something is so; raise TimeoutError."""
        async with asyncio.timeout(seconds):
            while not is_so():  # noqa: ASYNC110 - another process or thread may bring it about
                await asyncio.sleep(0.02)

    async def until_settled(self, ids: Sequence[MessageId], seconds: float = 15) -> None:
        """Wait until nothing of these messages is to be sent any more."""
        live = "SELECT count(*) FROM messages WHERE id = ANY(%s) AND status IN ('pending', 'processing')"
        await self.until(lambda: self.rows(live, list(ids))[0][0] == 0, seconds)

    def close(self) -> None:
        """Close the direct connection."""
        self.connection.close()
