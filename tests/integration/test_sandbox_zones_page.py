"""The page of the sandbox's zones: a real window over a real database and DNS, driven by clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QTableView
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.sandbox.zone_record_view import ZoneRecordDialog
from smtpy_desktop.sandbox.zones_view import ZonesView
from tests.helpers.page_world import wait_until_calm
from tests.helpers.sandbox_page import SandboxPage, sandbox_page

pytestmark = pytest.mark.usefixtures("app_theme")


class ZonesPage(SandboxPage[ZonesView]):
    def zone(self, name: str) -> str:
        return next((row[1] for row in self.rows() if row[0] == name), "")

    def select(self, name: str) -> None:
        self.bot.waitUntil(lambda: bool(self.zone(name)))
        self.view.table.selectRow([row[0] for row in self.rows()].index(name))
        self.bot.waitUntil(lambda: self.view.details_view.row.unicode_name == name)
        wait_until_calm(self.bot, lambda: self.runner.running)


async def publish_samples(world: SandboxWorld, services: Services) -> None:
    await world.prepare(services)


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, database_url: str, master_keys: MasterKeyGateway) -> Iterator[ZonesPage]:
    with sandbox_page(ZonesPage, qtbot, ZonesView, publish_samples, tmp_path, database_url, master_keys) as page:
        yield page


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
