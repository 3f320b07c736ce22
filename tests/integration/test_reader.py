"""Somebody who may only read, signed in with a password of their own: the window and the command line say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import aliases_controller, domains_controller, organizations_controller, roles_controller
from smtpy_desktop.controllers.opening_controller import open_database, why_unchangeable
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.activity_view import ActivityView
from smtpy_desktop.views.aliases_view import AliasesView
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.messages_view import MessagesView
from smtpy_desktop.views.overview_view import OverviewView
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from tests.helpers.command_line import Outcome, run_process
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.integration.postgres_server import SUPERUSER, SUPERUSER_PASSWORD, PostgresServer

PASSWORD = "a reader's own"
CHANGING = ("Verify", "Verify all", "Add domain", "Add alias", "Change…", "Deactivate", "Delete", "Import")


@dataclass(frozen=True, slots=True)
class Readable:
    """A database with a domain and an alias, and its address for a role of that name."""

    port: int

    def url(self, role: str, password: str) -> str:
        return f"postgresql+psycopg://{role}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/smtpy?sslmode=disable"


@pytest.fixture(scope="module")
def readable() -> Iterator[Readable]:
    server = PostgresServer()
    server.start()
    try:
        server.execute("CREATE DATABASE smtpy", "CREATE ROLE listed")
        made = Readable(server.port)
        thread = AsyncThread("setting up")
        thread.start()
        thread.submit(set_up(made.url(SUPERUSER, SUPERUSER_PASSWORD))).result(60)
        thread.stop()
        server.execute(f"CREATE ROLE reading LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
        server.execute("GRANT smtpy_reader, listed TO reading")
        yield made
    finally:
        server.stop()


async def set_up(url: str) -> None:
    database = Database(url, origin="setting up")
    told: dict[str, Any] = {"actor": Actor("tester", "test"), "publish": lambda change: None}
    keys = MasterKeyGateway(MemoryKeyring(state=KeyringState.AVAILABLE), Path("/nowhere"), {})
    await migrate.upgrade(database.engine)
    await roles_controller.set_up_roles(database)
    organization = await organizations_controller.create_organization(database, "Example", "admin@example.com", **told)
    await domains_controller.add_domain(database, organization.id, "example.com", keys=keys, **told)
    await aliases_controller.create_alias(database, "info@example.com", "ada@target.example", **told)
    await database.close()


@pytest.fixture
def world(qapp: QApplication, readable: Readable, tmp_path: Path) -> Iterator[PageWorld]:
    keyring = MemoryKeyring(state=KeyringState.MISSING)
    with page_world(readable.url("reading", PASSWORD), tmp_path / "profile", keyring) as world:
        opened = world.run(open_database(world.database, may_upgrade=False))
        why = why_unchangeable(opened)
        assert why is not None
        services = replace(world.context.services, is_read_only=True, read_only_reason=why.message, may_forward=False)
        world.context = replace(world.context, services=services)
        yield world


@pytest.mark.parametrize("view", [OverviewView, DomainsView, AliasesView, MessagesView, ActivityView])
def test_every_page_shows_what_there_is_and_offers_no_change(
    qtbot: QtBot, world: PageWorld, view: Callable[[ViewContext], QWidget]
) -> None:
    page = view(world.context)

    page.resize(1200, 800)
    page.show()
    wait_until_calm(qtbot, lambda: world.context.runner.running)

    offered = [button.text() for button in page.findChildren(Button) if button.isVisible() and button.isEnabled()]
    page.close()
    shiboken6.delete(page)  # before what it reads from
    assert world.failures == []
    assert not {words.replace("&", "") for words in offered} & set(CHANGING)


def run_as_reader(readable: Readable, profile: Path, *arguments: str) -> Outcome:
    url = f"postgresql://reading@127.0.0.1:{readable.port}/smtpy?sslmode=disable"
    place = ["--profile", str(profile), "--database-url", url, "--json"]
    return run_process([*place, *arguments], environment={"SMTPY_DATABASE_PASSWORD": PASSWORD})


@pytest.mark.parametrize(
    "command",
    [
        ("messages", "stats"),
        ("forwarder", "status"),
        ("forwarder", "books"),
        ("billing", "events"),
    ],
)
def test_commands_that_read_answer_a_reader(readable: Readable, tmp_path: Path, command: tuple[str, ...]) -> None:
    outcome = run_as_reader(readable, tmp_path / "profile", *command)

    assert outcome.status == 0, outcome.errors


@pytest.mark.parametrize(
    "command",
    [
        ("settings", "set", "mail.hostname", "mx.example.net"),
        ("forwarder",),
        ("forwarder", "release", "--all"),
        ("migrate", "--roles"),
    ],
)
def test_commands_that_write_are_refused_with_the_reason(
    readable: Readable, tmp_path: Path, command: tuple[str, ...]
) -> None:
    outcome = run_as_reader(readable, tmp_path / "profile", *command)

    assert outcome.status == 1
    assert outcome.failure["code"] == "READ_ONLY"
