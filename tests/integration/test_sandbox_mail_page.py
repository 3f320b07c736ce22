"""The page of the sandbox's mail server: a real window, a real server, real mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkFaults, SinkVerb
from smtpy_desktop.sandbox.mail_view import MailView
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.widgets.label import PlainLabel
from tests.helpers.mail_client import MailConversation
from tests.helpers.sandbox_page import SandboxPage, sandbox_page

pytestmark = pytest.mark.usefixtures("app_theme")

HOSTILE = b"From: <b>Bold</b>\r\nSubject: <img src=x> \xe2\x80\xaegnp.exe\r\n\r\n<script>alert(1)</script>\r\n"


class MailPage(SandboxPage[MailView]):
    @property
    def sink(self) -> MailSink:
        return self.world.post.sink

    def subjects(self) -> list[str]:
        return [row[0] for row in self.rows()]

    def send(self, raw: bytes) -> None:
        async def hand_over() -> None:
            async with MailConversation(self.sink.port) as client:
                await client.say("EHLO client.example")
                await client.hand_over(raw)

        self.thread.submit(hand_over()).result(10)


async def leave_empty(world: SandboxWorld, services: Services) -> None:
    pass


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, database_url: str, master_keys: MasterKeyGateway) -> Iterator[MailPage]:
    with sandbox_page(MailPage, qtbot, MailView, leave_empty, tmp_path, database_url, master_keys) as page:
        yield page


def test_what_is_delivered_appears_literally(page: MailPage) -> None:
    page.send(HOSTILE)

    page.bot.waitUntil(lambda: page.subjects() == ["<img src=x> ⟨U+202E⟩gnp.exe"])
    page.bot.waitUntil(lambda: "<script>alert(1)</script>" in page.view.details_view.source.toPlainText())


def test_faults_are_switched_on_and_healed(page: MailPage) -> None:
    page.choose("Where: ", "at RCPT TO")
    page.choose("Mail: ", "refused for now (4xx)")
    page.choose("For: ", "mailbox.example")
    page.bot.waitUntil(lambda: page.sink.faults.only_for == "mailbox.example")
    page.bot.waitUntil(lambda: page.sink.faults.verbs == {SinkVerb.RCPT: SinkFault.TEMPORARY})

    page.click("Everything works again")

    page.bot.waitUntil(lambda: page.sink.faults == SinkFaults())


def test_the_server_goes_down_and_comes_back(page: MailPage) -> None:
    box = page.button("The server is down")
    assert isinstance(box, QCheckBox)
    box.click()
    page.bot.waitUntil(lambda: page.sink.is_down)

    box.click()

    page.bot.waitUntil(lambda: not page.sink.is_down)


def test_only_after_the_final_dot_something_can_be_kept(page: MailPage) -> None:
    page.choose("Mail: ", "kept, and the line is cut")
    page.bot.waitUntil(lambda: page.sink.faults.verbs == {SinkVerb.CONTENT: SinkFault.CUT_STORED})

    page.choose("Where: ", "at DATA")

    page.bot.waitUntil(lambda: page.sink.faults.verbs == {})


def test_without_a_browser_the_address_is_told(page: MailPage) -> None:
    page.bot.waitUntil(lambda: bool(page.sink.port))
    page.view.refresh()
    page.bot.waitUntil(lambda: page.view._sight is not None)

    page.click("Open the inbox in the browser")

    bar = page.window.messages
    page.bot.waitUntil(lambda: any("http://127.0.0.1:" in one.text() for one in bar.findChildren(PlainLabel)))
