"""The real PostgreSQL that integration tests share, and for each test a database, an actor and a DNS of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from PySide6.QtWidgets import QApplication
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from smtpy_desktop import app
from smtpy_desktop.changes import Change
from smtpy_desktop.controllers import organizations_controller, settings_controller
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.theme import Theme, ThemePreference
from tests.helpers.clusters import remove_clusters_of
from tests.helpers.command_line import Outcome, RunProgram
from tests.helpers.postgres_processes import ask
from tests.helpers.reaper import reaped

if TYPE_CHECKING:
    from smtpy_desktop.window_gallery import Gallery

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pages pause as they do between two readings, but not for so long: most tests would do nothing else."""
    monkeypatch.setattr(CalmReading, "longest_pause", 50)


@pytest.fixture
def run_program(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> RunProgram:
    """Give a function that runs the program with some arguments in this process."""

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["smtpy-desktop", *arguments])
        capfd.readouterr()
        status = app.main()
        return Outcome(status, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def app_theme(qapp: QApplication) -> Theme:
    """Give every widget the bundled fonts and the style sheet, for good."""
    return Theme(qapp, ThemePreference.LIGHT)


@pytest.fixture(scope="session")
def short_directory() -> Iterator[Path]:
    """Give a directory that the server's account may enter, gone after the run."""
    directory = Path(tempfile.mkdtemp(dir="/var/tmp" if os.geteuid() == 0 else None, prefix="smtpy-tests-"))
    if os.geteuid() == 0:
        directory.chmod(0o711)
    with reaped(directory):
        yield directory


@pytest.fixture
def place(short_directory: Path) -> Iterator[Path]:
    """Give an empty directory in which clusters may be made."""
    directory = Path(tempfile.mkdtemp(dir=short_directory))
    directory.chmod(0o711)
    yield directory
    remove_clusters_of(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def gallery(qapp: QApplication, short_directory: Path) -> Iterator[Gallery]:
    """Give the real window over the samples, with every page and dialog as a scene (``sandbox/gallery.py``)."""
    from smtpy_desktop.window_gallery import open_gallery  # the whole window, which few tests need

    directory = Path(tempfile.mkdtemp(dir=short_directory))
    directory.chmod(0o711)
    with open_gallery(directory / "gallery") as opened:
        yield opened
    remove_clusters_of(directory)


@pytest.fixture(scope="session")
def made_cluster(short_directory: Path) -> Path:
    """Give the directory of a cluster that was set up, has a table with one row, and does not run."""
    directory = short_directory / "made" / "postgres"
    server = EmbeddedPostgres(directory)
    ask(server.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    return directory


@pytest.fixture(scope="session")
def postgres(short_directory: Path) -> Iterator[EmbeddedPostgres]:
    """Give the server of this run, which loses its data when the machine stops."""
    server = EmbeddedPostgres(short_directory / "shared" / "postgres")
    server.start()
    with _administrator(server) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres: EmbeddedPostgres) -> str:
    """Give the SQLAlchemy address of an empty database on a server of this run's own."""
    return postgres.url()


@pytest.fixture(scope="session")
def migrated_template(postgres: EmbeddedPostgres) -> str:
    """Give the name of a migrated database to make others from."""
    name = "migrated"
    with _administrator(postgres) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    # In a thread of its own: pytest-asyncio owns the loop of this one.
    thread = AsyncThread("migrations")
    thread.start()
    database = Database(_named(postgres, name), origin="template")
    try:
        thread.submit(migrate.upgrade(database.engine)).result(60)
        thread.submit(database.close()).result(10)
    finally:
        thread.stop()
    return name


@contextmanager
def databases_made(server: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """Give a function that makes a database (empty, or from a template) and returns its SQLAlchemy address."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        name = f"test_{next(_numbers)}"
        with _administrator(server) as connection:
            # Without the disk to wait for, copying files is half the work of logging every page of them.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        made.append(name)
        return _named(server, name).render_as_string(hide_password=False)

    yield make
    with _administrator(server) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def new_database_url(postgres: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """Give ``databases_made`` for this test."""
    with databases_made(postgres) as make:
        yield make


@pytest.fixture(scope="module")
def module_database_url(postgres: EmbeddedPostgres, migrated_template: str) -> Iterator[str]:
    """Give the SQLAlchemy address of a migrated database that the tests of one module only read."""
    with databases_made(postgres) as make:
        yield make(migrated_template)


@pytest.fixture
def database_url(new_database_url: Callable[..., str], migrated_template: str) -> str:
    """Give the SQLAlchemy address of a migrated database of this test's own."""
    return new_database_url(migrated_template)


@pytest.fixture
async def connect(database_url: str) -> AsyncIterator[Callable[..., Database]]:
    """Give a function that opens this test's database under a name, as one more process would."""
    opened: list[Database] = []

    def open_one(origin: str = "test", url: str = "") -> Database:
        opened.append(Database(url or database_url, origin=origin))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.close()


@pytest.fixture
def database(connect: Callable[..., Database]) -> Database:
    """Give this test's database."""
    return connect()


@pytest.fixture
def actor() -> Actor:
    """Give somebody who acts."""
    return Actor("tester", "test")


@pytest.fixture
def changes() -> list[Change]:
    """Give the list that collects what is published; its ``append`` is a ``publish``."""
    return []


@pytest.fixture
def master_keys(tmp_path: Path) -> MasterKeyGateway:
    """Give the keeper of a master key, over a keyring in memory."""
    return MasterKeyGateway(MemoryKeyring(state=KeyringState.AVAILABLE), tmp_path / "keys", {})


@pytest.fixture
async def organization(database: Database, actor: Actor) -> OrganizationRow:
    """Give an organization."""
    return await organizations_controller.create_organization(
        database, "Example", "admin@example.com", actor=actor, publish=lambda change: None
    )


@pytest.fixture
async def sandbox_dns() -> AsyncIterator[SandboxDns]:
    """Give a real authoritative server with three resolvers, on loopback."""
    async with SandboxDns(resolver_count=3) as running:
        yield running


@pytest.fixture
async def mail_settings(database: Database, actor: Actor, sandbox_dns: SandboxDns) -> dict[str, str]:
    """Store a complete mail identity that asks the sandbox's DNS alone."""
    values = {
        "mail.mx": "10 mx1.example.net, 20 mx2.example.net",
        "mail.spf": "ip4:192.0.2.25",
        "mail.sending_addresses": "192.0.2.25",
        "mail.dmarc": "v=DMARC1; p=quarantine; rua=mailto:reports@example.net",
        "dns.resolvers": ", ".join(map(str, sandbox_dns.resolvers)),
        "dns.authoritative_port": str(sandbox_dns.authoritative_port),
    }
    return await settings_controller.change_settings(database, values, actor=actor, publish=lambda change: None)


def _administrator(postgres: EmbeddedPostgres) -> psycopg.Connection:
    url = _named(postgres, "postgres").set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _named(postgres: EmbeddedPostgres, name: str) -> URL:
    return make_url(postgres.url()).set(database=name)
