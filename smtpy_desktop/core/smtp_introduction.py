"""The part of a mail session that finds out who is there: greeting, EHLO, TLS, and what a trusted peer tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from smtpy_desktop.core import smtp_replies
from smtpy_desktop.core.smtp_client_attributes import (
    NOTHING_TOLD,
    XCLIENT_NAMES,
    XFORWARD_NAMES,
    AttributeRefused,
    parse_attributes,
)
from smtpy_desktop.core.smtp_dialogue import SmtpDialogue
from smtpy_desktop.core.smtp_session_parts import Dialect, GreetingAsked, SessionRules, TlsAsked
from smtpy_desktop.schemas.smtp_session import MailClient, SmtpReply

_HELO = re.compile(rb"[A-Za-z0-9._:\[\]-]{1,255}")


class SmtpIntroduction(SmtpDialogue):
    """Knows the client: that of the connection, or the original one where a trusted peer speaks for it."""

    def __init__(
        self,
        rules: SessionRules,
        client: MailClient,
        *,
        largest_message: Callable[[], int],
        counters: dict[str, int],
        is_trusted: bool,
        offers_tls: bool,
    ) -> None:
        super().__init__(rules, counters, is_patient=is_trusted)
        self._connected, self._largest_message = client, largest_message
        self._is_trusted, self._offers_tls = is_trusted, offers_tls
        self._is_lmtp = rules.dialect is Dialect.LMTP
        self._helo, self._is_extended = "", False
        self._told = self._forwarded = NOTHING_TOLD

    def start(self) -> None:
        """Begin; a trusted peer is greeted without asking, since it speaks for many."""
        if self._is_lmtp and not self._is_trusted:
            self._counters["greetings_refused"] += 1
            self.end(smtp_replies.STRANGER)
        elif self._is_trusted:
            self._greet()
        else:
            self.asked = GreetingAsked(self._connected)

    def begin_tls(self, tls: str) -> None:
        """Note that TLS has begun, as the answer to TlsAsked; ``tls`` is its version and cipher."""
        self.asked = None
        self.steps += 1
        self._connected = replace(self._connected, tls=tls)
        self._counters["tls_begun"] += 1
        self._advance()

    def _forget_mail(self) -> None:
        """Give up the mail that is begun, and what XFORWARD told, which is for one mail."""
        self._forwarded = NOTHING_TOLD

    def _greet(self) -> None:
        self._say(SmtpReply(220, "", f"{self._rules.hostname} {'LMTP' if self._is_lmtp else 'ESMTP'}"))

    def _answer_greeting(self, replies: Sequence[SmtpReply]) -> None:
        if not replies or replies[0].is_accepted:
            self._greet()
        else:
            self._counters["greetings_refused"] += 1
            self.end(replies[0])

    def _say_ehlo(self, argument: bytes) -> None:
        if self._take_helo(argument):
            self._is_extended = True
            self._say_lines(250, [self._rules.hostname, *self._extensions()])
            self._lose_patience()

    def _say_helo(self, argument: bytes) -> None:
        if self._take_helo(argument):
            self._is_extended = False
            self._say_lines(250, [self._rules.hostname])
            self._lose_patience()

    def _take_helo(self, argument: bytes) -> bool:
        """Take a name, which begins the session anew (RFC 5321 section 4.1.4)."""
        if not _HELO.fullmatch(argument):
            self._mistake(smtp_replies.WRONG_HELO)
            return False
        self._forget_mail()
        self._helo = argument.decode("ascii")
        return True

    def _extensions(self) -> list[str]:
        offered = ["PIPELINING", f"SIZE {self._largest_message()}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._offers_tls and self._connected.tls is None:
            offered.append("STARTTLS")
        if self._is_trusted:
            offered += [f"XCLIENT {' '.join(XCLIENT_NAMES)}", f"XFORWARD {' '.join(XFORWARD_NAMES)}"]
        return offered

    def _start_tls(self, argument: bytes) -> None:
        if argument:
            self._mistake(smtp_replies.NO_ARGUMENT)
        elif self._connected.tls is not None:
            self._mistake(smtp_replies.IN_TLS)
        elif not self._offers_tls:
            self._mistake(smtp_replies.NOT_OFFERED)
        elif not self.is_idle:
            self._mistake(smtp_replies.IN_MAIL)
        else:
            self._say(smtp_replies.BEGIN_TLS)
            # All that was said in clear is forgotten, what was sent behind the command unread (RFC 3207 section 4.2).
            self._forget_input()
            self._forget_mail()
            self._helo, self._is_extended, self._told = "", False, NOTHING_TOLD
            self.asked = TlsAsked()

    def _take_xclient(self, argument: bytes) -> None:
        """Take the original client's place: the session begins anew (Postfix, XCLIENT_README)."""
        if not self._may_tell():
            return
        try:
            self._told = parse_attributes(argument, XCLIENT_NAMES, self._told)
        except AttributeRefused:
            self._mistake(smtp_replies.WRONG_ATTRIBUTE)
            return
        self._forget_mail()
        self._helo, self._is_extended = "", False
        self.asked = GreetingAsked(self._client())

    def _take_xforward(self, argument: bytes) -> None:
        """Take what is told about the original client of the next mail (Postfix, XFORWARD_README)."""
        if not self._may_tell():
            return
        try:
            self._forwarded = parse_attributes(argument, XFORWARD_NAMES, self._forwarded)
        except AttributeRefused:
            self._mistake(smtp_replies.WRONG_ATTRIBUTE)
            return
        self._pass_time(smtp_replies.OK)

    def _may_tell(self) -> bool:
        if not self._is_trusted:
            self._mistake(smtp_replies.NOT_TRUSTED)
            return False
        if not self.is_idle:
            self._mistake(smtp_replies.IN_MAIL)
            return False
        return True

    def _client(self, *, is_utf8: bool = False) -> MailClient:
        """Return the client whose mail it is."""
        protocol = protocol_keyword(
            is_lmtp=self._is_lmtp,
            is_extended=self._is_extended,
            is_utf8=is_utf8,
            is_tls=self._connected.tls is not None,
        )
        own = replace(self._connected, helo=self._helo, protocol=protocol)
        if self._told is NOTHING_TOLD and not self._forwarded.address:
            return own
        client = self._told.describe(own)
        if self._forwarded.address:
            # It was the server in front that said EHLO here.
            client = self._forwarded.describe(replace(client, helo="", name=""))
        # How it came to the server in front tells nothing about how LMTP is to be answered here.
        return replace(client, protocol=protocol) if self._is_lmtp else client


def protocol_keyword(*, is_lmtp: bool, is_extended: bool, is_utf8: bool, is_tls: bool) -> str:
    """Return the word for Received (RFC 3848, RFC 6531 section 4.3)."""
    if not is_lmtp and not is_extended:
        return "SMTP"
    if is_utf8:
        return f"UTF8{'LMTP' if is_lmtp else 'SMTP'}{'S' if is_tls else ''}"
    return f"{'LMTP' if is_lmtp else 'ESMTP'}{'S' if is_tls else ''}"
