"""The page of the domains in a real window, over a real database and a real DNS, with hands to use it."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import organizations_controller, settings_controller
from smtpy_desktop.controllers.domain_records_controller import records_to_publish
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.domains import DomainRow
from smtpy_desktop.schemas.identifiers import DomainId, OrganizationId
from smtpy_desktop.schemas.migration import SchemaReport, SchemaState
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.no_stripe import NoStripe, no_stripe_setup
from tests.helpers.page_world import wait_until_calm
from tests.helpers.stored_domains import insert_domains

T = TypeVar("T")

IDENTITY = {
    "mail.mx": "10 mx1.example.net, 20 mx2.example.net",
    "mail.spf": "ip4:192.0.2.25",
    "mail.sending_addresses": "192.0.2.25",
    "mail.dmarc": "v=DMARC1; p=quarantine; rua=mailto:reports@example.com",
}


@dataclass
class DomainsPage:
    """The page in its window, and what stands behind it."""

    bot: QtBot
    window: MainWindow
    view: DomainsView
    context: ViewContext
    thread: AsyncThread
    dns: SandboxDns
    told: list[Message] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)

    # The world behind the window

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self.thread.submit(work).result(30)

    def add_organization(self, name: str) -> OrganizationId:
        services = self.context.services
        row = self.wait(
            organizations_controller.create_organization(
                services.sessions, name, "admin@example.com", actor=services.actor, publish=services.publish
            )
        )
        self.read_organizations()
        return row.id

    def read_organizations(self) -> None:
        rows = self.wait(organizations_controller.list_organizations(self.context.services.sessions))
        self.context.choice.set_organizations(rows)

    def add_domains(self, organization: OrganizationId, *names: str, **values: Any) -> list[DomainId]:
        return self.wait(insert_domains(self.context.services.sessions, organization, names, **values))

    def publish_records(self, *ids: DomainId) -> None:
        async def publish() -> None:
            for domain_id in ids:
                wanted = await records_to_publish(self.context.services.sessions, domain_id, asker=None)
                self.dns.zones.publish(wanted.records)

        self.wait(publish())

    def change_settings(self, **values: str) -> None:
        services = self.context.services
        named = {key.replace("__", "."): value for key, value in values.items()}
        self.wait(
            settings_controller.change_settings(
                services.sessions, named, actor=services.actor, publish=services.publish
            )
        )

    # Looking

    def settle(self) -> None:
        """Wait until nothing runs and nothing is about to."""
        view = self.view

        def is_busy() -> bool:
            waits = view._reading.is_waiting or view.details._read_soon.isActive()
            filling = view.details.cards._to_fill or view.list.model.is_loading
            return bool(self.context.runner.running or waits or view.filters.box.is_about_to_apply or filling)

        wait_until_calm(self.bot, is_busy)

    def names(self) -> list[str]:
        return [row.unicode_name for _, row in self.view.list.model.loaded_rows(0, 10_000)]

    def row(self, name: str) -> DomainRow:
        return next(row for _, row in self.view.list.model.loaded_rows(0, 10_000) if row.unicode_name == name)

    def texts(self, within: QWidget | None = None) -> list[str]:
        """Return what can be read, or what a screen reader would say."""
        widgets = (within or self.window).findChildren(QWidget)
        seen = [widget for widget in widgets if widget.isVisible()]
        return [text for widget in seen for text in (widget.accessibleName(), widget.accessibleDescription()) if text]

    def sees(self, text: str, within: QWidget | None = None) -> bool:
        return any(text in one for one in self.texts(within))

    @property
    def last_message(self) -> Message:
        return self.told[-1]

    def dialog(self) -> QDialog:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        return dialog

    # Acting

    def select(self, *names: str) -> None:
        table = self.view.list.table
        for place, name in enumerate(names):
            number = self.names().index(name)
            if place == 0:
                table.selectRow(number)
            else:
                flags = table.selectionModel().SelectionFlag.Select | table.selectionModel().SelectionFlag.Rows
                table.selectionModel().select(self.view.list.model.index(number, 0), flags)
        self.settle()

    def button(self, name: str, within: QWidget | None = None) -> QAbstractButton:
        found = (within or self.window).findChildren(QAbstractButton)
        return next(one for one in found if one.isVisible() and one.accessibleName() == name)

    def click(self, name: str, within: QWidget | None = None) -> None:
        button = self.button(name, within)
        assert button.isEnabled(), f"{name} cannot be clicked"
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard is."""
        focused = QApplication.focusWidget() or self.window
        self.bot.keyClick(focused, key, modifiers)
        self.settle()

    def menu(self) -> dict[str, Any]:
        """Return what the context menu of the table offers now, by its words."""
        menu = QMenu(self.window)
        self.view.selection.build_menu(menu)
        return {without_mnemonic(action.text()): action for action in menu.actions() if action.text()}

    @staticmethod
    def clipboard() -> str:
        return QGuiApplication.clipboard().text()


@contextmanager
def open_domains_page(
    bot: QtBot, app: QApplication, database_url: str, keys: MasterKeyGateway, *, has_identity: bool = True
) -> Iterator[DomainsPage]:
    """Open the page on an empty database; everything is put away afterwards."""
    theme = Theme(app, ThemePreference.LIGHT)
    thread, bus = AsyncThread(), ChangeBus()
    thread.start()
    database = Database(database_url, origin="window")
    schema = SchemaReport(SchemaState.CURRENT, "", "", ())
    services = Services(
        database,
        DnsGateway(),
        keys,
        Actor("tester", "test"),
        bus.publish,
        schema,
        DiskFiles(),
        NoStripe(),
        no_stripe_setup(),
    )
    runner, window, dns = TaskRunner(thread), MainWindow(MemoryStore()), SandboxDns()
    told: list[Message] = []

    def tell(message: Message) -> None:
        told.append(message)
        window.show_message(message)

    context = ViewContext(services, runner, bus, OrganizationChoice(), MemoryStore(), tell)
    view = DomainsView(context)
    page = DomainsPage(bot, window, view, context, thread, dns, told)
    view.settings_wanted.connect(page.asked_for.append)
    page.wait(dns.start())
    if has_identity:
        resolvers = ", ".join(map(str, dns.resolvers))
        port = str(dns.authoritative_port)
        values = {**IDENTITY, "dns.resolvers": resolvers, "dns.authoritative_port": port}
        page.change_settings(**{key.replace(".", "__"): value for key, value in values.items()})
    window.add_page("domains", "Domains", "world", view, actions=view.page_actions)
    bot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    try:
        page.settle()
        yield page
    finally:
        window.remove_pages()
        bot.waitUntil(lambda: not shiboken6.isValid(view))
        wait_until_calm(bot, lambda: runner.running)
        page.wait(dns.stop())
        page.wait(database.close())
        thread.stop()
        theme.deleteLater()
