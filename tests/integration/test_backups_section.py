"""Backups among the settings, over a real database and PostgreSQL's own programs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot
from sqlalchemy import make_url

from smtpy_desktop.controllers import organizations_controller, restore_controller, settings_controller
from smtpy_desktop.core.backup_setting_keys import DIRECTORY_KEY, EVERY_KEY, KEEP_KEY
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.postgres_tools import OwnBackupTools
from smtpy_desktop.schemas.backups import Proof
from smtpy_desktop.schemas.connection import ServerAddress, StepResult
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.schemas.text import Text, text
from smtpy_desktop.views.backups_proof import ProofDialog
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.restore_dialog import RestoreDialog
from smtpy_desktop.views.settings_backups_section import BackupsSection
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from tests.helpers.page_world import PageWorld, page_world


class Place:
    """The section with its world; ``opened_again`` counts how often the window went on with another database."""

    def __init__(self, bot: QtBot, world: PageWorld, context: ViewContext, directory: Path) -> None:
        self.bot, self.world, self.context, self.directory = bot, world, context, directory
        self.opened_again = 0
        self.section = BackupsSection(context, self._tools())
        self.section.form.load({})
        bot.addWidget(self.section)
        self.section.resize(900, 900)
        self.section.show()
        self.section.refresh()
        self.settle()

    def settle(self) -> None:
        self.world.settle(self.bot, lambda: self.section.is_about_to_read)

    def back_up(self) -> None:
        self.section.back_up_button.click()
        self.settle()

    def add_organization(self, name: str) -> None:
        services = self.context.services
        work = organizations_controller.create_organization(
            services.sessions, name, "mail@example.net", actor=services.actor, publish=services.publish
        )
        self.world.run(work)

    def organizations(self) -> list[str]:
        rows = self.world.run(organizations_controller.list_organizations(self.world.database))
        return [row.name for row in rows]

    def store(self, **values: str) -> None:
        services = self.context.services
        work = settings_controller.change_settings(
            services.sessions, values, actor=services.actor, publish=services.publish
        )
        self.world.run(work)

    def top(self, kind: type[QDialog]) -> QDialog:
        return next(top for top in QApplication.topLevelWidgets() if isinstance(top, kind) and top.isVisible())

    def _tools(self) -> BackupsTools:
        services = self.context.services
        tools = services.backup_tools

        async def restore(file: Path, progress: Progress) -> Proof:
            return await restore_controller.restore(
                tools, services.sessions, file, actor=services.actor, publish=services.publish, progress=progress
            )

        async def go_back(name: str) -> str:
            return await restore_controller.go_back(tools, services.sessions, name, actor=services.actor)

        async def move(server: ServerAddress, password: str, progress: Progress, removes_leftover: bool) -> Proof:
            raise NotImplementedError

        async def probe(server: ServerAddress, password: str) -> AsyncIterator[StepResult]:
            nothing: tuple[StepResult, ...] = ()
            for result in nothing:
                yield result

        def open_again() -> None:
            self.opened_again += 1

        return BackupsTools(tools.database, "/data", None, restore, move, go_back, open_again, probe)


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.MISSING)) as world:
        yield world


async def _remember(server: ServerAddress, password: str) -> Text | None:
    raise NotImplementedError


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def context(world: PageWorld, database_url: str, directory: Path) -> ViewContext:
    tools = OwnBackupTools(database_url, directory, _remember)
    return replace(world.context, services=replace(world.context.services, backups=tools))


@pytest.fixture
def place(qtbot: QtBot, world: PageWorld, context: ViewContext, directory: Path) -> Place:
    return Place(qtbot, world, context, directory)


@pytest.fixture
def held_table(database_url: str) -> Iterator[psycopg.Connection]:
    """Give a connection that lets nobody read the domains, so that a backup has to wait."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE domains IN ACCESS EXCLUSIVE MODE")
        yield connection
        connection.rollback()


def test_without_a_backup_it_says_so_and_how_to_have_them_made_by_themselves(place: Place) -> None:
    state = place.section.state

    assert state.heading.text() == "There is no backup yet."
    assert "schedule" in state.text.text()
    assert place.section.list.isHidden()
    assert place.section.back_up_button.isEnabled()


def test_a_backup_made_now_is_listed_as_verified_and_told(place: Place) -> None:
    place.back_up()

    backup = place.section.list.current
    assert backup is not None
    assert backup.path.parent == place.directory
    assert backup.verified_at is not None
    assert place.world.last_message.text.startswith("Backed up and verified:")
    assert place.section.state.heading.text() == "The last backup was made just now and verified."


def test_a_stopped_backup_leaves_nothing_and_says_so(place: Place, held_table: psycopg.Connection) -> None:
    place.section.back_up_button.click()
    place.bot.waitUntil(lambda: place.section.commands.is_busy)
    (handle,) = [one for one in place.context.runner.running if one.title is not None]

    handle.cancel()
    place.bot.waitUntil(lambda: not place.section.commands.is_busy)
    held_table.rollback()
    place.settle()

    assert "nothing was written" in place.world.last_message.text
    assert not list(place.directory.glob("*"))
    assert place.section.back_up_button.isEnabled()


def test_while_one_is_being_made_no_second_one_is_begun(place: Place, held_table: psycopg.Connection) -> None:
    place.section.back_up_button.click()

    place.section.back_up_button.click()

    assert "under way already" in place.world.last_message.text
    held_table.rollback()
    place.settle()
    assert len(place.section.seen.files if place.section.seen else ()) == 1


def test_a_damaged_file_is_listed_with_its_reason_and_not_offered_for_a_restore(place: Place) -> None:
    place.back_up()
    (file,) = place.directory.glob("*.dump")
    with file.open("r+b") as stream:
        stream.truncate(1000)

    place.section.refresh()
    place.settle()

    shown = place.section.list
    assert shown.model.index(0, 5).data() == "Not usable"
    assert len(shown.state.text()) > len(file.name) + 10
    assert not shown.restore_button.isEnabled()


def test_verifying_again_tells_the_outcome_and_shows_every_table(place: Place) -> None:
    place.back_up()

    place.section.list.verify_button.click()
    place.settle()

    message = place.world.last_message
    assert message.text.endswith("is a good backup.")
    assert message.action is not None
    message.action()
    dialog = place.top(ProofDialog)
    assert isinstance(dialog, ProofDialog)
    assert dialog.panel.summary.heading.text().startswith("Everything is there:")
    assert dialog.panel.model.rowCount() > 20
    dialog.accept()


def test_a_failure_is_told_with_what_to_do_and_a_way_to_try_again(place: Place, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    place.section.commands.back_up(tmp_path / "file" / "backup.dump")
    place.settle()

    message = place.world.last_message
    assert message.action_text == "Try again"
    assert str(tmp_path / "file") in message.text
    assert place.section.state.heading.text().startswith("The last backup failed")
    assert str(tmp_path / "file") in place.section.state.text.text()
    assert not place.section.failure.isVisible()  # not twice


def test_connections_that_a_switch_has_ended_are_made_anew_by_the_next_look(place: Place, database_url: str) -> None:
    place.back_up()
    place.section.seen = None
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as ending:
        ending.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    place.section.refresh()
    place.settle()

    seen = place.section.seen
    assert seen is not None
    assert len(seen.files) == 1


def test_a_restore_needs_the_name_typed_and_brings_back_what_was_there(place: Place) -> None:
    place.add_organization("Northwind")
    place.back_up()
    place.add_organization("Southwind")
    dialog = _restore(place)
    name = place.context.services.backup_tools.database

    dialog.name_edit.setText("another")
    dialog.action_button.click()
    is_refused = not dialog.is_working and not dialog.action_button.isEnabled()
    dialog.name_edit.setText(name)
    dialog.action_button.click()
    place.settle()

    assert is_refused
    assert place.organizations() == ["Northwind"]
    assert place.opened_again == 1
    assert f"{name}_before_" in dialog.outcome.text.text()
    assert dialog.proof.summary.heading.text().startswith("Everything is there:")
    dialog.accept()
    _drop_previous(place)


def test_what_is_no_backup_is_refused_in_the_dialog_with_the_reason(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "<b>holiday.dump"
    file.write_bytes(b"no dump at all")

    dialog = place.section.commands.restore(file)
    place.settle()

    assert file.name in dialog.loss.heading.text() + dialog.loss.text.text()
    assert not dialog.name_edit.isEnabled()
    assert not dialog.action_button.isEnabled()
    dialog.reject()


def test_a_failed_restore_says_what_to_do_and_asks_again(place: Place) -> None:
    place.back_up()
    dialog = _restore(place)
    (file,) = place.directory.glob("*.dump")
    dialog.name_edit.setText(place.context.services.backup_tools.database)
    file.unlink()

    dialog.action_button.click()
    place.settle()

    assert dialog.failure.isVisible()
    assert "Code: " in dialog.failure.text.text()
    assert place.opened_again == 0
    dialog.again_button.click()
    place.settle()
    assert dialog.asking.isVisible()
    assert not dialog.action_button.isEnabled()
    dialog.reject()


def test_the_folder_of_the_settings_is_the_one_that_is_listed(place: Place, tmp_path: Path) -> None:
    place.back_up()

    place.store(**{DIRECTORY_KEY: str(tmp_path / "elsewhere")})
    place.settle()

    assert place.section.list.isHidden()
    assert "not in this folder" in place.section.state.heading.text()


def test_with_a_schedule_the_next_moment_is_told(place: Place) -> None:
    place.back_up()

    place.store(**{EVERY_KEY: "daily"})
    place.settle()

    assert place.section.state.text.text().startswith("The next one is made in ")


def test_time_and_number_are_asked_for_with_a_schedule_alone(place: Place) -> None:
    form = place.section.form
    before = form.field(KEEP_KEY).isEnabled()

    form.field(EVERY_KEY).set_text("daily")
    form.edited.emit()

    assert not before
    assert form.field(KEEP_KEY).isEnabled()
    assert form.changes() == {EVERY_KEY: "daily"}


def test_who_may_only_read_is_offered_nothing_that_changes_something(
    qtbot: QtBot, world: PageWorld, context: ViewContext, directory: Path
) -> None:
    why = text("The role may only read.")
    read_only = replace(context, services=replace(context.services, is_read_only=True, read_only_reason=why))

    section = Place(qtbot, world, read_only, directory).section

    assert section.back_up_button.isEnabled()
    assert not section.restore_button.isEnabled()
    assert not section.list.restore_button.isEnabled()
    assert not section.move_button.isEnabled()


def _restore(place: Place) -> RestoreDialog:
    backup = place.section.list.current
    assert backup is not None
    dialog = place.section.commands.restore(backup.path)
    place.settle()
    assert dialog.plan is not None
    return dialog


def _drop_previous(place: Place) -> None:
    """Remove what the restore has replaced, as the user would: no test leaves a database behind."""
    place.section.refresh()
    place.settle()
    assert place.section.previous.isVisible()
    place.section.drop_button.click()
    question = place.top(ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    question.action_button.click()
    place.settle()
    assert place.section.previous.isHidden()
