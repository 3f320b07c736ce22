"""The parts that mail goes through in one forwarder process, from the port to the next server. Composition root."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers.arc_controller import ArcSealer
from smtpy_desktop.controllers.delivery_controller import DeliveryWorkers
from smtpy_desktop.controllers.forwarder_counters import CountedIntake, CountedSender, ForwarderCounters
from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.controllers.mail_intake_controller import MailIntakeController
from smtpy_desktop.controllers.mail_log import LoggedStore, log_attempt
from smtpy_desktop.controllers.mail_route_controller import SMTP_PORT, ServerRoutes
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.controllers.spool_controller import Spool
from smtpy_desktop.controllers.srs_controller import SrsRewriter
from smtpy_desktop.core.smtp_session_parts import Dialect
from smtpy_desktop.database.delivery_wakes_database import delivery_wakes
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.mail_authenticator import DnsMailAuthenticator
from smtpy_desktop.gateways.smtp_gateway import SmtpGateway
from smtpy_desktop.listeners.smtp_listener import SmtpListener
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.forwarding_state import Endpoint
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailIdentity
from smtpy_desktop.schemas.mail_route import OwnPlaces

_log = logging.getLogger(__name__)

_FINISH_SECONDS = 10.0
"""How long clients may take to finish a mail that they have begun when the forwarder is told to end."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What is asked for anew at each use, as it may be changed at any time."""

    forwarder: ForwarderSettings
    identity: MailIdentity
    dns: DnsSettings


@dataclass(frozen=True, slots=True)
class EngineChoices:
    """How one process runs; another ``mail_port`` and loopback targets are for trials on one machine."""

    workers: int = 50
    tls: ssl.SSLContext | None = None
    shares_port: bool = False
    mail_port: int = SMTP_PORT
    allows_loopback: bool = False


class ForwardingEngine:
    """Takes mail in at its ports and delivers it; for use on one event loop."""

    def __init__(
        self,
        services: Services,
        name: str,
        *,
        settings: Callable[[], EngineSettings],
        counters: ForwarderCounters,
        choices: EngineChoices,
    ) -> None:
        self._services, self._settings, self._choices = services, settings, choices
        self._smtp: list[Endpoint] = []
        sessions = services.sessions
        smart_host = services.smart_host
        self._sender = SmtpGateway(
            settings().forwarder.hostname, password=smart_host.password if smart_host is not None else None
        )
        self._workers = DeliveryWorkers(
            sessions,
            CountedSender(self._sender, counters),
            routes=self._routes(),
            forwarder=name,
            settings=self._forwarder_settings,
            publish=services.publish,
            wakes=(lambda: delivery_wakes(sessions)) if isinstance(sessions, Database) else None,
            workers=choices.workers,
            noted=log_attempt,
        )
        self._spool = Spool(
            sessions,
            forwarder=name,
            room=self._workers.room,
            started=self._workers.take,
            publish=services.publish,
            clients=self._count_clients,
        )
        self._rewriter = SrsRewriter(sessions, services.keys)
        self._cache = ForwardingCache(sessions)
        self._intake = self._make_intake()
        taking = CountedIntake(self._intake, counters)
        self._listeners = {
            dialect: SmtpListener(taking, self._forwarder_settings, dialect=dialect, tls=choices.tls)
            for dialect in Dialect
        }
        listeners = self._listeners.values()
        counters.count_sessions(
            lambda: sum(listener.counters["connections"] for listener in listeners),
            lambda: sum(listener.open_connections for listener in listeners),
        )

    async def prepare(self) -> None:
        """Get what mail cannot be forwarded without: the keys of rewritten senders. Raises UserFacingError."""
        await self._rewriter.keys()

    async def listen(self, endpoint: Endpoint, *, is_lmtp: bool = False) -> Endpoint:
        """Take mail in at an address and return it with the port that was free; raise UserFacingError."""
        listener = self._listeners[Dialect.LMTP if is_lmtp else Dialect.SMTP]
        bound = await listener.start(*endpoint, reuse_port=self._choices.shares_port)
        if not is_lmtp:
            self._smtp.append(bound)
        return bound

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self._workers.run()

    def hear(self, change: Change) -> None:
        """Forget what a change may have made wrong."""
        self._intake.hear(change)

    def try_again(self) -> None:
        """Try servers again that were left alone, as the settings have changed."""
        self._workers.try_again()

    async def drain(self, seconds: float) -> None:
        """Take no new mail, finish what is under way within so many seconds, and give back the rest."""
        deadline = asyncio.get_running_loop().time() + seconds
        await self._close_listeners(min(seconds, _FINISH_SECONDS))
        await self._workers.drain(max(0.0, deadline - asyncio.get_running_loop().time()))

    async def close(self) -> None:
        """Let go of everything; what was taken in is stored first."""
        await self._close_listeners(0)
        await self._intake.close()
        await self._spool.close()
        await self._cache.close()
        await self._sender.close()

    def _count_clients(self) -> int:
        """Return how many clients are connected."""
        return sum(listener.open_connections for listener in self._listeners.values())

    async def _close_listeners(self, seconds: float) -> None:
        await asyncio.gather(*(listener.close(seconds) for listener in self._listeners.values()))

    def _forwarder_settings(self) -> ForwarderSettings:
        return self._settings().forwarder

    def _routes(self) -> ServerRoutes:
        return ServerRoutes(
            self._services.asker,
            lambda: self._settings().dns,
            smarthost=lambda: self._settings().forwarder.smarthost,
            access=lambda: self._settings().forwarder.smarthost_access,
            own=self._own_places,
            port=self._choices.mail_port,
            allows_loopback=self._choices.allows_loopback,
        )

    def _own_places(self) -> OwnPlaces:
        settings = self._settings()
        names = {settings.forwarder.hostname, *(exchanger.host for exchanger in settings.identity.mx)}
        return OwnPlaces(frozenset(names), frozenset(self._smtp))

    def _make_intake(self) -> MailIntakeController:
        services = self._services
        authenticator = DnsMailAuthenticator(
            services.asker, lambda: self._settings().dns, hostname=lambda: self._settings().forwarder.hostname
        )
        return MailIntakeController(
            self._cache,
            self._rewriter,
            authenticator,
            LoggedStore(self._spool),
            settings=self._forwarder_settings,
            sealer=ArcSealer(services.sessions, services.keys, self._forwarder_settings),
        )
