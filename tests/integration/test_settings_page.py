"""The settings page over a real database: saved all or none, nothing typed is lost, everything is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import audit_controller, secrets_controller, settings_controller
from smtpy_desktop.gateways.installed_parts import installed_parts
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.about import ProgramFacts
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode
from smtpy_desktop.schemas.retention import RetentionNumbers
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.appearance import Appearance, Look
from smtpy_desktop.views.retention_form import expired_words
from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.views.settings_database_section import DatabaseSection
from smtpy_desktop.views.settings_view import SettingsView
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.setting_boxes import SizeBox, YesNoBox
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.stored_messages import write_messages


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring(state=KeyringState.MISSING)


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path, keyring: MemoryKeyring) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", keyring) as world:
        yield world


@pytest.fixture
def looks() -> list[Look]:
    return []


@pytest.fixture
def actions(world: PageWorld, qapp: QApplication, looks: list[Look]) -> SettingsActions:
    sessions = world.context.services.sessions
    theme = Theme(qapp, ThemePreference.LIGHT)
    return SettingsActions(
        program=ProgramFacts("1.2.3", "0123456789ab", "2026-10-28.endive", installed_parts),
        server=None,
        data_directory="/data/<b>postgres</b>",
        logs_directory="/data/logs",
        read_secrets=partial(secrets_controller.read_secrets, sessions, world.keyring, world.keys),
        move_master_key=partial(secrets_controller.move_master_key, sessions, world.keyring, world.keys, world.keys),
        change_connection=lambda: None,
        appearance=Appearance(theme, Look("light"), world.context.memory, looks.append),
    )


@pytest.fixture
def view(qtbot: QtBot, world: PageWorld, actions: SettingsActions) -> SettingsView:
    view = SettingsView(world.context, actions)
    qtbot.addWidget(view)
    view.resize(1100, 800)
    view.show()
    wait_until_calm(qtbot, lambda: world.context.runner.running)
    return view


def stored(world: PageWorld) -> dict[str, str]:
    rows = world.run(settings_controller.list_settings(world.database))
    return {row.key: row.value for row in rows}


def settle(qtbot: QtBot, world: PageWorld) -> None:
    wait_until_calm(qtbot, lambda: world.context.runner.running)


def shown_in(widget: QWidget) -> set[str]:
    values = {value.text() for value in widget.findChildren(MonoText)}
    return values | {label.text() for label in widget.findChildren(QLabel)}


def test_one_wrong_value_stores_none_and_keeps_everything_typed(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    before = stored(world)
    view.identity_form.addresses.setText("192.0.2.25")
    view.identity_form.mx.setPlainText("ten mx1.example.net")
    view.dns_form.field("dns.resolvers").set_text("192.0.2.53")
    view.identity_form.edited.emit()

    view.save_button.click()
    settle(qtbot, world)

    assert stored(world) == before
    assert set(view.identity_form.errors) == {"mail.mx"}
    assert view.identity_form.addresses.text() == "192.0.2.25"
    assert view.dns_form.field("dns.resolvers").text() == "192.0.2.53"


def test_right_values_are_stored_together_shown_as_stored_and_written_into_the_log(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    view.identity_form.mx.setPlainText("10 MX1.example.net.")
    view.identity_form.addresses.setText("192.0.2.25")
    view.dns_form.field("dns.recheck_minutes").set_text("30")
    view.identity_form.edited.emit()

    view.save_button.click()
    settle(qtbot, world)

    now = stored(world)
    assert now["mail.mx"] == "10 mx1.example.net"
    assert now["mail.spf"] == "ip4:192.0.2.25"
    assert now["dns.recheck_minutes"] == "30"
    assert view.identity_form.mx.toPlainText() == "10 mx1.example.net"
    assert view.identity_form.spf.text() == "ip4:192.0.2.25"
    assert not view.has_changes
    assert not view.save_button.isEnabled()
    logged = world.run(audit_controller.list_entries(world.database))
    assert {(row.object_name, row.via) for row in logged} == {
        ("mail.mx", "window"),
        ("mail.sending_addresses", "window"),
        ("mail.spf", "window"),
        ("dns.recheck_minutes", "window"),
    }


def test_the_forwarders_settings_are_stored_in_their_plain_form(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    form = view.forwarding_form
    arc, size = form.field("forwarder.arc").editor, form.field("forwarder.max_size").editor
    assert isinstance(arc, YesNoBox)
    assert isinstance(size, SizeBox)
    assert not view.has_changes

    arc.box.click()
    size.box.setValue(10)
    qtbot.keyClicks(form.field("forwarder.trusted").editor, ", 10.0.0.0/24")
    view.save_button.click()
    settle(qtbot, world)

    now = stored(world)
    assert (now["forwarder.arc"], now["forwarder.max_size"]) == ("no", "10485760")
    assert now["forwarder.trusted"] == "127.0.0.1, ::1, 10.0.0.0/24"
    assert not view.has_changes


def test_a_change_by_somebody_else_leaves_alone_what_is_being_typed(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    qtbot.keyClicks(view.identity_form.spf, "include:half")

    services = world.context.services
    values = {"mail.sending_addresses": "192.0.2.77", "mail.spf": "ip4:192.0.2.77"}
    world.run(
        settings_controller.change_settings(world.database, values, actor=services.actor, publish=services.publish)
    )

    qtbot.waitUntil(lambda: view.identity_form.addresses.text() == "192.0.2.77")
    assert view.identity_form.spf.text() == "include:half"
    assert view.identity_form.changes() == {"mail.spf": "include:half"}


def test_a_database_that_is_away_loses_nothing_that_was_typed(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    qtbot.keyClicks(view.identity_form.addresses, "192.0.2.25")
    url = world.database.url
    world.run(world.database.close())
    world.database.engine = type(world.database)(url.set(host="127.0.0.1", port=1, query={}), origin="x").engine

    view.save_button.click()
    qtbot.waitUntil(lambda: bool(world.failures))
    world.context.bus.publish(Change(Topic.SETTINGS))
    settle(qtbot, world)

    assert [error.code for error in world.failures] == ["DATABASE_UNAVAILABLE"]
    assert view.identity_form.addresses.text() == "192.0.2.25"
    assert view.save_button.isEnabled()


def test_host_name_and_smart_host_are_set_like_everything_else(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    qtbot.keyClicks(view.forwarding_form.field("mail.hostname").editor, "MX1.example.net")
    qtbot.keyClicks(view.forwarding_form.field("forwarder.smarthost").editor, "relay.example.net")
    view.save_button.click()
    refused = view.forwarding_form.errors

    qtbot.keyClicks(view.forwarding_form.field("forwarder.smarthost").editor, ":587")
    view.save_button.click()
    settle(qtbot, world)

    assert set(refused) == {"forwarder.smarthost"}
    now = stored(world)
    assert (now["mail.hostname"], now["forwarder.smarthost"]) == ("mx1.example.net", "relay.example.net:587")


def keep_messages(view: SettingsView, days: int) -> None:
    view.retention_form.field("retention.messages_days").editor.setValue(days)


def test_the_page_tells_what_is_past_its_time_while_it_is_typed(
    view: SettingsView, world: PageWorld, qtbot: QtBot, database_url: str
) -> None:
    write_messages(database_url, ("old", "older"), minutes_ago=40 * 24 * 60)
    at_first = view.retention_form.notice.text.text()

    keep_messages(view, 30)
    settle(qtbot, world)
    typed = view.retention_form.notice.text.text()
    keep_messages(view, 50)
    settle(qtbot, world)

    assert view.retention_form.field("retention.messages_days").editor.specialValueText() == "for ever"
    assert at_first == "Nothing is past its time."
    assert typed == "Removed for good once this is saved: 2 messages."
    assert view.retention_form.notice.text.text() == at_first


def test_the_user_is_asked_with_the_numbers_before_more_is_removed(
    view: SettingsView, world: PageWorld, qtbot: QtBot, database_url: str
) -> None:
    write_messages(database_url, ("old", "older"), minutes_ago=40 * 24 * 60)
    keep_messages(view, 30)

    view.save_button.click()
    settle(qtbot, world)
    question(view).cancel_button.click()
    kept, is_typed_still = stored(world)["retention.messages_days"], view.has_changes
    view.save_button.click()
    settle(qtbot, world)
    asked = shown_in(question(view))
    question(view).action_button.click()
    settle(qtbot, world)

    assert "Remove 2 messages?" in asked
    assert (kept, is_typed_still) == ("0", True)
    assert stored(world)["retention.messages_days"] == "30"
    assert not view.has_changes


def question(view: SettingsView) -> ConfirmDialog:
    (dialog,) = (dialog for dialog in view.findChildren(ConfirmDialog) if dialog.isVisible())
    return dialog


def test_what_removes_nothing_more_is_saved_without_a_question(
    view: SettingsView, world: PageWorld, qtbot: QtBot, database_url: str
) -> None:
    write_messages(database_url, ("young",), minutes_ago=24 * 60)
    keep_messages(view, 30)

    view.save_button.click()
    settle(qtbot, world)
    write_messages(database_url, ("old",), minutes_ago=80 * 24 * 60)
    keep_messages(view, 60)
    view.save_button.click()
    settle(qtbot, world)

    assert view.findChild(ConfirmDialog) is None
    assert stored(world)["retention.messages_days"] == "60"
    assert view.retention_form.notice.text.text() == "Past its time, and removed within the hour: 1 message."


@pytest.mark.parametrize(
    ("messages", "contents", "words"),
    [
        (1, 0, "1 message"),
        (12, 0, "12 messages"),
        (0, 1, "the content of 1 message"),
        (0, 2, "the contents of 2 messages"),
        (5, 1, "5 messages and the content of 1 other"),
        (1, 5, "1 message and the contents of 5 others"),
    ],
)
def test_what_goes_is_named_by_its_numbers(messages: int, contents: int, words: str) -> None:
    assert expired_words(RetentionNumbers(messages, contents)) == words


def test_discarding_shows_what_is_stored(view: SettingsView, qtbot: QtBot) -> None:
    qtbot.keyClicks(view.identity_form.addresses, "nonsense")
    view.save_button.click()

    view.discard_button.click()

    assert view.identity_form.addresses.text() == ""
    assert view.identity_form.errors == {}
    assert not view.save_button.isEnabled()


def test_a_database_for_reading_only_lets_nothing_be_saved(
    qtbot: QtBot, world: PageWorld, actions: SettingsActions
) -> None:
    read_only = replace(world.context, services=replace(world.context.services, is_read_only=True))
    view = SettingsView(read_only, actions)
    qtbot.addWidget(view)
    settle(qtbot, world)

    qtbot.keyClicks(view.identity_form.addresses, "192.0.2.25")

    assert not view.save_button.isEnabled()
    assert view.state.text() == "This database is open for reading only."


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dmarc record", ["mail-identity"]),
        ("dmarc p=reject", ["forwarding"]),
        ("past checks", ["dns"]),
        ("retention", ["retention"]),
        ("smart host", ["forwarding"]),
        ("forwarder.retry_days", ["forwarding"]),
        ("keychain", ["secrets"]),
        ("dark", ["appearance"]),
        ("LICENCE", ["about"]),
        ("postgresql tls", ["database"]),
        ("dns.resolvers", ["dns"]),
        ("no such thing", []),
    ],
)
def test_settings_are_found_by_label_key_and_what_they_are_about(
    view: SettingsView, typed: str, found: list[str]
) -> None:
    view.search.setText(typed)

    assert [section.section_id for section in view.sections if section.isVisible()] == found


def test_a_search_shows_only_the_fields_that_match_and_ends_with_everything(view: SettingsView) -> None:
    view.search.setText("sending addresses")
    shown = [key for key in view.identity_form.keys if view.identity_form.field(key).isVisible()]
    view.search.clear()

    assert shown == ["mail.sending_addresses"]
    assert all(view.identity_form.field(key).isVisible() for key in view.identity_form.keys)
    assert all(section.isVisible() for section in view.sections)


STATE_WORDS = {
    KeyringState.AVAILABLE: "The keyring works and keeps your secrets.",
    KeyringState.LOCKED: "The keyring is locked. What is stored in it is safe and unchanged.",
    KeyringState.MISSING: "This machine has no keyring.",
    KeyringState.DENIED: "The keyring does not let this program in.",
}


@pytest.mark.parametrize("state", KeyringState)
def test_each_state_of_the_keyring_has_its_own_words(
    view: SettingsView, world: PageWorld, qtbot: QtBot, state: KeyringState
) -> None:
    (world.keys._file).unlink(missing_ok=True)
    world.keyring.set_state(state)

    view.secrets.check_button.click()
    settle(qtbot, world)

    assert view.secrets.keyring.heading.text() == STATE_WORDS[state]


def test_a_master_key_in_a_file_is_moved_to_the_keyring_by_one_press(
    view: SettingsView, world: PageWorld, qtbot: QtBot
) -> None:
    settle(qtbot, world)
    in_file = view.secrets.key.heading.text()
    could_move_before = view.secrets.move_button.isVisible()
    world.keyring.set_state(KeyringState.AVAILABLE)
    view.secrets.check_button.click()
    settle(qtbot, world)

    view.secrets.move_button.click()
    settle(qtbot, world)

    assert in_file == "The master key is in a plain file."
    assert not could_move_before
    assert view.secrets.key.heading.text() == "The master key is in the keyring."
    assert view.secrets.move_button.isHidden()
    assert not world.keys._file.exists()


def test_the_look_changes_at_once_and_is_remembered(view: SettingsView, looks: list[Look]) -> None:
    view.appearance.theme.setCurrentIndex(view.appearance.theme.findData("dark"))
    view.appearance.theme.activated.emit(view.appearance.theme.currentIndex())
    view.appearance.language.setCurrentIndex(view.appearance.language.findData("fr"))
    view.appearance.language.activated.emit(view.appearance.language.currentIndex())

    assert looks == [Look("dark"), Look("dark", "fr")]


def test_a_bug_report_names_every_version_and_no_secret(
    view: SettingsView, world: PageWorld, qtbot: QtBot, qapp: QApplication
) -> None:
    settle(qtbot, world)

    view.about.copy_button.click()

    copied = qapp.clipboard().text()
    for name in (
        "SMTPy Desktop 1.2.3",
        "Qt ",
        "Python 3.",
        "PostgreSQL 1",
        "psycopg 3",
        "SQLAlchemy 2",
        "0123456789ab",
    ):
        assert name in copied
    assert world.keys.master_key(known_key_id=None).value.hex() not in copied


def test_a_weakly_protected_server_is_said_to_be_one(world: PageWorld, actions: SettingsActions, qtbot: QtBot) -> None:
    server = ServerAddress("db.example.net", 5432, "<i>smtpy</i>", "app", TlsMode.DISABLE)
    services = replace(world.context.services, is_embedded=False)
    section = DatabaseSection(services, replace(actions, server=server))
    qtbot.addWidget(section)

    texts = shown_in(section)

    assert "<i>smtpy</i>" in texts
    assert str(TlsMode.DISABLE.weakness) in texts


def test_paths_are_shown_literally(view: SettingsView) -> None:
    texts = shown_in(view.database)

    assert "/data/<b>postgres</b>" in texts
