"""What goes wrong in the middle of an export is told, leaves nothing behind, and can be done again."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from smtpy_desktop.controllers import organizations_controller
from smtpy_desktop.controllers.message_export_controller import export_messages
from smtpy_desktop.controllers.opening_controller import open_own
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.message_export import ExportColumn, ExportFormat, ExportOptions
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.clusters import homes_below, kill_server
from tests.helpers.stored_domains import insert_domains

MANY = 8_000
FORMATS = pytest.mark.parametrize("form", list(ExportFormat))


async def store(database: Database) -> None:
    """Store more messages than go into a few blocks."""
    organization = await organizations_controller.create_organization(
        database, "Example", "admin@example.com", actor=Actor("tester", "test"), publish=lambda change: None
    )
    (domain,) = await insert_domains(database, organization.id, ["example.com"])
    async with database.begin() as db:
        connection = await db.connection()
        await connection.exec_driver_sql(
            "INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, subject, body_preview)"
            f" SELECT g::text, {domain}, 's@x', 'r@x', 'subject ' || g, repeat('preview', 100)"
            f" FROM generate_series(1, {MANY}) g"
        )


@pytest.fixture(scope="module")
def many_url(module_database_url: str) -> str:
    """Give the address of a database with the messages, which no test changes."""

    async def work() -> None:
        database = Database(module_database_url, origin="test")
        await store(database)
        await database.close()

    thread = AsyncThread()
    thread.start()
    thread.submit(work()).result(60)
    thread.stop()
    return module_database_url


@pytest.fixture
async def many(many_url: str) -> AsyncIterator[Database]:
    database = Database(many_url, origin="test")
    yield database
    await database.close()


@contextmanager
def own_server(place: Path) -> Iterator[EmbeddedPostgres]:
    """Give a server that only this test uses."""
    server = EmbeddedPostgres(place / "postgres")
    try:
        yield server
    finally:
        server.stop()


async def begun_export(database: Database, path: Path, form: ExportFormat) -> asyncio.Task[Any]:
    """Return an export that has written its first rows."""
    progress = Progress()
    options = ExportOptions(form, tuple(ExportColumn))
    work = asyncio.create_task(
        export_messages(database, MessageQuery(), path, options, files=DiskFiles(), progress=progress)
    )
    while not progress.done:  # noqa: ASYNC110 - progress is looked at, it never calls
        await asyncio.sleep(0)
    return work


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_a_server_that_crashes_and_comes_back_is_told_and_the_next_export_is_whole(
    place: Path, tmp_path: Path
) -> None:
    with own_server(place) as server:
        opened = await open_own(server, lambda url: Database(url, origin="test"))
        database = opened.database
        await store(database)
        work = await begun_export(database, tmp_path / "all.csv", ExportFormat.CSV)

        for home in homes_below(place):
            kill_server(home, signal.SIGQUIT)
        with pytest.raises(DatabaseUnavailable, match=r"in the middle of the export.*all\.csv was not written"):
            await work
        left = names_in(tmp_path)
        server.stop()
        server.start()
        result = await export_messages(
            database, MessageQuery(), tmp_path / "all.csv", ExportOptions(), files=DiskFiles()
        )
        await database.close()

    assert left == []
    assert (result.messages, names_in(tmp_path)) == (MANY, ["all.csv"])


@FORMATS
async def test_a_directory_that_vanishes_meanwhile_is_told(many: Database, tmp_path: Path, form: ExportFormat) -> None:
    place = tmp_path / "place"
    place.mkdir()
    work = await begun_export(many, place / "new", form)

    shutil.rmtree(place)
    with pytest.raises(UserFacingError) as caught:
        await work

    assert caught.value.code == "EXPORT_NO_PLACE"
    assert names_in(tmp_path) == []


@FORMATS
async def test_a_file_that_grows_larger_than_it_may_is_told(many: Database, tmp_path: Path, form: ExportFormat) -> None:
    options = ExportOptions(form, tuple(ExportColumn))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(UserFacingError) as caught:
            await export_messages(many, MessageQuery(), tmp_path / "new", options, files=DiskFiles())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert caught.value.code == "EXPORT_TOO_LARGE"
    assert names_in(tmp_path) == []


@pytest.fixture
def read_only_disk(tmp_path: Path) -> Iterator[Path]:
    """Give an empty disk that nobody may write to."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("needs root, and a disk that can be mounted")
    yield place
    subprocess.run(["umount", str(place)], check=True)


async def test_a_disk_that_may_only_be_read_is_told(many: Database, read_only_disk: Path) -> None:
    with pytest.raises(UserFacingError) as caught:
        await export_messages(many, MessageQuery(), read_only_disk / "new", ExportOptions(), files=DiskFiles())

    assert caught.value.code == "EXPORT_FORBIDDEN"


def stopped_export(database_url: str, path: Path, how: signal.Signals) -> int:
    """Run the command that exports, stop it when it writes, and return its exit status."""
    command = [sys.executable, "-m", "smtpy_desktop", "--profile", str(path.parent.parent / "profile")]
    command += ["--database-url", database_url, "messages", "export", "--output", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(path.parent.glob(".export-*.part/part")):
            os.sched_yield()
        process.send_signal(how)
        return process.wait(30)


async def test_a_killed_export_leaves_no_half_file_under_the_name(many_url: str, tmp_path: Path) -> None:
    path = tmp_path / "place" / "all.xlsx"
    path.parent.mkdir()

    status = await asyncio.to_thread(stopped_export, many_url, path, signal.SIGKILL)

    assert status == -signal.SIGKILL
    assert not path.exists()


async def test_an_interrupted_export_leaves_nothing(many_url: str, tmp_path: Path) -> None:
    path = tmp_path / "place" / "all.xlsx"
    path.parent.mkdir()

    status = await asyncio.to_thread(stopped_export, many_url, path, signal.SIGINT)

    assert status == 1
    assert names_in(path.parent) == []


async def test_what_a_killed_export_left_goes_with_the_next_one(many: Database, tmp_path: Path) -> None:
    old, new = tmp_path / ".export-00aa.part", tmp_path / ".export-00bb.part"
    for directory in (old, new):
        directory.mkdir()
        (directory / "part").write_text("half")
    long_ago = time.time() - 3600
    os.utime(old, (long_ago, long_ago))

    await export_messages(many, MessageQuery(), tmp_path / "all.csv", ExportOptions(limit=5), files=DiskFiles())

    assert names_in(tmp_path) == [new.name, "all.csv"]
