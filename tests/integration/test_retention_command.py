"""``messages retention`` on the command line: tells first, removes then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.command_line import Outcome, RunProgram
from tests.helpers.stored_messages import connect, write_messages

DAY = 24 * 60
Command = Callable[..., Outcome]


@pytest.fixture
def command(database_url: str, short_directory: Path, run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program in this process on this test's database."""

    def run(*arguments: str, options: tuple[str, ...] = ("--json",)) -> Outcome:
        place = ["--profile", str(short_directory / "retention-command"), "--database-url", database_url]
        return run_program(*place, *options, *arguments)

    return run


def test_what_goes_is_told_first_and_removed_then(command: Command, database_url: str) -> None:
    write_messages(database_url, ("old", "older"), minutes_ago=40 * DAY)
    write_messages(database_url, ("young",))
    command("settings", "set", "retention.messages_days", "30")

    told = command("messages", "retention", "--dry-run")
    said = command("messages", "retention", "--dry-run", options=())
    gone = command("messages", "retention")
    again = command("messages", "retention", options=())

    days = {"messages_days": 30, "contents_days": 7, "events_days": 90}
    numbers = days | {"messages": 2, "contents": 0, "events": 0}
    assert told.data == {"dry_run": True, **numbers}
    assert said.output == "Past their time: 2 messages, 0 contents of other messages, 0 events of Stripe.\n"
    assert gone.data == {"dry_run": False, **numbers}
    assert again.output == "Nothing is past its time.\n"
    with connect(database_url) as connection:
        assert connection.execute("SELECT subject FROM messages").fetchall() == [("young",)]


def test_the_command_refuses_while_another_process_removes(command: Command, database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute("SELECT pg_advisory_lock(7305188406114)")

        refused = command("messages", "retention")

    assert (refused.status, refused.failure["code"]) == (1, "RETENTION_BUSY")
