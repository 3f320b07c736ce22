"""A mail listener at a free port of loopback, with a program behind it that writes everything down."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from smtpy_desktop.core.smtp_session_parts import Dialect
from smtpy_desktop.listeners.smtp_limits import SmtpLimits
from smtpy_desktop.listeners.smtp_listener import SmtpListener
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply
from tests.helpers.mail_client import MailConversation
from tests.integration.certificates import Certificate

YES = SmtpReply(250, "2.0.0", "Yes")
NO = SmtpReply(550, "5.1.1", "No such user")


class RecordingIntake:
    """Takes everything but mail to ``no@…``; ``before`` is awaited before each answer."""

    def __init__(self, *, largest: int = 1_000_000) -> None:
        self.largest_message = largest
        self.messages: list[tuple[MailEnvelope, bytes]] = []
        self.recipients: list[str] = []
        self.greeted: list[MailClient] = []
        self.before: Callable[[str], Awaitable[object]] | None = None

    async def greet(self, client: MailClient) -> SmtpReply | None:
        await self._step("greet")
        self.greeted.append(client)
        return None

    async def sender(self, client: MailClient, sender: str, size: int | None) -> SmtpReply:
        await self._step("sender")
        return YES

    async def recipient(self, client: MailClient, sender: str, recipient: str) -> SmtpReply:
        await self._step("recipient")
        self.recipients.append(recipient)
        return NO if recipient.startswith("no@") else YES

    async def message(self, envelope: MailEnvelope, raw: bytes) -> tuple[SmtpReply, ...]:
        await self._step("message")
        self.messages.append((envelope, raw))
        return (YES,) * len(envelope.recipients)

    async def _step(self, name: str) -> None:
        if self.before is not None:
            await self.before(name)


class Trial:
    """A running listener; ``settings`` may be exchanged."""

    def __init__(self, intake: RecordingIntake, settings: ForwarderSettings) -> None:
        self.intake, self.settings = intake, settings
        self.listener: SmtpListener
        self.port = 0

    def talk(self) -> MailConversation:
        return MailConversation(self.port)

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something is so."""
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, "it never came to that"
            await asyncio.sleep(0.005)

    async def until_nobody_is_there(self) -> None:
        await self.until(lambda: self.listener.open_connections == 0)


@asynccontextmanager
async def listening_for_mail(
    *,
    dialect: Dialect = Dialect.SMTP,
    trusted: tuple[str, ...] = (),
    tls: ssl.SSLContext | None = None,
    limits: SmtpLimits | None = None,
    largest: int = 1_000_000,
) -> AsyncIterator[Trial]:
    """Listen until the block ends; afterwards nobody may be left over."""
    trial = Trial(RecordingIntake(largest=largest), ForwarderSettings("mx.example.net", trusted=trusted))
    trial.listener = SmtpListener(trial.intake, lambda: trial.settings, dialect=dialect, tls=tls, limits=limits)
    _, trial.port = await trial.listener.start("127.0.0.1", 0)
    try:
        yield trial
    finally:
        await trial.listener.close(0.2)
        await trial.until_nobody_is_there()


def server_tls(directory: Path, made: Certificate) -> ssl.SSLContext:
    """Return a server's context for a certificate."""
    pem = directory / f"{abs(hash(made.certificate))}.pem"
    pem.write_bytes(made.certificate + made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def client_tls(authority: bytes) -> ssl.SSLContext:
    """Return a client's context that trusts an authority."""
    return ssl.create_default_context(cadata=authority.decode())
