"""Signing in at a mail server (RFC 4954) by PLAIN (RFC 4616) or LOGIN, without any input or output.

Whatever comes of it says nothing about a message: no answer here is ever FAILED.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Generator
from dataclasses import replace

from smtpy_desktop.core.smtp_client_session import Answer, Conversation, SmtpVerb, Step
from smtpy_desktop.core.smtp_reply import ServerReply, readable
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.smart_host import SignInAccount
from smtpy_desktop.schemas.text import text

MECHANISMS = ("PLAIN", "LOGIN")
"""The ways to sign in that are known, the best first. Both show the password to the server, and to it alone by TLS."""

REFUSED = "The smart host does not accept the user name and password"
OTHER_WAY = "The smart host does not take this password in this way"
NOT_NOW = "The smart host cannot check the user name and password now"
UNSAFE = "The password is only sent over TLS with a valid certificate"
NO_PASSWORD = "The password of the smart host is not known here"  # noqa: S105 - a sentence
NO_MECHANISM = "The smart host offers no way to sign in that is known here (PLAIN, LOGIN)"

LONGEST_PASSWORD = 1000
"""In bytes: with the user name still far below what every server takes in one line (RFC 4954 section 4)."""

_LONGEST_COMMAND = 512  # RFC 5321 section 4.5.3.1.4
_GO_ON = 334
_UNKNOWN_MECHANISM = 504
_FORBIDDEN = frozenset("\0\r\n")

_Dialogue = Generator[Step, ServerReply, ServerReply | None]


def check_password(password: str) -> str:
    """Return a password that can be sent; raise FieldError (field ``password``) for an empty or impossible one."""
    try:
        length = len(password.encode())
    except UnicodeEncodeError:
        length = 0
    if not length or length > LONGEST_PASSWORD or _FORBIDDEN & set(password):
        raise FieldError(
            "password",
            "SMARTHOST_PASSWORD",
            text("Empty, too long, or with a character that cannot be sent: the password of the smart host."),
            hint=text("Enter it as the provider shows it, on one line."),
        )
    return password


def mechanisms_offered(extensions: Collection[tuple[str, str]]) -> tuple[str, ...]:
    """Return the ways to sign in that EHLO offers, as ``AUTH PLAIN LOGIN`` or in the old form ``AUTH=PLAIN``."""
    offered: list[str] = []
    for keyword, value in extensions:
        name, equals, first = keyword.partition("=")
        if name == "AUTH":
            offered += [first] if equals else []
            offered += value.upper().split()
    return tuple(dict.fromkeys(filter(None, offered)))


def sign_in(offered: Collection[str], account: SignInAccount) -> Conversation:
    """Sign in by the best way that is offered; SENT: the server knows us now. Only over TLS, which the caller sees to.

    The answer's words never hold the password, also where the server repeats what it was sent.
    """
    usable = [name for name in MECHANISMS if name in offered]
    if not usable:
        told = f"; it offers {readable(' '.join(offered))}" if offered else ""
        return Answer(DeliveryState.DEFERRED, None, "5.7.9", f"{NO_MECHANISM}{told}", is_over=True)
    reply: ServerReply | None = None
    for name in usable:
        reply = yield from (_plain(account) if name == "PLAIN" else _login(account))
        if reply is not None and reply.code != _UNKNOWN_MECHANISM:
            break
    return _judged(reply, account)


def _plain(account: SignInAccount) -> _Dialogue:
    """Send everything at once where it fits into a command line, else when asked (RFC 4954 section 4)."""
    response = _coded(f"\0{account.user}\0{account.password}")
    command = b"AUTH PLAIN " + response + b"\r\n"
    if len(command) > _LONGEST_COMMAND:
        return (yield from _answering(b"AUTH PLAIN\r\n", (response,)))
    return (yield from _answering(command, ()))


def _login(account: SignInAccount) -> _Dialogue:
    """Answer the two questions in their order; what they say is not standardised."""
    return (yield from _answering(b"AUTH LOGIN\r\n", (_coded(account.user), _coded(account.password))))


def _answering(command: bytes, responses: tuple[bytes, ...]) -> _Dialogue:
    """Send a command and the responses that are asked for; None: more was asked than there is to say."""
    reply = yield Step(SmtpVerb.AUTH, command)
    for response in responses:
        if reply.code != _GO_ON:
            return reply
        reply = yield Step(SmtpVerb.AUTH, response + b"\r\n")
    if reply.code != _GO_ON:
        return reply
    yield Step(SmtpVerb.AUTH, b"*\r\n")
    return None


def _judged(reply: ServerReply | None, account: SignInAccount) -> Answer:
    if reply is None:
        words = "The server asks for more than a user name and a password"
        return Answer(DeliveryState.DEFERRED, None, "5.7.9", f"{OTHER_WAY}: {words}", is_over=True)
    if reply.is_accepted:
        return Answer(DeliveryState.SENT, reply.code, reply.enhanced)
    answer = Answer(DeliveryState.DEFERRED, reply.code, reply.enhanced, is_over=True)
    heading = _HEADINGS.get(reply.code, REFUSED if reply.is_permanent else NOT_NOW)
    answer = replace(answer, words=readable(f"{heading}: {without_password(reply.words, account)}".rstrip(": ")))
    return answer if reply.is_permanent else replace(answer, tries_others=True)


_HEADINGS = {432: OTHER_WAY, 534: OTHER_WAY, _UNKNOWN_MECHANISM: OTHER_WAY, 538: UNSAFE}


def ask_to_send() -> Conversation:
    """Begin a mail and drop it, which shows whether mail is taken without signing in: SENT, or the answer to MAIL."""
    reply = yield Step(SmtpVerb.MAIL, b"MAIL FROM:<>\r\n")
    if reply.is_accepted:
        yield Step(SmtpVerb.RSET, b"RSET\r\n")
        return Answer(DeliveryState.SENT)
    return Answer(DeliveryState.DEFERRED, reply.code, reply.enhanced, reply.words)


def words_of_server(words: str) -> str:
    """Return what the server itself has said in an answer's words, without our heading."""
    for heading in (REFUSED, OTHER_WAY, NOT_NOW, UNSAFE):
        if words.startswith(f"{heading}: "):
            return words.removeprefix(f"{heading}: ")
    return words


def without_password(words: str, account: SignInAccount) -> str:
    """Return a server's words without the password in any form in which it was sent."""
    sent = (f"\0{account.user}\0{account.password}", account.password)
    for secret in (*(_coded(each).decode() for each in sent), account.password):
        words = words.replace(secret, "…")
    return words


def _coded(value: str) -> bytes:
    return base64.b64encode(value.encode())
