"""The page of the sandbox's zones: a real window over a real database and DNS, driven by clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QTableView
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.change_bus import ChangeBus
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.sandbox.zone_record_view import ZoneRecordDialog
from smtpy_desktop.sandbox.zones_view import ZonesView
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.no_stripe import NoStripe, no_stripe_setup


@dataclass
class Page:
    """The page in its window, and what stands behind it."""

    bot: QtBot
    window: MainWindow
    view: ZonesView
    world: SandboxWorld
    runner: TaskRunner

    def button(self, name: str) -> QAbstractButton:
        buttons = self.window.findChildren(QAbstractButton)
        return next(one for one in buttons if one.isVisible() and one.accessibleName().startswith(name))

    def click(self, name: str) -> None:
        self.bot.waitUntil(lambda: self.button(name).isEnabled())
        self.bot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def choose(self, name: str, *path: str) -> None:
        menu: QMenu | None = self.button(name).menu()
        for word in path:
            action = next(one for one in menu.actions() if without_mnemonic(one.text()) == word)
            menu = action.menu()
        action.trigger()

    def rows(self, table_name: str = "Sandbox zones") -> list[list[str]]:
        table = next(one for one in self.window.findChildren(QTableView) if one.accessibleName() == table_name)
        model = table.model()
        columns = range(model.columnCount())
        return [[str(model.index(row, column).data()) for column in columns] for row in range(model.rowCount())]

    def zone(self, name: str) -> str:
        return next((row[1] for row in self.rows() if row[0] == name), "")

    def select(self, name: str) -> None:
        self.bot.waitUntil(lambda: bool(self.zone(name)))
        self.view.table.selectRow([row[0] for row in self.rows()].index(name))
        self.bot.waitUntil(lambda: self.view.details_view.row.unicode_name == name)
        self.bot.waitUntil(lambda: not self.runner.running)


@pytest.fixture
def page(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, database_url: str, master_keys: MasterKeyGateway
) -> Iterator[Page]:
    theme = Theme(qapp, ThemePreference.LIGHT)
    thread, bus = AsyncThread(), ChangeBus()
    thread.start()
    world, database = SandboxWorld(tmp_path / "sandbox"), Database(database_url, origin="window")

    async def open_world() -> Services:
        report = await migrate.schema_report(database.engine)
        actor = Actor("tester", "test")
        services = Services(
            database, DnsGateway(), master_keys, actor, bus.publish, report, DiskFiles(), NoStripe(), no_stripe_setup()
        )
        await world.start()
        await world.prepare(services)
        return services

    async def close_world() -> None:
        await world.stop()
        await database.close()

    services, runner, window = thread.submit(open_world()).result(60), TaskRunner(thread), MainWindow(MemoryStore())
    context = ViewContext(services, runner, bus, OrganizationChoice(), MemoryStore(), window.show_message)
    view = ZonesView(context, world)
    window.add_page("zones", "Sandbox zones", "flask", view, actions=view.page_actions)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    yield Page(qtbot, window, view, world, runner)
    qtbot.waitUntil(lambda: not runner.running)
    thread.submit(close_world()).result(30)
    thread.stop()
    theme.deleteLater()


def test_every_domain_is_listed_with_the_state_of_its_zone(page):
    page.select("harbour-books.example")

    states = {row[0]: (row[1], row[2]) for row in page.rows()}
    assert states["alder-and-ash.example"] == ("Published", "At once")
    assert states["harbour-books.example"] == ("Broken", "At once")
    assert states["delta-archive.example"] == ("Partly", "At once")
    assert states["lantern-bakery.example"] == ("Published", "SERVFAIL")
    assert states["meadowbank.example"] == ("No zone", "At once")


def test_a_zone_is_published_broken_and_mended_by_its_buttons(page):
    name = "meadowbank.example"
    page.select(name)

    page.click("Publish the wanted records")
    page.bot.waitUntil(lambda: page.zone(name) == "Published")
    page.choose("Break one…", "DKIM", "One letter left out")
    page.bot.waitUntil(lambda: page.zone(name) == "Broken")
    page.click("Publish the wanted records")

    page.bot.waitUntil(lambda: page.zone(name) == "Published")
    assert page.view.details_view.row.unicode_name == name


def test_a_fault_is_chosen_and_taken_back(page):
    name = "brightwater.example"
    page.select(name)

    page.choose("Answers: At once", "After 5 s")
    page.bot.waitUntil(lambda: [name, "Published", "After 5 s"] in page.rows())
    page.click("Back to normal")

    page.bot.waitUntil(lambda: [name, "Published", "At once"] in page.rows())
    assert not page.button("Back to normal").isEnabled()


def test_nothing_reaches_past_the_edge_of_a_narrow_window(page):
    page.window.resize(1280, 720)
    page.bot.waitUntil(lambda: bool(page.rows()))
    page.select(page.rows()[0][0])
    page.bot.waitUntil(lambda: bool(page.rows("Records of the zone")))

    tables = [table for table in page.window.findChildren(QTableView) if table.isVisible()]
    pane = page.view.details_view
    buttons = [button for button in pane.findChildren(QAbstractButton) if button.isVisible()]

    assert [table.horizontalScrollBar().maximum() for table in tables] == [0, 0]
    assert pane.mapTo(page.window, pane.rect().topRight()).x() < page.window.width()
    assert all(button.mapTo(pane, button.rect().topRight()).x() <= pane.width() for button in buttons)


def test_a_record_is_added_and_a_bad_value_stays_in_the_dialog(page):
    page.select("brightwater.example")
    page.click("Add record…")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, ZoneRecordDialog)

    dialog.form.restore({"name": "www", "type": "A", "value": "192.0.2"})
    page.bot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    page.bot.waitUntil(lambda: "value" in dialog.form.errors)
    kept = dialog.form.texts()
    dialog.form.restore({"value": "192.0.2.7"})
    page.bot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)

    page.bot.waitUntil(lambda: ["www", "A", "300", "192.0.2.7"] in page.rows("Records of the zone"))
    assert (kept["name"], kept["value"]) == ("www", "192.0.2")


def test_a_removed_record_can_be_put_back(page):
    name, table_name = "brightwater.example", "Records of the zone"
    page.select(name)
    before = page.rows(table_name)
    table = next(one for one in page.window.findChildren(QTableView) if one.accessibleName() == table_name)
    first = table.visualRect(table.model().index(0, 0)).center()
    page.bot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=first)

    page.bot.keyClick(table, Qt.Key.Key_Delete)
    page.bot.waitUntil(lambda: page.zone(name) == "Broken")
    page.bot.mouseClick(page.window.messages.action_button, Qt.MouseButton.LeftButton)

    page.bot.waitUntil(lambda: page.zone(name) == "Published")
    page.bot.waitUntil(lambda: sorted(page.rows(table_name)) == sorted(before))


def test_breaking_what_is_not_there_says_what_to_do(page):
    page.select("delta-archive.example")

    page.choose("Break one…", "DMARC", "Missing")

    page.bot.waitUntil(lambda: page.window.messages.current is not None)
    assert "Publish the wanted records first." in page.window.messages.current.text
