"""What one forwarder process has done since it started, counted at its two ends: the way in and the way out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from smtpy_desktop.controllers.mail_intake import MailIntake
from smtpy_desktop.core.bounce_kinds import SIGN_IN_TROUBLES
from smtpy_desktop.core.histogram import Histogram
from smtpy_desktop.gateways.smtp_gateway import MailSender
from smtpy_desktop.schemas.outgoing_mail import MailServer, OutgoingMail, SendResult
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply

_MOST_REASONS = 200
"""How many different refusals are told apart; reasons come from our own code, this guards against a fault of ours."""


class ForwarderCounters:
    """Plain numbers; belongs to one event loop. ``refused`` counts by stage and enhanced code."""

    def __init__(self) -> None:
        self._sessions: Callable[[], int] = lambda: 0
        self._open_sessions: Callable[[], int] = lambda: 0
        self.recipients = 0
        self.accepted = 0
        self.received_bytes = 0
        self.refused: Counter[tuple[str, str]] = Counter()
        self.attempts: Counter[str] = Counter()
        self.intake_seconds = Histogram()
        self.attempt_seconds = Histogram()
        self._not_let_in: tuple[str, int] | None = None

    def count_sessions(self, begun: Callable[[], int], now_open: Callable[[], int]) -> None:
        """Take the numbers of sessions from whoever counts them."""
        self._sessions, self._open_sessions = begun, now_open

    @property
    def sessions(self) -> int:
        """How many sessions were begun."""
        return self._sessions()

    @property
    def open_sessions(self) -> int:
        """How many sessions there are now."""
        return self._open_sessions()

    def note_reply(self, stage: str, reply: SmtpReply) -> None:
        """Count a refusal under its stage (greeting, sender, recipient, message)."""
        if reply.is_accepted:
            return
        reason = (stage, reply.enhanced or str(reply.code))
        self.refused[reason if reason in self.refused or len(self.refused) < _MOST_REASONS else (stage, "other")] += 1

    def note_way_out(self, servers: Sequence[MailServer], result: SendResult) -> None:
        """Remember since when the smart host has not let us in, until it does or is not used any more."""
        trouble = result.bounce_class or ""
        if not servers or servers[0].smart_host is None:
            self._not_let_in = None
        elif trouble in SIGN_IN_TROUBLES:
            since = self._not_let_in[1] if self._not_let_in is not None else int(time.time())
            self._not_let_in = (trouble, since)
        elif result.code is not None:
            self._not_let_in = None

    def not_let_in(self) -> dict[str, int]:
        """Return why the smart host does not let us in and since when (Unix time); empty where nothing is known."""
        return dict([self._not_let_in]) if self._not_let_in is not None else {}

    def as_mapping(self) -> dict[str, int]:
        """Return what is written with the sign of life."""
        return {
            "accepted": self.accepted,
            "refused": sum(self.refused.values()),
            "sessions": self.sessions,
            **{str(outcome): count for outcome, count in self.attempts.items()},
        }


class CountedIntake:
    """A way in that counts what it answers."""

    def __init__(self, intake: MailIntake, counters: ForwarderCounters) -> None:
        self._intake = intake
        self._counters = counters

    @property
    def largest_message(self) -> int:
        """How many bytes a message may have."""
        return self._intake.largest_message

    async def greet(self, client: MailClient) -> SmtpReply | None:
        """Answer a new client."""
        reply = await self._intake.greet(client)
        if reply is not None:
            self._counters.note_reply("greeting", reply)
        return reply

    async def sender(self, client: MailClient, sender: str, size: int | None) -> SmtpReply:
        """Answer MAIL FROM."""
        reply = await self._intake.sender(client, sender, size)
        self._counters.note_reply("sender", reply)
        return reply

    async def recipient(self, client: MailClient, sender: str, recipient: str) -> SmtpReply:
        """Answer RCPT TO."""
        reply = await self._intake.recipient(client, sender, recipient)
        self._counters.note_reply("recipient", reply)
        self._counters.recipients += reply.is_accepted
        return reply

    async def message(self, envelope: MailEnvelope, raw: bytes) -> tuple[SmtpReply, ...]:
        """Take a message; counts it as accepted for each recipient that got a yes."""
        started = time.perf_counter()
        replies = await self._intake.message(envelope, raw)
        counters = self._counters
        counters.intake_seconds.add(time.perf_counter() - started)
        counters.received_bytes += len(raw)
        for reply in replies:
            counters.accepted += reply.is_accepted
            counters.note_reply("message", reply)
        return replies


class CountedSender:
    """A way out that counts what became of each attempt."""

    def __init__(self, sender: MailSender, counters: ForwarderCounters) -> None:
        self._sender = sender
        self._counters = counters

    async def send(self, mail: OutgoingMail, servers: Sequence[MailServer], *, require_tls: bool) -> SendResult:
        """Hand a message over to the first server that takes it."""
        started = time.perf_counter()
        result = await self._sender.send(mail, servers, require_tls=require_tls)
        self._counters.attempt_seconds.add(time.perf_counter() - started)
        self._counters.attempts[result.outcome.value] += 1
        self._counters.note_way_out(servers, result)
        return result

    async def close(self) -> None:
        """Close every connection."""
        await self._sender.close()
