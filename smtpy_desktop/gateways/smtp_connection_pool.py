"""Keeps connections to mail servers for the next message, few to each server and none for long."""

from __future__ import annotations

import asyncio
import enum
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from smtpy_desktop.gateways.smtp_connection import SmtpConnection
from smtpy_desktop.schemas.outgoing_mail import MailServer
from smtpy_desktop.schemas.smart_host import SmartHostTls


class TlsMode(enum.StrEnum):
    """How much is asked of a connection's encryption."""

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"
    IMPLICIT = "implicit"  # from the first byte on; the certificate is checked as with REQUIRED

    @property
    def is_checked(self) -> bool:
        """Whether the certificate has to be the server's."""
        return self in (TlsMode.REQUIRED, TlsMode.IMPLICIT)

    @staticmethod
    def of(server: MailServer, *, require_tls: bool) -> TlsMode:
        """Return what is asked of connections to a server; a password is sent to one that has proved its name alone."""
        access = server.smart_host
        if access is not None and access.tls is SmartHostTls.IMPLICIT:
            return TlsMode.IMPLICIT
        if require_tls or (access is not None and (access.user or access.tls is SmartHostTls.REQUIRED)):
            return TlsMode.REQUIRED
        return TlsMode.OPPORTUNISTIC


@dataclass(frozen=True, slots=True)
class Place:
    """What makes connections exchangeable; ``name`` counts only where the certificate was compared with it."""

    address: str
    port: int
    mode: TlsMode
    name: str = ""
    user: str = ""

    @staticmethod
    def of(server: MailServer, mode: TlsMode) -> Place:
        """Return the place of a server."""
        user = server.smart_host.user if server.smart_host is not None else ""
        return Place(server.address, server.port, mode, server.name if mode.is_checked else "", user)


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections may be open to one server, how long one may idle, how many messages go over one."""

    per_server: int = 20
    idle_seconds: float = 20
    mails_per_connection: int = 100
    idle_in_all: int = 200


@dataclass(slots=True)
class _Shelf:
    """The connections to one place: how many are open or being opened, which idle (newest last), and who waits."""

    open: int = 0
    idle: deque[SmtpConnection] = field(default_factory=deque)
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class SmtpConnectionPool:
    """Lends connections; whoever borrows one gives it back, whatever happened."""

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._shelves: dict[Place, _Shelf] = {}
        self._resting: dict[SmtpConnection, Place] = {}  # the oldest first

    @property
    def open_connections(self) -> int:
        """How many connections are open or being opened."""
        return sum(shelf.open for shelf in self._shelves.values())

    async def borrow(
        self, place: Place, open_one: Callable[[], Awaitable[SmtpConnection]], *, fresh: bool = False
    ) -> tuple[SmtpConnection, bool]:
        """Return a connection to a place and whether it was used before; wait while too many are open.

        Raises what ``open_one`` raises.
        """
        while True:
            shelf = self._shelves.setdefault(place, _Shelf())
            if not fresh and (idle := self._take_idle(shelf)) is not None:
                return idle, True
            if fresh and shelf.open >= self._limits.per_server and shelf.idle:
                self._forget(shelf.idle[0])
            if shelf.open < self._limits.per_server:
                break
            await self._wait(shelf)
        shelf.open += 1
        try:
            opened = await open_one()
        except BaseException:
            self._left(place, shelf)
            raise
        opened.closed.add_done_callback(lambda _: self._forget(opened))
        return opened, False

    def give_back(self, place: Place, connection: SmtpConnection) -> None:
        """Take a connection back, to keep it or, when it is of no more use, to close it."""
        shelf = self._shelves[place]
        if not connection.is_usable or connection.session.transactions >= self._limits.mails_per_connection:
            connection.close()
            self._left(place, shelf)
            return
        shelf.idle.append(connection)
        self._resting[connection] = place
        connection.rest(self._limits.idle_seconds)
        self._wake(shelf)
        while len(self._resting) > self._limits.idle_in_all:
            self._forget(next(iter(self._resting)))

    async def close(self) -> None:
        """Close every connection that is not lent, saying good-bye."""
        closing = list(self._resting)
        for connection in closing:
            self._forget(connection)
        if closing:
            await asyncio.wait([connection.closed for connection in closing])

    def _take_idle(self, shelf: _Shelf) -> SmtpConnection | None:
        while shelf.idle:
            connection = shelf.idle.pop()
            place = self._resting.pop(connection)
            if connection.is_usable:
                return connection
            self._left(place, shelf)
        return None

    def _forget(self, connection: SmtpConnection) -> None:
        """Close a connection that idles; nothing happens when it does not."""
        place = self._resting.pop(connection, None)
        if place is None:
            return
        shelf = self._shelves[place]
        shelf.idle.remove(connection)
        connection.close()
        self._left(place, shelf)

    async def _wait(self, shelf: _Shelf) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        shelf.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._wake(shelf)  # the turn goes on to the next
            raise
        finally:
            if turn in shelf.waiting:
                shelf.waiting.remove(turn)

    def _left(self, place: Place, shelf: _Shelf) -> None:
        shelf.open -= 1
        self._wake(shelf)
        if not shelf.open and not shelf.waiting and self._shelves.get(place) is shelf:
            del self._shelves[place]

    def _wake(self, shelf: _Shelf) -> None:
        while shelf.waiting:
            turn = shelf.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
