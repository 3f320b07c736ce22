"""Signs connections in at the smart host, and keeps off for a while once it has said no.

Providers lock an account after a few wrong passwords: so one connection at a time tries a password that has not been
accepted yet, the others hear what it was told, and the next try comes later each time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from smtpy_desktop.core.smtp_client_session import Answer, Conversation
from smtpy_desktop.core.smtp_sign_in import NO_PASSWORD, NOT_NOW, UNSAFE, check_password, mechanisms_offered, sign_in
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.smtp_connection import SmtpBroken
from smtpy_desktop.schemas.messages import DeliveryState
from smtpy_desktop.schemas.outgoing_mail import MailServer
from smtpy_desktop.schemas.smart_host import SignInAccount

PasswordReader = Callable[[], Awaitable[str | None]]
"""Reads the password of the smart host, None where there is none; raises UserFacingError."""

FIRST_PAUSE = 60.0
"""Seconds without another try after the first no; doubled each time."""

LONGEST_PAUSE = 900.0
_LONGEST_PASSING_PAUSE = 300.0  # the server could not check it, and may soon
_MOST_KNOWN = 64


class Speaking(Protocol):
    """A connection to a mail server as far as signing in needs it."""

    @property
    def tls(self) -> str | None:
        """The encryption in words; None: there is none."""
        ...

    async def converse(self, conversation: Conversation) -> Answer:
        """Drive a conversation to its end."""
        ...


class SignInRefused(Exception):
    """Nobody is signed in; ``answer`` says why, and is never FAILED."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.words)
        self.answer = answer


@dataclass(slots=True)
class _Known:
    """What is known of one password at one server."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_accepted: bool = False
    refusal: Answer | None = None
    until: float = 0.0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class SmtpTicket:
    """A user name and password for one server, which may be tried now."""

    account: SignInAccount
    known: _Known


class SmtpSignIn:
    """For use on one event loop; ``password`` None: no password is known to anybody here."""

    def __init__(self, password: PasswordReader | None) -> None:
        self._password = password
        self._known: dict[bytes, _Known] = {}

    async def ticket(self, server: MailServer) -> SmtpTicket | None:
        """Return what to sign in with, None where nobody is to be signed in; raise SignInRefused before connecting."""
        access = server.smart_host
        if access is None or not access.user:
            return None
        account = SignInAccount(access.user, await self._read_password())
        ticket = SmtpTicket(account, self._of(server, account))
        _heed(ticket.known)
        return ticket

    async def sign_in(self, connection: Speaking, extensions: tuple[tuple[str, str], ...], ticket: SmtpTicket) -> None:
        """Sign a connection in; raise SignInRefused, or what the connection raises when it breaks."""
        if connection.tls is None:
            raise SignInRefused(Answer(DeliveryState.DEFERRED, None, "5.7.11", UNSAFE, is_over=True))
        conversation, known = sign_in(mechanisms_offered(extensions), ticket.account), ticket.known
        if known.is_accepted:
            _note(known, await connection.converse(conversation))
            return
        try:
            async with known.turn:
                if not known.is_accepted:
                    _heed(known)
                _note(known, await self._try(connection, conversation, known))
        finally:
            conversation.close()

    async def _try(self, connection: Speaking, conversation: Conversation, known: _Known) -> Answer:
        """Let a password be looked at for the first time; one that ends in silence counts as a try, too."""
        try:
            return await connection.converse(conversation)
        except SmtpBroken as broken:
            words = f"{NOT_NOW}: {broken.words}"
            _keep_off(known, Answer(DeliveryState.DEFERRED, None, "4.7.0", words, is_over=True, tries_others=True))
            raise

    async def _read_password(self) -> str:
        try:
            password = await self._password() if self._password is not None else None
            if password is not None:
                return check_password(password)
        except UserFacingError as error:
            words = f"{NO_PASSWORD}: {error.message}"
        else:
            words = NO_PASSWORD
        raise SignInRefused(Answer(DeliveryState.DEFERRED, None, "4.7.0", words, is_over=True))

    def _of(self, server: MailServer, account: SignInAccount) -> _Known:
        """Return what is known of a password at a server; another password or user name begins anew."""
        written = "\0".join((server.name or server.address, str(server.port), account.user, account.password))
        key = hashlib.sha256(written.encode()).digest()
        if key not in self._known and len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        return self._known.setdefault(key, _Known())


def _heed(known: _Known) -> None:
    """Raise SignInRefused while the last no is too young for another try."""
    if known.refusal is not None and asyncio.get_running_loop().time() < known.until:
        raise SignInRefused(replace(known.refusal, tries_others=False))


def _note(known: _Known, answer: Answer) -> None:
    """Remember what the server has said; raise SignInRefused when it is no."""
    if answer.outcome is DeliveryState.SENT:
        known.is_accepted, known.refusal, known.pause = True, None, 0.0
        return
    _keep_off(known, answer)
    raise SignInRefused(answer)


def _keep_off(known: _Known, answer: Answer) -> None:
    """Let nobody try again for a while, longer each time."""
    longest = _LONGEST_PASSING_PAUSE if answer.tries_others else LONGEST_PAUSE
    now = asyncio.get_running_loop().time()
    if now >= known.until:  # others that were under way at the same moment make it no longer
        known.pause = min(known.pause * 2 or FIRST_PAUSE, longest)
        known.until = now + known.pause
    known.is_accepted, known.refusal = False, answer
