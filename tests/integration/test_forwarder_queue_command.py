"""``smtpy-desktop forwarder status``, ``queue``, ``hold``, ``release``, ``retry``, ``give-up`` and ``books``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.command_line import Outcome, RunProgram
from tests.helpers.stored_queue import StoredDelivery, execute, rows_of, write_accepted

_DEFERRED = StoredDelivery("a@one.example", state="deferred", next_in=600, attempts=1)


@pytest.fixture
def forwarder(database_url: str, short_directory: Path, run_program: RunProgram) -> Callable[..., Outcome]:
    """Give a function that runs a command of ``forwarder`` in this process on this test's database."""

    def run(*arguments: str, as_json: bool = False) -> Outcome:
        shape = ["--json"] if as_json else []
        place = ["--profile", str(short_directory / "queue-command"), "--database-url", database_url]
        return run_program(*place, *shape, "forwarder", *arguments)

    return run


def test_status_tells_processes_queue_and_flow(forwarder, database_url):
    write_accepted(database_url, _DEFERRED)
    execute(
        database_url,
        "INSERT INTO forwarders (name, host, pid, version, listen, workers, state)"
        " VALUES ('mx1-1', 'mx1', 1, '1.0', '192.0.2.1:25', 50, 'running')",
    )

    found = forwarder("status", as_json=True).data

    assert (found["running"], found["hosts"], found["processes"][0]["state"]) == (1, 1, "running")
    assert (found["queue"]["waiting"], found["queue"]["destinations"]) == (1, 1)
    assert found["last_hour"] == {"accepted": 1, "delivered": 0}


def test_status_says_what_to_do_where_no_forwarder_was_seen(forwarder):
    assert "Start one with: smtpy-desktop forwarder" in forwarder("status").output


def test_queue_lists_destinations_and_the_deliveries_of_one(forwarder, database_url):
    number = write_accepted(database_url, _DEFERRED)

    whole = forwarder("queue", as_json=True).data
    one = forwarder("queue", "--destination", "one.example", as_json=True).data

    (line,) = whole["items"]
    assert (line["destination"], line["waiting"], line["last_reply"]) == ("one.example", 1, "451 try again later")
    assert [(each["message_id"], each["state"]) for each in one["items"]] == [(number, "deferred")]


def test_hold_and_release_say_how_much_that_was(forwarder, database_url):
    number = write_accepted(database_url, _DEFERRED)

    held = forwarder("hold", "--destination", "one.example")
    released = forwarder("release", "--message", str(number), as_json=True).data

    assert held.output.strip() == "Held 1 delivery of 1 message."
    assert released == {"action": "release", "deliveries": 1, "messages": 1, "senders_told": 0, "dry_run": False}


def test_retry_of_everything_leaves_what_is_held(forwarder, database_url):
    write_accepted(database_url, _DEFERRED)
    write_accepted(database_url, replace(_DEFERRED, held=True))

    found = forwarder("retry", "--all", as_json=True).data

    assert found["deliveries"] == 1


def test_giving_up_wants_to_be_confirmed_and_says_what_it_would_reach(forwarder, database_url):
    write_accepted(database_url, _DEFERRED)

    refused = forwarder("give-up", "--all", as_json=True)
    done = forwarder("give-up", "--all", "--yes")

    failure = refused.failure
    assert (refused.status, failure["code"]) == (1, "CONFIRMATION_NEEDED")
    assert "1 delivery of 1 message" in failure["detail"]
    assert done.output.strip() == "Gave up 1 delivery of 1 message."
    assert rows_of(database_url, "SELECT status FROM messages") == [("failed",)]


def test_a_dry_run_changes_nothing(forwarder, database_url):
    write_accepted(database_url, _DEFERRED)

    found = forwarder("give-up", "--all", "--dry-run")

    assert "1 delivery of 1 message would be given up" in found.output
    assert rows_of(database_url, "SELECT state FROM deliveries") == [("deferred",)]


@pytest.mark.parametrize("arguments", [(), ("--all", "--destination", "one.example")])
def test_it_must_be_said_which_deliveries_are_meant(forwarder, arguments):
    found = forwarder("hold", *arguments)

    assert found.status == 2
    assert "--destination, --message or --all" in found.errors


def test_books_name_what_is_missing_and_check_makes_it_a_failure(forwarder, database_url):
    number = write_accepted(database_url, _DEFERRED)
    balanced = forwarder("books", "--check")
    execute(database_url, "DELETE FROM deliveries")

    found = forwarder("books", "--check", as_json=True)
    words = forwarder("books")

    books, failure = found.data, found.failure
    assert balanced.status == 0
    assert "The books balance." in balanced.output
    assert (found.status, failure["code"], books["difference"]) == (1, "BOOKS_DIFFER", 1)
    assert books["hours"][0]["suspicious"] == [number]
    assert f"Message {number} is said to be under way" in words.output
