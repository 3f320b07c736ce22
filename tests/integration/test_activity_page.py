"""The page of the audit log over a real database: by key, live, filtered literally."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import audit_controller, domains_controller, organizations_controller
from smtpy_desktop.database import audit_database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.activity_view import ActivityView
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Metric
from smtpy_desktop.views.widgets.label import text_width
from smtpy_desktop.views.widgets.mono_text import MonoText
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm

PAYLOAD = '<b onclick="x">Sons & 100 %_\\</b>'


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        yield world


@pytest.fixture
def view(qtbot: QtBot, world: PageWorld) -> ActivityView:
    view = ActivityView(world.context)
    qtbot.addWidget(view)
    view.resize(1100, 700)
    view.show()
    wait_until_calm(qtbot, lambda: world.context.runner.running or view.model.is_loading)
    return view


def create(world: PageWorld, name: str) -> None:
    services = world.context.services
    world.run(
        organizations_controller.create_organization(
            world.database, name, "a@example.com", actor=services.actor, publish=services.publish
        )
    )


def objects(view: ActivityView) -> list[str]:
    rows = [row for _, row in view.model.loaded_rows(0, view.model.rowCount())]
    return [row.object_name for row in rows]


def write(world: PageWorld, count: int) -> None:
    async def work() -> None:
        async with world.database.begin() as db:
            entries = (AuditEntry("domain.added", "domain", n, f"d{n}.example") for n in range(count))
            await audit_database.record(db, Actor("tester", "test"), *entries)

    world.run(work())


def test_an_empty_log_says_what_will_be_here(view: ActivityView) -> None:
    assert view._nothing_yet.isVisible()
    assert not view.table.isVisible()


def test_a_change_shows_up_by_itself(view: ActivityView, world: PageWorld, qtbot: QtBot) -> None:
    create(world, "Northwind")

    qtbot.waitUntil(lambda: objects(view) == ["Northwind"])
    assert view.table.isVisible()


def test_a_hidden_page_reads_only_when_it_is_seen_again(view: ActivityView, world: PageWorld, qtbot: QtBot) -> None:
    view.hide()

    create(world, "Northwind")
    qtbot.wait(50)
    read_while_hidden = objects(view)
    view.show()

    qtbot.waitUntil(lambda: objects(view) == ["Northwind"])
    assert read_while_hidden == []


def test_what_was_and_what_is_stand_in_the_details(view: ActivityView, world: PageWorld, qtbot: QtBot) -> None:
    services = world.context.services
    create(world, "Northwind")
    (row,) = world.run(organizations_controller.list_organizations(world.database))
    world.run(
        organizations_controller.update_organization(
            world.database, row.id, PAYLOAD, "b@example.com", actor=services.actor, publish=services.publish
        )
    )
    qtbot.waitUntil(lambda: objects(view) == [PAYLOAD, "Northwind"])

    view.table.selectRow(0)

    texts = {label.text() for label in view.details.findChildren(QLabel)}
    values = {value.text() for value in view.details.findChildren(MonoText)}
    assert {"Changed organization", "Name", "E-mail address"} <= texts
    assert {PAYLOAD, "tester", "window", "Northwind", "a@example.com", "b@example.com"} <= values


@pytest.mark.parametrize("typed", ["%", "_", "\\", "<b", "100 %_", "sons & 100"])
def test_the_filter_takes_every_character_literally(
    view: ActivityView, world: PageWorld, qtbot: QtBot, typed: str
) -> None:
    create(world, "Plain")
    create(world, PAYLOAD)
    qtbot.waitUntil(lambda: len(objects(view)) == 2)

    view.filter_box.setText(typed)

    qtbot.waitUntil(lambda: objects(view) == [PAYLOAD])


def test_a_filter_that_finds_nothing_is_taken_away_by_one_press(
    view: ActivityView, world: PageWorld, qtbot: QtBot
) -> None:
    create(world, "Northwind")
    qtbot.waitUntil(lambda: objects(view) == ["Northwind"])
    view.filter_box.setText("nowhere")
    qtbot.waitUntil(view._nothing_found.isVisible)

    view.clear_filter()

    qtbot.waitUntil(lambda: objects(view) == ["Northwind"])
    assert view.table.isVisible()


def test_a_long_log_is_read_by_key_from_any_place(view: ActivityView, world: PageWorld, qtbot: QtBot) -> None:
    write(world, 1234)
    view.refresh()
    qtbot.waitUntil(lambda: view.model.rowCount() == 1234)

    view.table.scrollToBottom()

    qtbot.waitUntil(lambda: view.model.row(1233) is not None and view.model.row(1233).object_name == "d0.example")
    assert view.model.row(0).object_name == "d1233.example"


def test_a_page_begins_where_its_key_says(world: PageWorld) -> None:
    write(world, 5)
    whole = world.run(audit_controller.list_page(world.database, "", Position.start(), 10))
    middle = whole.keys[2]

    at = world.run(audit_controller.list_page(world.database, "", Position.at(middle), 2))
    after = world.run(audit_controller.list_page(world.database, "", Position.after(middle), 10))

    assert at.rows == whole.rows[2:4]
    assert after.rows == whole.rows[3:]


def test_the_shape_counts_what_the_filter_lets_through(world: PageWorld) -> None:
    write(world, 12)

    shape = world.run(audit_controller.list_shape(world.database, "d1", 2))

    assert shape.total == 3  # d1, d10, d11
    assert len(shape.anchors) == 2


@pytest.mark.parametrize("typed", ["", "exämple", "EXÄMPLE.org", "xn--exm"])
def test_a_domain_is_named_as_people_read_it(view: ActivityView, world: PageWorld, qtbot: QtBot, typed: str) -> None:
    async def work() -> None:
        async with world.database.begin() as db:
            for name in ("xn--exmple-cua.org", "example.com"):
                await audit_database.record(db, Actor("tester", "test"), AuditEntry("domain.added", "domain", 1, name))

    world.run(work())
    view.filter_box.setText(typed)
    view.refresh()
    expected = {"xn--exmple-cua.org"} | (set() if typed else {"example.com"})
    qtbot.waitUntil(lambda: set(objects(view)) == expected)
    wait_until_calm(qtbot, lambda: view._filter_soon.isActive() or world.context.runner.running)

    view.table.selectRow(0 if typed else 1)
    column = next(n for n, column in enumerate(view.model.columns) if column.id == "object")
    index = view.model.index(view.table.currentIndex().row(), column)
    assert index.data() == "exämple.org"
    assert "xn--exmple-cua.org" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert {"exämple.org", "xn--exmple-cua.org"} <= {value.text() for value in view.details.findChildren(MonoText)}


def test_the_program_is_named_whole_in_the_column_that_says_who(view: ActivityView) -> None:
    column = next(column for column in view.model.columns if column.id == "actor")

    needed = text_width(text_font(), "smtpy-desktop") + 2 * Metric.CELL_PADDING

    assert column.width >= needed


def test_switching_a_domain_off_is_said_so(view: ActivityView, world: PageWorld, qtbot: QtBot) -> None:
    services = world.context.services
    create(world, "Northwind")
    (organization,) = world.run(organizations_controller.list_organizations(world.database))
    domain = world.run(
        domains_controller.add_domain(
            world.database,
            organization.id,
            "example.com",
            keys=world.keys,
            actor=services.actor,
            publish=services.publish,
        )
    )

    world.run(
        domains_controller.set_active(
            world.database, [domain.id], active=False, actor=services.actor, publish=services.publish
        )
    )

    qtbot.waitUntil(lambda: view.model.rowCount() == 3)
    what = next(n for n, column in enumerate(view.model.columns) if column.id == "what")
    assert view.model.index(0, what).data() == "Deactivated domain"
