"""Choosing, creating and renaming organizations from the top bar, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.organization_chooser import OrganizationChooser
from smtpy_desktop.views.organization_dialog import OrganizationDialog
from smtpy_desktop.views.organizations_menu import ORGANIZATION_KEY, OrganizationsMenu
from tests.helpers.page_world import PageWorld, page_world

PAYLOAD = "A&B <i>Ltd</i>"


@pytest.fixture
def world(qapp: QApplication, database_url: str, tmp_path: Path) -> Iterator[PageWorld]:
    with page_world(database_url, tmp_path / "profile", MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        yield world


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def chooser(window: QWidget) -> OrganizationChooser:
    return OrganizationChooser(window)


@pytest.fixture
def menu(world: PageWorld, chooser: OrganizationChooser) -> OrganizationsMenu:
    return OrganizationsMenu(world.context, chooser)


def organizations(world: PageWorld) -> tuple[OrganizationRow, ...]:
    rows: tuple[OrganizationRow, ...] = world.run(organizations_controller.list_organizations(world.database))
    return rows


def fill_in(dialog: OrganizationDialog, name: str, email: str) -> None:
    dialog.name.setText(name)
    dialog.email.setText(email)


def test_a_new_organization_is_stored_chosen_and_told(
    menu: OrganizationsMenu, world: PageWorld, chooser: OrganizationChooser, qtbot: QtBot
) -> None:
    dialog = menu.create()
    fill_in(dialog, PAYLOAD, "admin@example.com")

    with qtbot.waitSignal(dialog.accepted):
        dialog.save_button.click()

    (row,) = organizations(world)
    assert (row.name, row.email) == (PAYLOAD, "admin@example.com")
    assert world.context.choice.chosen == row.id
    assert chooser.current == row.id
    assert chooser.accessibleName() == f"Organization: {PAYLOAD}"
    assert PAYLOAD in world.told.only()


@pytest.mark.parametrize(
    ("name", "email", "wrong"), [("", "a@example.com", "name"), ("Good", "nobody", "email"), ("Good", "", "email")]
)
def test_a_wrong_field_is_marked_and_nothing_is_stored(
    menu: OrganizationsMenu, world: PageWorld, qtbot: QtBot, name: str, email: str, wrong: str
) -> None:
    dialog = menu.create()
    fill_in(dialog, name, email)

    dialog.save_button.click()
    qtbot.waitUntil(lambda: wrong in dialog.form.errors)

    assert (dialog.name.text(), dialog.email.text()) == (name, email)
    assert dialog.isVisible()
    assert dialog.save_button.isEnabled()
    assert organizations(world) == ()


def test_a_name_that_is_taken_is_said_beside_the_name(menu: OrganizationsMenu, world: PageWorld, qtbot: QtBot) -> None:
    services = world.context.services
    world.run(
        organizations_controller.create_organization(
            world.database, "Northwind", "a@example.com", actor=services.actor, publish=services.publish
        )
    )
    dialog = menu.create()
    fill_in(dialog, "Northwind", "b@example.com")

    dialog.save_button.click()

    qtbot.waitUntil(lambda: "name" in dialog.form.errors)
    assert len(organizations(world)) == 1


def test_the_chosen_organization_is_renamed(
    menu: OrganizationsMenu, world: PageWorld, chooser: OrganizationChooser, qtbot: QtBot
) -> None:
    services = world.context.services
    row = world.run(
        organizations_controller.create_organization(
            world.database, "Northwind", "a@example.com", actor=services.actor, publish=services.publish
        )
    )
    world.context.choice.set_organizations((row,))
    chooser.choose(row.id)
    dialog = menu.rename()
    shown = (dialog.name.text(), dialog.email.text())
    fill_in(dialog, "Southwind", "b@example.com")

    with qtbot.waitSignal(dialog.accepted):
        dialog.save_button.click()

    (renamed,) = organizations(world)
    assert shown == ("Northwind", "a@example.com")
    assert (renamed.id, renamed.name, renamed.email) == (row.id, "Southwind", "b@example.com")
    assert chooser.accessibleName() == "Organization: Southwind"


def test_all_organizations_have_no_name_to_change(menu: OrganizationsMenu) -> None:
    assert menu.rename() is None


def test_the_choice_is_followed_by_the_pages_and_remembered(
    menu: OrganizationsMenu, world: PageWorld, chooser: OrganizationChooser
) -> None:
    services = world.context.services
    rows = [
        world.run(
            organizations_controller.create_organization(
                world.database, name, "a@example.com", actor=services.actor, publish=services.publish
            )
        )
        for name in ("One", "Two")
    ]
    world.context.choice.set_organizations(tuple(rows))

    chooser.choose(rows[1].id)
    remembered = world.context.memory.value(ORGANIZATION_KEY)
    chosen = world.context.choice.chosen
    chooser.choose(None)

    assert (chosen, remembered) == (rows[1].id, str(rows[1].id))
    assert world.context.choice.chosen is None
    assert world.context.memory.value(ORGANIZATION_KEY) == ""
