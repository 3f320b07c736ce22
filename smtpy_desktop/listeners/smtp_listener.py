"""The ports at which mail comes in, by SMTP or LMTP, and what all their connections share."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
import traceback
from collections.abc import Callable

from smtpy_desktop.controllers.mail_intake import MailIntake
from smtpy_desktop.core import smtp_replies
from smtpy_desktop.core.listener_errors import cannot_listen_at
from smtpy_desktop.core.smtp_message_data import MessageRoom
from smtpy_desktop.core.smtp_server_session import SmtpServerSession
from smtpy_desktop.core.smtp_session_parts import Dialect, SessionRules, new_counters
from smtpy_desktop.core.trusted_addresses import TrustedAddresses
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.listeners.open_server import open_server
from smtpy_desktop.listeners.smtp_connection import SmtpConnection
from smtpy_desktop.listeners.smtp_limits import SmtpLimits
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.smtp_session import MailClient

_log = logging.getLogger(__name__)

_BACKLOG = 1024
_BUFFER = 256 * 1024
_LOOK_EVERY_SECONDS = 1.0
_SAY_AGAIN_SECONDS = 60.0
_MOST_FAULTS = 100


class SmtpListener:
    """Listens from the first ``start`` to ``close``; belongs to one event loop.

    ``settings`` is asked at every connection, so that a change holds from the next one on. Without ``tls`` STARTTLS is
    not offered. ``counters`` are the keys of COUNTED, from the beginning on.
    """

    def __init__(
        self,
        intake: MailIntake,
        settings: Callable[[], ForwarderSettings],
        *,
        dialect: Dialect = Dialect.SMTP,
        tls: ssl.SSLContext | None = None,
        limits: SmtpLimits | None = None,
    ) -> None:
        self.intake = intake
        self.tls = tls
        self.limits = limits or SmtpLimits()
        self.counters = new_counters()
        self.buffer = memoryview(bytearray(_BUFFER))
        self._settings, self._dialect = settings, dialect
        self._room = MessageRoom(self.limits.receiving)
        self._rules = SessionRules("")
        self._trusted_entries: tuple[str, ...] = ()
        self._trusted = TrustedAddresses(())
        self._servers: list[asyncio.Server] = []
        self._connections: dict[SmtpConnection, str] = {}
        self._per_client: dict[str, int] = {}
        self._looking: asyncio.TimerHandle | None = None
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._faults: dict[str, float] = {}

    @property
    def open_connections(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    @property
    def room_taken(self) -> int:
        """How many bytes the messages hold that are being received or stored."""
        return self._room.taken

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> tuple[str, int]:
        """Listen at an address and return it, with the port that was free where ``port`` is 0.

        May be called for several addresses. With ``reuse_port`` other processes may listen there, too, and the system
        shares the connections out among them. Raises UserFacingError.
        """
        loop = asyncio.get_running_loop()
        try:
            server = await open_server(
                lambda: SmtpConnection(self), host, port, backlog=_BACKLOG, reuse_port=reuse_port or None
            )
        except (OSError, OverflowError, ValueError) as error:
            raise cannot_listen_at(host, port, error) from error
        self._servers.append(server)
        if self._looking is None:
            self._looking = loop.call_later(_LOOK_EVERY_SECONDS, self._look_again)
        bound = server.sockets[0].getsockname()
        return str(bound[0]), int(bound[1])

    def reload_tls(self, tls: ssl.SSLContext) -> None:
        """Show this certificate to all that begin TLS from now on."""
        self.tls = tls

    async def close(self, seconds: float = 10.0) -> None:
        """Stop listening; mails that are begun may be finished in so many seconds, other clients are sent away."""
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        for connection in tuple(self._connections):
            connection.shut_down()
        try:
            async with asyncio.timeout(seconds):
                await self._emptied.wait()
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.dismiss(smtp_replies.CLOSING)
            await asyncio.sleep(0)
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def look(self) -> None:
        """Let go of clients that are too slow; done once a second."""
        now = asyncio.get_running_loop().time()
        for connection in tuple(self._connections):
            connection.check(now)

    def admit(self, connection: SmtpConnection, client: MailClient) -> SmtpServerSession | None:
        """Take a new connection in and give it its session; None when there are too many."""
        self.counters["connections"] += 1
        settings = self._settings()
        self._heed(settings)
        is_trusted = client.address in self._trusted
        key = "" if is_trusted else _client_key(client.address)
        if not self._servers or not self._has_place(key):
            self.counters["connections_refused"] += 1
            return None
        self._connections[connection] = key
        self._emptied.clear()
        if key:
            self._per_client[key] = self._per_client.get(key, 0) + 1
        return SmtpServerSession(
            self._rules,
            client,
            largest_message=lambda: self.intake.largest_message,
            room=self._room,
            counters=self.counters,
            is_trusted=is_trusted,
            offers_tls=self.tls is not None,
        )

    def forget(self, connection: SmtpConnection) -> None:
        """Note that a connection is gone."""
        key = self._connections.pop(connection, None)
        if key:
            left = self._per_client.pop(key) - 1
            if left:
                self._per_client[key] = left
        if not self._connections:
            self._emptied.set()

    def note_fault(self, error: Exception) -> None:
        """Log what the program could not do, each kind at most once a minute."""
        self.counters["intake_faults"] += 1
        last = traceback.extract_tb(error.__traceback__)[-1:]
        kind = f"{type(error).__name__} {last[0].filename}:{last[0].lineno}" if last else type(error).__name__
        now = asyncio.get_running_loop().time()
        if now - self._faults.get(kind, -_SAY_AGAIN_SECONDS) < _SAY_AGAIN_SECONDS:
            return
        if len(self._faults) >= _MOST_FAULTS:
            self._faults.clear()
        self._faults[kind] = now
        is_told = isinstance(error, UserFacingError)
        _log.error("mail could not be taken in: %s", error, exc_info=None if is_told else error)

    def _heed(self, settings: ForwarderSettings) -> None:
        if settings.hostname != self._rules.hostname:
            self._rules = SessionRules(settings.hostname, self._dialect)
        if settings.trusted != self._trusted_entries:
            self._trusted_entries, self._trusted = settings.trusted, TrustedAddresses(settings.trusted)

    def _oldest_idle(self, *, is_trusted: bool) -> SmtpConnection | None:
        known = self._connections.items()
        return next((other for other, key in known if (not key) is is_trusted and other.is_idle), None)

    def _has_place(self, key: str) -> bool:
        """Tell whether one more is all right; if need be, the oldest that does nothing makes way, strangers first."""
        if key and self._per_client.get(key, 0) >= self.limits.per_client:
            return False
        if len(self._connections) < self.limits.connections:
            return True
        oldest = self._oldest_idle(is_trusted=False) or self._oldest_idle(is_trusted=True)
        if oldest is None:
            return False
        self.counters["connections_evicted"] += 1
        self.forget(oldest)
        oldest.dismiss(smtp_replies.TOO_MANY)
        return True

    def _look_again(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(_LOOK_EVERY_SECONDS, self._look_again)
        self.look()


def _client_key(address: str) -> str:
    """Return what belongs to one client: an IPv4 address, or the /64 network of an IPv6 address."""
    if ":" not in address:
        return address or "unknown"
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
