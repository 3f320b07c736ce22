"""The dialogs that try mail out, used as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from smtpy_desktop.controllers import rules_controller, settings_controller
from smtpy_desktop.database.models import Message
from smtpy_desktop.views.mail_simulator_dialog import MailSimulatorDialog
from smtpy_desktop.views.mail_trials import MailTrials
from smtpy_desktop.views.test_message_dialog import TestMessageDialog
from tests.helpers.aliases_page import AliasesPage, open_aliases_page
from tests.helpers.rules_world import draft

RAW = (
    b"Return-Path: <bounce@news.example>\n"
    b"Received: from mail.news.example (mail [198.51.100.7])\n\tby mx.a.example; Mon, 1 Jan 2026\n"
    b"From: News <news@news.example>\nTo: info@a.example\nSubject: Big sale\n\nHello\n"
)


@pytest.fixture
def page(qtbot: QtBot, database_url: str, tmp_path: Path) -> Iterator[AliasesPage]:
    """Give the page of the aliases with info@a.example, which no DNS is asked about."""
    with open_aliases_page(qtbot, database_url, tmp_path) as opened:
        services = opened.world.context.services
        values = {"mail.hostname": "mx1.example.net", "forwarder.arc": "no", "dns.resolvers": "127.0.0.1:9"}
        opened.world.run(
            settings_controller.change_settings(
                services.sessions, values, actor=services.actor, publish=services.publish
            )
        )
        opened.add("info@a.example", "box@out.example")
        opened.settle()
        yield opened


@pytest.fixture
def trials(page: AliasesPage) -> MailTrials:
    """Give what opens the dialogs."""
    return MailTrials(page.world.context, page.view)


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    file = tmp_path / "mail.eml"
    file.write_bytes(RAW)
    return file


def done(page: AliasesPage, dialog: MailSimulatorDialog) -> None:
    page.bot.waitUntil(lambda: not dialog.is_busy and dialog.outcome.told is not None)
    page.settle()


def add_rule(page: AliasesPage) -> None:
    services = page.world.context.services
    owner = page.world.run(rules_controller.find_owner(services.sessions, "info@a.example"))
    typed = draft("refuse", ("subject_contains", "sale"), name="no sales")
    page.world.run(
        rules_controller.add_rule(services.sessions, owner, typed, actor=services.actor, publish=services.publish)
    )


def stored_messages(page: AliasesPage) -> int:
    async def count() -> int:
        async with page.world.database.read() as db:
            return int(await db.scalar(select(func.count()).select_from(Message)) or 0)

    found: int = page.world.run(count())
    return found


def test_a_dropped_file_fills_the_envelope_and_tells_what_would_happen(
    page: AliasesPage, trials: MailTrials, mail: Path
) -> None:
    add_rule(page)
    dialog = trials.simulate()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(mail))])
    action, button, no_key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    dialog.source.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, no_key))
    done(page, dialog)
    texts = page.texts(dialog)

    assert (dialog.sender_edit.text(), dialog.client_edit.text()) == ("bounce@news.example", "198.51.100.7")
    assert dialog.recipient_edit.text() == "info@a.example"
    assert "It would be refused" in texts
    assert "550 5.7.1" in texts
    assert "no sales" in texts
    assert stored_messages(page) == 0
    dialog.reject()


def test_another_file_leaves_what_was_typed_and_replaces_what_the_file_before_told(
    page: AliasesPage, trials: MailTrials, mail: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.eml"
    other.write_bytes(b"Return-Path: <second@other.example>\r\nTo: second@a.example\r\n\r\nHello\r\n")
    dialog = trials.simulate()
    dialog.helo_edit.setText("typed.example")
    dialog.read_file(str(mail))
    done(page, dialog)

    dialog.read_file(str(other))
    done(page, dialog)

    assert (dialog.sender_edit.text(), dialog.client_edit.text()) == ("second@other.example", "")
    assert (dialog.recipient_edit.text(), dialog.helo_edit.text()) == ("second@a.example", "typed.example")
    dialog.reject()


def test_what_is_typed_is_tried_out_as_it_is_typed(page: AliasesPage, trials: MailTrials) -> None:
    dialog = trials.simulate("info@a.example")
    dialog._type()
    dialog.source.setPlainText("From: a@other.example\nSubject: x\n\nHello")
    dialog.sender_edit.setText("a@other.example")

    page.bot.keyClick(dialog.sender_edit, Qt.Key.Key_Return)
    done(page, dialog)

    assert "It would go to 1 address" in page.texts(dialog)
    assert "SRS0=" in page.texts(dialog)
    assert "Delivered-To: info@a.example" in page.texts(dialog)
    dialog.reject()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG" + bytes(5000), "This is no message"),
        (b"\xff\xfe" * 1000, "UTF-16"),
        (b"", "There is no message yet"),
        (bytes(range(256)) * 4000, "does not begin with header lines"),
    ],
)
def test_a_hostile_file_gives_a_sentence(
    page: AliasesPage, trials: MailTrials, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "hostile.eml"
    file.write_bytes(content)
    dialog = trials.simulate("info@a.example")

    dialog.read_file(str(file))
    page.bot.waitUntil(lambda: bool(dialog.form.errors))

    assert words in dialog.form.errors["source"]
    assert dialog.outcome.told is None
    dialog.reject()


def test_a_missing_file_and_a_missing_recipient_are_told(page: AliasesPage, trials: MailTrials, tmp_path: Path) -> None:
    dialog = trials.simulate()
    dialog.read_file(str(tmp_path / "missing.eml"))
    page.settle()
    missing = dialog.form.errors
    dialog.source.setPlainText("From: a@b.example\n\n")
    dialog.simulate()
    page.settle()

    assert any("could not be read" in words or "missing.eml" in words for words in missing.values())
    assert dialog.form.errors == {"recipients": "Say whom the mail is for. An address of yours."}
    dialog.reject()


def test_a_large_file_is_shown_in_part_and_tried_out_whole(
    page: AliasesPage, trials: MailTrials, tmp_path: Path
) -> None:
    file = tmp_path / "large.eml"
    file.write_bytes(RAW + b"line of text\n" * 200_000)
    dialog = trials.simulate("info@a.example")

    dialog.read_file(str(file))
    done(page, dialog)
    told = dialog.outcome.told

    assert told is not None
    assert told.size_bytes > 2_000_000
    assert len(dialog.source.toPlainText()) < 100_000
    assert dialog.source.isReadOnly()
    dialog.reject()


def test_the_ways_to_try_mail_out_are_beside_the_rules(page: AliasesPage) -> None:
    wanted: list[tuple[str, str]] = []
    page.view.simulate_wanted.connect(lambda address: wanted.append(("simulate", address)))
    page.view.test_wanted.connect(lambda address: wanted.append(("test", address)))
    page.select("info@a.example")
    menu = page.view.details.rules.build_try_menu()

    for action in menu.actions():
        action.trigger()

    assert wanted == [("simulate", "info@a.example"), ("test", "info@a.example")]
    menu.close()


def test_a_test_message_without_a_forwarder_says_what_to_do_and_leads_to_the_message(
    page: AliasesPage, trials: MailTrials
) -> None:
    opened: list[int] = []
    trials.message_wanted.connect(opened.append)
    dialog = trials.send_test("info@a.example")

    dialog.send()
    received = "Received from postmaster@a.example for info@a.example"
    page.bot.waitUntil(lambda: received in page.texts(dialog))
    texts = page.texts(dialog)
    dialog.open_button.click()

    assert "No forwarder is running" in texts
    assert stored_messages(page) == 1
    assert len(opened) == 1


def test_an_address_elsewhere_is_refused_beside_its_field(page: AliasesPage, trials: MailTrials) -> None:
    dialog = trials.send_test("x@elsewhere.example")

    dialog.send()
    page.settle()

    assert "is not one of your domains" in dialog.form.errors["recipient"]
    assert isinstance(dialog, TestMessageDialog)
    assert dialog.send_button.isEnabled()
    dialog.reject()
