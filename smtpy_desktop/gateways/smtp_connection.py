"""One connection to a mail server: drives the conversations of a session and keeps their deadlines."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from smtpy_desktop.core.smtp_client_session import Answer, Conversation, SmtpClientSession, SmtpVerb, Step
from smtpy_desktop.core.smtp_reply import ReplyError, ReplyReader, ServerReply

_BLOCK = 256 * 1024
_TLS_NAMES = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}


@dataclass(frozen=True, slots=True)
class SmtpDeadlines:
    """How long a server may take, in seconds: the minima of RFC 5321 section 4.5.3.2, and for connecting and TLS.

    ``block`` is for each piece of the content, ``content`` for the answer to the final dot.
    """

    connect: float = 30
    greeting: float = 300
    hello: float = 300
    tls: float = 60
    mail: float = 300
    rcpt: float = 300
    data: float = 120
    block: float = 180
    content: float = 600
    reset: float = 60
    quit: float = 2

    def by_verb(self) -> dict[SmtpVerb, float]:
        """Return the time for the reply to each verb."""
        return {
            SmtpVerb.GREETING: self.greeting,
            SmtpVerb.EHLO: self.hello,
            SmtpVerb.HELO: self.hello,
            SmtpVerb.STARTTLS: self.data,
            SmtpVerb.AUTH: self.hello,
            SmtpVerb.MAIL: self.mail,
            SmtpVerb.RCPT: self.rcpt,
            SmtpVerb.DATA: self.data,
            SmtpVerb.CONTENT: self.content,
            SmtpVerb.ABANDON: self.data,
            SmtpVerb.RSET: self.reset,
        }


class SmtpBroken(Exception):
    """A conversation ended without its answer; ``is_uncertain``: the final dot was out, so that it may have arrived."""

    def __init__(self, words: str, verb: SmtpVerb | None = None, *, is_uncertain: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.verb = verb
        self.is_uncertain = is_uncertain


class SmtpConnection(asyncio.Protocol):
    """A connection and its session; one conversation at a time."""

    def __init__(self, session: SmtpClientSession, deadlines: SmtpDeadlines) -> None:
        self.session = session
        self.tls: str | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._deadlines = deadlines
        self._by_verb = deadlines.by_verb()
        self._transport: asyncio.Transport | None = None
        self._reader = ReplyReader()
        self._conversation: Conversation | None = None
        self._done: asyncio.Future[Answer] | None = None
        self._verb = SmtpVerb.GREETING
        self._rest = memoryview(b"")
        self._is_paused = False
        self._dot_is_out = False
        self._is_over = False
        self._deadline = 0.0
        self._watch: asyncio.TimerHandle | None = None

    @property
    def is_usable(self) -> bool:
        """Whether another conversation may be started."""
        return self._transport is not None and not self._is_over and self._conversation is None

    async def converse(self, conversation: Conversation) -> Answer:
        """Drive a conversation to its end; raise SmtpBroken when the connection does not last that long."""
        if not self.is_usable:
            conversation.close()
            raise SmtpBroken("The connection was closed")
        self._conversation = conversation
        # Kept here as well: a conversation may be over before it has asked anything.
        done: asyncio.Future[Answer] = self._loop.create_future()
        self._done = done
        self._advance(None)
        try:
            return await done
        except asyncio.CancelledError:
            self._leave()
            self.abort()
            raise

    async def secure(self, context: ssl.SSLContext, name: str) -> None:
        """Do the TLS handshake; raise OSError when it fails (ssl.SSLError is one). Nothing said before counts."""
        transport = self._transport
        if transport is None or self._is_over:
            raise ConnectionResetError("The connection was closed")
        self._reader.forget()
        made = await self._loop.start_tls(
            transport, self, context, server_hostname=name, ssl_handshake_timeout=self._deadlines.tls
        )
        if made is not None:
            self._transport, self._is_paused = made, False
        if made is None or not self.is_usable:
            self.abort()
            raise ConnectionResetError("The connection was closed during the TLS handshake")
        self._note_tls(made)

    def certificate(self) -> bytes:
        """Return the server's certificate (DER); empty without TLS."""
        secured = self._transport.get_extra_info("ssl_object") if self._transport is not None else None
        return secured.getpeercert(binary_form=True) or b"" if secured is not None else b""

    def rest(self, seconds: float) -> None:
        """Stay open without work for so long, then say good-bye."""
        self._arm(seconds)

    def close(self) -> None:
        """Say good-bye and close, without waiting for it."""
        if self._transport is None or self._is_over:
            return
        self._is_over = True
        self._transport.write(b"QUIT\r\n")
        self._arm(self._deadlines.quit)

    def abort(self) -> None:
        """Close at once."""
        self._is_over = True
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream has one
        self._transport = transport
        # The buffer is empty whenever writing is not paused: so it is known whether the final dot has left.
        transport.set_write_buffer_limits(high=0)
        if transport.get_extra_info("ssl_object") is not None:  # TLS from the first byte on
            self._note_tls(transport)

    def data_received(self, data: bytes) -> None:
        """Hear the server."""
        self._reader.feed(data)
        if not self._is_conversing():
            self._hear_unasked()
            return
        try:
            while self._is_conversing() and (reply := self._reader.next_reply()) is not None:
                self._take(reply)
        except ReplyError as error:
            self._break(f"The server's answer is no SMTP: {error}")
        if not self._is_conversing() and not self._reader.is_empty and self._verb is not SmtpVerb.STARTTLS:
            self.abort()  # more was said than asked: the next answers would be taken for others

    def pause_writing(self) -> None:
        """Take note that not everything has left."""
        self._is_paused = True

    def resume_writing(self) -> None:
        """Take note that everything has left, and go on."""
        self._is_paused = False
        if self._verb is SmtpVerb.CONTENT and self._conversation is not None:
            self._write_more()

    def eof_received(self) -> bool:
        """Close as well: a server that says nothing more cannot take responsibility."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was going on."""
        self._is_over = True
        if self._watch is not None:
            self._watch.cancel()
        if not self.closed.done():
            self.closed.set_result(None)
        reason = f": {exc.strerror or exc}" if isinstance(exc, OSError) else ""
        self._break(f"The server closed the connection{reason}")

    def _note_tls(self, transport: asyncio.Transport) -> None:
        version, cipher = transport.get_extra_info("ssl_object").version(), transport.get_extra_info("cipher")
        self.tls = f"{_TLS_NAMES.get(version, version)} {cipher[0]}"

    # Conversations

    def _is_conversing(self) -> bool:
        return self._conversation is not None

    def _take(self, reply: ServerReply) -> None:
        if self._verb is SmtpVerb.CONTENT and not self._dot_is_out:
            # Refused while it was still being sent: that is the answer, and the connection is out of step.
            if reply.code < 400:
                self._break("The server answered before the message was there")
                return
            self._advance(reply)
            self.abort()
            return
        self._advance(reply)

    def _advance(self, reply: ServerReply | None) -> None:
        conversation = self._conversation
        assert conversation is not None  # noqa: S101 - only called within one
        try:
            step = next(conversation) if reply is None else conversation.send(reply)
        except StopIteration as end:
            self._finish(end.value)
            return
        if step.data and not self._reader.is_empty:
            self._break("The server answered more than it was asked")
            return
        self._verb, self._dot_is_out = step.verb, False
        self._write(step)

    def _write(self, step: Step) -> None:
        assert self._transport is not None  # noqa: S101 - the connection is there
        if step.verb is SmtpVerb.CONTENT:
            self._rest = memoryview(step.data)
            self._write_more()
            return
        if step.data:
            self._transport.write(step.data)
        self._arm(self._by_verb[step.verb])

    def _write_more(self) -> None:
        assert self._transport is not None  # noqa: S101 - the connection is there
        while self._rest and not self._is_paused:
            block, self._rest = self._rest[:_BLOCK], self._rest[_BLOCK:]
            self._transport.write(block)
        # Encrypted, it cannot be known how far the dot has come.
        has_left = not self._is_paused or self.tls is not None
        self._dot_is_out = not self._rest and has_left and not self._transport.is_closing()
        self._arm(self._deadlines.content if self._dot_is_out else self._deadlines.block)

    def _finish(self, answer: Answer) -> None:
        done = self._leave()
        if answer.is_over:
            self.close()
        if done is not None and not done.done():
            done.set_result(answer)

    def _break(self, words: str) -> None:
        is_uncertain = self._verb is SmtpVerb.CONTENT and self._dot_is_out
        verb, done = self._verb, self._leave()
        self.abort()
        if done is not None and not done.done():
            done.set_exception(SmtpBroken(words, verb, is_uncertain=is_uncertain))

    def _leave(self) -> asyncio.Future[Answer] | None:
        done, conversation = self._done, self._conversation
        self._done = self._conversation = None
        self._rest = memoryview(b"")
        if conversation is not None:
            conversation.close()
        return done

    def _hear_unasked(self) -> None:
        """Take what is said in between: the answer to QUIT, or 421 because the server waits no longer."""
        if self._verb is SmtpVerb.STARTTLS and not self._is_over:
            return  # forgotten before the handshake
        if self._transport is not None:
            self._is_over = True
            if not self._transport.is_closing():  # asyncio's TLS forgets what it is about when it is closed twice
                self._transport.close()

    # Deadlines: one timer, moved only when it would be too late

    def _arm(self, seconds: float) -> None:
        self._deadline = self._loop.time() + seconds
        if self._watch is None or self._watch.when() > self._deadline:
            if self._watch is not None:
                self._watch.cancel()
            self._watch = self._loop.call_at(self._deadline, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        self._watch = None
        if self._loop.time() < self._deadline:
            self._watch = self._loop.call_at(self._deadline, self._look_at_the_clock)
        elif self._conversation is not None:
            self._break(f"No answer within the time allowed ({self._verb})")
        elif self._is_over:
            self.abort()
        else:
            self.close()
