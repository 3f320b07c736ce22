"""The built-in PostgreSQL: set up once, shared among processes, closed to everybody else, wherever the profile lies."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways import postgres_account
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.postgres_access import server_access
from smtpy_desktop.gateways.postgres_account import SHARED_HOME, cluster_home, postgres_programs, server_account
from tests.helpers.clusters import server_pid
from tests.helpers.postgres_processes import OtherProcess, ask

IS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="needs root")


@pytest.fixture
def server(made_cluster: Path) -> Iterator[EmbeddedPostgres]:
    """Give the server of the cluster that was made, not started."""
    supervised = EmbeddedPostgres(made_cluster)
    yield supervised
    supervised.stop()


def temporary_directory(path: Path) -> str:
    path.mkdir()
    path.chmod(0o1777)
    return str(path)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_fresh_set_up_gives_an_empty_database_that_is_ours_alone(place: Path) -> None:
    told: list[str] = []
    server = EmbeddedPostgres(place / "profile" / "postgres", lambda note: told.append(str(note)))

    url = server.start()

    assert ask(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    assert ask(url, "SELECT current_user, current_database(), current_setting('listen_addresses')") == [
        ("smtpy", "smtpy", "")
    ]
    assert told == ["Setting up the built-in database …"]
    owned = (server.home, server.data, server.home / "run", server.data / "pg_hba.conf", server.log_file)
    assert [mode(path) for path in owned] == ["0o700", "0o700", "0o700", "0o600", "0o600"]
    assert mode(server.home / "run" / ".s.PGSQL.5432") == "0o700"
    assert sorted(path.name for path in server.home.iterdir() if "unfinished" in path.name) == []
    server.stop()
    assert server_pid(server.home) is None


def test_a_second_start_keeps_the_data_and_says_nothing(made_cluster: Path) -> None:
    told: list[str] = []
    server = EmbeddedPostgres(made_cluster, lambda note: told.append(str(note)))

    url = server.start()

    assert ask(url, "SELECT answer FROM kept") == [(42,)]
    assert told == []
    server.stop()


def test_starting_twice_counts_once(server: EmbeddedPostgres) -> None:
    with ThreadPoolExecutor() as pool:
        urls = set(pool.map(lambda _: server.start(), range(3)))
    server.stop()

    assert urls == {server.url()}
    assert server_pid(server.home) is None


def test_the_address_is_known_only_after_the_start(made_cluster: Path) -> None:
    with pytest.raises(RuntimeError):
        EmbeddedPostgres(made_cluster).url()


def test_stopping_what_was_not_started_does_nothing(made_cluster: Path) -> None:
    server = EmbeddedPostgres(made_cluster)

    server.stop()
    server.stop()


def test_the_last_process_to_leave_stops_the_server(server: EmbeddedPostgres, made_cluster: Path) -> None:
    first, second = OtherProcess(made_cluster), OtherProcess(made_cluster)
    urls = {first.wait_until_started(), second.wait_until_started(), server.start()}
    pids = [server_pid(server.home)]

    first.leave()
    pids.append(server_pid(server.home))
    server.stop()
    pids.append(server_pid(server.home))
    answer = ask(server.url(), "SELECT answer FROM kept")
    second.leave()

    assert len(urls) == 1
    assert pids == [pids[0]] * 3 != [None] * 3
    assert answer == [(42,)]
    assert server_pid(server.home) is None


def test_a_killed_process_neither_stops_the_server_nor_keeps_it_running(
    server: EmbeddedPostgres, made_cluster: Path
) -> None:
    other = OtherProcess(made_cluster)
    other.wait_until_started()
    other.kill()
    server.start()
    reused = server_pid(server.home)

    answer = ask(server.url(), "SELECT answer FROM kept")
    server.stop()

    assert reused is not None
    assert answer == [(42,)]
    assert server_pid(server.home) is None


def test_processes_that_come_and_go_at_once_do_not_cut_each_other_off(made_cluster: Path) -> None:
    def come_and_go(_: int) -> list[tuple[int, ...]]:
        server = EmbeddedPostgres(made_cluster)
        found = []
        for _ in range(3):
            found += ask(server.start(), "SELECT answer FROM kept")
            server.stop()
        return found

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(come_and_go, range(3)))

    assert answers == [[(42,)] * 3] * 3


def test_two_first_starts_at_once_make_one_cluster(place: Path) -> None:
    directory = place / "profile" / "postgres"
    others = [OtherProcess(directory), OtherProcess(directory)]

    urls = {other.wait_until_started() for other in others}
    homes = list(directory.rglob("data"))

    for other in others:
        other.leave()
    assert len(urls) == 1
    assert len(homes) == 1


@pytest.mark.parametrize(
    "name",
    [
        "with blanks and 'quotes' \"double\" $HOME `id` \\ ; & %20 ü",
        "deep, " + "d" * 120,
    ],
    ids=["odd", "deep"],
)
def test_a_profile_may_lie_in_any_path(place: Path, name: str) -> None:
    server = EmbeddedPostgres(place / name / "postgres")

    url = server.start()
    answer = ask(url, "SELECT current_setting('unix_socket_directories')")
    pid = server_pid(server.home)
    server.stop()
    server.start()
    server.stop()

    socket = Path(answer[0][0].strip('"').replace('""', '"'))
    assert mode(socket) == "0o700"
    assert len(os.fsencode(socket / ".s.PGSQL.5432")) <= 107
    assert pid is not None
    assert server_pid(server.home) is None
    if not socket.is_relative_to(place):
        shutil.rmtree(socket)


def test_a_process_with_another_temporary_directory_finds_the_running_server(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = place / ("d" * 120) / "postgres"
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    first, second = EmbeddedPostgres(directory), EmbeddedPostgres(directory)

    monkeypatch.setattr(tempfile, "tempdir", temporary_directory(place / "t1"))
    url = first.start()
    monkeypatch.setattr(tempfile, "tempdir", temporary_directory(place / "t2"))
    other_url = second.start()

    assert other_url == url
    assert ask(other_url, "SELECT 1") == [(1,)]
    second.stop()
    first.stop()


def test_a_socket_directory_that_somebody_else_has_laid_is_refused(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", temporary_directory(place / "t"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    deep = place / ("d" * 120)
    deep.mkdir()
    server_access(deep, server_account())
    (socket,) = (place / "t").iterdir()
    socket.chmod(0o755)

    with pytest.raises(UserFacingError) as refused:
        server_access(deep, server_account())

    assert refused.value.code == "SOCKET_DIRECTORY_FOREIGN"


@only_root
def test_another_account_cannot_connect(server: EmbeddedPostgres) -> None:
    server.start()
    psql = server.run_tool("psql", "--version")
    socket = server.home / "run"
    program = server._programs / "psql"
    command = [str(program), "--no-psqlrc", "-h", str(socket), "-U", "smtpy", "-c", "SELECT 1", "smtpy"]

    result = subprocess.run(
        command, user="nobody", group="nogroup", extra_groups=[], capture_output=True, cwd="/", check=False
    )

    assert psql[0] == 0
    assert result.returncode != 0
    assert b"Permission denied" in result.stderr


@only_root
def test_the_server_runs_under_an_account_of_its_own(server: EmbeddedPostgres) -> None:
    server.start()

    pid = server_pid(server.home)

    assert Path(f"/proc/{pid}").stat().st_uid == server.home.stat().st_uid != 0


@only_root
def test_in_a_place_that_is_closed_to_others_the_cluster_lies_elsewhere_and_nothing_is_opened(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    profile = closed / "profile"
    profile.mkdir(mode=0o700)
    server = EmbeddedPostgres(profile / "postgres")

    url = server.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    again = EmbeddedPostgres(profile / "postgres")
    answer = ask(again.start(), "SELECT answer FROM kept")
    again.stop()

    assert server.home.parent == SHARED_HOME / "clusters"
    assert again.home == server.home
    assert answer == [(42,)]
    assert [mode(path) for path in (closed, profile, server.home)] == ["0o700", "0o700", "0o700"]
    assert [mode(path) for path in (SHARED_HOME, SHARED_HOME / "clusters")] == ["0o711", "0o711"]


@only_root
def test_programs_that_lie_where_the_account_may_not_go_run_from_a_copy(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = server_account()
    own = postgres_programs(account)
    monkeypatch.setattr(postgres_account, "SHARED_HOME", place / "shared")
    monkeypatch.setattr(postgres_account, "_can_enter", lambda _directory, _account: False)

    copied = postgres_programs(account)

    said = [
        subprocess.run(
            [copied / name, "--version"],
            user=account.uid,
            group=account.gid,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("initdb", "pg_dump", "postgres")
    ]
    assert copied.is_relative_to(place / "shared")
    assert copied != own
    assert all("PostgreSQL" in line for line in said)


@only_root
def test_a_profile_takes_its_cluster_along_when_it_is_moved(place: Path) -> None:
    server = EmbeddedPostgres(place / "before" / "postgres")
    ask(server.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    (place / "before").rename(place / "after")
    moved = EmbeddedPostgres(place / "after" / "postgres")

    answer = ask(moved.start(), "SELECT answer FROM kept")
    moved.stop()

    assert answer == [(42,)]


@only_root
def test_a_cluster_that_has_vanished_is_not_silently_replaced_by_an_empty_one(place: Path) -> None:
    directory = place / "profile" / "postgres"
    home = cluster_home(directory, server_account())
    shutil.rmtree(home)

    with pytest.raises(UserFacingError) as refused:
        EmbeddedPostgres(directory).start()

    assert refused.value.code == "POSTGRES_FILES_GONE"
    assert str(directory / "location") in str(refused.value.hint)
