"""The client's side of an SMTP session without any input or output: it says what to write and is told the replies.

Each conversation is a generator: it yields a ``Step`` (what to write, and the verb whose reply is awaited) and is sent
the ``ServerReply``. Whoever drives it knows at any moment how far it has come.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Generator
from dataclasses import dataclass

from smtpy_desktop.core.dns_name import NameFault, normalize_name
from smtpy_desktop.core.smtp_reply import ServerReply
from smtpy_desktop.core.smtp_transfer_text import transfer_text
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import OutgoingMail


class SmtpVerb(enum.StrEnum):
    """What a reply is awaited to; CONTENT is the final dot, ABANDON a dot that ends a transaction without recipient."""

    GREETING = "greeting"
    EHLO = "EHLO"
    HELO = "HELO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    CONTENT = "the final dot"
    ABANDON = "the dot"
    RSET = "RSET"


@dataclass(frozen=True, slots=True)
class Step:
    """What to write now (nothing: a reply to something written before is awaited), and the verb it answers."""

    verb: SmtpVerb
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a conversation came to: SENT (for a greeting: it can go on), DEFERRED or FAILED; ``code`` None: our words.

    ``is_over``: the connection is of no use any more. ``is_at_fault``: it was lost or out of step before anything was
    decided, so that a fresh connection may do better at once. ``tries_others``: another server may take it.
    """

    outcome: DeliveryState
    code: int | None = None
    enhanced: str | None = None
    words: str = ""
    is_over: bool = False
    is_at_fault: bool = False
    tries_others: bool = False


Conversation = Generator[Step, ServerReply, Answer]

_PATH = re.compile(r'(?:[^\x00-\x20\x7f<>()"\\]+|"(?:[^\x00-\x1f\x7f"\\]|\\[\x20-\x7e])*")@[^\x00-\x20\x7f<>"\\]+')
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UNKNOWN_COMMAND = (500, 501, 502, 504, 550, 554)
_SAID_YES = Answer(DeliveryState.SENT)


class SmtpClientSession:
    """One session with one server, from its greeting to the last message."""

    def __init__(self, hostname: str) -> None:
        """Prepare to greet as ``hostname`` (an A-label name or an address literal)."""
        self._hostname = hostname.encode("ascii", "replace") or b"localhost"
        self._extensions: dict[str, str] = {}
        self._needs_reset = False
        self.transactions = 0

    def offers(self, extension: str) -> bool:
        """Tell whether the server has offered an extension (in upper case)."""
        return extension in self._extensions

    @property
    def extensions(self) -> tuple[tuple[str, str], ...]:
        """What the server has offered last: each keyword in upper case, and what stands behind it."""
        return tuple(self._extensions.items())

    def greet(self, *, is_first: bool = True) -> Conversation:
        """Take the server's greeting (not once more after STARTTLS) and greet it: EHLO, or HELO where it must be."""
        self._extensions = {}
        if is_first:
            reply = yield Step(SmtpVerb.GREETING)
            if reply.code != 220:
                return _refused(reply, tries_others=True, is_over=True)
        reply = yield Step(SmtpVerb.EHLO, b"EHLO " + self._hostname + b"\r\n")
        if reply.code == 250:
            self._extensions = _extensions(reply.lines[1:])
            return _SAID_YES
        if reply.code in _UNKNOWN_COMMAND:
            reply = yield Step(SmtpVerb.HELO, b"HELO " + self._hostname + b"\r\n")
            if reply.code == 250:
                return _SAID_YES
        return _refused(reply, tries_others=True, is_over=True)

    def ask_for_tls(self) -> Conversation:
        """Ask for TLS; SENT: the handshake follows, and everything known so far has to be forgotten."""
        reply = yield Step(SmtpVerb.STARTTLS, b"STARTTLS\r\n")
        return _SAID_YES if reply.code == 220 else _refused(reply, tries_others=True, is_over=reply.code == 421)

    def hand_over(self, mail: OutgoingMail) -> Conversation:
        """Hand one message over; SENT alone says that the server has taken responsibility for it."""
        refusal = self._cannot_take(mail)
        if refusal is not None:
            return refusal
        commands = [
            (SmtpVerb.MAIL, self._mail_command(mail)),
            (SmtpVerb.RCPT, b"RCPT TO:<" + _written(mail.recipient).encode() + b">\r\n"),
            (SmtpVerb.DATA, b"DATA\r\n"),
        ]
        if self._needs_reset:
            commands.insert(0, (SmtpVerb.RSET, b"RSET\r\n"))
        self.transactions += 1
        return (yield from self._transact(commands, mail))

    def _transact(self, commands: list[tuple[SmtpVerb, bytes]], mail: OutgoingMail) -> Conversation:
        is_pipelined = self.offers("PIPELINING")
        together = b"".join(data for _, data in commands)
        refused: Answer | None = None
        reply: ServerReply | None = None
        for position, (verb, data) in enumerate(commands):
            reply = yield Step(verb, data if not is_pipelined else b"" if position else together)
            answer = self._heard(verb, reply)
            refused = refused or answer
            if refused is not None and (refused.is_over or not is_pipelined):
                return refused
        if refused is None:
            reply = yield Step(SmtpVerb.CONTENT, transfer_text(mail.prefix + mail.raw))
            self._needs_reset = False
            if reply.is_accepted:
                return _said_yes(reply)
            return _refused(reply, is_over=reply.code == 421 or not _is_refusal(reply))
        if reply is not None and reply.code == 354:  # RFC 2920 section 3.1: a lone dot, and nothing was sent
            yield Step(SmtpVerb.ABANDON, b".\r\n")
            return _without_connection(refused)
        return refused

    def _heard(self, verb: SmtpVerb, reply: ServerReply) -> Answer | None:
        """Take the reply to a command; None: go on."""
        if reply.code == 421:
            return _refused(reply, is_over=True, is_at_fault=True, tries_others=True)
        if verb is SmtpVerb.RSET:
            self._needs_reset = False
            return None if reply.is_accepted else _refused(reply, is_over=True, is_at_fault=True)
        is_expected = reply.code == 354 if verb is SmtpVerb.DATA else reply.is_accepted
        if is_expected:
            self._needs_reset = True
            return None
        return _refused(reply, is_over=not _is_refusal(reply))

    def _cannot_take(self, mail: OutgoingMail) -> Answer | None:
        for address in filter(None, (mail.sender, mail.recipient)):
            if not _PATH.fullmatch(address) or _SURROGATE.search(address):
                return Answer(DeliveryState.FAILED, None, "5.1.3", "The address cannot be written in a command")
        if _needs_utf8(mail) and not self.offers("SMTPUTF8"):
            words = "The server does not take internationalized addresses and headers (SMTPUTF8)"
            return Answer(DeliveryState.FAILED, None, "5.6.7", words, tries_others=True)
        most = self._extensions.get("SIZE", "")
        if most.isascii() and most.isdigit() and 0 < int(most) < mail.size_bytes:
            words = f"The message is too large: {mail.size_bytes} bytes, and the server takes {int(most)}"
            return Answer(DeliveryState.FAILED, None, "5.3.4", words, tries_others=True)
        return None

    def _mail_command(self, mail: OutgoingMail) -> bytes:
        parts = [b"MAIL FROM:<" + _written(mail.sender).encode() + b">"]
        if self.offers("SIZE"):
            parts.append(b"SIZE=%d" % mail.size_bytes)
        is_8bit = mail.is_8bit or not (mail.raw.isascii() and mail.prefix.isascii())
        if is_8bit and self.offers("8BITMIME"):
            parts.append(b"BODY=8BITMIME")
        if _needs_utf8(mail):
            parts.append(b"SMTPUTF8")
        return b" ".join(parts) + b"\r\n"


def _needs_utf8(mail: OutgoingMail) -> bool:
    return mail.is_utf8 or not (_written(mail.sender) + _written(mail.recipient)).isascii()


def _written(address: str) -> str:
    """Return an address as it goes over the wire: an international domain needs no SMTPUTF8, its A-labels will do."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{normalize_name(domain).name}" if local.isascii() else address
    except NameFault:
        return address


def _extensions(lines: tuple[str, ...]) -> dict[str, str]:
    words = (line.strip().partition(" ") for line in lines)
    return {keyword.upper(): value.strip() for keyword, _, value in words if keyword}


def _is_refusal(reply: ServerReply) -> bool:
    return reply.code >= 400


def _said_yes(reply: ServerReply) -> Answer:
    return Answer(DeliveryState.SENT, reply.code, reply.enhanced, reply.words)


def _refused(
    reply: ServerReply, *, is_over: bool = False, is_at_fault: bool = False, tries_others: bool = False
) -> Answer:
    outcome = DeliveryState.FAILED if reply.is_permanent else DeliveryState.DEFERRED
    return Answer(outcome, reply.code, reply.enhanced, reply.words, is_over, is_at_fault, tries_others)


def _without_connection(answer: Answer) -> Answer:
    return Answer(answer.outcome, answer.code, answer.enhanced, answer.words, is_over=True)
