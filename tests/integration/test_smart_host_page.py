"""The smart host in the settings: tried as it is typed, its password kept apart from the settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import audit_controller
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn
from smtpy_desktop.schemas.secrets import KeyringState, SecretName
from smtpy_desktop.views.forwarding_settings_form import ForwardingForm
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.integration.certificates import trusted_context

USER, PASSWORD = "ada@example.com", "CanaryOfTheSmartHost"
SECRET = SecretName.SMARTHOST_PASSWORD


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring(state=KeyringState.AVAILABLE)


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path, keyring: MemoryKeyring) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", keyring) as world:
        yield world


@pytest.fixture
def sink(world: PageWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    context = trusted_context(tmp_path, monkeypatch)
    made = MailSink(tls=context, sign_in=SinkSignIn({USER: PASSWORD}))
    world.run(made.start())
    yield made
    world.run(made.stop())


@pytest.fixture
def form(qtbot: QtBot, world: PageWorld, sink: MailSink) -> ForwardingForm:
    made = ForwardingForm(world.context)
    made.load({})
    made.smart_host.refresh()
    made.field("forwarder.smarthost").set_text(sink.address)
    made.field("forwarder.smarthost_user").set_text(USER)
    qtbot.addWidget(made)
    made.show()
    settle(qtbot, world)
    return made


def settle(qtbot: QtBot, world: PageWorld) -> None:
    wait_until_calm(qtbot, lambda: world.context.runner.running)


def test_what_is_typed_is_tried_by_keyboard_and_nothing_of_it_is_stored(
    form: ForwardingForm, world: PageWorld, qtbot: QtBot, keyring: MemoryKeyring, sink: MailSink
) -> None:
    panel = form.smart_host

    qtbot.keyClicks(panel.editor.line, PASSWORD)
    qtbot.keyClick(panel.editor.line, Qt.Key.Key_Return)
    settle(qtbot, world)

    assert panel.result.heading.text() == "127.0.0.1 lets us in"
    assert f"Signed in as {USER} (PLAIN)" in panel.result.text.text()
    assert "TLS 1.3" in panel.result.text.text()
    assert (keyring.read(SECRET), sink.received, world.failures) == (None, 0, [])
    assert PASSWORD not in str(form.texts())


def test_a_wrong_password_is_told_in_plain_words(form: ForwardingForm, world: PageWorld, qtbot: QtBot) -> None:
    form.smart_host.editor.set_text("wrong")

    form.smart_host.try_button.click()
    settle(qtbot, world)

    assert form.smart_host.result.heading.text() == "The smart host does not accept the user name and password"
    assert form.smart_host.try_button.isEnabled()


def test_a_wrong_field_is_marked_and_nobody_is_called(form: ForwardingForm, world: PageWorld, qtbot: QtBot) -> None:
    form.field("forwarder.smarthost").set_text("relay.example.net")

    form.smart_host.try_button.click()
    settle(qtbot, world)

    assert set(form.errors) == {"forwarder.smarthost"}


def test_the_password_is_kept_in_the_keyring_and_forgotten_again(
    form: ForwardingForm, world: PageWorld, qtbot: QtBot, keyring: MemoryKeyring
) -> None:
    panel = form.smart_host
    before = panel.keep_button.isEnabled()
    qtbot.keyClicks(panel.editor.line, PASSWORD)

    panel.keep_button.click()
    settle(qtbot, world)
    kept, shown = keyring.read(SECRET), panel.editor.text()
    panel.forget_button.click()
    dialog = panel.window().findChild(ConfirmDialog)
    assert dialog is not None
    dialog.accept()
    settle(qtbot, world)

    assert (before, kept, shown, keyring.read(SECRET)) == (False, PASSWORD, "", None)
    assert panel.state.text() == "No password is kept."
    log = world.run(audit_controller.list_entries(world.database))
    assert [row.object_name for row in log] == ["forwarder.smarthost_password"] * 2
    assert PASSWORD not in str(log)


def test_without_a_keyring_it_is_said_that_the_password_is_good_for_this_run(
    form: ForwardingForm, world: PageWorld, qtbot: QtBot, keyring: MemoryKeyring
) -> None:
    keyring.set_state(KeyringState.LOCKED)
    qtbot.keyClicks(form.smart_host.editor.line, PASSWORD)

    form.smart_host.keep_button.click()
    settle(qtbot, world)

    assert world.last_message.text == "The password is kept for this run only."
    assert "locked" in form.smart_host.state.text()
