"""What is shown before there is a database, and what the user can do about each state."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.opening_controller import SchemaUpgradeNeeded
from smtpy_desktop.core.keyring_errors import (
    KeyringDenied,
    KeyringLocked,
    KeyringMissing,
    secret_not_stored,
)
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.connection import ProbeStep, ServerAddress, StepResult, StepState, TlsMode
from smtpy_desktop.schemas.migration import SchemaReport, SchemaState
from smtpy_desktop.schemas.secrets import SecretName
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.start_view import StartView
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from tests.helpers.message_recorder import MessageRecorder
from tests.helpers.start_actions import ScriptedStart

SERVER = ServerAddress("db.example.net", 5432, "smtpy", "smtpy_app")
UNAVAILABLE = DatabaseUnavailable(
    "DATABASE_UNAVAILABLE", "The database cannot be reached.", detail="connection refused <b>now</b>"
)
OLDER = SchemaUpgradeNeeded(SchemaReport(SchemaState.OLDER, "0002_domains", "0004_c", ("0003_mail", "0004_c")))
EMPTY = SchemaUpgradeNeeded(SchemaReport(SchemaState.EMPTY, None, "0002_domains", ("0001_first", "0002_domains")))


class Services:
    """A database that is open; the first run is told that it can only be read, so that nothing more is asked."""

    is_read_only = True


OPEN: Any = Services()


class Start:
    """The view with its scripted world, and eyes and hands for the tests."""

    def __init__(self, bot: QtBot, script: ScriptedStart, runner: TaskRunner, messages: MessageRecorder) -> None:
        self.bot, self.script, self.messages = bot, script, messages
        self.view = StartView(script.actions, runner, messages)
        bot.addWidget(self.view)
        self.opened: list[object] = []
        self.view.opened.connect(self.opened.append)
        self.view.show()

    def button(self, name: str) -> Button:
        return next(one for one in self.view.findChildren(Button) if one.isVisible() and one.accessibleName() == name)

    def texts(self) -> list[str]:
        page = self.view.currentWidget()
        return [label.text() for label in page.findChildren(QLabel) if label.isVisible() and label.text()]

    def wait_for(self, page: QWidget) -> None:
        self.bot.waitUntil(lambda: self.view.currentWidget() is page)

    def fill_in_server(self, **values: str) -> None:
        form = self.view.server.fields
        form.restore({"host": "db.example.net", "database": "smtpy", "user": "smtpy_app", **values})


@pytest.fixture
def start(qtbot: QtBot, runner: TaskRunner, messages: MessageRecorder) -> Start:
    return Start(qtbot, ScriptedStart(OPEN), runner, messages)


def result(step: ProbeStep, state: StepState = StepState.OK, message: str = "Found.") -> StepResult:
    return StepResult(step, state, 12, "CODE", text("{words}", words=message), text("Do this."))


ALL_OK = [result(step) for step in ProbeStep]


# The first choice


def test_one_press_starts_with_the_built_in_database(start: Start) -> None:
    start.view.show_choice()

    start.view.choice.start_button.click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert start.script.opened == [("embedded", "", True)]


def test_the_built_in_database_has_the_keyboard_at_first(start: Start) -> None:
    start.view.show_choice()

    start.bot.waitUntil(lambda: QApplication.focusWidget() is start.view.choice.start_button)


def test_sample_data_is_offered_on_the_first_page_and_not_when_the_database_is_changed(start: Start) -> None:
    wanted: list[bool] = []
    start.view.sample_data_wanted.connect(lambda: wanted.append(True))
    start.view.show_choice()

    start.view.choice.samples_button.click()
    start.view.show_choice(SERVER, changing=True)

    assert wanted == [True]
    assert not start.view.choice.samples_button.isVisible()
    assert start.view.server.fields.host.text() == "db.example.net"


def test_changing_the_database_can_be_left_without_changing_it(start: Start) -> None:
    left: list[bool] = []
    start.view.cancelled.connect(lambda: left.append(True))
    start.view.show_choice(SERVER, changing=True)

    start.view.choice.back_button.click()

    assert left == [True]


# A server


def test_every_tls_mode_but_the_strongest_shows_its_weakness(start: Start) -> None:
    start.view.show_choice()
    start.button("Connect to a server…").click()
    fields = start.view.server.fields

    shown = {}
    for index in range(fields.tls.count()):
        fields.tls.setCurrentIndex(index)
        shown[fields.tls_mode] = fields.weakness.text.text() if fields.weakness.isVisible() else None

    assert shown == {mode: (str(mode.weakness) if mode.weakness else None) for mode in TlsMode}
    assert shown[TlsMode.VERIFY_FULL] is None


def test_the_server_form_starts_with_the_strongest_tls_mode(start: Start) -> None:
    assert start.view.server.fields.tls_mode is TlsMode.VERIFY_FULL


def test_a_test_shows_each_step_with_its_time_and_saves_nothing(start: Start) -> None:
    start.script.steps = ALL_OK
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(password="geheim")

    start.button("Test connection").click()
    start.bot.waitUntil(lambda: not start.view.server.is_testing)

    panel = start.view.server.panel
    assert [step.step for step in panel.results] == list(ProbeStep)
    assert [row.state_words for row in panel.rows.values()] == [
        f"{step.label}: fine. Found. Do this." for step in ProbeStep
    ]
    assert start.texts().count("12 ms") == 6
    assert panel.summary.heading.text() == "Everything is fine: this server can be used."
    assert start.script.probed == [(SERVER, "geheim")]
    assert start.script.opened == start.script.kept == []


def test_a_failed_step_is_named_with_what_to_do_and_the_rest_is_not_tried(start: Start) -> None:
    start.script.steps = [
        result(ProbeStep.DNS),
        result(ProbeStep.TCP, StepState.FAILED, "Nothing listens there."),
        *(result(step, StepState.SKIPPED, "Not tried.") for step in list(ProbeStep)[2:]),
    ]
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server()

    start.button("Test connection").click()
    start.bot.waitUntil(lambda: not start.view.server.is_testing)

    panel = start.view.server.panel
    assert panel.rows[ProbeStep.TCP].state_words == "Network: failed. Nothing listens there. Do this."
    assert panel.summary.heading.text().startswith("This server cannot be used yet.")


def test_a_stuck_test_is_stopped_by_cancel_and_its_connections_end(start: Start) -> None:
    start.script.steps, start.script.is_stuck = ALL_OK[:2], True
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server()
    start.button("Test connection").click()
    start.bot.waitUntil(lambda: len(start.view.server.panel.results) == 2)

    start.button("Cancel").click()

    start.bot.waitUntil(lambda: start.script.ended_probes == 1)
    assert not start.view.server.is_testing
    assert start.view.server.panel.summary.heading.text() == "Stopped. Nothing was saved."
    assert start.button("Test connection").isEnabled()


def test_what_a_test_found_is_forgotten_when_the_form_changes(start: Start) -> None:
    start.script.steps = ALL_OK
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server()
    start.button("Test connection").click()
    start.bot.waitUntil(lambda: not start.view.server.is_testing)

    start.bot.keyClicks(start.view.server.fields.host, "x")

    assert start.view.server.panel.results == ()
    assert start.view.server.panel.summary.isHidden()


def test_wrong_fields_are_all_marked_and_nothing_is_tried(start: Start) -> None:
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(host="https://db.example.net/x", port="99999", user="", password="geheim")

    start.button("Test connection").click()
    start.button("Connect").click()

    assert set(start.view.server.fields.errors) == {"host", "port", "user"}
    assert start.view.server.fields.password.text() == "geheim"
    assert start.script.probed == start.script.opened == []


def test_a_server_is_opened_and_its_password_kept(start: Start) -> None:
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(password="geheim")

    start.button("Connect").click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert start.script.opened == [(str(SERVER), "geheim", False)]
    assert start.script.kept == ["geheim"]
    assert start.messages.calls == []


def test_a_password_that_no_keyring_keeps_is_told(start: Start) -> None:
    start.script.unkept = KeyringMissing()
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(password="geheim")

    start.button("Connect").click()
    start.bot.waitUntil(lambda: start.opened == [OPEN])

    assert "for this run only. This machine has no keyring." in start.messages.only()


def test_a_server_that_cannot_be_opened_keeps_the_form_and_is_tested_to_show_why(start: Start) -> None:
    start.script.opening, start.script.steps = [UNAVAILABLE], ALL_OK
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(password="geheim")

    start.button("Connect").click()
    start.bot.waitUntil(lambda: bool(start.view.server.panel.results) and not start.view.server.is_testing)

    assert start.view.server.fields.errors == {"": "The database cannot be reached."}
    assert start.view.server.fields.password.text() == "geheim"
    assert start.view.currentWidget() is start.view.server


def test_a_server_is_set_up_only_after_the_steps_were_shown_and_allowed(start: Start) -> None:
    start.script.opening = [EMPTY, OPEN]
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(password="geheim")
    start.button("Connect").click()
    start.bot.waitUntil(lambda: bool(start.view.findChildren(ConfirmDialog)))
    dialog = start.view.findChild(ConfirmDialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    opened_before = list(start.script.opened)

    dialog.action_button.click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert "0001  first" in words
    assert "0002  domains" in words
    assert "db.example.net" in words
    assert [may_upgrade for *_, may_upgrade in opened_before] == [False]
    assert start.script.opened[-1] == (str(SERVER), "geheim", True)


def test_a_set_up_that_is_not_allowed_changes_nothing(start: Start) -> None:
    start.script.opening = [EMPTY, OPEN]
    start.view.show_choice()
    start.button("Connect to a server…").click()
    start.fill_in_server(password="geheim")
    start.button("Connect").click()
    start.bot.waitUntil(lambda: bool(start.view.findChildren(ConfirmDialog)))

    start.view.findChild(ConfirmDialog).cancel_button.click()

    assert [may_upgrade for *_, may_upgrade in start.script.opened] == [False]
    assert start.opened == []
    assert start.view.server.fields.password.text() == "geheim"


# Later starts


def test_a_configured_server_is_opened_with_the_stored_password(start: Start) -> None:
    start.view.open_configured(SERVER)

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert start.script.opened == [(str(SERVER), "stored", False)]
    assert start.script.kept == []


KEYRING_STATES = {
    "locked": (KeyringLocked(), "The keyring is locked."),
    "missing": (KeyringMissing(), "This machine has no keyring."),
    "denied": (KeyringDenied(), "The keyring does not let this program in."),
    "empty": (
        secret_not_stored(SecretName.DATABASE_PASSWORD),
        "The keyring works, but the database password is not stored in it yet.",
    ),
}


@pytest.mark.parametrize("state", KEYRING_STATES)
def test_each_state_of_the_keyring_asks_for_the_password_in_its_own_words(start: Start, state: str) -> None:
    reason, words = KEYRING_STATES[state]
    start.script.stored = reason

    start.view.open_configured(SERVER)
    start.wait_for(start.view.password)

    assert start.view.password.heading.text() == words
    assert start.view.password.hint.text()
    assert len({page_words for _, page_words in KEYRING_STATES.values()}) == 4
    assert (state != "empty") == start.view.password.retry_button.isVisible()


def test_a_typed_password_opens_the_server_for_this_run(start: Start) -> None:
    start.script.stored, start.script.unkept = KeyringLocked(), KeyringLocked()
    start.view.open_configured(SERVER)
    start.wait_for(start.view.password)
    start.view.password.password.set_text("typed")

    start.button("Connect").click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert start.script.opened == [(str(SERVER), "typed", False)]
    assert "for this run only" in start.messages.only()


def test_a_wrong_typed_password_stays_in_its_field(start: Start) -> None:
    start.script.stored, start.script.opening = KeyringMissing(), [UNAVAILABLE]
    start.view.open_configured(SERVER)
    start.wait_for(start.view.password)
    start.view.password.password.set_text("typed")

    start.button("Connect").click()
    start.bot.waitUntil(lambda: bool(start.view.password.form.errors))

    assert start.view.currentWidget() is start.view.password
    assert start.view.password.password.text() == "typed"


def test_an_unlocked_keyring_is_asked_again(start: Start) -> None:
    start.script.stored = KeyringLocked()
    start.view.open_configured(SERVER)
    start.wait_for(start.view.password)
    start.script.stored = "stored"

    start.button("Ask the keyring again").click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert start.script.opened == [(str(SERVER), "stored", False)]


def test_an_unreachable_database_says_so_literally_and_can_be_tried_again(start: Start) -> None:
    start.script.opening = [UNAVAILABLE, OPEN]
    start.view.open_configured(SERVER)
    start.wait_for(start.view.failed)
    shown = start.texts()

    start.button("Retry").click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert "connection refused <b>now</b>" in shown
    assert "Code: DATABASE_UNAVAILABLE" in shown


def test_a_copied_failure_holds_no_password(start: Start, qapp: QApplication) -> None:
    error = UserFacingError("X", "It failed.", detail="postgresql://u:geheim@db.example.net/x password=geheim")
    start.view.show_failure(error, SERVER)

    start.view.failed.copy_button.click()

    assert "geheim" not in qapp.clipboard().text() + " ".join(start.texts())
    assert "It failed." in qapp.clipboard().text()


def test_a_failure_can_be_answered_by_another_password_or_another_database(start: Start) -> None:
    start.script.opening = [UNAVAILABLE]
    start.view.open_configured(SERVER)
    start.wait_for(start.view.failed)

    start.button("Use another password…").click()
    password_page = start.view.currentWidget()
    start.button("Change connection…").click()

    assert password_page is start.view.password
    assert start.view.currentWidget() is start.view.choice
    assert start.view.server.fields.host.text() == "db.example.net"


def test_an_older_schema_is_upgraded_only_when_the_user_says_so(start: Start) -> None:
    start.script.opening = [OLDER, OPEN]
    start.view.open_configured(SERVER)
    start.wait_for(start.view.upgrade)
    shown = start.texts()

    start.button("Upgrade").click()

    start.bot.waitUntil(lambda: start.opened == [OPEN])
    assert "0003  mail" in shown
    assert "0004  c" in shown
    assert start.script.opened == [(str(SERVER), "stored", False), (str(SERVER), "stored", True)]


def test_an_upgrade_can_be_declined_by_quitting(start: Start) -> None:
    quits: list[bool] = []
    start.view.quit_wanted.connect(lambda: quits.append(True))
    start.script.opening = [OLDER]
    start.view.open_configured(SERVER)
    start.wait_for(start.view.upgrade)

    start.button("Quit").click()

    assert quits == [True]
    assert [may_upgrade for *_, may_upgrade in start.script.opened] == [False]


def test_a_failure_of_somebody_elses_opening_is_tried_again_by_them(start: Start) -> None:
    tried: list[bool] = []
    start.view.show_failure(UNAVAILABLE, retry=lambda: tried.append(True))

    start.button("Retry").click()

    assert tried == [True]
    assert start.script.opened == []


def test_a_quick_opening_shows_no_page_of_its_own(start: Start) -> None:
    shown: list[int] = []
    start.view.show_choice()
    start.view.currentChanged.connect(shown.append)

    start.view.choice.start_button.click()
    start.bot.waitUntil(lambda: start.opened == [OPEN])

    assert shown == []


def test_everything_that_takes_the_keyboard_has_a_name(start: Start) -> None:
    start.view.show_choice()

    nameless = [
        widget
        for widget in start.view.findChildren(QWidget)
        if widget.window() is start.view.window()  # a combo box's list is Qt's own window
        and widget.focusPolicy().value & 1
        and widget.focusProxy() is None
        and not widget.accessibleName()
    ]

    assert [f"{type(one).__name__} {one.objectName()}" for one in nameless] == []
