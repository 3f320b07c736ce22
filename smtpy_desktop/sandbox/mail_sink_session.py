"""One connection to the sandbox's mail server: strict SMTP (RFC 5321), with faults where they are switched on."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import Callable
from typing import Protocol, cast

from smtpy_desktop.sandbox.mail_sink_faults import STORING_FAULTS, SinkFault, SinkFaults, SinkVerb
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from smtpy_desktop.sandbox.mail_sink_sign_in import NEEDED, SinkDialogue, SinkSignIn

LARGEST_MESSAGE = 50 * 1024 * 1024
_LONGEST_LINE = 4096
_MOST_RECIPIENTS = 1000
_PATH = re.compile(rb"(?:FROM|TO): ?<([^<>\x00-\x20\x7f]*)>(?: (.+))?", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:SIZE=\d{1,20}|BODY=(?:7BIT|8BITMIME)|SMTPUTF8)", re.IGNORECASE)
_TEMPORARY = {
    SinkVerb.CONNECT: "421 4.3.2 This server is busy, try again later",
    SinkVerb.RCPT: "452 4.2.2 The mailbox is full",
    SinkVerb.CONTENT: "451 4.3.0 The message cannot be taken now, try again later",
}
_PERMANENT = {
    SinkVerb.CONNECT: "554 5.3.2 No mail is taken here",
    SinkVerb.RCPT: "550 5.1.1 There is no such mailbox",
    SinkVerb.CONTENT: "554 5.7.1 The message is refused",
}
_VERBS = {b"EHLO": SinkVerb.HELO, b"HELO": SinkVerb.HELO} | {
    verb.encode(): SinkVerb[verb] for verb in ("STARTTLS", "MAIL", "RCPT", "DATA", "RSET", "QUIT")
}


class SinkHost(Protocol):
    """What a connection needs of its server."""

    hostname: str
    faults: SinkFaults
    extensions: tuple[str, ...]
    tls: ssl.SSLContext | None
    sign_in: SinkSignIn | None
    connections: set[SinkConnection]
    moods: Callable[[str, str], str | None]

    def keep(self, mail: ReceivedMail) -> None:
        """Keep a message for good."""
        ...

    def next_number(self) -> int:
        """Return the number of the next message."""
        ...


class SinkConnection(asyncio.Protocol):
    """Answers one client; commands that came together are answered one after the other."""

    def __init__(self, host: SinkHost) -> None:
        self._host = host
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()
        self._is_paused = self._is_data = self._is_over = False
        self._searched = 0
        self._client, self._helo = "", ""
        self._tls_version: str | None = None
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._parameters: list[str] = []
        self._dialogue: SinkDialogue | None = None
        self._is_signed_in = False

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or go on under TLS."""
        self._transport = cast("asyncio.Transport", transport)
        secured = transport.get_extra_info("ssl_object")
        if secured is not None:
            self._tls_version = secured.version()
            self._helo, self._is_paused = "", False
            if self in self._host.connections:
                self._go_on()  # what was sent under TLS may be here before we hear of it
                return
        self._host.connections.add(self)
        peer = transport.get_extra_info("peername")
        self._client = str(peer[0]) if peer else ""
        self._answer(SinkVerb.CONNECT, f"220 {self._host.hostname} ESMTP sandbox")

    def connection_lost(self, exc: Exception | None) -> None:
        """Be done."""
        self._is_over = True
        self._host.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._received += data
        if not self._is_paused:
            self._go_on()

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # Reading

    def _go_on(self) -> None:
        while self._received and not self._is_paused and not self._is_over:
            if not (self._read_content() if self._is_data else self._read_command()):
                return

    def _read_command(self) -> bool:
        end = self._received.find(b"\n")
        if end < 0:
            if len(self._received) > _LONGEST_LINE:
                self._say("500 5.5.6 The line is too long", closes=True)
            return False
        line = bytes(self._received[: end + 1])
        del self._received[: end + 1]
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or b"\0" in line:
            self._say("500 5.5.2 Lines end in CR LF", closes=True)
            return False
        self._obey(line[:-2])
        return True

    def _read_content(self) -> bool:
        received = self._received
        if received.startswith(b".\r\n"):
            end, taken = 0, 3
        else:
            found = received.find(b"\r\n.\r\n", self._searched)
            if found < 0:
                self._searched = max(0, len(received) - 4)
                if len(received) > LARGEST_MESSAGE * 2:
                    self.abort()
                return False
            end, taken = found + 2, found + 5
        raw = bytes(received[:end])
        del received[:taken]
        self._is_data, self._searched = False, 0
        self._take(raw)
        return True

    def _take(self, raw: bytes) -> None:
        is_clean = raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n") and b"\0" not in raw
        raw = raw.replace(b"\r\n.", b"\r\n")
        raw = raw.removeprefix(b".")
        if not is_clean:
            self._reset()
            self._say("554 5.6.0 Bare CR, bare LF or NUL in the message", closes=True)
        elif len(raw) > LARGEST_MESSAGE:
            self._reset()
            self._say("552 5.3.4 The message is too large")
        else:
            self._store(raw)

    def _store(self, raw: bytes) -> None:
        fault = self._host.faults.take(SinkVerb.CONTENT, self._recipients)
        number = self._host.next_number() if fault is SinkFault.NONE or fault in STORING_FAULTS else 0
        if number:
            mail = ReceivedMail(
                number=number,
                at=time.time(),
                client=self._client,
                helo=self._helo,
                sender=self._sender or "",
                recipients=tuple(self._recipients),
                raw=raw,
                parameters=tuple(self._parameters),
                tls=self._tls_version,
                violations=self._violations(raw),
            )
            self._host.keep(mail)
        self._reset()
        self._answer(SinkVerb.CONTENT, f"250 2.0.0 Taken as {number}", fault=fault)

    def _violations(self, raw: bytes) -> tuple[str, ...]:
        found = []
        if not raw.isascii() and "BODY=8BITMIME" not in self._parameters:
            found.append("8-bit content without BODY=8BITMIME")
        longest = max(map(len, raw.split(b"\r\n"))) if len(raw) > 998 else 0
        if longest > 998:
            found.append("a line of more than 998 octets")
        return tuple(found)

    # Commands

    def _obey(self, line: bytes) -> None:
        if self._dialogue is not None:
            self._hear_response(line)
            return
        word, _, rest = line.partition(b" ")
        if word.upper() == b"AUTH":
            self._begin_sign_in(rest)
            return
        verb = _VERBS.get(word.upper())
        if verb is None:
            known = word.upper() in (b"NOOP", b"VRFY", b"HELP")
            self._say("250 2.0.0 OK" if known else "500 5.5.1 This command is not known")
            return
        commands: dict[SinkVerb, Callable[[bytes], str]] = {
            SinkVerb.MAIL: self._mail,
            SinkVerb.RCPT: self._rcpt,
            SinkVerb.DATA: self._data,
        }
        if verb is SinkVerb.HELO:
            self._greet(rest, is_extended=word.upper() == b"EHLO")
        elif verb is SinkVerb.STARTTLS:
            self._begin_tls(rest)
        elif verb in commands:
            reply = commands[verb](rest)
            self._answer(verb, reply) if reply[0] in "23" else self._say(reply)
        elif verb is SinkVerb.RSET:
            self._reset()
            self._answer(verb, "250 2.0.0 Forgotten")
        else:
            self._answer(verb, "221 2.0.0 Good bye", closes=True)

    def _greet(self, rest: bytes, *, is_extended: bool) -> None:
        self._reset()
        self._helo = rest.decode("utf-8", "replace").strip()
        host = self._host
        if not self._helo:
            self._say("501 5.5.4 A name is missing")
            return
        offered = list(host.extensions) if is_extended else []
        if is_extended and host.tls is not None and self._tls_version is None:
            offered.append("STARTTLS")
        if is_extended and host.sign_in is not None and self._tls_version is not None:
            offered.append(f"AUTH {' '.join(host.sign_in.mechanisms)}")
        lines = [host.hostname, *offered]
        reply = "\r\n".join(f"250-{line}" for line in lines[:-1])
        self._answer(SinkVerb.HELO, f"{reply}\r\n250 {lines[-1]}" if reply else f"250 {lines[-1]}")

    def _mail(self, rest: bytes) -> str:
        if not self._helo:
            return "503 5.5.1 EHLO comes first"
        if self._host.sign_in is not None and not self._is_signed_in:
            return NEEDED
        if self._sender is not None:
            return "503 5.5.1 There is a sender already"
        found = _PATH.fullmatch(rest)
        if found is None or rest[:5].upper() != b"FROM:":
            return "501 5.5.4 MAIL FROM:<address> is meant"
        parameters = (found[2] or b"").decode("ascii", "replace").upper().split(" ") if found[2] else []
        if not all(_PARAMETER.fullmatch(one) for one in parameters):
            return "555 5.5.4 This parameter is not known"
        size = next((int(one[5:]) for one in parameters if one.startswith("SIZE=")), 0)
        if size > LARGEST_MESSAGE:
            return "552 5.3.4 The message is too large"
        if not found[1].isascii() and "SMTPUTF8" not in parameters:
            return "553 5.6.7 SMTPUTF8 is missing"
        self._sender, self._parameters = found[1].decode("utf-8", "replace"), parameters
        return "250 2.1.0 OK"

    def _rcpt(self, rest: bytes) -> str:
        if self._sender is None:
            return "503 5.5.1 MAIL comes first"
        found = _PATH.fullmatch(rest)
        if found is None or rest[:3].upper() != b"TO:" or b"@" not in found[1] or found[2]:
            return "501 5.5.4 RCPT TO:<address> is meant"
        if not found[1].isascii() and "SMTPUTF8" not in self._parameters:
            return "553 5.6.7 SMTPUTF8 is missing"
        if len(self._recipients) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        recipient = found[1].decode("utf-8", "replace")
        refusal = self._host.moods(self._sender, recipient)
        if refusal is not None:
            return refusal
        self._recipients.append(recipient)
        return "250 2.1.5 OK"

    def _data(self, rest: bytes) -> str:
        if rest:
            return "501 5.5.4 DATA has no parameters"
        if not self._recipients:
            return "554 5.5.1 There is no recipient"
        return "354 End with a dot on a line of its own"

    def _begin_tls(self, rest: bytes) -> None:
        if self._host.tls is None or self._tls_version is not None:
            self._say("502 5.5.1 STARTTLS is not offered")
        elif rest:
            self._say("501 5.5.4 STARTTLS has no parameters")
        else:
            self._answer(SinkVerb.STARTTLS, "220 2.0.0 Ready to start TLS")

    def _begin_sign_in(self, rest: bytes) -> None:
        if self._host.sign_in is None or self._is_signed_in:
            self._say("503 5.5.1 AUTH is not possible here")
            return
        self._dialogue = self._host.sign_in.begin(rest, is_encrypted=self._tls_version is not None)
        self._ask(None)

    def _hear_response(self, line: bytes) -> None:
        if line == b"*":
            self._dialogue = None
            self._say("501 5.7.0 Given up")
        else:
            self._ask(line)

    def _ask(self, response: bytes | None) -> None:
        """Go on in the dialogue by which somebody signs in."""
        dialogue = self._dialogue
        assert dialogue is not None  # noqa: S101 - only called within one
        try:
            reply = next(dialogue) if response is None else dialogue.send(response)
        except StopIteration as end:
            self._dialogue, reply = None, end.value
            self._is_signed_in = reply.startswith("2")
        self._say(reply, closes=reply.startswith("421"))

    def _reset(self) -> None:
        self._sender, self._recipients, self._parameters = None, [], []

    # Answering

    def _answer(self, verb: SinkVerb, reply: str, *, fault: SinkFault | None = None, closes: bool = False) -> None:
        """Give the answer of a verb, late or otherwise where that is switched on."""
        faults = self._host.faults
        what = faults.take(verb, self._recipients) if fault is None else fault
        if faults.delay_seconds:
            self._is_paused = True
            self._loop.call_later(faults.delay_seconds, self._answer_late, verb, reply, what, closes)
        else:
            self._answer_now(verb, reply, what, closes=closes)

    def _answer_late(self, verb: SinkVerb, reply: str, what: SinkFault, closes: bool) -> None:
        if self._is_over:
            return
        self._is_paused = False
        self._answer_now(verb, reply, what, closes=closes)
        if not self._is_paused:
            self._go_on()

    def _answer_now(self, verb: SinkVerb, reply: str, what: SinkFault, *, closes: bool) -> None:
        assert self._transport is not None  # noqa: S101 - answers come after connection_made
        match what:
            case SinkFault.NONE:
                self._say(reply, closes=closes)
                self._follow(verb)
            case SinkFault.TEMPORARY | SinkFault.PERMANENT:
                known, code = (_TEMPORARY, 451) if what is SinkFault.TEMPORARY else (_PERMANENT, 554)
                words = known.get(verb, f"{code} {code // 100}.3.0 Not now")
                if verb is SinkVerb.RCPT:
                    self._recipients.pop()
                if verb is SinkVerb.MAIL:
                    self._reset()
                self._say(self._host.faults.reply or words, closes=verb is SinkVerb.CONNECT)
            case SinkFault.CLOSING:
                self._say(self._host.faults.reply or "421 4.3.2 This server is being stopped", closes=True)
            case SinkFault.HANG | SinkFault.HANG_STORED:
                self._is_paused = True
            case SinkFault.HALF_CLOSE:
                self._is_paused = True
                if self._transport.can_write_eof():
                    self._transport.write_eof()
                else:
                    self._transport.close()
            case SinkFault.CUT | SinkFault.CUT_STORED:
                self._is_over = True
                self._transport.abort()

    def _follow(self, verb: SinkVerb) -> None:
        """Do what the client may now expect."""
        if verb is SinkVerb.DATA:
            self._is_data = True
        elif verb is SinkVerb.STARTTLS:
            # What was sent along in clear is forgotten (CVE-2011-0411 and its like).
            self._received.clear()
            self._reset()
            self._is_paused = True
            self._secured = self._loop.create_task(self._secure())

    async def _secure(self) -> None:
        assert self._transport is not None  # noqa: S101 - the connection is there
        assert self._host.tls is not None  # noqa: S101 - it was offered
        try:
            made = await self._loop.start_tls(self._transport, self, self._host.tls, server_side=True)
        except (OSError, asyncio.CancelledError):
            self.abort()
            return
        if made is not None:
            self.connection_made(made)

    def _say(self, reply: str, *, closes: bool = False) -> None:
        assert self._transport is not None  # noqa: S101 - replies come after connection_made
        if self._is_over:
            return
        self._transport.write(reply.encode("ascii", "replace") + b"\r\n")
        if closes:
            self._is_over = True
            self._transport.close()
