"""Takes mail in: decides about clients, recipients and messages, and answers yes only for what is stored."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.controllers.mail_routes import MailRoutes, SenderRewriter
from smtpy_desktop.controllers.mail_spooling import ArcSealing, MailSpooling, ReceivedMail
from smtpy_desktop.controllers.spool_controller import DISK_FULL
from smtpy_desktop.core import mail_decision
from smtpy_desktop.core.mail_headers import scan_mail
from smtpy_desktop.core.minute_counts import MinuteCounts, client_name
from smtpy_desktop.core.spooled_mail import refused_at_rcpt
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.mail_authenticator import MailAuthenticator
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.mail_decision import MailOutcome, RecipientDecision, RecipientRoute
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply
from smtpy_desktop.schemas.spool import SpooledMessage

_log = logging.getLogger(__name__)

SENDER_TAKEN = SmtpReply(250, "2.1.0", "Sender accepted")
TRY_AGAIN = SmtpReply(451, "4.3.0", "The mail cannot be taken at this moment, try again later")
NO_DATABASE = SmtpReply(451, "4.3.2", "The mail cannot be stored at this moment, try again later")
NO_SPACE = SmtpReply(452, "4.3.1", "There is no space for mail at this moment, try again later")
TOO_MANY_NOW = SmtpReply(421, "4.7.0", "Too much mail from your address, try again in a minute")
TOO_MANY = SmtpReply(450, "4.7.1", "Too much mail from your address, try again in a minute")

REFUSALS_PER_CLIENT_MINUTE = 60
"""Refused recipients that are written down; a client that tries a dictionary must not fill the database."""

REFUSALS_PER_MINUTE = 1000
_EVERYBODY = ""
_COUNTED = {
    MailOutcome.FORWARD: "accepted",
    MailOutcome.RETURN: "returned",
    MailOutcome.REFUSE: "refused",
    MailOutcome.DISCARD: "discarded",
}


class MailStore(Protocol):
    """Stores mail durably (``controllers/spool_controller.py``)."""

    async def store(self, messages: Sequence[SpooledMessage]) -> tuple[MessageId, ...]:
        """Return the ids once the messages are stored; raise UserFacingError with nothing stored."""
        ...


class MailIntakeController:
    """The ``MailIntake`` of a forwarder process; belongs to one event loop.

    ``counters``: mail and recipients since the start, by what became of them. ``sealer`` None: no ARC.
    """

    def __init__(
        self,
        cache: ForwardingCache,
        rewriter: SenderRewriter,
        authenticator: MailAuthenticator,
        store: MailStore,
        *,
        settings: Callable[[], ForwarderSettings],
        sealer: ArcSealing | None = None,
    ) -> None:
        self._cache, self._store, self._settings = cache, store, settings
        self._routes = MailRoutes(cache, rewriter)
        self._authenticator = authenticator
        self._spooling = MailSpooling(self._routes, sealer)
        self._mails, self._refusals = MinuteCounts(), MinuteCounts()
        self._recording: set[asyncio.Task[None]] = set()
        self._counters: Counter[str] = Counter()

    @property
    def largest_message(self) -> int:
        """How many bytes a message may have."""
        return self._settings().largest_message

    @property
    def counters(self) -> Mapping[str, int]:
        """What was taken, refused, thrown away, put off, and not written down, since the start."""
        return self._counters

    def hear(self, change: Change) -> None:
        """Forget what a change of domains, aliases or rules may have made wrong."""
        self._cache.hear(change)

    async def close(self) -> None:
        """Wait until the refusals are written down; to be called before the store is closed."""
        while self._recording:
            await asyncio.gather(*self._recording, return_exceptions=True)

    async def greet(self, client: MailClient) -> SmtpReply | None:
        """Turn away a client that has sent more in this minute than it may."""
        most = self._settings().per_client_minute
        if most and self._mails.count(client_name(client.address), time.monotonic()) >= most:
            self._counters["put_off"] += 1
            return TOO_MANY_NOW
        return None

    async def sender(self, client: MailClient, sender: str, size: int | None) -> SmtpReply:
        """Answer MAIL FROM: announced sizes (RFC 1870) and the limit of each client are looked at."""
        settings = self._settings()
        if size is not None and size > settings.largest_message:
            self._counters["refused"] += 1
            return mail_decision.TOO_LARGE
        most = settings.per_client_minute
        if most and self._mails.add(client_name(client.address), time.monotonic()) > most:
            self._counters["put_off"] += 1
            return TOO_MANY
        return SENDER_TAKEN

    async def recipient(self, client: MailClient, sender: str, recipient: str) -> SmtpReply:
        """Answer RCPT TO; what is refused at a domain of ours is written down."""
        try:
            route = await self._route(recipient, sender, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - every fault of ours is answered with "later"
            return self._put_off(error)
        decision = mail_decision.decide_recipient(route, sender)
        if decision.is_refused:
            self._counters["refused"] += 1
            if route.domain is not None:
                self._record([refused_at_rcpt(decision, sender)], client)
        return decision.reply

    async def message(self, envelope: MailEnvelope, raw: bytes) -> tuple[SmtpReply, ...]:
        """Take a message; a yes is said only once everything that is to be sent is stored durably."""
        try:
            return await self._take(envelope, raw)
        except Exception as error:  # noqa: BLE001 - every fault of ours is answered with "later"
            return (self._put_off(error),) * len(envelope.recipients)

    async def _take(self, envelope: MailEnvelope, raw: bytes) -> tuple[SmtpReply, ...]:
        if len(raw) * len(envelope.recipients) > mail_decision.MOST_STORED_BYTES:
            self._counters["refused"] += len(envelope.recipients)
            return (mail_decision.TOO_LARGE_FOR_ALL,) * len(envelope.recipients)
        mail = ReceivedMail(
            envelope=envelope,
            raw=raw,
            facts=scan_mail(raw),
            verdict=await self._authenticator.verify(envelope.client, envelope.sender, raw),
            queue_id=secrets.token_hex(8),
            now=datetime.now(UTC),
            hostname=self._settings().hostname,
        )
        decisions = await self._decide(mail)
        unique = {decision.route.key: decision for decision in decisions.values()}
        messages = await self._spooling.messages(mail, mail_decision.each_target_once(unique.values()))
        in_order = [decisions[recipient] for recipient in envelope.recipients]
        if all(decision.is_refused for decision in in_order):
            self._count(in_order)
            self._record(messages, envelope.client)
            return (
                tuple(decision.reply for decision in in_order) if mail.is_lmtp else (in_order[0].reply,) * len(in_order)
            )
        await self._store.store(messages)
        self._count(in_order)
        yes = SmtpReply(250, "2.0.0", f"Accepted as {mail.queue_id}")
        return tuple(decision.reply if decision.is_refused and mail.is_lmtp else yes for decision in in_order)

    async def _decide(self, mail: ReceivedMail) -> dict[str, RecipientDecision]:
        """Return what becomes of the mail by recipient as it was written; one that stands there twice counts once."""
        settings = self._settings()
        by_key: dict[str, RecipientDecision] = {}
        found: dict[str, RecipientDecision] = {}
        sender = mail.envelope.sender
        for recipient in dict.fromkeys(mail.envelope.recipients):
            route = await self._route(recipient, sender, mail.now)
            if route.key not in by_key:
                by_key[route.key] = mail_decision.decide_message(route, sender, mail.facts, mail.verdict, settings)
            found[recipient] = by_key[route.key]
        return found

    def _route(self, recipient: str, sender: str, now: datetime) -> Coroutine[Any, Any, RecipientRoute]:
        return self._routes.route(recipient, sender, hostname=self._settings().hostname, now=now)

    def _count(self, decisions: Sequence[RecipientDecision]) -> None:
        for decision in decisions:
            self._counters[_COUNTED[decision.outcome]] += 1

    def _record(self, messages: Sequence[SpooledMessage], client: MailClient) -> None:
        """Write refusals down by the way: the client's answer does not wait for it, nor depend on it."""
        now, name = time.monotonic(), client_name(client.address)
        kept = [
            message
            for message in messages
            if self._refusals.add(name, now) <= REFUSALS_PER_CLIENT_MINUTE
            and self._refusals.add(_EVERYBODY, now) <= REFUSALS_PER_MINUTE
        ]
        self._counters["refusals_not_recorded"] += len(messages) - len(kept)
        if kept:
            task = asyncio.get_running_loop().create_task(self._write_down(kept))
            self._recording.add(task)
            task.add_done_callback(self._recording.discard)

    async def _write_down(self, messages: Sequence[SpooledMessage]) -> None:
        try:
            await self._store.store(messages)
        except UserFacingError as error:
            self._counters["refusals_not_recorded"] += len(messages)
            _log.warning("a refusal could not be written down (%s)", error.code)

    def _put_off(self, error: Exception) -> SmtpReply:
        self._counters["put_off"] += 1
        if not isinstance(error, UserFacingError):
            _log.exception("mail could not be taken", exc_info=error)
            return TRY_AGAIN
        _log.warning("mail could not be taken (%s): %s", error.code, error)
        if error.code == DISK_FULL:
            return NO_SPACE
        return NO_DATABASE if isinstance(error, DatabaseUnavailable) else TRY_AGAIN
