"""The server's side of SMTP and LMTP without a socket: bytes come in, replies and questions to the program come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smtpy_desktop.core import smtp_replies
from smtpy_desktop.core.smtp_introduction import SmtpIntroduction
from smtpy_desktop.core.smtp_message_data import DataFault, MessageData, MessageRoom
from smtpy_desktop.core.smtp_path import PathRefused, parse_recipient, parse_sender
from smtpy_desktop.core.smtp_session_parts import (
    GreetingAsked,
    MessageAsked,
    RecipientAsked,
    SenderAsked,
    SessionRules,
    Transaction,
)
from smtpy_desktop.schemas.smtp_session import MailClient, SmtpReply

_WEB_VERBS = frozenset({b"GET", b"POST", b"HEAD", b"PUT", b"OPTIONS", b"CONNECT"})
_FAULT_COUNTERS = {
    DataFault.BARE: "refused_bare",
    DataFault.LONG_LINE: "refused_long_line",
    DataFault.TOO_BIG: "refused_too_big",
    DataFault.NO_ROOM: "refused_no_room",
}


class SmtpServerSession(SmtpIntroduction):
    """One session.

    Feed it with ``receive``. While ``asked`` is a question nothing more is obeyed: give it to the program, hand the
    replies to ``answer`` (after TlsAsked call ``begin_tls``). Send what ``take_output`` returns; once ``is_over``,
    close. ``client`` is the connection's, ``is_trusted``: what it tells about an original client is believed.
    ``largest_message`` is asked anew for each mail; ``counters`` has the keys of COUNTED.
    """

    def __init__(
        self,
        rules: SessionRules,
        client: MailClient,
        *,
        largest_message: Callable[[], int],
        room: MessageRoom,
        counters: dict[str, int],
        is_trusted: bool = False,
        offers_tls: bool = False,
    ) -> None:
        super().__init__(
            rules,
            client,
            largest_message=largest_message,
            counters=counters,
            is_trusted=is_trusted,
            offers_tls=offers_tls,
        )
        self._room = room
        self._transaction: Transaction | None = None
        self._was_data_refused = False
        self.has_quit = False

    @property
    def is_idle(self) -> bool:
        """Whether no mail is begun and nothing is asked."""
        return self._transaction is None and self.asked is None

    def answer(self, replies: Sequence[SmtpReply]) -> None:
        """Take the program's reply to what is asked (none at all greets the client), and go on."""
        question, self.asked = self.asked, None
        self.steps += 1
        if isinstance(question, GreetingAsked):
            self._answer_greeting(replies)
        elif isinstance(question, SenderAsked):
            self._answer_sender(question, replies[0])
        elif isinstance(question, RecipientAsked):
            self._answer_recipient(question, replies[0])
        elif isinstance(question, MessageAsked):
            self._answer_message(question, replies)
        self._advance()

    def answer_fault(self) -> None:
        """Take it that the program could not answer: the client is asked to try again."""
        is_greeting = isinstance(self.asked, GreetingAsked)
        self.answer([smtp_replies.NOT_NOW if is_greeting else smtp_replies.TEMPORARY])

    def give_up(self) -> None:
        """End because the program did not answer; what it does with a message that it has is not known."""
        self.asked = None
        self._forget_mail()
        self.end(smtp_replies.NOT_NOW)

    def time_out(self) -> None:
        """End because the client was too slow; what its message was refused for is said nevertheless."""
        self._counters["timeouts"] += 1
        if self._data is not None and self._data.fault is not None:
            self._say(smtp_replies.DATA_FAULTS[self._data.fault])
        self.end(smtp_replies.TOO_SLOW)

    def abandon(self) -> None:
        """Note that the connection is gone; a message that the program has is forgotten once it is answered."""
        self.is_over = True
        self._forget_input()
        if self.asked is None:
            self._forget_mail()

    def _obey(self, line: bytes) -> None:
        verb, _, argument = line.partition(b" ")
        name = verb.upper()
        command = (_LMTP_COMMANDS if self._is_lmtp else _SMTP_COMMANDS).get(name)
        was_data_refused, self._was_data_refused = self._was_data_refused, False
        if command is not None:
            command(self, argument.strip(b" "))
        elif was_data_refused:
            # The message itself, sent without waiting for 354: its lines must not be taken for commands.
            self.end(smtp_replies.OUT_OF_STEP)
        elif name in _WEB_VERBS:
            self.end(smtp_replies.NO_SMTP)
        else:
            self._mistake(smtp_replies.UNKNOWN_COMMAND)

    def _forget_mail(self) -> None:
        super()._forget_mail()
        if self._transaction is not None and self._transaction.data is not None:
            self._transaction.data.close()
        self._transaction = self._data = None

    def _mail(self, argument: bytes) -> None:
        if not self._helo:
            self._mistake(smtp_replies.LHLO_FIRST if self._is_lmtp else smtp_replies.EHLO_FIRST)
        elif self._transaction is not None:
            self._mistake(smtp_replies.MAIL_TWICE)
        elif argument[:5].upper() != b"FROM:":
            self._mistake(smtp_replies.WRONG_MAIL)
        else:
            self._ask_sender(argument[5:])

    def _ask_sender(self, path: bytes) -> None:
        try:
            sender = parse_sender(path, is_extended=self._is_extended)
        except PathRefused as refused:
            self._mistake(refused.reply)
            return
        if sender.size is not None and sender.size > self._largest_message():
            self._counters["refused_too_big"] += 1
            self._pass_time(smtp_replies.TOO_BIG)
            return
        self.asked = SenderAsked(self._client(is_utf8=sender.is_utf8), sender)

    def _answer_sender(self, question: SenderAsked, reply: SmtpReply) -> None:
        if reply.is_accepted:
            argument = question.argument
            self._transaction = Transaction(question.client, argument.address, argument.is_8bit, argument.is_utf8)
            self._say(reply)
        else:
            self._counters["senders_refused"] += 1
            self._pass_time(reply)

    def _rcpt(self, argument: bytes) -> None:
        transaction = self._transaction
        if transaction is None:
            self._mistake(smtp_replies.MAIL_FIRST)
        elif argument[:3].upper() != b"TO:":
            self._mistake(smtp_replies.WRONG_RCPT)
        elif len(transaction.recipients) >= self._rules.recipients:
            self._pass_time(smtp_replies.MANY_RECIPIENTS)
        else:
            try:
                recipient = parse_recipient(argument[3:], is_utf8=transaction.is_utf8)
            except PathRefused as refused:
                self._mistake(refused.reply)
            else:
                self.asked = RecipientAsked(transaction.client, transaction.sender, recipient)

    def _answer_recipient(self, question: RecipientAsked, reply: SmtpReply) -> None:
        if reply.is_accepted and self._transaction is not None:
            self._transaction.recipients.append(question.recipient)
            self._counters["recipients_accepted"] += 1
            self._say(reply)
        else:
            self._counters["recipients_refused"] += 1
            self._pass_time(reply)

    def _begin_data(self, argument: bytes) -> None:
        transaction = self._transaction
        if argument:
            self._mistake(smtp_replies.NO_ARGUMENT)
        elif transaction is not None and transaction.recipients:
            transaction.data = self._data = MessageData(self._largest_message(), self._room, self._rules.text_line)
            self._say(smtp_replies.GO_ON)
            return
        else:
            self._mistake(smtp_replies.MAIL_FIRST if transaction is None else smtp_replies.NO_RECIPIENT)
        self._was_data_refused = True

    def _finish_data(self, data: MessageData) -> None:
        transaction = self._transaction
        if transaction is None:  # there is no DATA without one
            return
        if data.fault is None:
            self.asked = MessageAsked(transaction.envelope(), data.content())
            return
        self._counters[_FAULT_COUNTERS[data.fault]] += 1
        self._end_mail(smtp_replies.DATA_FAULTS[data.fault], len(transaction.recipients))

    def _answer_message(self, question: MessageAsked, replies: Sequence[SmtpReply]) -> None:
        count = len(question.envelope.recipients)
        if self._is_lmtp and len(replies) == count:
            self._count_message(question, replies)
            self._say(*replies)
            self._forget_mail()
        else:
            # Where there is one reply for all, a yes to some would be the loss of the others (RFC 5321 section 6.1).
            reply = next((reply for reply in replies if not reply.is_accepted), (*replies, smtp_replies.TEMPORARY)[0])
            self._count_message(question, [reply])
            self._end_mail(reply, count)

    def _count_message(self, question: MessageAsked, replies: Sequence[SmtpReply]) -> None:
        if any(reply.is_accepted for reply in replies):
            self._idle_commands = self._mistakes = 0
            self._counters["messages_accepted"] += 1
            self._counters["bytes_accepted"] += len(question.raw)
        else:
            is_final = all(reply.code >= 500 for reply in replies)
            self._counters["messages_refused" if is_final else "messages_deferred"] += 1

    def _end_mail(self, reply: SmtpReply, recipients: int) -> None:
        self._say(*[reply] * (recipients if self._is_lmtp else 1))
        self._forget_mail()

    def _reset(self, argument: bytes) -> None:
        if argument:
            self._mistake(smtp_replies.NO_ARGUMENT)
        else:
            self._forget_mail()
            self._pass_time(smtp_replies.OK)

    def _quit(self, argument: bytes) -> None:
        if argument:
            self._mistake(smtp_replies.NO_ARGUMENT)
        else:
            self._forget_mail()
            self.has_quit = True
            self.end(smtp_replies.BYE)

    def _verify(self, argument: bytes) -> None:
        if argument:
            self._pass_time(smtp_replies.VRFY)
        else:
            self._mistake(smtp_replies.NEEDS_ARGUMENT)

    def _do_nothing(self, argument: bytes) -> None:
        self._pass_time(smtp_replies.OK)

    def _help(self, argument: bytes) -> None:
        self._pass_time(smtp_replies.HELP)

    def _refuse(self, argument: bytes) -> None:
        self._mistake(smtp_replies.NOT_OFFERED)


_Command = Callable[[SmtpServerSession, bytes], None]

# ruff: noqa: SLF001 - the table belongs to the class
_COMMON: dict[bytes, _Command] = {
    b"MAIL": SmtpServerSession._mail,
    b"RCPT": SmtpServerSession._rcpt,
    b"DATA": SmtpServerSession._begin_data,
    b"RSET": SmtpServerSession._reset,
    b"NOOP": SmtpServerSession._do_nothing,
    b"QUIT": SmtpServerSession._quit,
    b"VRFY": SmtpServerSession._verify,
    b"HELP": SmtpServerSession._help,
    b"STARTTLS": SmtpServerSession._start_tls,
    b"XCLIENT": SmtpServerSession._take_xclient,
    b"XFORWARD": SmtpServerSession._take_xforward,
    **dict.fromkeys((b"EXPN", b"AUTH", b"BDAT", b"TURN", b"ETRN", b"ATRN", b"SEND"), SmtpServerSession._refuse),
}
_SMTP_COMMANDS = {**_COMMON, b"EHLO": SmtpServerSession._say_ehlo, b"HELO": SmtpServerSession._say_helo}
_LMTP_COMMANDS = {**_COMMON, b"LHLO": SmtpServerSession._say_ehlo}
