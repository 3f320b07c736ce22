"""Notices in the real window: the bell comes after the pages, counts what is wrong, and leads to where it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.database import audit_database
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import Profile
from smtpy_desktop.schemas.audit import AuditEntry
from smtpy_desktop.schemas.notice_kinds import NoticeKind
from smtpy_desktop.schemas.notices import NoticeAction
from smtpy_desktop.schemas.text import text
from smtpy_desktop.views.listener_dialog import ListenerDialog
from smtpy_desktop.window_app import WindowApp
from smtpy_desktop.window_notices import show_place
from smtpy_desktop.window_start import WindowPlan
from tests.helpers.page_world import wait_until_calm
from tests.helpers.stored_domains import insert_domains


@pytest.fixture
def app(qapp: QApplication, qtbot: QtBot, place: Path) -> Iterator[WindowApp]:
    profile = Profile(place / "profile")
    profile.create()
    made = WindowApp(WindowPlan("gui", profile, EmbeddedPostgres(profile.postgres), None, {}))
    made.window.show()
    made.open_again()
    qtbot.waitUntil(lambda: made.notices.bell is not None)
    yield made
    made.notices.closing.end()
    made._put_away()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def let_a_domain_fail(app: WindowApp) -> int:
    assert app.pages is not None
    services = app.pages.context.services
    assert isinstance(services.sessions, Database)
    database = services.sessions

    async def write() -> int:
        organization = await organizations_controller.create_organization(
            services.sessions, "Acme", "a@example.com", actor=services.actor, publish=services.publish
        )
        (domain_id,) = await insert_domains(database, organization.id, ["a.example"], status="failed")
        async with database.begin() as db:
            # It was verified once, so that it is told at once.
            changes = {"status": ["verified", "failed"]}
            await audit_database.record(
                db, services.actor, AuditEntry("domain.status", "domain", domain_id, "a.example", changes=changes)
            )
        services.publish(Change(Topic.DOMAINS, frozenset({domain_id})))
        return domain_id

    return app.loop_thread.submit(write()).result(30)


def test_notices_lead_from_the_bell_to_every_place_and_kinds_are_muted(app: WindowApp, qtbot: QtBot) -> None:
    bell, notices, pages = app.notices.bell, app.notices, app.pages
    assert bell is not None
    assert pages is not None
    let_a_domain_fail(app)
    qtbot.waitUntil(lambda: bell.count_text == "1")
    panel = notices.show_list()
    panel.lines[0].main_button.click()

    assert panel.lines[0].notice.kind is NoticeKind.DOMAIN_BROKEN
    assert not panel.isVisible()
    assert app.window.current_page == "domains"
    for page, argument in (
        ("forwarder", "mx1"),
        ("forwarder", "to:a.example"),
        ("forwarder", "books"),
        ("messages", "status:failed,bounced"),
        ("events", "failed"),
        ("billing", 1),
        ("settings", "notices"),
        ("settings", "backups"),
    ):
        show_place(app, NoticeAction(page, argument, text("Show")))  # type: ignore[arg-type]
        assert app.window.current_page == page
    assert pages.messages.bar.text == "status:failed,bounced"
    show_place(app, NoticeAction("listener", None, text("Show")))
    dialog = next(one for one in app.window.findChildren(ListenerDialog) if one.isVisible())
    dialog.close()

    notices.tools.mute(NoticeKind.DOMAIN_BROKEN)
    qtbot.waitUntil(lambda: bell.count_text == "")
    app.window.messages.action_button.click()  # Undo
    qtbot.waitUntil(lambda: bell.count_text == "1")
    wait_until_calm(qtbot, lambda: app.runner.running)
    assert not notices.tools.has_tray()
    assert not notices.tools.test()
