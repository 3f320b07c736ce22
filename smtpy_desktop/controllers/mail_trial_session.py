"""Holds a whole mail session without a socket: the listener's own session, the engine's own intake, and a client."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from smtpy_desktop.controllers.mail_intake import MailIntake
from smtpy_desktop.core.smtp_message_data import MessageRoom
from smtpy_desktop.core.smtp_server_session import SmtpServerSession
from smtpy_desktop.core.smtp_session_parts import (
    GreetingAsked,
    MessageAsked,
    RecipientAsked,
    SenderAsked,
    SessionRules,
    new_counters,
)
from smtpy_desktop.schemas.mail_simulation import DialogueLine, Speaker, TrialEnvelope, decisive_reply
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply

_PIECE = 256 * 1024
_ROOM = 1024 * 1024 * 1024
_LONGEST_WORD = 1000
_DOT = b"\r\n.\r\n"


@dataclass(slots=True)
class TrialCourse:
    """How a session went: everything that was said, and what the intake answered.

    ``recipients`` are the replies to those that got as far as being asked about, by how they were typed, with what the
    session read (``addresses``), and ``turned_away`` what was said to the others; ``sent`` is the message as the intake
    got it, with ``replies`` to it.
    """

    dialogue: list[DialogueLine] = field(default_factory=list)
    recipients: dict[str, SmtpReply] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    turned_away: dict[str, str] = field(default_factory=dict)
    sent: MailEnvelope | None = None
    replies: tuple[SmtpReply, ...] = ()

    @property
    def last_reply(self) -> str:
        """What the server said last, but for its goodbye."""
        return decisive_reply(self.dialogue)


class TrialSession:
    """One session with an intake; ``hold`` plays the client."""

    def __init__(self, intake: MailIntake, client: MailClient, *, hostname: str) -> None:
        self._intake = intake
        self._session = SmtpServerSession(
            SessionRules(hostname=hostname or "localhost"),
            client,
            largest_message=lambda: intake.largest_message,
            room=MessageRoom(_ROOM),
            counters=new_counters(),
        )
        self.course = TrialCourse()
        self._named = ""

    async def hold(self, envelope: TrialEnvelope, raw: bytes) -> TrialCourse:
        """Greet, hand the message over as far as it is taken, and leave."""
        self._session.start()
        await self._answer()
        if await self._greet_and_name(envelope, raw):
            await self._hand_over(raw)
        if not self._session.is_over:
            await self._say(b"QUIT")
        return self.course

    async def _greet_and_name(self, envelope: TrialEnvelope, raw: bytes) -> bool:
        """Go on until the message itself is wanted; False when it is not."""
        if not await self._say(b"EHLO " + _word(envelope.helo or "localhost")):
            return False
        parameters = b" SIZE=%d" % len(raw)
        if not raw.isascii():
            parameters += b" BODY=8BITMIME"
        if _needs_utf8(envelope, raw):
            parameters += b" SMTPUTF8"
        if not await self._say(b"MAIL FROM:<" + _word(envelope.sender) + b">" + parameters):
            return False
        taken = [await self._name(recipient) for recipient in envelope.recipients]
        return any(taken) and await self._say(b"DATA")

    async def _name(self, recipient: str) -> bool:
        self._named = recipient
        is_taken = await self._say(b"RCPT TO:<" + _word(recipient) + b">")
        if not is_taken and recipient not in self.course.recipients:
            self.course.turned_away[recipient] = self.course.last_reply
        return is_taken

    async def _say(self, line: bytes) -> bool:
        """Say a line; return whether the answer is a yes."""
        if self._session.is_over:
            return False
        self._note(Speaker.CLIENT, line)
        self._session.receive(line + b"\r\n")
        return await self._answer()

    async def _hand_over(self, raw: bytes) -> None:
        stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
        for start in range(0, len(stuffed), _PIECE):
            self._session.receive(stuffed[start : start + _PIECE])
            await asyncio.sleep(0)
        self._session.receive(_DOT if not stuffed.endswith(b"\r\n") else _DOT[2:])
        await self._answer()

    async def _answer(self) -> bool:
        """Let the intake answer what is asked, and note what is said; return whether it is a yes."""
        while self._session.asked is not None:
            self._session.answer(await self._decide())
        said = self._session.take_output()
        for line in said.split(b"\r\n"):
            if line:
                self._note(Speaker.SERVER, line)
        return said[:1] in (b"2", b"3")

    async def _decide(self) -> Sequence[SmtpReply]:
        question, intake = self._session.asked, self._intake
        match question:
            case GreetingAsked():
                reply = await intake.greet(question.client)
                return () if reply is None else (reply,)
            case SenderAsked():
                argument = question.argument
                return (await intake.sender(question.client, argument.address, argument.size),)
            case RecipientAsked():
                answer = await intake.recipient(question.client, question.sender, question.recipient)
                self.course.recipients[self._named] = answer
                self.course.addresses[self._named] = question.recipient
                return (answer,)
            case MessageAsked():
                self.course.sent = question.envelope
                self.course.replies = await intake.message(question.envelope, question.raw)
                return self.course.replies
            case _:
                raise AssertionError("TLS is not offered here")

    def _note(self, speaker: Speaker, line: bytes) -> None:
        words = line.decode("utf-8", "replace")
        self.course.dialogue.append(DialogueLine(speaker, words))


def _word(typed: str) -> bytes:
    """Return what was typed as it goes into a command; line breaks would be commands of their own."""
    return typed.strip()[:_LONGEST_WORD].replace("\r", " ").replace("\n", " ").encode("utf-8", "replace")


def _needs_utf8(envelope: TrialEnvelope, raw: bytes) -> bool:
    end = raw.find(b"\r\n\r\n")
    headers = raw[: end if end >= 0 else len(raw)]
    return not "".join((envelope.sender, *envelope.recipients)).isascii() or not headers.isascii()
