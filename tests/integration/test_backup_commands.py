"""Backups, restores and moves at the command line: shapes for scripts, words for people, and an exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.command_line import Outcome, RunProgram
from tests.helpers.stored_messages import write_messages


@pytest.fixture
def program(run_program: RunProgram, database_url: str, tmp_path: Path) -> RunProgram:
    """Give the program on this test's database, with a profile of its own."""

    def run(*arguments: str) -> Outcome:
        return run_program("--profile", str(tmp_path / "profile"), "--database-url", database_url, *arguments)

    return run


def test_a_backup_is_made_listed_verified_and_restored(program: RunProgram, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "profile" / "backups" / "mine.dump"
    write_messages(database_url, ("kept",))

    made = program("--json", "backup", str(file)).data
    write_messages(database_url, ("newer",))
    listed = program("--json", "backup", "--list").data
    failure = program("--json", "backup", f"{file}/below.dump").failure
    after = program("--json", "backup", "--list").data["state"]
    told = program("backup", "--list").output
    verified = program("backup", "--verify", str(file))
    asked = program("--json", "restore", str(file))
    restored = program("--json", "restore", str(file), "--yes").data
    previous = program("--json", "restore", "--previous").data
    dropped = program("restore", "--drop", previous["items"][0]["name"], "--yes")

    assert (made["path"], made["kind"], made["problem"]) == (str(file), "manual", None)
    assert made["verified_at"] is not None
    assert any("Stripe" in sentence for sentence in made["keep_also"])
    assert listed["items"] == [{key: value for key, value in made.items() if key != "keep_also"}]
    assert (listed["state"]["problem"], listed["state"]["path"]) == (None, str(file))
    assert (after["problem"], after["good_at"]) == (failure["error"], listed["state"]["good_at"])
    assert after["last_at"] >= after["good_at"]  # both to the second
    assert f"The last backup failed at {after['last_at']}" in told
    assert (verified.status, verified.output.startswith("All ")) == (0, True)
    assert (asked.status, asked.failure["code"]) == (1, "CONFIRMATION_NEEDED")
    assert (restored["restored"], restored["holds"], restored["backup"]["path"]) == (True, True, str(file))
    assert {table["holds"] for table in restored["tables"]} == {True}
    assert restored["kept_as"] == previous["items"][0]["name"]
    assert program("--json", "messages", "list").data["total"] == 1
    assert dropped.status == 0


def test_scheduled_backups_are_rotated(program: RunProgram, tmp_path: Path) -> None:
    for key, value in (("backups.keep", "1"), ("backups.verify", "no"), ("backups.directory", str(tmp_path))):
        program("settings", "set", key, value)

    outcomes = [program("backup", "--scheduled") for _ in range(2)]

    assert [outcome.status for outcome in outcomes] == [0, 0]
    assert len(list(tmp_path.glob("*.dump"))) == 1
    assert "not proved" in outcomes[1].output


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("backup", "--verify"), 2, "USAGE"),
        (("backup", "x.dump", "--list"), 2, "USAGE"),
        (("restore",), 2, "USAGE"),
        (("restore", "x.dump", "--previous"), 2, "USAGE"),
        (("restore", "/nowhere/x.dump", "--yes"), 1, "BACKUP_NOT_FOUND"),
        (("restore", "--drop", "postgres"), 1, "CONFIRMATION_NEEDED"),
        (("restore", "--drop", "postgres", "--yes"), 1, "PREVIOUS_NOT_FOUND"),
        (("move-to-server", "postgresql://me:secret@localhost/smtpy", "--yes"), 1, "MOVE_NOT_EMBEDDED"),
        (("move-to-server", "nonsense"), 1, "DATABASE_URL_INVALID"),
        (("settings", "set", "backups.at", "25:00"), 1, "SETTING_TIME"),
        (("settings", "set", "backups.every", "hourly"), 1, "SETTING_EVERY"),
        (("settings", "set", "backups.directory", "here"), 1, "SETTING_DIRECTORY"),
    ],
)
def test_what_cannot_be_done_is_told_in_the_same_shape(
    program: RunProgram, arguments: tuple[str, ...], status: int, code: str
) -> None:
    outcome = program("--json", *arguments)

    assert (outcome.status, outcome.failure["code"]) == (status, code)
    assert "secret" not in outcome.errors


def test_what_is_going_on_is_told_to_people(program: RunProgram, tmp_path: Path) -> None:
    outcome = program("backup", str(tmp_path / "x.dump"))

    assert "proved" in outcome.output
    assert "Writing the backup …" in outcome.errors
