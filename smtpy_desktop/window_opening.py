"""From an empty window to its pages: choosing, starting and opening the database, and watching over it.

Part of the composition root. Signals carry what happens on the asyncio thread over to the window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from smtpy_desktop.config import save_config, with_server
from smtpy_desktop.controllers.connection_controller import watch
from smtpy_desktop.controllers.opening_controller import OpenedDatabase
from smtpy_desktop.controllers.rechecks_controller import run_rechecks
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.domain_checks import StatusNotice

if TYPE_CHECKING:
    from smtpy_desktop.sandbox.world import SandboxWorld
    from smtpy_desktop.window_app import WindowApp


class WindowOpening(QObject):
    """Opens what the plan and the configuration say, and tells how it goes.

    ``choice_wanted()``: nothing is configured yet. ``opened(Services)``: the pages can be built.
    ``refused(UserFacingError)``: it did not work. ``noted(Text)``: what is being done.
    ``connection_told(UserFacingError | None)``: the connection is lost, or back. ``noticed(StatusNotice)``.
    """

    choice_wanted = Signal()
    opened = Signal(object)
    refused = Signal(object)
    noted = Signal(object)
    connection_told = Signal(object)
    noticed = Signal(object)

    def __init__(self, app: WindowApp) -> None:
        super().__init__(app)
        self._app = app
        self._installation = app.installation
        self._installation.postgres.notify = self.noted.emit
        self._opened: OpenedDatabase | None = None
        self._background: list[asyncio.Task[None]] = []
        self.world: SandboxWorld | None = None
        if app.plan.is_sandbox:
            from smtpy_desktop.sandbox.world import SandboxWorld

            self.world = SandboxWorld(app.plan.profile.directory)

    def begin(self) -> None:
        """Open what is configured, or ask for the choice on a first run."""
        config = self._installation.config
        plan = self._app.plan
        if plan.database_url is not None:
            self._run(self._open_url(plan.database_url))
        elif self.world is not None or config.first_run_done or self._has_cluster():
            self.open_configured()
        else:
            self.choice_wanted.emit()

    def open_configured(self) -> None:
        """Open the database that the configuration names."""
        server = self._installation.config.server if self.world is None else None
        self._run(self.open_embedded() if server is None else self._open_with_stored_password(server))

    async def open_embedded(self) -> Services:
        """Start and open the built-in database, and remember the choice."""
        opened = await self._installation.open_embedded()
        if self.world is None:
            self._remember(None)
        return await self._keep(opened, is_embedded=True)

    async def open_server(self, server: ServerAddress, password: str, *, may_upgrade: bool) -> Services:
        """Open a server's database, and remember the choice once it has worked; the password goes to the keyring."""
        opened = await self._installation.open_server(server, password, may_upgrade=may_upgrade)
        await asyncio.to_thread(self._installation.keep_password, password)
        self._remember(server)
        return await self._keep(opened, is_embedded=False)

    def use(self, services: Services) -> None:
        """Take over what was opened on the asyncio thread (call on the GUI thread)."""
        self.opened.emit(services)

    async def close(self) -> None:
        """Stop watching and let go of the database."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background.clear()
        if self.world is not None:
            await self.world.stop()
        if self._opened is not None:
            await self._opened.database.close()
            self._opened = None

    def _run(self, work: Any) -> None:
        self._app.runner.run(work, owner=self, on_success=self.use, on_error=self._refuse, replaces="opening")

    def _refuse(self, error: UserFacingError) -> bool:
        self.refused.emit(error)
        return True

    async def _open_url(self, url: str) -> Services:
        return await self._keep(await self._installation.open_url(url, may_upgrade=False), is_embedded=False)

    async def _open_with_stored_password(self, server: ServerAddress) -> Services:
        password = await asyncio.to_thread(self._installation.database_password)
        opened = await self._installation.open_server(server, password, may_upgrade=False)
        return await self._keep(opened, is_embedded=False)

    async def _keep(self, opened: OpenedDatabase, *, is_embedded: bool) -> Services:
        await self._let_go()
        self._opened = opened
        services = self._installation.services(
            opened, via="window", publish=self._app.bus.publish, is_embedded=is_embedded
        )
        if self.world is not None:
            await self.world.start()
            await self.world.prepare(services)
        self._watch_over(opened, services)
        return services

    def _watch_over(self, opened: OpenedDatabase, services: Services) -> None:
        self._start(watch(opened.database, publish=self._app.bus.publish, tell=self.connection_told.emit))
        if services.is_embedded:
            self._start(self._installation.postgres.keep_running())
        if not services.is_read_only:
            on_notice: Callable[[StatusNotice], None] = self.noticed.emit
            self._start(
                run_rechecks(services.sessions, asker=services.asker, publish=services.publish, on_notice=on_notice)
            )

    def _start(self, work: Any) -> None:
        self._background.append(asyncio.get_running_loop().create_task(work))

    async def _let_go(self) -> None:
        """Leave a database that was open before (the connection is being changed)."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background.clear()
        if self._opened is not None:
            await self._opened.database.close()
            self._opened = None

    def _remember(self, server: ServerAddress | None) -> None:
        self._installation.config = with_server(self._installation.config, server)
        save_config(self._installation.profile, self._installation.config)

    def _has_cluster(self) -> bool:
        directory = self._installation.profile.postgres
        return (directory / "data").exists() or (directory / "location").exists()
