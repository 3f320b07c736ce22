"""Sending a test message through the real chain, and following it until it is delivered or has failed."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.arc_controller import ArcSealer
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.forwarder_settings_controller import load_forwarder_settings
from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.controllers.mail_intake_controller import MailIntakeController, MailStore
from smtpy_desktop.controllers.mail_trial_session import TrialSession
from smtpy_desktop.controllers.settings_controller import mail_settings
from smtpy_desktop.controllers.spool_controller import Spool
from smtpy_desktop.controllers.srs_controller import SrsRewriter
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.alias_targets import parse_alias_address
from smtpy_desktop.core.dkim_private_key import signer_of
from smtpy_desktop.core.dkim_signing import dkim_signature
from smtpy_desktop.core.email_address import ParsedAddress
from smtpy_desktop.core.forwarder_settings import format_endpoint, parse_listen
from smtpy_desktop.core.sealing import sealed_key_id, unseal
from smtpy_desktop.core.test_message_text import build_test_message, message_id
from smtpy_desktop.database import (
    dkim_keys_database,
    domains_database,
    forwarders_database,
    messages_database,
    test_messages_database,
)
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.gateways.mail_tools import MailTools
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.mail_simulation import TrialEnvelope
from smtpy_desktop.schemas.messages import DeliveryState, MessageDetails, MessageStatus
from smtpy_desktop.schemas.outgoing_mail import MailServer, OutgoingMail, SendResult
from smtpy_desktop.schemas.smtp_session import MailClient
from smtpy_desktop.schemas.spool import EnvelopeKind, SpooledMessage
from smtpy_desktop.schemas.test_message import SentTestMessage, TestMessageWay
from smtpy_desktop.schemas.text import Text, text

_LOOPBACK = "127.0.0.1"
_UNDER_WAY = (MessageStatus.PENDING, MessageStatus.PROCESSING)
_NO_SMTP = frozenset({500, 502, 503, 554})
"""What a port says that speaks LMTP, or does not take mail of ours: another one may be asked."""


async def send_test_message(
    sessions: Sessions, recipient: str, *, keys: MasterKeys, tools: MailTools, publish: Publish
) -> SentTestMessage:
    """Send a test message to an address of ours: to a running forwarder by SMTP, otherwise into the queue.

    Raises FieldError for ``recipient``, and UserFacingError when the database or the master key cannot be had.
    """
    address = parse_alias_address(recipient, field="recipient")
    running = await _running(sessions, address)
    settings = await load_forwarder_settings(sessions)
    token, now = secrets.token_hex(8), datetime.now(UTC)
    raw, notes = await _signed(sessions, keys, address, token, now)
    mail = _Mail(address, message_id(token, address.domain), raw, settings.hostname or tools.host)
    told = await _by_smtp(tools, running, mail)
    if told is None:
        told = await _by_queue(sessions, mail, keys=keys, tools=tools, publish=publish)
        notes = (*notes, _nobody_there(running))
    return replace(told, notes=notes)


async def follow(sessions: Sessions, sent: SentTestMessage) -> tuple[MessageDetails, ...]:
    """Return what is known of a test message by now: a row for each recipient, with every attempt."""
    async with sessions.read() as db:
        ids = await test_messages_database.ids_of_message(db, sent.message_id)
        found = [await messages_database.get_message(db, MessageId(number)) for number in ids]
    return tuple(message for message in found if message is not None)


def is_over(messages: Sequence[MessageDetails]) -> bool:
    """Tell whether everything that is known of a message is final."""
    return bool(messages) and all(message.status not in _UNDER_WAY for message in messages)


@dataclass(frozen=True, slots=True)
class _Mail:
    """A test message with its envelope; ``hostname`` is what is said in EHLO."""

    address: ParsedAddress
    message_id: str
    raw: bytes
    hostname: str

    @property
    def sender(self) -> str:
        return f"postmaster@{self.address.domain}"

    @property
    def recipient(self) -> str:
        return f"{self.address.local_part}@{self.address.domain}"

    @property
    def outgoing(self) -> OutgoingMail:
        return OutgoingMail(self.sender, self.recipient, b"", self.raw, is_utf8=not self.recipient.isascii())


async def _running(sessions: Sessions, address: ParsedAddress) -> tuple[ForwarderProcess, ...]:
    """Return the forwarders that run; raise FieldError when the address is not at a domain of ours."""
    async with sessions.read() as db:
        domain = await domains_database.find_domain(db, address.domain)
        processes = await forwarders_database.list_forwarders(db)
    if domain is None:
        raise FieldError(
            "recipient",
            "TEST_FOREIGN",
            text("{domain} is not one of your domains.", domain=address.domain),
            hint=text("Test messages go to addresses of your own domains."),
        )
    return tuple(process for process in processes if process.state is ForwarderState.RUNNING)


async def _signed(
    sessions: Sessions, keys: MasterKeys, address: ParsedAddress, token: str, now: datetime
) -> tuple[bytes, tuple[Text, ...]]:
    """Return the message, signed with the key of its domain where that can be had, and a note where it cannot."""
    raw = build_test_message(f"{address.local_part}@{address.domain}", domain=address.domain, token=token, now=now)
    try:
        async with sessions.read() as db:
            key = await dkim_keys_database.active_key(db, address.domain)
        if key is None:
            return raw, (text("It is not signed: the domain has no DKIM key."),)
        selector, sealed, _ = key
        line = await asyncio.to_thread(_signature, keys, address.domain, selector, sealed, raw, now)
    except UserFacingError as error:
        return raw, (text("It is not signed: {reason}", reason=error.message),)
    return line + raw, ()


def _signature(keys: MasterKeys, domain: str, selector: str, sealed: bytes, raw: bytes, now: datetime) -> bytes:
    master_key = keys.master_key(known_key_id=sealed_key_id(sealed))
    private_key = unseal(master_key.value, sealed, context=f"dkim:{domain}:{selector}")
    sign = signer_of(private_key)
    return dkim_signature(raw, domain=domain, selector=selector, sign=sign, now=int(now.timestamp()))


async def _by_smtp(tools: MailTools, running: Sequence[ForwarderProcess], mail: _Mail) -> SentTestMessage | None:
    """Hand the message to the first forwarder that decides about it; None when none can be reached from here."""
    servers = [(process, server) for process in running for server in _servers(process, tools.host)]
    if not servers:
        return None
    sender = tools.sender(mail.hostname)
    try:
        for process, server in servers:
            result = await sender.send(mail.outgoing, [server], require_tls=False)
            if _is_decided(result):
                place = format_endpoint(server.address, server.port)
                return _sent(mail, place if process.host == tools.host else f"{process.host} ({place})", result)
    finally:
        await sender.close()
    return None


def _servers(process: ForwarderProcess, host: str) -> Iterator[MailServer]:
    """Yield the addresses at which a forwarder can be reached from this machine."""
    is_here = process.host == host
    try:
        endpoints = parse_listen(process.listen)
    except FieldError:
        return
    for written, port in endpoints:
        address = ipaddress.ip_address(written)
        if address.is_unspecified and is_here:
            yield MailServer(process.host, "::1" if address.version == 6 else _LOOPBACK, port)
        elif is_here or not (address.is_loopback or address.is_unspecified):
            yield MailServer(process.host, written, port)


def _is_decided(result: SendResult) -> bool:
    if result.outcome in (DeliveryState.SENT, DeliveryState.UNCERTAIN):
        return True
    return result.code is not None and result.code not in _NO_SMTP


def _sent(mail: _Mail, forwarder: str, result: SendResult) -> SentTestMessage:
    codes = " ".join(str(part) for part in (result.code, result.enhanced) if part)
    reply = result.reply if codes and result.reply.startswith(str(result.code)) else f"{codes} {result.reply}".strip()
    return SentTestMessage(
        recipient=mail.recipient,
        message_id=mail.message_id,
        way=TestMessageWay.SMTP,
        is_accepted=result.outcome in (DeliveryState.SENT, DeliveryState.UNCERTAIN),
        reply=reply,
        forwarder=forwarder,
    )


class _AsTest:
    """Stores what the intake decided as test mail."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    async def store(self, messages: Sequence[SpooledMessage]) -> tuple[MessageId, ...]:
        return await self._spool.store([_as_test(message) for message in messages])


def _as_test(message: SpooledMessage) -> SpooledMessage:
    if message.envelope is None or message.envelope.kind is not EnvelopeKind.FORWARD:
        return message
    return replace(message, envelope=replace(message.envelope, kind=EnvelopeKind.TEST))


async def _by_queue(
    sessions: Sessions, mail: _Mail, *, keys: MasterKeys, tools: MailTools, publish: Publish
) -> SentTestMessage:
    """Take the message in here, as a forwarder would, and leave it in the queue for the next one that comes."""
    spool = Spool(sessions, forwarder="", room=lambda: 0, started=lambda due: None, publish=publish)
    try:
        intake = await _intake(sessions, _AsTest(spool), keys, tools)
        envelope = TrialEnvelope(mail.sender, (mail.recipient,), _LOOPBACK, mail.hostname)
        client = MailClient(_LOOPBACK, helo=mail.hostname, protocol="ESMTP")
        course = await TrialSession(intake, client, hostname=mail.hostname).hold(envelope, mail.raw)
        await intake.close()
    finally:
        await spool.close()
    is_accepted = any(reply.is_accepted for reply in course.replies)
    return SentTestMessage(mail.recipient, mail.message_id, TestMessageWay.QUEUE, is_accepted, course.last_reply)


async def _intake(sessions: Sessions, store: MailStore, keys: MasterKeys, tools: MailTools) -> MailIntakeController:
    settings = replace(await load_forwarder_settings(sessions), per_client_minute=0)
    _, dns = await mail_settings(sessions)
    return MailIntakeController(
        ForwardingCache(sessions),
        SrsRewriter(sessions, keys),
        tools.authenticator(dns, settings.hostname),
        store,
        settings=lambda: settings,
        sealer=ArcSealer(sessions, keys, lambda: settings),
    )


def _nobody_there(running: Sequence[ForwarderProcess]) -> Text:
    if running:
        return text(
            "The running forwarders cannot be reached from this computer, so the message went into their queue: "
            "they deliver it within seconds."
        )
    return text(
        "No forwarder is running, so nobody delivers it yet. Start one on the Forwarder page, or on a server with: "
        "smtpy-desktop forwarder"
    )
