"""Opens a connection to a mail server: connects, is greeted, encrypts as far as it is wanted and possible, signs in."""

from __future__ import annotations

import asyncio
import os
import ssl
from dataclasses import replace

from smtpy_desktop.core.smtp_client_session import Answer, SmtpClientSession
from smtpy_desktop.core.smtp_sign_in import UNSAFE
from smtpy_desktop.gateways.smtp_connection import SmtpConnection, SmtpDeadlines
from smtpy_desktop.gateways.smtp_connection_pool import TlsMode
from smtpy_desktop.gateways.smtp_sign_in import PasswordReader, SignInRefused, SmtpSignIn
from smtpy_desktop.gateways.trusted_certificates import LIBPQ_DEFAULT, system_root_certificates
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer

_NEVER_MAIL = 521


class SmtpRefused(Exception):
    """A server does not go on before any message was named; ``answer`` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.words)
        self.answer = answer


class SmtpUnreachable(Exception):
    """No connection could be made; the words say why."""


class SmtpOpening:
    """Opens connections as ``hostname``; ``authorities`` is a PEM file, empty: those that the system trusts."""

    def __init__(
        self,
        hostname: str,
        deadlines: SmtpDeadlines,
        *,
        authorities: str = "",
        password: PasswordReader | None = None,
    ) -> None:
        self.hostname = hostname
        self._deadlines = deadlines
        self._authorities = authorities
        self._sign_in = SmtpSignIn(password)
        self._contexts: dict[TlsMode, ssl.SSLContext] = {}

    async def open(self, server: MailServer, mode: TlsMode) -> SmtpConnection:
        """Return a connection that may be given messages.

        Raises SmtpUnreachable, SmtpRefused, or SmtpBroken when the server leaves in the middle.
        """
        try:
            ticket = await self._sign_in.ticket(server)
            connection = await self._open(server, mode)
        except SignInRefused as refused:
            raise SmtpRefused(refused.answer) from None
        if ticket is None:
            return connection
        try:
            await self._sign_in.sign_in(connection, connection.session.extensions, ticket)
        except SignInRefused as refused:
            connection.close()
            raise SmtpRefused(refused.answer) from None
        except BaseException:
            connection.abort()
            raise
        return connection

    async def _open(self, server: MailServer, mode: TlsMode) -> SmtpConnection:
        connection = await self._connect(server, mode)
        try:
            _expect_yes(await connection.converse(connection.session.greet()))
            if mode in (TlsMode.NONE, TlsMode.IMPLICIT) or await self._encrypt(connection, server, mode):
                return connection
        except BaseException as error:
            if isinstance(error, SmtpRefused):
                connection.close()
            else:
                connection.abort()
            raise
        connection.abort()
        return await self._open(server, TlsMode.NONE)

    async def _connect(self, server: MailServer, mode: TlsMode) -> SmtpConnection:
        loop = asyncio.get_running_loop()
        session = SmtpClientSession(self.hostname)
        is_implicit = mode is TlsMode.IMPLICIT
        try:
            async with asyncio.timeout(self._deadlines.connect):
                _, connection = await loop.create_connection(
                    lambda: SmtpConnection(session, self._deadlines),
                    server.address,
                    server.port,
                    ssl=self._context(mode) if is_implicit else None,
                    server_hostname=_certified(server) if is_implicit else None,
                )
        except TimeoutError:
            raise SmtpUnreachable("No connection within the time allowed: timed out") from None
        except (ssl.SSLError, ValueError) as error:
            words = _tls_reason(error) if _speaks_tls(error) else "the server does not speak TLS from the first byte on"
            raise SmtpRefused(_no_tls(server, f"it fails: {words}")) from None
        except OSError as error:
            raise SmtpUnreachable(_reason(error)) from None
        return connection

    async def _encrypt(self, connection: SmtpConnection, server: MailServer, mode: TlsMode) -> bool:
        """Return whether the connection may be used; False: the handshake failed, and plain is good enough."""
        session, is_required = connection.session, mode.is_checked
        if not session.offers("STARTTLS"):
            if is_required:
                raise SmtpRefused(_no_tls(server, "the server does not offer STARTTLS"))
            return True
        answer = await connection.converse(session.ask_for_tls())
        if answer.outcome is not DeliveryState.SENT:
            if is_required:
                raise SmtpRefused(_no_tls(server, f"the server refuses it: {answer.words}"))
            if answer.is_over:
                raise SmtpRefused(answer)
            return True
        try:
            await connection.secure(self._context(mode), _certified(server))
        except (OSError, ValueError) as error:  # a name that no certificate could have is a ValueError
            if is_required:
                raise SmtpRefused(_no_tls(server, f"it fails: {_tls_reason(error)}")) from None
            return False
        _expect_yes(await connection.converse(session.greet(is_first=False)))
        return True

    def _context(self, mode: TlsMode) -> ssl.SSLContext:
        if mode not in self._contexts:
            self._contexts[mode] = self._verifying() if mode.is_checked else _trusting()
        return self._contexts[mode]

    def _verifying(self) -> ssl.SSLContext:
        file = self._authorities or system_root_certificates()
        return ssl.create_default_context(cafile=None if file == LIBPQ_DEFAULT else file)


def _expect_yes(answer: Answer) -> None:
    """Raise SmtpRefused unless the server has greeted us.

    A server that wants nothing of us (554, "your address is on a list") has said nothing about a message: another one
    or a later day may take it. Only 521 means that there never will be mail (RFC 7504 section 3).
    """
    if answer.outcome is DeliveryState.FAILED and answer.code != _NEVER_MAIL:
        answer = replace(answer, outcome=DeliveryState.DEFERRED, tries_others=True)
    if answer.outcome is not DeliveryState.SENT:
        raise SmtpRefused(answer)


def _trusting() -> ssl.SSLContext:
    """Encrypt without asking to whom, as RFC 7435 has it: still better than in clear, which is the alternative."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _certified(server: MailServer) -> str:
    """Return what the server's certificate has to be for."""
    return server.name or server.address


def _speaks_tls(error: Exception) -> bool:
    return getattr(error, "reason", None) not in ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING")


def _no_tls(server: MailServer, why: str) -> Answer:
    needed = UNSAFE if server.smart_host is not None and server.smart_host.user else "TLS is required"
    return Answer(DeliveryState.DEFERRED, None, "4.7.10", f"{needed}, and {why}", is_over=True, tries_others=True)


def _reason(error: OSError) -> str:
    words = os.strerror(error.errno) if error.errno else str(error)
    return words or type(error).__name__


def _tls_reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return str(reason or type(error).__name__)
