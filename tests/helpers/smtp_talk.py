"""A mail session without a socket, whose questions are answered at once."""

from __future__ import annotations

from collections.abc import Callable

from smtpy_desktop.core.smtp_message_data import MessageRoom
from smtpy_desktop.core.smtp_server_session import SmtpServerSession
from smtpy_desktop.core.smtp_session_parts import (
    Dialect,
    GreetingAsked,
    MessageAsked,
    Question,
    SenderAsked,
    SessionRules,
    TlsAsked,
    new_counters,
)
from smtpy_desktop.schemas.smtp_session import MailClient, MailEnvelope, SmtpReply

YES = SmtpReply(250, "2.0.0", "Yes")
NO = SmtpReply(550, "5.1.1", "No such user")
TLS = "TLSv1.3 TLS_AES_256_GCM_SHA384 (256 bits)"

Decide = Callable[[Question], list[SmtpReply]]


def say_yes(question: Question) -> list[SmtpReply]:
    """Take everything but mail to or from ``no@…``."""
    if isinstance(question, GreetingAsked):
        return []
    if isinstance(question, MessageAsked):
        return [YES] * len(question.envelope.recipients)
    address = question.argument.address if isinstance(question, SenderAsked) else getattr(question, "recipient", "")
    return [NO if address.startswith("no@") else YES]


class Talk:
    """One session; ``messages`` are what it handed over, ``questions`` everything it asked."""

    def __init__(
        self,
        *,
        decide: Decide = say_yes,
        dialect: Dialect = Dialect.SMTP,
        is_trusted: bool = False,
        offers_tls: bool = False,
        largest: int = 100_000,
        room: MessageRoom | None = None,
        **rules: int,
    ) -> None:
        self.questions: list[Question] = []
        self.messages: list[tuple[MailEnvelope, bytes]] = []
        self.counters = new_counters()
        self.room = room or MessageRoom(10_000_000)
        self._decide = decide
        self.session = SmtpServerSession(
            SessionRules("mx.example.net", dialect, **rules),
            MailClient("203.0.113.9", 40000),
            largest_message=lambda: largest,
            room=self.room,
            counters=self.counters,
            is_trusted=is_trusted,
            offers_tls=offers_tls,
        )
        self.session.start()
        self.greeting = self._answers()

    def say(self, data: bytes | str) -> list[str]:
        """Send bytes (a text gets its CRLF) and return the lines that come back."""
        self.session.receive(data if isinstance(data, bytes) else data.encode() + b"\r\n")
        return self._answers()

    def codes(self, data: bytes | str) -> list[int]:
        """Send bytes and return the codes of the replies."""
        return [int(line[:3]) for line in self.say(data) if line[3:4] != "-"]

    def begin(self, *recipients: str, sender: str = "a@example.org", hello: str = "EHLO client.example.org") -> None:
        """Get as far as 354."""
        codes = self.codes(hello) + self.codes(f"MAIL FROM:<{sender}>")
        codes += [code for to in recipients or ("b@example.com",) for code in self.codes(f"RCPT TO:<{to}>")]
        codes += self.codes("DATA")
        assert codes[-1] == 354, codes

    def _answers(self) -> list[str]:
        while self.session.asked is not None:
            self._answer(self.session.asked)
        return self.session.take_output().decode("ascii").split("\r\n")[:-1]

    def _answer(self, question: Question) -> None:
        self.questions.append(question)
        if isinstance(question, TlsAsked):
            self.session.begin_tls(TLS)
            return
        replies = self._decide(question)
        if isinstance(question, MessageAsked) and any(reply.is_accepted for reply in replies):
            self.messages.append((question.envelope, question.raw))
        self.session.answer(replies)
