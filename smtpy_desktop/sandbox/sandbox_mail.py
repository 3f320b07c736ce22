"""The sandbox's mail: messages come in by themselves, and what is due is delivered or refused a moment later."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.sandbox import sample_messages_database
from smtpy_desktop.sandbox.mail_sending import hand_over
from smtpy_desktop.sandbox.sample_messages import (
    attempt,
    blame,
    keep_content,
    new_message,
    sample_messages,
    start_conversation,
)
from smtpy_desktop.sandbox.sample_messages_database import DueDelivery
from smtpy_desktop.sandbox.sample_raw_message import sent_message
from smtpy_desktop.sandbox.sample_texts import ACCEPTED, BOUNCED, FAILED, PUT_OFF, Reply
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainStatus
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import DeliveryState, MessageStatus
from smtpy_desktop.schemas.paging import Position

_log = logging.getLogger(__name__)
_PAUSES = (3.0, 8.0)
_TRANSIT = (0.8, 2.5)
_LOOK_SECONDS = 0.5
_AT_ONCE = 5
_MOST_DOMAINS = 200
_RETRY = timedelta(seconds=30)


class SandboxMail:
    """Plays the senders of the sandbox's domains, and their targets too while no forwarder runs.

    ``rng`` decides what happens. ``forwarder_port`` is where a forwarder of this database takes mail in (0: nowhere).
    """

    def __init__(self, sessions: Sessions, publish: Publish, rng: random.Random | None = None) -> None:
        self._sessions = sessions
        self._publish = publish
        self._rng = rng or random.Random()  # noqa: S311 - samples, no secrets
        self.forwarder_port = 0
        self._newest: MessageId | None = None

    async def fill(self) -> bool:
        """Write the sample messages where there are none yet; False while no domain can have had any."""
        async with self._sessions.read() as db:
            if await sample_messages_database.has_messages(db):
                return True
        domains = await self._domains()
        if not domains:
            return False
        messages = await asyncio.to_thread(sample_messages, domains, datetime.now(UTC))
        async with self._sessions.begin() as db:
            await sample_messages_database.insert_messages(db, messages)
        self._publish(Change(Topic.MESSAGES))
        return True

    async def run(self, *, pauses: tuple[float, float] = _PAUSES, look_seconds: float = _LOOK_SECONDS) -> None:
        """Let messages come in (``pauses``: the shortest and the longest, in seconds) and go out until cancelled.

        A database that is away is waited for.
        """
        next_at = time.monotonic() + self._rng.uniform(*pauses)
        while True:
            try:
                if time.monotonic() >= next_at:
                    next_at = time.monotonic() + self._rng.uniform(*pauses)
                    await self._let_one_come()
                if not self.forwarder_port:
                    await self.deliver_due()
            except (UserFacingError, OSError) as error:
                _log.info("the sandbox's mail waits: %s", error)
            await asyncio.sleep(look_seconds)

    async def _let_one_come(self) -> None:
        if self.forwarder_port:
            await self.send(self.forwarder_port)
        else:
            await self.receive(transit=self._rng.uniform(*_TRANSIT))

    async def send(self, port: int) -> str | None:
        """Send one message to the forwarder, and return its answer; None when no domain takes mail; raise OSError."""
        domains = [domain for domain in await self._domains() if domain.is_active]
        if not domains:
            return None
        conversation = start_conversation(self._rng, domains)
        message = new_message(self._rng, conversation, datetime.now(UTC))
        keep_content(message, None)
        return await hand_over(port, conversation.sender, conversation.recipient, sent_message(message.raw or b""))

    async def receive(self, *, subject: str | None = None, transit: float = 0.0) -> MessageId | None:
        """Let one message come in, to be delivered after ``transit`` seconds; None when no domain takes mail."""
        domains = [domain for domain in await self._domains() if domain.is_active]
        if not domains:
            return None
        now = datetime.now(UTC)
        conversation = start_conversation(self._rng, domains)
        if subject is not None:
            conversation = replace(conversation, subject=subject)
        message = new_message(self._rng, conversation, now)
        message.deliveries[0].row["next_attempt_at"] = now + timedelta(seconds=transit)
        keep_content(message, None)
        async with self._sessions.begin() as db:
            (message_id,) = await sample_messages_database.insert_messages(db, [message])
        self._newest = message_id
        self._publish(Change(Topic.MESSAGES, frozenset({message_id})))
        return message_id

    async def deliver_newest(self) -> int:
        """Try to deliver what came in last, due or not, and return how many deliveries were tried."""
        return await self._deliver(self._newest) if self._newest is not None else 0

    async def deliver_due(self) -> int:
        """Try a few of the deliveries that are due, and return how many."""
        return await self._deliver(None)

    async def _deliver(self, message_id: MessageId | None) -> int:
        async with self._sessions.begin() as db:
            due = await sample_messages_database.due_deliveries(db, _AT_ONCE, message_id=message_id)
            for one in due:
                reply, outcome, status = self._fate(one)
                now = datetime.now(UTC)
                values = {"status": status.value, "error_message": None, "bounce_class": None}
                if outcome is not DeliveryState.SENT:
                    values |= blame(reply, one.target)
                await sample_messages_database.record_attempt(
                    db,
                    one,
                    attempt(self._rng, one.target, now, reply, outcome),
                    next_attempt_at=now + _RETRY if outcome is DeliveryState.DEFERRED else None,
                    message=values | {"delivered_at": now if status is MessageStatus.DELIVERED else None},
                )
        if due:
            self._publish(Change(Topic.MESSAGES, frozenset(one.message_id for one in due)))
        return len(due)

    def _fate(self, due: DueDelivery) -> tuple[Reply, DeliveryState, MessageStatus]:
        """Most are accepted at once; whoever is tried again is accepted nearly always."""
        chance = self._rng.random() * (1.0 if due.tries == 0 else 0.9)
        if chance < 0.84:
            return self._rng.choice(ACCEPTED), DeliveryState.SENT, MessageStatus.DELIVERED
        if chance < 0.90:
            return self._rng.choice(PUT_OFF), DeliveryState.DEFERRED, MessageStatus.PENDING
        if chance < 0.96:
            return self._rng.choice(BOUNCED), DeliveryState.FAILED, MessageStatus.BOUNCED
        return self._rng.choice(FAILED), DeliveryState.FAILED, MessageStatus.FAILED

    async def _domains(self) -> list[DomainRow]:
        """Those that were set up; what is pending has never had mail."""
        page = await domains_controller.list_domains(self._sessions, DomainQuery(), Position.start(), _MOST_DOMAINS)
        return [row for row in page.rows if row.status is not DomainStatus.PENDING]
