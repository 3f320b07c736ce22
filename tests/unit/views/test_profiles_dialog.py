"""Profiles in the window: marked wherever it matters, looked after in a list, and asked about in production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from smtpy_desktop.core.profile_registry import add_entry
from smtpy_desktop.gateways.profile_files import DiskProfileFiles
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind
from smtpy_desktop.schemas.stripe_settings import KeyMode, StripeMode
from smtpy_desktop.views.billing_mode_badge import confirm_billing
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.messages_bulk_status_dialog import BulkStatusDialog
from smtpy_desktop.views.profile_edit_dialog import ProfileEditDialog
from smtpy_desktop.views.profiles_dialog import ProfilesDialog
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.confirm import ConfirmDialog, confirm_in_production
from smtpy_desktop.views.widgets.profile_mark import (
    ProfileBand,
    ProfileMark,
    profile_pill,
    set_current_profile,
    set_sandbox,
    with_profile,
)
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.profile_tools import WrittenDownTools


@pytest.fixture
def live(tmp_path: Path) -> ProfileEntry:
    return ProfileEntry("Live shop", tmp_path / "live", ProfileColor.RED, ProfileKind.PRODUCTION)


@pytest.fixture
def trial(tmp_path: Path) -> ProfileEntry:
    return ProfileEntry("Trial", tmp_path / "trial", ProfileColor.GREEN, ProfileKind.TEST)


@pytest.fixture(autouse=True)
def no_profile_left(qapp: QApplication) -> Iterator[None]:
    yield
    set_current_profile(None)
    set_sandbox(False)


@pytest.fixture
def tools(tmp_path: Path, live: ProfileEntry, trial: ProfileEntry) -> WrittenDownTools:
    files = DiskProfileFiles(tmp_path / "config" / "profiles.json")
    for entry in (live, trial):
        files.change(add_entry(entry))
    return WrittenDownTools(files, tmp_path / "default")


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    window = MainWindow(MemoryStore())
    qtbot.addWidget(window)
    window.resize(1280, 720)
    return window


@pytest.fixture
def opened() -> list[ProfileEntry]:
    return []


@pytest.fixture
def dialog(
    qtbot: QtBot, window: MainWindow, runner: TaskRunner, tools: WrittenDownTools, opened: list[ProfileEntry]
) -> ProfilesDialog:
    dialog = ProfilesDialog(runner, tools, MemoryStore(), opened.append, window)
    dialog.open()
    qtbot.waitUntil(lambda: len(dialog.rows) == 3)
    return dialog


def choose(dialog: ProfilesDialog, name: str) -> None:
    names = [row.entry.name for row in dialog.rows]
    assert dialog.table.select_id(names.index(name))


def words_in(widget: QLabel | ConfirmDialog) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


def test_name_and_colour_are_in_the_window_and_its_title(window: MainWindow, live: ProfileEntry) -> None:
    set_current_profile(live)
    window.show_profile()

    assert window.windowTitle() == "Live shop · SMTPy Desktop"
    assert window.top_bar.profile.cell == profile_pill(live)
    assert profile_pill(live).text == "Live shop · PRODUCTION"
    assert profile_pill(live).tone is Tone.BAD
    assert "Live shop" in window.top_bar.profile.accessibleName()
    assert window.profile_band.isVisibleTo(window)


def test_a_profile_without_a_name_has_no_badge(window: MainWindow) -> None:
    assert not window.top_bar.profile.isVisibleTo(window)
    assert not window.profile_band.isVisibleTo(window)
    assert window.windowTitle() == "SMTPy Desktop"


def test_windows_of_the_sandbox_are_titled_by_it(window: MainWindow) -> None:
    set_sandbox(True)

    window.show_profile()

    assert window.windowTitle() == "Sandbox · SMTPy Desktop"
    assert with_profile("Guide") == "Guide · Sandbox"
    assert not window.top_bar.profile.isVisibleTo(window)


def test_another_window_is_marked_along_its_edge(qtbot: QtBot, live: ProfileEntry, window: MainWindow) -> None:
    set_current_profile(live)
    band = ProfileBand(window)

    band.lie_over(window)
    window.resize(1000, 700)
    window.show()

    qtbot.waitUntil(lambda: band.width() == window.width())


def test_what_destroys_names_the_profile_and_says_that_it_is_production(
    window: MainWindow, live: ProfileEntry, trial: ProfileEntry
) -> None:
    set_current_profile(live)
    in_production = ConfirmDialog(window, "Delete it?", "It goes.", "Delete")
    set_current_profile(trial)
    in_test = ConfirmDialog(window, "Delete it?", "It goes.", "Delete")

    assert in_production.windowTitle() == "Delete it? · Live shop"
    assert "Live shop, an installation in production" in words_in(in_production)
    assert "an installation in production" not in words_in(in_test)
    assert [mark.state.text for mark in in_test.findChildren(ProfileMark)] == ["Trial · TEST"]


def test_in_production_it_is_asked_before_what_an_undo_would_take_back(
    window: MainWindow, live: ProfileEntry, trial: ProfileEntry
) -> None:
    done: list[str] = []
    set_current_profile(trial)
    confirm_in_production(window, "Delete it?", "It goes.", "Delete", lambda: done.append("in test"))
    set_current_profile(live)

    asked = confirm_in_production(window, "Delete it?", "It goes.", "Delete", lambda: done.append("in production"))

    assert done == ["in test"]
    assert asked is not None
    asked.action_button.click()
    assert done == ["in test", "in production"]


def test_the_list_opens_others_and_not_itself(
    dialog: ProfilesDialog, live: ProfileEntry, opened: list[ProfileEntry]
) -> None:
    set_current_profile(live)
    choose(dialog, "Live shop")
    assert not dialog.open_button.isEnabled()
    assert not dialog.delete_button.isEnabled()

    choose(dialog, "Trial")
    dialog.open_button.click()

    assert [entry.name for entry in opened] == ["Trial"]


def test_a_profile_is_renamed_by_keyboard_and_its_folder_stays(
    dialog: ProfilesDialog, tools: WrittenDownTools, trial: ProfileEntry, qtbot: QtBot
) -> None:
    choose(dialog, "Trial")
    form = dialog.edit()
    assert isinstance(form, ProfileEditDialog)
    form.name_edit.clear()
    form.name_edit.insert("Staging")

    qtbot.keyClick(form.name_edit, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: "Staging" in [row.entry.name for row in dialog.rows])

    kept = tools.files.read().named("Staging")
    assert kept is not None
    assert (kept.directory, kept.color, kept.kind) == (trial.directory, trial.color, trial.kind)


def test_what_was_just_saved_is_chosen(dialog: ProfilesDialog, qtbot: QtBot) -> None:
    form = dialog.add()
    form.name_edit.setText("Zoo")

    form.save_button.click()
    qtbot.waitUntil(lambda: "Zoo" in [row.entry.name for row in dialog.rows])

    row = dialog.table.current_row()
    assert row is not None
    assert row.entry.name == "Zoo"


def test_a_name_that_is_taken_is_told_at_its_field(dialog: ProfilesDialog, qtbot: QtBot) -> None:
    form = dialog.add()
    form.name_edit.setText("live SHOP")

    form.save_button.click()
    qtbot.waitUntil(lambda: bool(form.form.errors))

    assert "already" in form.form.errors["name"]


def test_a_new_profile_lies_beside_the_default_one_unless_told(
    dialog: ProfilesDialog, tools: WrittenDownTools, qtbot: QtBot
) -> None:
    form = dialog.add()
    form.name_edit.setText("Second shop")

    form.save_button.click()
    qtbot.waitUntil(lambda: len(dialog.rows) == 4)

    kept = tools.files.read().named("Second shop")
    assert kept is not None
    assert kept.directory == tools.default.with_name("default-second-shop")
    assert kept.directory.is_dir()


def test_removing_from_the_list_keeps_the_data(
    dialog: ProfilesDialog, tools: WrittenDownTools, trial: ProfileEntry, qtbot: QtBot
) -> None:
    trial.directory.mkdir()
    choose(dialog, "Trial")
    asked = dialog.forget()
    assert asked is not None

    asked.action_button.click()
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)

    assert trial.directory.is_dir()
    assert tools.removed == []


def test_data_goes_only_when_the_name_is_typed(
    dialog: ProfilesDialog, live: ProfileEntry, trial: ProfileEntry, qtbot: QtBot
) -> None:
    set_current_profile(trial)
    live.directory.mkdir()
    (live.directory / "config.json").write_text("{}")
    choose(dialog, "Live shop")
    asked = dialog.delete()
    assert asked is not None
    assert asked.name_edit is not None
    assert not asked.action_button.isEnabled()
    assert [mark.state.text for mark in asked.findChildren(ProfileMark)] == ["Live shop · PRODUCTION"]

    asked.name_edit.setText("Live shop")
    asked.action_button.click()
    qtbot.waitUntil(lambda: len(dialog.rows) == 2)

    assert not live.directory.exists()


def test_a_damaged_list_is_told_and_used_as_far_as_it_goes(
    window: MainWindow, runner: TaskRunner, tools: WrittenDownTools, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "config" / "profiles.json").write_bytes(b"\0")

    dialog = ProfilesDialog(runner, tools, MemoryStore(), print, window)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog.rows))

    assert "damaged" in dialog.notice.heading.text()
    assert "Live shop" in [row.entry.name for row in dialog.rows]


def test_every_dialog_that_destroys_or_pays_is_marked(window: MainWindow, live: ProfileEntry) -> None:
    set_current_profile(live)
    dialog = BulkStatusDialog(window, "12", [], None)
    mode = StripeMode(KeyMode.LIVE)
    paid = confirm_billing(window, mode, "Pay?", "It costs.", "Pay", lambda: None, dangerous=False)

    for marked in (dialog, paid):
        assert [mark.state.text for mark in marked.findChildren(ProfileMark)] == ["Live shop · PRODUCTION"]
        assert marked.windowTitle().endswith("· Live shop")
