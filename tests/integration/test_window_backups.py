"""Restoring and moving in the real window: it goes on with what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, publish_nothing
from smtpy_desktop.config import load_config
from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import Profile
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.connection import TlsMode
from smtpy_desktop.views.move_dialog import MoveDialog
from smtpy_desktop.views.settings_backups_section import BackupsSection
from smtpy_desktop.window_app import WindowApp
from smtpy_desktop.window_pages import WindowPages
from smtpy_desktop.window_start import WindowPlan
from tests.helpers.page_world import wait_until_calm
from tests.integration.postgres_server import PostgresServer

PASSWORD = "for the window"


class Window:
    """A window on the built-in database of a profile of its own."""

    def __init__(self, bot: QtBot, profile: Profile) -> None:
        self.bot = bot
        profile.create()
        self.app = WindowApp(WindowPlan("gui", profile, EmbeddedPostgres(profile.postgres), None, {}))
        self.faults: list[str] = []
        self.app.runner.crashed.connect(self.faults.append)
        self.app.window.resize(1280, 720)
        self.app.window.show()
        self.app.open_again()
        self.settle()

    @property
    def pages(self) -> WindowPages:
        assert self.app.pages is not None
        return self.app.pages

    @property
    def section(self) -> BackupsSection:
        """The section of the settings, which is shown by this."""
        self.pages.show_settings("backups")
        section = self.pages.settings.backups
        assert section is not None
        self.settle()
        return section

    def settle(self) -> None:
        """Wait until the pages are there and nothing runs."""
        self.bot.waitUntil(lambda: self.app.pages is not None)
        wait_until_calm(self.bot, lambda: self.app.runner.running)
        assert self.faults == []

    def organizations(self) -> list[str]:
        work = organizations_controller.list_organizations(self.pages.context.services.sessions)
        return [row.name for row in self.app.loop_thread.submit(work).result(30)]

    def add_organization(self, name: str) -> None:
        services = self.pages.context.services
        work = organizations_controller.create_organization(
            services.sessions, name, "mail@example.net", actor=services.actor, publish=services.publish
        )
        self.app.loop_thread.submit(work).result(30)

    def notify_elsewhere(self) -> None:
        """Change something as another process would; the window hears of it while it watches its database."""
        address = self.app.installation.postgres.url()
        other = Database(address, origin="elsewhere")

        async def create() -> None:
            await organizations_controller.create_organization(
                other, "Eastwind", "mail@example.net", actor=Actor("other", "test"), publish=publish_nothing
            )
            await other.close()

        self.app.loop_thread.submit(create()).result(30)

    def close(self) -> None:
        self.app.notices.closing.end()
        self.app._put_away()
        self.app.deleteLater()  # what was posted to it meanwhile goes with it
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, place: Path) -> Iterator[Window]:
    window = Window(qtbot, Profile(place / "profile"))
    yield window
    window.close()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    server.execute(
        "CREATE ROLE listed",
        f"CREATE ROLE mover LOGIN PASSWORD '{PASSWORD}' IN ROLE listed",
        "CREATE DATABASE moved OWNER mover",
    )
    yield server
    server.stop()


def test_the_window_goes_on_with_what_was_restored_and_can_go_back(window: Window) -> None:
    window.add_organization("Northwind")
    section = window.section
    section.back_up_button.click()
    window.bot.waitUntil(lambda: section.list.current is not None)
    window.settle()
    window.add_organization("Southwind")
    before = window.pages

    backup = section.list.current
    assert backup is not None
    dialog = section.commands.restore(backup.path)
    window.settle()
    dialog.name_edit.setText("smtpy")
    dialog.action_button.click()
    window.bot.waitUntil(lambda: window.app.pages is not before)
    window.settle()

    assert window.organizations() == ["Northwind"]
    assert dialog.proof.isVisible()
    assert window.app.window.current_page == "settings"
    dialog.close_button.click()
    restored = window.pages
    assert restored.settings.backups is not None
    button = restored.settings.backups.back_up_button
    window.bot.waitUntil(lambda: button.visibleRegion().boundingRect().height() > 0)
    seen = restored.settings.backups.seen
    assert seen is not None
    window.section.commands.go_back(seen.previous[0]).action_button.click()
    window.bot.waitUntil(lambda: window.app.pages is not restored)
    window.settle()
    assert window.organizations() == ["Northwind", "Southwind"]


def test_a_stopped_restore_leaves_the_window_as_it_was_and_at_work(window: Window) -> None:
    window.add_organization("Northwind")
    section = window.section
    section.back_up_button.click()
    window.bot.waitUntil(lambda: section.list.current is not None)
    window.settle()
    window.add_organization("Southwind")
    pages = window.pages
    told: list[Change] = []
    window.app.bus.changed.connect(told.append)

    assert section.list.current is not None
    dialog = section.commands.restore(section.list.current.path)
    window.settle()
    dialog.name_edit.setText("smtpy")
    dialog.action_button.click()
    dialog.stop_button.click()
    window.settle()

    assert dialog.failure.isVisible()
    assert window.pages is pages
    assert window.organizations() == ["Northwind", "Southwind"]
    dialog.close_button.click()
    told.clear()
    window.notify_elsewhere()
    window.bot.waitUntil(lambda: bool(told))


def test_after_a_move_the_window_works_on_the_server_and_the_built_in_database_stays(
    server: PostgresServer, window: Window
) -> None:
    window.add_organization("Northwind")
    before = window.pages
    dialog = window.section.commands.move_to_server()
    assert isinstance(dialog, MoveDialog)
    fields = dialog.fields
    fields.restore({"host": "127.0.0.1", "port": str(server.port), "database": "moved", "user": "mover"})
    fields.password.set_text(PASSWORD)
    fields.tls.setCurrentIndex(fields.tls.findData(TlsMode.DISABLE))

    dialog.action_button.click()
    window.bot.waitUntil(lambda: window.app.pages is not before)
    window.settle()

    assert dialog.proof.isVisible()
    assert str(window.app.installation.postgres.data) in dialog.outcome.text.text()
    assert window.organizations() == ["Northwind"]
    assert not window.pages.context.services.is_embedded
    configured = load_config(window.app.plan.profile).server
    assert configured is not None
    assert configured.database == "moved"
    assert not window.section.move_button.isEnabled()
