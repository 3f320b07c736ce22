"""One mail connection: carries bytes between a socket and its session, and the session's questions to the program."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence
from typing import Protocol, cast

from smtpy_desktop.controllers.mail_intake import MailIntake
from smtpy_desktop.core import smtp_replies
from smtpy_desktop.core.smtp_client_attributes import normal_address
from smtpy_desktop.core.smtp_server_session import SmtpServerSession
from smtpy_desktop.core.smtp_session_parts import (
    GreetingAsked,
    MessageAsked,
    Question,
    RecipientAsked,
    SenderAsked,
    TlsAsked,
)
from smtpy_desktop.listeners.smtp_limits import SmtpLimits
from smtpy_desktop.schemas.smtp_session import MailClient, SmtpReply

_log = logging.getLogger(__name__)

_MOST_PENDING = 64 * 1024
"""Bytes that may wait behind a question; then the client is not read any more until it is answered."""


class ConnectionOwner(Protocol):
    """The listener, as its connections see it."""

    intake: MailIntake
    limits: SmtpLimits
    tls: ssl.SSLContext | None
    counters: dict[str, int]
    buffer: memoryview

    def admit(self, connection: SmtpConnection, client: MailClient) -> SmtpServerSession | None:
        """Take a new connection in and give it its session; None when there are too many."""
        ...

    def forget(self, connection: SmtpConnection) -> None:
        """Note that a connection is gone."""
        ...

    def note_fault(self, error: Exception) -> None:
        """Note that the program could not answer."""
        ...


class SmtpConnection(asyncio.BufferedProtocol):
    """Belongs to one event loop; all connections of a listener read into the same buffer, each for a moment."""

    def __init__(self, owner: ConnectionOwner) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._session: SmtpServerSession | None = None
        self._task: asyncio.Task[None] | None = None
        self.client = MailClient("")
        self.began = self._heard = self._since = self._loop.time()
        self._steps = 0
        self._has_ended = self._is_leaving = self._is_deaf = self._is_held = self._is_tls = False

    @property
    def is_idle(self) -> bool:
        """Whether no mail is begun and nothing is asked."""
        return self._session is None or self._session.is_idle

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the client, unless there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self.client = _client_of(self._transport)
        self._session = self._owner.admit(self, self.client)
        if self._session is None:
            self._transport.write(smtp_replies.TOO_MANY.encoded())
            self._transport.close()
        else:
            self._session.start()
            self._go_on()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return the buffer, which is emptied before anything else is read.

        It is a view, because asyncio's TLS fills it slice by slice, and a slice of a bytearray would be a copy.
        """
        return self._owner.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take bytes."""
        session = self._session
        if session is None or self._is_leaving:
            return
        self._heard = self._loop.time()
        session.receive(bytes(self._owner.buffer[:nbytes]))
        if self._task is None:
            self._go_on()
        elif session.pending > _MOST_PENDING:
            self._hold(is_held=True)

    def eof_received(self) -> bool:
        """Note that the client sends no more; what it has sent is answered before the connection is closed."""
        self._has_ended = True
        if self._task is None:
            self._go_on()
        # TLS knows no half of a connection.
        return self._transport is not None and not self._is_tls and not self._is_leaving

    def pause_writing(self) -> None:
        """Note that the client does not read its replies: it is not read either."""
        self._is_deaf = True
        self._since = self._loop.time()
        self._hold(is_held=True)

    def resume_writing(self) -> None:
        """Go on after the client has read its replies."""
        self._is_deaf = False
        self._since = self._loop.time()
        if self._task is None:
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client; what the program is doing for it is not cut short."""
        self._transport = None
        self._owner.forget(self)
        if self._session is not None:
            self._session.abandon()

    def shut_down(self) -> None:
        """Say goodbye as soon as no mail is begun any more."""
        if self._session is not None and not self._is_leaving:
            self._session.shut_down()
            if self._task is None:
                self._go_on()

    def dismiss(self, reply: SmtpReply) -> None:
        """Say goodbye at once and cut the connection."""
        if self._session is not None:
            self._session.end(reply)
        if self._task is not None:
            self._task.cancel()
        if self._transport is not None:
            self._flush()
        if self._transport is not None:
            self._transport.abort()

    def check(self, now: float) -> None:
        """Let go of a client that is too slow; ``now`` is the loop's time."""
        session, limits = self._session, self._owner.limits
        waited = now - self._since
        if self._is_leaving or session is None:
            if waited > limits.farewell_seconds and self._transport is not None:
                self._transport.abort()
        elif self._task is not None:
            if waited > limits.answer_seconds:
                self._task.cancel()
        elif self._is_deaf:
            if waited > limits.data_pause_seconds and self._transport is not None:
                self._transport.abort()
        elif self._is_slow(session, now) or (now - self.began > limits.session_seconds and session.is_idle):
            session.time_out()
            self._go_on()

    def _is_slow(self, session: SmtpServerSession, now: float) -> bool:
        limits, received = self._owner.limits, session.data_received
        if received is None:
            return now - self._since > limits.command_seconds
        is_silent = now - self._heard > limits.data_pause_seconds
        return is_silent or now - self._since > limits.data_seconds + received / limits.data_rate

    def _go_on(self) -> None:
        """Do what the session wants next: ask the program, send, begin TLS, or end."""
        session = self._session
        if session is None or self._transport is None or self._is_leaving:
            return
        if session.steps != self._steps:
            self._steps, self._since = session.steps, self._loop.time()
        question = session.asked
        if question is not None and not isinstance(question, TlsAsked) and not session.is_over:
            self._task = self._loop.create_task(self._converse(session))
            return
        self._flush()
        if session.is_over or (self._has_ended and question is None):
            self._leave()
        elif question is not None:
            self._transport.pause_reading()
            self._task = self._loop.create_task(self._upgrade(session))
        else:
            self._hold(is_held=self._is_deaf)

    async def _converse(self, session: SmtpServerSession) -> None:
        """Hand questions to the program until there are none."""
        try:
            while (question := session.asked) is not None and not isinstance(question, TlsAsked):
                try:
                    replies = await self._ask(question)
                except Exception as error:  # noqa: BLE001 - whatever it is, the client is to try again
                    self._owner.note_fault(error)
                    session.answer_fault()
                else:
                    session.answer(replies)
        except asyncio.CancelledError:
            # The program took too long, or is being stopped: nothing was promised to the client.
            session.give_up()
        finally:
            self._task = None
        self._go_on()

    async def _ask(self, question: Question) -> Sequence[SmtpReply]:
        intake = self._owner.intake
        if isinstance(question, RecipientAsked):
            return [await intake.recipient(question.client, question.sender, question.recipient)]
        if isinstance(question, SenderAsked):
            return [await intake.sender(question.client, question.argument.address, question.argument.size)]
        if isinstance(question, MessageAsked):
            return await intake.message(question.envelope, question.raw)
        reply = await intake.greet(question.client) if isinstance(question, GreetingAsked) else None
        return [] if reply is None else [reply]

    async def _upgrade(self, session: SmtpServerSession) -> None:
        """Begin TLS; a client that fails at it is cut off."""
        transport, context = self._transport, self._owner.tls
        upgraded: asyncio.Transport | None = None
        try:
            if transport is not None and context is not None:
                seconds = self._owner.limits.handshake_seconds
                upgraded = await self._loop.start_tls(
                    transport, self, context, server_side=True, ssl_handshake_timeout=seconds
                )
        except (OSError, asyncio.CancelledError) as error:
            _log.debug("TLS with %s failed: %s", self.client.address, error)
        finally:
            self._task = None
        if upgraded is None:
            self._owner.counters["tls_failed"] += 1
            if transport is not None:
                transport.abort()
            # asyncio does not always tell the end of a connection that is lost within the handshake.
            self.connection_lost(None)
            return
        self._transport, self._is_tls, self._is_held = upgraded, True, False
        session.begin_tls(_tls_words(upgraded))
        self._go_on()

    def _flush(self) -> None:
        if self._session is not None and self._transport is not None:
            output = self._session.take_output()
            if output:
                self._transport.write(output)

    def _hold(self, *, is_held: bool) -> None:
        """Stop reading from the client, or begin again."""
        if self._transport is None or is_held is self._is_held:
            return
        self._is_held = is_held
        if is_held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _leave(self) -> None:
        """Close; what the client still sends is read and dropped, since a reset would destroy the last reply."""
        transport = self._transport
        if transport is None or self._is_leaving:
            return
        self._is_leaving = True
        self._since = self._loop.time()
        session = self._session
        if session is not None and (session.has_quit or self._has_ended):
            transport.close()
        elif transport.can_write_eof():
            self._hold(is_held=False)
            try:
                transport.write_eof()
            except OSError:  # the client has reset the connection, and asyncio has not seen it yet
                transport.abort()
        else:
            transport.close()


def _client_of(transport: asyncio.Transport) -> MailClient:
    peer = transport.get_extra_info("peername") or ("", 0)
    try:
        return MailClient(normal_address(str(peer[0])), int(peer[1]))
    except ValueError:
        return MailClient(str(peer[0]))


def _tls_words(transport: asyncio.Transport) -> str:
    """Return version and cipher."""
    name, version, bits = transport.get_extra_info("cipher") or ("unknown", "TLS", 0)
    return f"{version} {name} ({bits} bits)" if bits else str(version)
