"""A page of the sandbox in its window, over a real database and the stand-ins themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMenu, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.sandbox.stand_in_page import StandInPage
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.page_world import wait_until_calm

View = TypeVar("View", bound=StandInPage)  # type: ignore[type-arg]
Page = TypeVar("Page")
Prepare = Callable[[SandboxWorld, Services], Awaitable[None]]


@dataclass
class SandboxPage(Generic[View]):
    """The page in its window, and what stands behind it."""

    bot: QtBot
    window: MainWindow
    view: View
    world: SandboxWorld
    runner: TaskRunner
    thread: AsyncThread
    services: Services

    def button(self, name: str) -> QAbstractButton:
        buttons = self.window.findChildren(QAbstractButton)
        return next(
            one
            for one in buttons
            if one.isVisible()
            and (without_mnemonic(one.text()).startswith(name) or one.accessibleName().startswith(name))
        )

    def click(self, name: str) -> None:
        self.bot.waitUntil(lambda: self.button(name).isEnabled())
        self.bot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def choose(self, name: str, *path: str) -> None:
        button = self.button(name)
        assert isinstance(button, QPushButton)
        menu: QMenu = button.menu()
        for word in path:
            action = next(one for one in menu.actions() if without_mnemonic(one.text()) == word)
            menu = action.menu()
        action.trigger()

    def rows(self, table_name: str = "") -> list[list[str]]:
        tables = self.window.findChildren(QTableView)
        table = next((one for one in tables if one.accessibleName() == table_name), self.view.table)
        model = table.model()
        columns = range(model.columnCount())
        return [[str(model.index(row, column).data()) for column in columns] for row in range(model.rowCount())]


@contextmanager
def sandbox_page(
    page_class: Callable[..., Page],
    bot: QtBot,
    view_class: Callable[[ViewContext, SandboxWorld], View],
    prepare: Prepare,
    directory: Path,
    database_url: str,
    master_keys: MasterKeyGateway,
) -> Iterator[Page]:
    """Give the page of a sandbox that has begun; ``prepare`` fills it, on the asyncio thread."""
    thread, bus = AsyncThread(), ChangeBus()
    thread.start()
    world, database = SandboxWorld(directory / "sandbox", has_live_mail=False), Database(database_url, origin="window")
    keys = StripeKeys({}, MemoryKeyring(), MemoryKeyring())
    access = StripeAccessGateway(keys)
    setup = StripeSetupGateway(keys, access)

    async def open_world() -> Services:
        report = await migrate.schema_report(database.engine)
        actor = Actor("tester", "test")
        services = Services(database, DnsGateway(), master_keys, actor, bus.publish, report, DiskFiles(), access, setup)
        await world.start()
        access.use_sandbox(world.stripe.base, world.stripe.api_key, world.stripe.webhook_secret)
        await prepare(world, services)
        return services

    async def close_world() -> None:
        await access.close()
        await world.stop()
        await database.close()

    services, runner, window = thread.submit(open_world()).result(60), TaskRunner(thread), MainWindow(MemoryStore())
    context = ViewContext(services, runner, bus, OrganizationChoice(), MemoryStore(), window.show_message)
    view = view_class(context, world)
    window.add_page("stand-in", "Sandbox", "flask", view, actions=view.page_actions)
    bot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    try:
        yield page_class(bot, window, view, world, runner, thread, services)
    finally:
        window.hide()
        wait_until_calm(bot, lambda: runner.running)
        thread.submit(close_world()).result(30)
        thread.stop()
