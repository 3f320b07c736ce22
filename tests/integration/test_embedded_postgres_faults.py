"""What can go wrong with the built-in PostgreSQL: kills, stale files, a full disk; it recovers, or says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import connection_controller, opening_controller, organizations_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from tests.helpers.clusters import kill_server, remove_clusters_of, server_pid, wait_until_gone
from tests.helpers.postgres_processes import OtherProcess, ask, wait_for_listener

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def server(made_cluster: Path) -> Iterator[EmbeddedPostgres]:
    """Give the running server of the cluster that was made."""
    supervised = EmbeddedPostgres(made_cluster)
    supervised.start()
    yield supervised
    supervised.stop()


@pytest.fixture
def small_disk(place: Path) -> Iterator[Path]:
    """Give a directory on a disk of 20 MB."""
    directory = place / "disk"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0711", "tmpfs", str(directory)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield directory
    remove_clusters_of(directory)
    subprocess.run(["umount", "-l", str(directory)], check=True)


def written_pid_file(server: EmbeddedPostgres, pid: int) -> None:
    """Leave the pid file and the socket's lock file of a server that had this number."""
    socket = server.home / "run" / ".s.PGSQL.5432"
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    content = "\n".join([str(pid), *lines[1:]]) + "\n"
    kill_server(server.home)
    for path in (server.data / "postmaster.pid", socket.with_name(".s.PGSQL.5432.lock")):
        path.write_text(content)
        shutil.chown(path, server.home.stat().st_uid, server.home.stat().st_gid)


def test_a_killed_server_is_started_again_with_its_data(server: EmbeddedPostgres) -> None:
    ask(server.url(), "CREATE TABLE IF NOT EXISTS just_before AS SELECT 1 AS one")
    kill_server(server.home)

    was_necessary = [server.ensure_running(), server.ensure_running()]

    assert was_necessary == [True, False]
    assert ask(server.url(), "SELECT answer, one FROM kept, just_before") == [(42, 1)]


def test_a_server_killed_with_all_its_processes_is_started_again(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        backend = connection.info.backend_pid
        kill_server(server.home)
        with contextlib.suppress(ProcessLookupError):
            os.kill(backend, signal.SIGKILL)

        server.ensure_running()

    assert ask(server.url(), "SELECT answer FROM kept") == [(42,)]


async def test_the_running_program_gets_its_database_back_by_itself(server: EmbeddedPostgres) -> None:
    database = Database(server.url(), origin="test")
    await opening_controller.open_database(database, may_upgrade=True)
    told: asyncio.Queue[UserFacingError | None] = asyncio.Queue()
    published: asyncio.Queue[Change] = asyncio.Queue()
    background = [
        asyncio.create_task(server.keep_running(every_seconds=0.05)),
        asyncio.create_task(connection_controller.watch(database, publish=published.put_nowait, tell=told.put_nowait)),
    ]
    await asyncio.to_thread(wait_for_listener, server.url())
    before = server_pid(server.home)

    await asyncio.to_thread(kill_server, server.home)
    lost = await asyncio.wait_for(told.get(), 30)
    back = await asyncio.wait_for(told.get(), 30)
    rows = await organizations_controller.list_organizations(database)
    changed = {(await asyncio.wait_for(published.get(), 10)).topic for _ in Topic}

    assert isinstance(lost, DatabaseUnavailable)
    assert back is None
    assert rows == ()
    assert changed == set(Topic)
    assert server_pid(server.home) not in (None, before)
    for task in background:
        task.cancel()
    await asyncio.wait(background)
    await database.close()


def test_a_server_that_was_left_on_purpose_is_not_started_again(server: EmbeddedPostgres) -> None:
    server.stop()

    was_necessary = server.ensure_running()

    assert not was_necessary
    assert server_pid(server.home) is None


def test_the_next_start_recovers_from_an_unclean_stop(server: EmbeddedPostgres, made_cluster: Path) -> None:
    kill_server(server.home)
    next_one = EmbeddedPostgres(made_cluster)

    answer = ask(next_one.start(), "SELECT answer FROM kept")
    next_one.stop()

    assert answer == [(42,)]
    assert server.ensure_running() is False


def test_a_stale_pid_file_with_the_number_of_another_program_is_no_hindrance(server: EmbeddedPostgres) -> None:
    with subprocess.Popen(["sleep", "60"], user=server.home.stat().st_uid) as other:
        written_pid_file(server, other.pid)

        server.ensure_running()

        assert ask(server.url(), "SELECT answer FROM kept") == [(42,)]
        assert other.poll() is None
        other.kill()


def test_a_stale_pid_file_with_the_number_of_another_postgresql_is_no_hindrance(
    server: EmbeddedPostgres, postgres: EmbeddedPostgres
) -> None:
    another = server_pid(postgres.home)
    assert another is not None
    written_pid_file(server, another)

    server.ensure_running()

    assert ask(server.url(), "SELECT answer FROM kept") == [(42,)]
    assert server_pid(postgres.home) == another


def test_a_server_that_is_just_stopping_is_waited_for_and_started_again(
    server: EmbeddedPostgres, made_cluster: Path
) -> None:
    client = psycopg.connect(server.url().replace("+psycopg", ""))
    pid = server_pid(server.home)
    assert pid is not None
    os.kill(pid, signal.SIGTERM)  # it goes when its last client has left
    other = OtherProcess(made_cluster)
    deadline = time.monotonic() + 10
    while b"stopping" not in (server.data / "postmaster.pid").read_bytes() and time.monotonic() < deadline:
        time.sleep(0.01)
    client.close()
    wait_until_gone(pid)

    url = other.wait_until_started()

    assert server_pid(server.home) not in (None, pid)
    assert ask(url, "SELECT answer FROM kept") == [(42,)]
    other.leave()


def test_a_kill_in_the_middle_of_the_set_up_is_made_up_for_by_the_next_start(place: Path) -> None:
    directory = place / "profile" / "postgres"
    process = OtherProcess(directory)
    deadline = time.monotonic() + 30
    while not list(directory.rglob("data.unfinished/base/1/*")):
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.killpg(process.process.pid, signal.SIGKILL)
    process.kill()
    server = EmbeddedPostgres(directory)

    answer = ask(server.start(), "SELECT 1")
    server.stop()

    assert answer == [(1,)]
    assert list(directory.rglob("data.unfinished")) == []


@only_root
def test_a_disk_that_is_full_while_setting_up_is_told_and_leaves_no_half_made_cluster(small_disk: Path) -> None:
    directory = small_disk / "profile" / "postgres"

    with pytest.raises(UserFacingError) as failure:
        EmbeddedPostgres(directory).start()

    assert failure.value.code == "DISK_FULL", failure.value
    assert str(directory) in str(failure.value)
    assert list(directory.rglob("data*")) == []


@only_root
def test_after_room_was_made_the_set_up_succeeds(small_disk: Path) -> None:
    directory = small_disk / "profile" / "postgres"
    server = EmbeddedPostgres(directory)
    with pytest.raises(UserFacingError):
        server.start()
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)

    answer = ask(server.start(), "SELECT 1")
    server.stop()

    assert answer == [(1,)]


@only_root
def test_a_disk_without_any_room_at_all_is_told_as_such(small_disk: Path) -> None:
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb") as filler:
        while True:
            filler.write(b"x" * 65536)

    with pytest.raises(UserFacingError) as failure:
        EmbeddedPostgres(small_disk / "profile" / "postgres").start()

    assert failure.value.code == "DISK_FULL"


def test_a_damaged_cluster_is_told_with_the_reason_and_the_log(server: EmbeddedPostgres, made_cluster: Path) -> None:
    server.stop()
    control = server.data / "global" / "pg_control"
    kept = control.read_bytes()
    control.write_bytes(b"\0" * len(kept))

    with pytest.raises(UserFacingError) as failure:
        EmbeddedPostgres(made_cluster).start()

    control.write_bytes(kept)
    assert failure.value.code == "POSTGRES_START"
    assert str(failure.value.detail)
    assert str(server.log_file) in str(failure.value.hint)


def test_a_place_that_cannot_be_used_is_told(place: Path) -> None:
    (place / "profile").mkdir()
    (place / "profile" / "postgres").write_text("a file")

    with pytest.raises(UserFacingError) as failure:
        EmbeddedPostgres(place / "profile" / "postgres").start()

    assert failure.value.code == "POSTGRES_FILES"


async def test_an_opening_that_is_cancelled_leaves_no_server_behind(made_cluster: Path) -> None:
    server = EmbeddedPostgres(made_cluster)
    opening = asyncio.create_task(opening_controller.open_own(server, lambda url: Database(url, origin="test")))
    await asyncio.sleep(0)
    opening.cancel()

    with pytest.raises(asyncio.CancelledError):
        await opening

    assert server_pid(server.home) is None


async def test_an_opening_that_fails_leaves_no_server_behind(made_cluster: Path) -> None:
    server = EmbeddedPostgres(made_cluster)

    def refuse(url: str) -> Database:
        raise UserFacingError("TEST", "refused")

    with pytest.raises(UserFacingError):
        await opening_controller.open_own(server, refuse)

    assert server_pid(server.home) is None
