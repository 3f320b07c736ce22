"""Every setting is found by its words, jumped to by keyboard, put back to its default, and asked about again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import secrets_controller, settings_controller
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.core.settings_file import write_settings
from smtpy_desktop.gateways.installed_parts import installed_parts
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.about import ProgramFacts
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.appearance import Appearance, Look
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.views.settings_import_dialog import SettingsImportDialog
from smtpy_desktop.views.settings_palette import SettingsPalette
from smtpy_desktop.views.settings_transfer_section import TransferSection
from smtpy_desktop.views.settings_view import SettingsView
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.kept_answers import YES, KeptAnswers, confirm_until_kept, questions
from smtpy_desktop.views.widgets.label import without_mnemonic
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.MISSING)) as world:
        yield world


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication, world: PageWorld) -> SettingsView:
    sessions = world.context.services.sessions
    theme = Theme(qapp, ThemePreference.LIGHT)
    actions = SettingsActions(
        program=ProgramFacts("1.2.3", "0123456789ab", "2026-10-28.endive", installed_parts),
        server=None,
        data_directory="/data/postgres",
        logs_directory="/data/logs",
        read_secrets=partial(secrets_controller.read_secrets, sessions, world.keyring, world.keys),
        move_master_key=partial(secrets_controller.move_master_key, sessions, world.keyring, world.keys, world.keys),
        change_connection=lambda: None,
        appearance=Appearance(theme, Look("light"), world.context.memory, lambda look: None),
    )
    view = SettingsView(world.context, actions)
    qtbot.addWidget(view)
    view.resize(1100, 800)
    view.show()
    wait_until_calm(qtbot, lambda: world.context.runner.running)
    return view


def is_seen(widget: QWidget) -> bool:
    return not widget.visibleRegion().isEmpty()


def jumps_to(view: SettingsView, typed: str) -> list[PaletteEntry]:
    found: list[PaletteEntry] = []
    SettingsPalette(lambda: view, view.show_item).search(typed, found.extend)
    return found


def test_everything_that_can_be_read_or_pressed_in_a_section_is_found_by_its_words(view: SettingsView) -> None:
    for section in view.sections:
        for shown in [*section.findChildren(FormField), *section.findChildren(QAbstractButton)]:
            if not shown.isVisibleTo(view):
                continue
            words = shown.label.text() if isinstance(shown, FormField) else without_mnemonic(shown.text())

            view.search.setText(words)

            assert shown.isVisibleTo(view), (section.section_id, words)
            view.search.clear()


def test_accents_and_case_do_not_matter(view: SettingsView) -> None:
    view.search.setText("RÉSOLVERS")

    assert view.dns_form.field("dns.resolvers").isVisibleTo(view)


def test_setting_that_was_jumped_to_stays_in_sight_while_what_is_above_it_grows(
    view: SettingsView, qtbot: QtBot
) -> None:
    field = view.appearance.theme
    next(entry for entry in jumps_to(view, "theme") if entry.title == "Theme").run()
    qtbot.waitUntil(partial(is_seen, field))

    view.secrets.setMinimumHeight(view.secrets.height() + 2000)

    qtbot.waitUntil(lambda: view.appearance.y() > 2000 and is_seen(field))


def test_every_setting_with_a_field_is_jumped_to_and_takes_the_keyboard(view: SettingsView, qtbot: QtBot) -> None:
    for form in view.forms:
        for key in form.keys:
            entry = next(entry for entry in jumps_to(view, key) if entry.title == form.field(key).label.text())

            entry.run()
            qtbot.waitUntil(partial(is_seen, form.field(key)))

            focused = QApplication.focusWidget()
            assert focused is not None, key
            assert form.field(key).isAncestorOf(focused), key


def test_a_name_is_listed_before_what_is_only_said_about_others(view: SettingsView) -> None:
    assert jumps_to(view, "theme")[0].title == "Theme"
    assert jumps_to(view, "secrets")[0].title == "Secrets"
    assert jumps_to(view, "xyzzy") == []


def test_each_choice_of_the_look_goes_back_to_its_default_by_keyboard(view: SettingsView, qtbot: QtBot) -> None:
    section = view.appearance
    reset = section.resets[section.theme]
    section.theme.setCurrentIndex(2)
    section.theme.activated.emit(2)
    assert reset.isVisibleTo(view)

    reset.setFocus()
    qtbot.keyClick(reset, Qt.Key.Key_Space)

    assert section.theme.currentData() == ThemePreference.SYSTEM.value
    assert not reset.isVisibleTo(view)
    assert section.theme.hasFocus()


def test_every_kept_answer_is_listed_and_taken_back(view: SettingsView, world: PageWorld) -> None:
    answers = KeptAnswers(world.context.memory)
    for question in questions():
        answers.keep(question.id, next(iter(question.answers)))
    view.questions.refresh()
    lines = view.questions.lines
    assert all("Not asked" in line.state.text() for line in lines.values())

    first, *others = lines.values()
    first.reset_button.click()
    assert first.state.text() == "Asked each time"
    assert all("Not asked" in line.state.text() for line in others)
    view.questions.all_button.click()

    assert not any(answers.answer(question.id) for question in questions())
    assert not view.questions.all_button.isVisibleTo(view)


def test_a_question_is_asked_until_its_answer_is_kept(view: SettingsView, world: PageWorld, qtbot: QtBot) -> None:
    done: list[int] = []
    question, words = questions()[-1].id, ("Do it?", "It is long.", "Do it")

    dialog = confirm_until_kept(view, world.context.memory, question, words, lambda: done.append(1))
    assert dialog is not None
    box = next(child for child in dialog.findChildren(QAbstractButton) if "again" in without_mnemonic(child.text()))
    box.click()
    dialog.action_button.click()
    again = confirm_until_kept(view, world.context.memory, question, words, lambda: done.append(2))

    assert again is None
    assert done == [1, 2]
    assert KeptAnswers(world.context.memory).answer(question) == YES


def import_dialog(view: SettingsView, world: PageWorld, qtbot: QtBot, path: Path) -> SettingsImportDialog:
    section = next(each for each in view.sections if isinstance(each, TransferSection))
    section.look_at(str(path))
    qtbot.waitUntil(lambda: bool(view.window().findChildren(SettingsImportDialog)))
    return view.window().findChildren(SettingsImportDialog)[-1]


def test_a_file_is_looked_at_before_anything_changes_and_its_faults_stop_it(
    view: SettingsView, world: PageWorld, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(write_settings({"mail.hostname": "mx1.example.net", "dns.recheck_minutes": "often"}))

    dialog = import_dialog(view, world, qtbot, path)

    assert not dialog.import_button.isEnabled()
    assert "whole number" in dialog.reason.text()
    dialog.reject()


def test_a_right_file_is_imported_and_shown_by_the_page(
    view: SettingsView, world: PageWorld, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(write_settings({"mail.hostname": "mx1.example.net", "dns.recheck_minutes": "60"}))
    dialog = import_dialog(view, world, qtbot, path)
    assert dialog.import_button.text() == "&Change 1 setting"

    dialog.import_button.click()
    wait_until_calm(qtbot, lambda: world.context.runner.running)

    stored = {row.key: row.value for row in world.run(settings_controller.list_settings(world.database))}
    assert stored["mail.hostname"] == "mx1.example.net"
    assert {key for key in stored if stored[key] != SETTINGS[key].default} == {"mail.hostname"}
    qtbot.waitUntil(lambda: view.identity_form.values().get("mail.hostname", "mx1.example.net") == "mx1.example.net")
