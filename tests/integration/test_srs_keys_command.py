"""``forwarder rotate-srs-key`` on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.command_line import Outcome, RunProgram
from tests.helpers.stored_messages import connect

Command = Callable[..., Outcome]


@pytest.fixture
def command(database_url: str, short_directory: Path, run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program in this process on this test's database."""

    def run(*arguments: str) -> Outcome:
        place = ["--profile", str(short_directory / "srs-keys-command"), "--database-url", database_url]
        return run_program(*place, *arguments)

    return run


def test_each_call_lets_a_new_key_sign_and_counts_the_earlier_ones(command: Command, database_url: str) -> None:
    first = command("--json", "forwarder", "rotate-srs-key")
    second = command("forwarder", "rotate-srs-key")

    assert (first.status, first.data) == (0, {"earlier_keys": 0})
    assert second.output == "A new key signs from now on. 1 earlier key can still be checked with.\n"
    with connect(database_url) as connection:
        assert connection.execute("SELECT count(DISTINCT secret_sealed) FROM srs_keys").fetchall() == [(2,)]
