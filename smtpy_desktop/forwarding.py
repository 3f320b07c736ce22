"""Everything that forwards mail for one open database, put together. Part of the composition root.

Imported when it is wanted: what it needs costs a quarter of a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from smtpy_desktop import __version__
from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers.forwarder_counters import ForwarderCounters
from smtpy_desktop.controllers.forwarder_health_controller import ForwarderHealth
from smtpy_desktop.controllers.forwarder_life_controller import give_sign_of_life, run_signs_of_life
from smtpy_desktop.controllers.forwarder_settings_controller import load_forwarder_settings, load_listen_addresses
from smtpy_desktop.controllers.mail_route_controller import SMTP_PORT
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.controllers.settings_controller import mail_settings
from smtpy_desktop.core.forwarder_settings import format_listen
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.forwarding_engine import EngineChoices, EngineSettings, ForwardingEngine
from smtpy_desktop.gateways.process_figures import process_figures
from smtpy_desktop.listeners.forwarder_health import ForwarderHealthListener
from smtpy_desktop.listeners.tls_context import TlsCertificate
from smtpy_desktop.runtime.large_blocks import return_large_blocks
from smtpy_desktop.schemas.forwarder import CERTIFICATE_ENDS, ForwarderProcess, ForwarderState
from smtpy_desktop.schemas.forwarding_state import Endpoint, ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.text import text

_log = logging.getLogger(__name__)

WORKERS = 50
"""How many deliveries one process has under way at most; they mostly wait for other servers."""

DRAIN_SECONDS = 25.0
_SETTINGS_EVERY_SECONDS = 60.0


class Forwarding:
    """Takes mail in and delivers it from ``run`` until ``stop``; belongs to one event loop.

    ``listen`` is there where the setting does not decide; another ``mail_port`` and loopback targets are for trials on
    one machine. ``run`` raises UserFacingError where it cannot start, and gives everything back when it is cancelled,
    which waits for no delivery.
    """

    def __init__(
        self,
        services: Services,
        *,
        listen: Sequence[Endpoint] | None = None,
        lmtp: Sequence[Endpoint] = (),
        health: Endpoint | None = None,
        tls: TlsCertificate | None = None,
        workers: int = WORKERS,
        drain_seconds: float = DRAIN_SECONDS,
        shares_port: bool = False,
        mail_port: int = SMTP_PORT,
        allows_loopback: bool = False,
        on_state: Callable[[ForwardingState], object] = lambda state: None,
    ) -> None:
        self._services = services
        self._wanted, self._lmtp, self._health = listen, tuple(lmtp), health
        self._tls, self._workers, self._drain_seconds = tls, workers, drain_seconds
        self._choices = EngineChoices(
            workers=workers,
            tls=tls.context if tls is not None else None,
            shares_port=shares_port,
            mail_port=mail_port,
            allows_loopback=allows_loopback,
        )
        self._on_state = on_state
        self._stopping = asyncio.Event()
        self._settings_changed = asyncio.Event()
        self._settings: EngineSettings | None = None
        self._engine: ForwardingEngine | None = None
        self.counters = ForwarderCounters()
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._started = datetime.now(UTC)
        self.state = ForwardingState(ForwardingPhase.OFF, self.name)

    async def run(self) -> None:
        """Forward mail until ``stop``; raise UserFacingError where it cannot start."""
        return_large_blocks()
        self._tell(ForwardingPhase.STARTING)
        try:
            await self._run()
        except UserFacingError as error:
            self._tell(ForwardingPhase.FAILED, reason=error.message, detail=error.detail, hint=error.hint)
            raise
        except BaseException:
            self._tell(ForwardingPhase.OFF)
            raise
        self._tell(ForwardingPhase.OFF)

    def stop(self) -> None:
        """Take no new mail, finish what is under way, and end ``run``."""
        self._stopping.set()

    def hear(self, change: Change) -> None:
        """Heed what was changed: settings at once, and what is remembered of domains, aliases and rules."""
        if change.topic is Topic.SETTINGS:
            self._settings_changed.set()
        if self._engine is not None:
            self._engine.hear(change)

    def reload_certificate(self) -> None:
        """Read the certificate again; what is wrong with it is logged, and the old one stays."""
        if self._tls is None:
            return
        try:
            self._tls.reload()
            _log.info("the certificate was read again")
        except UserFacingError as error:
            _log.error("the certificate was not read again: %s", error)

    async def _run(self) -> None:
        settings = self._settings = await self._ready_settings()
        listen = self._wanted if self._wanted is not None else await load_listen_addresses(self._services.sessions)
        engine = ForwardingEngine(
            self._services,
            self.name,
            settings=lambda: self._settings or settings,
            counters=self.counters,
            choices=self._choices,
        )
        await engine.prepare()
        self._engine = engine
        names = (settings.forwarder.hostname, socket.gethostname())
        telling = ForwarderHealthListener(self._health_source(), names=names)
        try:
            # Once others hear of us, everything is there: first the ports, then the sign of life.
            smtp = [await engine.listen(endpoint) for endpoint in listen]
            lmtp = [await engine.listen(endpoint, is_lmtp=True) for endpoint in self._lmtp]
            health = await telling.start(self._health) if self._health is not None else None
            self._tell(ForwardingPhase.RUNNING, smtp=tuple(smtp), lmtp=tuple(lmtp), health=health)
            await self._work(engine)
        finally:
            self._engine = None
            await telling.stop()
            await engine.close()

    async def _work(self, engine: ForwardingEngine) -> None:
        """Deliver, and give signs of life, until it is time to stop or one of these fails."""
        sessions = self._services.sessions
        life = run_signs_of_life(sessions, self._describe, on_told=self._note_database)
        tasks = self._tasks(engine.run(), life, self._follow_settings())
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
            self._tell(ForwardingPhase.STOPPING)
            if stop.done():
                await self._say(ForwarderState.STOPPING)
                await engine.drain(self._drain_seconds)
        except asyncio.CancelledError:
            await engine.drain(0)
            raise
        finally:
            for task in (*tasks, stop):
                task.cancel()
            await asyncio.gather(*tasks, stop, return_exceptions=True)
            await self._say(ForwarderState.STOPPED)
        for task in tasks:  # what ended by itself was not meant to
            if not task.cancelled():
                task.result()

    def _tasks(self, *works: Coroutine[Any, Any, None]) -> list[asyncio.Task[None]]:
        return [asyncio.get_running_loop().create_task(work) for work in works]

    async def _ready_settings(self) -> EngineSettings:
        """Return the settings, with what mail cannot be forwarded without."""
        if not self._services.may_forward:
            raise UserFacingError(
                "READ_ONLY",
                text("This database is open for reading only, so that no mail can be forwarded with it."),
                hint=text("Use a role that may write, and a program as new as the database."),
            )
        settings = await self._load_settings()
        if not settings.forwarder.hostname:
            raise UserFacingError(
                "FORWARDER_HOSTNAME",
                text("The server's own name is not set, and no mail server may greet others without one."),
                hint=text("Set it under Settings, Forwarding, or with: smtpy-desktop settings set mail.hostname NAME"),
            )
        return settings

    async def _load_settings(self) -> EngineSettings:
        sessions = self._services.sessions
        identity, dns = await mail_settings(sessions)
        return EngineSettings(await load_forwarder_settings(sessions), identity, dns)

    async def _follow_settings(self) -> None:
        """Read the settings when they change, and every minute in case nobody told of it."""
        while True:
            try:
                async with asyncio.timeout(_SETTINGS_EVERY_SECONDS):
                    await self._settings_changed.wait()
            except TimeoutError:
                pass
            is_told = self._settings_changed.is_set()
            self._settings_changed.clear()
            try:
                found = await self._load_settings()
            except UserFacingError as error:
                _log.info("the settings are read later: %s", error)
                continue
            if found.forwarder.hostname:  # a name that was taken away while we run does not stop the mail
                self._settings = found
            if is_told and self._engine is not None:
                self._engine.try_again()

    def _health_source(self) -> ForwarderHealth:
        began = time.time()
        return ForwarderHealth(
            self._services.sessions,
            self.counters,
            lambda: self.state,
            version=__version__,
            process=lambda: process_figures(began),
        )

    def _describe(self, state: ForwarderState = ForwarderState.RUNNING) -> ForwarderProcess:
        if self._stopping.is_set() and state is ForwarderState.RUNNING:
            state = ForwarderState.STOPPING
        return ForwarderProcess(
            name=self.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            version=__version__,
            listen=format_listen((*self.state.smtp, *self.state.lmtp)),
            workers=self._workers,
            state=state,
            started_at=self._started,
            seen_at=datetime.now(UTC),
            counters=self._counters(),
        )

    def _counters(self) -> dict[str, int]:
        """Return what is counted, when the certificate ends where there is one, and what the smart host says of us."""
        ends = self._tls.ends_at if self._tls is not None else None
        told = {CERTIFICATE_ENDS: int(ends.timestamp())} if ends is not None else {}
        has_smart_host = self._settings is not None and self._settings.forwarder.smarthost
        not_let_in = self.counters.not_let_in() if has_smart_host else {}
        return {**self.counters.as_mapping(), **told, **not_let_in}

    async def _say(self, state: ForwarderState) -> None:
        try:
            async with asyncio.timeout(2):
                await give_sign_of_life(self._services.sessions, self._describe(state))
        except (UserFacingError, TimeoutError) as error:
            _log.info("the database was not told that this forwarder is %s: %s", state, error)

    def _note_database(self, error: UserFacingError | None) -> None:
        if self.state.has_database != (error is None):
            self._tell(self.state.phase, has_database=error is None)

    def _tell(self, phase: ForwardingPhase, **changes: Any) -> None:
        if phase in (ForwardingPhase.RUNNING, ForwardingPhase.STOPPING):
            kept = {name: getattr(self.state, name) for name in ("smtp", "lmtp", "health", "has_database")}
            changes = {**kept, **changes}
        if phase is not self.state.phase:
            _log.info("forwarder %s: %s", self.name, phase.value)
        self.state = ForwardingState(phase, self.name, **changes)
        self._on_state(self.state)
