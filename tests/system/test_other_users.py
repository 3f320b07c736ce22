"""What other accounts of the machine reach of an installation: nothing."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from smtpy_desktop.config import Config, save_config
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import Profile
from tests.helpers.clusters import remove_clusters_of
from tests.helpers.command_line import run_process

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")

_STRANGER = 65534


@pytest.fixture(scope="module")
def installation(short_directory: Path) -> Iterator[tuple[Profile, EmbeddedPostgres]]:
    """Give an installation whose database runs, with a domain, its keys, a backup and logs."""
    profile = Profile(Path(tempfile.mkdtemp(dir=short_directory)) / "others")
    profile.create()
    save_config(profile, Config(first_run_done=True))
    postgres = EmbeddedPostgres(profile.postgres)
    postgres.start()
    here = ["--profile", str(profile.directory), "--json"]
    without_keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    for arguments in (
        ("organizations", "add", "Example", "admin@example.com"),
        ("domains", "add", "example.com"),
        ("backup", str(profile.directory / "copy.dump")),
    ):
        done = run_process([*here, *arguments], without_keyring)
        assert done.status == 0, done.errors
    yield profile, postgres
    postgres.stop()
    remove_clusters_of(profile.directory)


def test_another_account_reads_no_file_and_lists_no_directory(
    installation: tuple[Profile, EmbeddedPostgres],
) -> None:
    profile, postgres = installation
    everything = [path for root in {profile.directory, postgres.home} for path in (root, *root.rglob("*"))]
    kinds = {path.name for path in everything}
    assert {"config.json", "master.key", "copy.dump", "command.log", "PG_VERSION", ".s.PGSQL.5432"} <= kinds

    reached = _as_stranger(lambda: [str(path) for path in everything if _opens(path)])

    assert reached == []


def test_another_account_does_not_reach_the_database(installation: tuple[Profile, EmbeddedPostgres]) -> None:
    _, postgres = installation
    (database_socket,) = postgres.home.rglob(".s.PGSQL.5432")

    assert _as_stranger(lambda: [name for name in [str(database_socket)] if _connects(name)]) == []
    with psycopg.connect(make_url(postgres.url()).set(drivername="postgresql").render_as_string()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchall() == [("",)]
        rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
    assert {kind for kind, _ in rules} == {"local"}
    assert not {"trust", "password"} & {method for _, method in rules}


def _opens(path: Path) -> bool:
    """Tell whether this account can list a directory, read a file, or write to it."""
    for flags in (os.O_RDONLY, os.O_WRONLY):
        try:
            os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW))
        except OSError:
            continue
        return True
    return False


def _connects(name: str) -> bool:
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(name)
        except OSError:
            return False
        return True


def _as_stranger(look: Callable[[], list[str]]) -> list[str]:
    """Return what a process of another account, in no group of ours, finds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            os.setgroups([])
            os.setgid(_STRANGER)
            os.setuid(_STRANGER)
            os.write(writing, "\n".join(["looked", *look()]).encode()[:60_000])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        first, *found = told.read().split("\n")
    os.waitpid(child, 0)
    assert first == "looked"
    return found
