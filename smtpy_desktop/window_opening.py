"""Opening the database for the window, and watching over it while it is open. Part of the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from smtpy_desktop.changes import Change, Publish
from smtpy_desktop.config import save_config, with_server
from smtpy_desktop.controllers.background_run import OnRun
from smtpy_desktop.controllers.connection_controller import watch
from smtpy_desktop.controllers.maintenance_controller import run_maintenance
from smtpy_desktop.controllers.opening_controller import OpenedDatabase
from smtpy_desktop.controllers.rechecks_controller import run_rechecks
from smtpy_desktop.controllers.retention_controller import run_retention
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.connection_url import parse_connection_url
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.database import migrate
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.postgres_probe import probe
from smtpy_desktop.installation import Installation
from smtpy_desktop.listeners.request_rules import WEBHOOK_PATH
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.domain_checks import StatusNotice
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.listener_state import ListenerState
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.start_actions import StartActions
from smtpy_desktop.window_forwarder import WindowForwarder
from smtpy_desktop.window_notice_watch import WindowNoticeWatch

if TYPE_CHECKING:
    from smtpy_desktop.listening import PortClaims, StripeListening
    from smtpy_desktop.paths import Profile
    from smtpy_desktop.sandbox.world import SandboxWorld

_BEFORE_LISTENING = 1.5
"""In seconds. The libraries for it take a while to load, which would keep the window from its first picture."""


class WindowOpening:
    """Opens databases on the asyncio thread, one at a time; opening another one leaves the one before.

    ``named_server`` is the server that the environment or the command line names, while its database is open.
    What is given to tell things is called on the asyncio thread (``note`` on a worker's): it must be able to take that.
    """

    def __init__(
        self,
        installation: Installation,
        world: SandboxWorld | None,
        *,
        publish: Publish,
        note: Callable[[Text], object],
        tell_connection: Callable[[UserFacingError | None], object],
        tell_notice: Callable[[StatusNotice], object],
        tell_run: OnRun,
        tell_listener: Callable[[ListenerState], object],
        tell_forwarder: Callable[[ForwardingState], object],
    ) -> None:
        self._installation = installation
        self._installation.postgres.notify = note
        self._world = world
        self._tell_changed = publish
        self._tell_connection = tell_connection
        self._tell_notice = tell_notice
        self._tell_run = tell_run
        self._tell_listener = tell_listener
        self._tell_forwarder = tell_forwarder
        self._forwarder: WindowForwarder | None = None
        self._listening: StripeListening | None = None
        self.named_server: ServerAddress | None = None
        self._opened: OpenedDatabase | None = None
        self._services: Services | None = None
        self.notices = WindowNoticeWatch()
        self._background: list[asyncio.Task[None]] = []

    @property
    def is_chosen(self) -> bool:
        """Whether it is known which database to open: it was chosen, or a command has made the built-in one."""
        directory = self._installation.profile.postgres
        has_cluster = (directory / "data").exists() or (directory / "location").exists()
        return self._world is not None or self._installation.config.first_run_done or has_cluster

    def actions(self) -> StartActions:
        """Return what the first page can have done."""
        return StartActions(
            probe=partial(probe, known_schema=migrate.known_revisions()),
            open_embedded=self.open_embedded,
            open_server=self.open_server,
            stored_password=self._stored_password,
            keep_password=self._keep_password,
        )

    async def open_embedded(self) -> Services:
        """Start and open the built-in database, and remember the choice."""
        opened = await self._installation.open_embedded()
        self.named_server = None
        if self._world is None:
            self._remember(None)
        return await self._keep(opened, is_embedded=True)

    async def open_server(self, server: ServerAddress, password: str, may_upgrade: bool) -> Services:  # noqa: FBT001
        """Open a server's database, and remember the choice once it has worked."""
        opened = await self._installation.open_server(server, password, may_upgrade=may_upgrade)
        self.named_server = None
        self._remember(server)
        return await self._keep(opened, is_embedded=False)

    async def open_url(self, url: str, *, may_upgrade: bool = False) -> Services:
        """Open the database that the command line names, for this run alone."""
        opened = await self._installation.open_url(url, may_upgrade=may_upgrade)
        self.named_server = parse_connection_url(url).address
        return await self._keep(opened, is_embedded=False)

    async def restart_listener(self) -> None:
        """Let the webhook listener try at once."""
        if self._listening is not None:
            self._listening.restart()

    async def start_forwarder(self) -> None:
        """Let a forwarder run in this window."""
        if self._forwarder is not None:
            await self._forwarder.start()

    async def stop_forwarder(self) -> None:
        """Let the forwarder in this window finish what is under way, and end."""
        if self._forwarder is not None:
            await self._forwarder.stop()

    @asynccontextmanager
    async def resting(self) -> AsyncIterator[None]:
        """Let nothing else in this window work on the database within the block.

        It goes on when the block fails; after a block that went well the database is to be opened anew.
        """
        opened, services = self._opened, self._services
        had_forwarder = self._forwarder is not None and self._forwarder.is_running
        try:
            await self._stop_watching()  # in the middle of which it may be given up already
            yield
        except BaseException:
            await self._stop_watching()
            if opened is not None and services is not None and opened is self._opened:
                self._watch_over(opened, services, after_gap=True)
                if had_forwarder and self._world is None:
                    await self.start_forwarder()
            raise

    async def close(self) -> None:
        """Stop watching, and let go of the database and the stand-ins."""
        await self._let_go()
        if self._world is not None:
            await self._world.stop()

    async def _keep(self, opened: OpenedDatabase, *, is_embedded: bool) -> Services:
        await self._let_go()
        self._opened = opened
        services = self._installation.services(opened, via="window", publish=self._publish, is_embedded=is_embedded)
        self._services = services
        if self._world is not None:
            await self._world.start()
            stripe = self._world.stripe
            self._installation.stripe.use_sandbox(stripe.base, stripe.api_key, stripe.webhook_secret)
            await self._world.prepare(services)
        self._watch_over(opened, services)
        return services

    async def _stored_password(self) -> str:
        return await asyncio.to_thread(self._installation.database_password)

    async def _keep_password(self, password: str) -> KeyringUnavailable | None:
        return await asyncio.to_thread(self._installation.keep_password, password)

    def _watch_over(self, opened: OpenedDatabase, services: Services, *, after_gap: bool = False) -> None:
        # In the sandbox any port will do: it is told to those who send.
        listen = None if self._world is None else (("127.0.0.1", 0),)
        self._forwarder = WindowForwarder(services, self._on_forwarder, listen=listen)
        self._start(watch(opened.database, publish=self._publish, tell=self._on_connection, after_gap=after_gap))
        self._start(self.notices.run(services))
        if services.is_embedded:
            self._start(self._installation.postgres.keep_running())
        if not services.is_read_only:
            self._start(
                run_rechecks(
                    services.sessions, asker=services.asker, publish=services.publish, on_notice=self._tell_notice
                )
            )
            self._start(run_maintenance(opened.database))
            self._start(run_retention(services.sessions, publish=services.publish, on_run=self._tell_run))
            self._start(self._listen(services))
            self._start(self._back_up(services))
        if self._world is not None:
            self._start(self._world.keep_mail_coming())
            self._start(self._forward_in_sandbox())

    async def _listen(self, services: Services) -> None:
        """Take in Stripe's events, from a moment after the window is there; the sandbox at a port of its own."""
        await asyncio.sleep(_BEFORE_LISTENING)
        make, port_claims = await asyncio.to_thread(_stripe_listening)
        if self._world is not None:
            listening = make(services, on_state=self._on_listener, port=self._world.listener_port)
        else:
            claims = port_claims(self._installation.profile)
            listening = make(services, on_state=self._on_listener, claims=claims)
        self._listening = listening
        try:
            await listening.run()
        finally:
            self._listening = None

    async def _back_up(self, services: Services) -> None:
        """Make the backups that are due, from a moment after the window is there; there are none in the sandbox."""
        if services.backups is None or self._world is not None:
            return
        await asyncio.sleep(_BEFORE_LISTENING)
        run = await asyncio.to_thread(_run_backups)
        await run(services.backups, services.sessions, publish=services.publish, on_run=self._tell_run)

    async def _forward_in_sandbox(self) -> None:
        """Run a forwarder from a moment after the window is there, so that mail can be tried out at once."""
        await asyncio.sleep(_BEFORE_LISTENING)
        await self.start_forwarder()

    def _on_connection(self, error: UserFacingError | None) -> None:
        """Tell the window and the notices that the database is away, or there again."""
        self._tell_connection(error)
        self.notices.hear_connection(error)

    def _on_listener(self, state: ListenerState) -> None:
        """Tell the window how the listener is, and the sandbox's Stripe where it is."""
        self._tell_listener(state)
        self.notices.hear_listener(state)
        if self._world is not None and state.address is not None:
            self._world.deliver_to(f"{state.address}{WEBHOOK_PATH}")

    def _on_forwarder(self, state: ForwardingState) -> None:
        """Tell the window how its forwarder is, and the sandbox's senders where they find it."""
        self._tell_forwarder(state)
        self.notices.hear_forwarder(state)
        if self._world is not None:
            self._world.forwarded_by(state.smtp[0][1] if state.smtp else 0)

    def _publish(self, change: Change) -> None:
        """Tell the window of a change, and those who run in it and heed changes."""
        self._tell_changed(change)
        if self._forwarder is not None:
            self._forwarder.hear(change)
        if self._listening is not None:
            self._listening.hear(change)
        self.notices.hear(change)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._background.append(asyncio.get_running_loop().create_task(work))

    async def _stop_watching(self) -> None:
        if self._forwarder is not None:
            await self._forwarder.close()
            self._forwarder = None
            self._tell_forwarder(ForwardingState(ForwardingPhase.OFF))
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background.clear()

    async def _let_go(self) -> None:
        await self._stop_watching()
        await self._installation.stripe.close()
        if self._opened is not None:
            await self._opened.database.close()
            self._opened = None

    def _remember(self, server: ServerAddress | None) -> None:
        self._installation.config = with_server(self._installation.config, server)
        save_config(self._installation.profile, self._installation.config)


def _run_backups() -> Callable[..., Coroutine[Any, Any, None]]:
    """Load what it takes to make backups, off the event loop."""
    from smtpy_desktop.controllers.backup_schedule_controller import run_backups

    return run_backups


def _stripe_listening() -> tuple[type[StripeListening], Callable[[Profile], PortClaims]]:
    """Load what it takes to listen, off the event loop."""
    from smtpy_desktop.listeners import webhook_listener  # noqa: F401 - so that it is loaded here, too
    from smtpy_desktop.listening import StripeListening, port_claims

    return StripeListening, port_claims
