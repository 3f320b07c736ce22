"""The page of the sandbox's mail server: a real window, a real server, real mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QPushButton, QTableView
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
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkFaults, SinkVerb
from smtpy_desktop.sandbox.mail_view import MailView
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.view_context import OrganizationChoice, ViewContext
from smtpy_desktop.views.widgets.label import PlainLabel, without_mnemonic
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.mail_client import MailConversation

HOSTILE = b"From: <b>Bold</b>\r\nSubject: <img src=x> \xe2\x80\xaegnp.exe\r\n\r\n<script>alert(1)</script>\r\n"


@dataclass
class Page:
    """The page in its window, and what stands behind it."""

    bot: QtBot
    window: MainWindow
    view: MailView
    thread: AsyncThread
    sink: MailSink

    def button(self, name: str) -> QAbstractButton:
        buttons = self.window.findChildren(QAbstractButton)
        return next(one for one in buttons if one.isVisible() and without_mnemonic(one.text()).startswith(name))

    def click(self, name: str) -> None:
        self.bot.waitUntil(lambda: self.button(name).isEnabled())
        self.bot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def choose(self, name: str, word: str) -> None:
        button = self.button(name)
        assert isinstance(button, QPushButton)
        next(one for one in button.menu().actions() if without_mnemonic(one.text()) == word).trigger()

    def subjects(self) -> list[str]:
        model = self.window.findChildren(QTableView)[0].model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def send(self, raw: bytes) -> None:
        async def hand_over() -> None:
            async with MailConversation(self.sink.port) as client:
                await client.say("EHLO client.example")
                await client.hand_over(raw)

        self.thread.submit(hand_over()).result(10)


@pytest.fixture
def page(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, database_url: str, master_keys: MasterKeyGateway
) -> Iterator[Page]:
    theme = Theme(qapp, ThemePreference.LIGHT)
    thread, bus = AsyncThread(), ChangeBus()
    thread.start()
    world, database = SandboxWorld(tmp_path / "sandbox", has_live_mail=False), Database(database_url, origin="window")
    keys = StripeKeys({}, MemoryKeyring(), MemoryKeyring())
    access = StripeAccessGateway(keys)
    setup = StripeSetupGateway(keys, access)

    async def open_world() -> Services:
        report = await migrate.schema_report(database.engine)
        actor = Actor("tester", "test")
        await world.start()
        return Services(database, DnsGateway(), master_keys, actor, bus.publish, report, DiskFiles(), access, setup)

    async def close_world() -> None:
        await access.close()
        await world.stop()
        await database.close()

    services, runner, window = thread.submit(open_world()).result(60), TaskRunner(thread), MainWindow(MemoryStore())
    context = ViewContext(services, runner, bus, OrganizationChoice(), MemoryStore(), window.show_message)
    view = MailView(context, world)
    window.add_page("sandbox-mail", "Sandbox mail", "flask", view, actions=view.page_actions)
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    yield Page(qtbot, window, view, thread, world.post.sink)
    window.hide()
    qtbot.waitUntil(lambda: not runner.running)
    thread.submit(close_world()).result(30)
    thread.stop()
    theme.deleteLater()


def test_what_is_delivered_appears_literally(page: Page) -> None:
    page.send(HOSTILE)

    page.bot.waitUntil(lambda: page.subjects() == ["<img src=x> ⟨U+202E⟩gnp.exe"])
    page.bot.waitUntil(lambda: "<script>alert(1)</script>" in page.view.details_view.source.toPlainText())


def test_faults_are_switched_on_and_healed(page: Page) -> None:
    page.choose("Where: ", "at RCPT TO")
    page.choose("Mail: ", "refused for now (4xx)")
    page.choose("For: ", "mailbox.example")
    page.bot.waitUntil(lambda: page.sink.faults.only_for == "mailbox.example")
    page.bot.waitUntil(lambda: page.sink.faults.verbs == {SinkVerb.RCPT: SinkFault.TEMPORARY})

    page.click("Everything works again")

    page.bot.waitUntil(lambda: page.sink.faults == SinkFaults())


def test_the_server_goes_down_and_comes_back(page: Page) -> None:
    box = page.button("The server is down")
    assert isinstance(box, QCheckBox)
    box.click()
    page.bot.waitUntil(lambda: page.sink.is_down)

    box.click()

    page.bot.waitUntil(lambda: not page.sink.is_down)


def test_only_after_the_final_dot_something_can_be_kept(page: Page) -> None:
    page.choose("Mail: ", "kept, and the line is cut")
    page.bot.waitUntil(lambda: page.sink.faults.verbs == {SinkVerb.CONTENT: SinkFault.CUT_STORED})

    page.choose("Where: ", "at DATA")

    page.bot.waitUntil(lambda: page.sink.faults.verbs == {})


def test_without_a_browser_the_address_is_told(page: Page) -> None:
    page.bot.waitUntil(lambda: bool(page.sink.port))
    page.view.refresh()
    page.bot.waitUntil(lambda: page.view._sight is not None)

    page.click("Open the inbox in the browser")

    bar = page.window.messages
    page.bot.waitUntil(lambda: any("http://127.0.0.1:" in one.text() for one in bar.findChildren(PlainLabel)))
