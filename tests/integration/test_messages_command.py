"""``messages`` on the command line: the reference's shapes, filters and refusals, over a real database."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from tests.helpers.command_line import Outcome, RunProgram

Command = Callable[..., Outcome]
MESSAGE_KEYS = {
    "id", "message_id", "thread_id", "domain_id", "sender_email", "recipient_email", "forwarded_to", "subject",
    "body_preview", "status", "error_message", "size_bytes", "has_attachments", "created_at", "updated_at",
}  # fmt: skip


@pytest.fixture
def command(database_url: str, short_directory: Path, run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program in this process on this test's database."""

    def run(*arguments: str, options: tuple[str, ...] = ("--json",)) -> Outcome:
        place = ["--profile", str(short_directory / "messages-command"), "--database-url", database_url]
        return run_program(*place, *options, "messages", *arguments)

    return run


@pytest.fixture
def ids(database_url: str) -> list[int]:
    """Store five messages, a day apart, oldest first; the third failed, the last two are a thread."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO organizations (name, email) VALUES ('Example', 'a@example.com')")
        connection.execute(
            "INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key,"
            " verification_token) SELECT id, n, n, 's', 'k', n FROM organizations, unnest(%s::text[]) n",
            [["example.com", "other.example"]],
        )
        rows = connection.execute(
            "INSERT INTO messages (message_id, thread_id, domain_id, sender_email, recipient_email, subject, status,"
            " error_message, size_bytes, created_at)"
            " SELECT '<' || g || '@x>', CASE WHEN g > 3 THEN 't-1' END, d.id, 'sender' || g || '@example.org',"
            " 'info@' || d.name, '=Invoice ' || g, CASE WHEN g = 3 THEN 'failed' ELSE 'delivered' END,"
            " CASE WHEN g = 3 THEN '550 no' END, g * 100, timestamptz '2025-06-01 12:00Z' + g * interval '1 day'"
            " FROM generate_series(1, 5) g JOIN domains d"
            " ON d.name = CASE WHEN g = 5 THEN 'other.example' ELSE 'example.com' END ORDER BY g RETURNING id"
        ).fetchall()
        connection.execute(
            "INSERT INTO deliveries (message_id, target, state) VALUES (%s, 'me@example.net', 'failed')", rows[2]
        )
        connection.execute("INSERT INTO message_contents (message_id, raw) VALUES (%s, 'raw')", rows[2])
    return [row[0] for row in rows]


def found(outcome: Outcome) -> list[int]:
    assert outcome.status == 0, outcome.errors
    return [item["id"] for item in outcome.data["items"]]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ((), [5, 4, 3, 2, 1]),
        (("--query", "invoice 3"), [3]),
        (("--status", "failed"), [3]),
        (("--status", "failed", "--query", "status:delivered"), []),
        (("--domain", "OTHER.example."), [5]),
        (("--from-date", "2025-06-04", "--to-date", "2025-06-05"), [4, 3]),
        (("--to-date", "2025-06-03 11:00"), [1]),
        (("--sender", "sender2@example.org"), [2]),
        (("--recipient", "other.example"), [5]),
        (("--thread", "t-1"), [5, 4]),
        (("--sort", "size", "--ascending"), [1, 2, 3, 4, 5]),
        (("--page", "2", "--page-size", "2"), [3, 2]),
        (("--organization", "Example", "--query", "from:nobody"), []),
    ],
)
def test_the_list_is_narrowed_down_by_every_filter(
    command: Command, ids: list[int], options: tuple[str, ...], wanted: list[int]
) -> None:
    outcome = command("list", *options)

    assert found(outcome) == [ids[number - 1] for number in wanted]
    assert outcome.data.keys() == {"items", "total", "page", "page_size", "total_pages"}


@pytest.mark.parametrize(
    ("options", "code", "status"),
    [
        (("--query", "status:nonsense"), "SEARCH_NOT_UNDERSTOOD", 1),
        (("--from-date", "soon"), "SEARCH_NOT_UNDERSTOOD", 1),
        (("--sender", " "), "FILTER_EMPTY", 1),
        (("--domain", "unknown.example"), "DOMAIN_NOT_FOUND", 1),
        (("--zone", "Nowhere/Land"), "TIME_ZONE_UNKNOWN", 1),
        (("--page", "0"), "PAGE_NUMBER", 1),
        (("--status", "odd"), "USAGE", 2),
    ],
)
def test_a_filter_that_is_not_understood_lists_nothing(
    command: Command, ids: list[int], options: tuple[str, ...], code: str, status: int
) -> None:
    outcome = command("list", *options)

    assert (outcome.status, outcome.output, outcome.failure["code"]) == (status, "", code)


def test_recent_and_thread(command: Command, ids: list[int]) -> None:
    recent, thread = command("recent", "--limit", "2"), command("thread", "<t-1>")

    assert (found(recent), found(thread)) == ([ids[4], ids[3]], [ids[3], ids[4]])


def test_show_has_the_references_shape(command: Command, ids: list[int]) -> None:
    shown, missing = command("show", str(ids[2])), command("show", "999999")

    assert shown.data.keys() >= MESSAGE_KEYS
    assert shown.data["deliveries"][0]["target"] == "me@example.net"
    assert (missing.status, missing.failure["code"]) == (1, "MESSAGE_NOT_FOUND")
    assert "subject: =Invoice 3" in command("show", str(ids[2]), options=()).output


def test_statistics_of_all_time_and_of_a_range(command: Command, ids: list[int]) -> None:
    total, since = command("stats").data, command("stats", "--since", "2025-06-04", "--domain", "example.com").data

    reference = {"total_messages": 5, "delivered_messages": 4, "failed_messages": 1, "pending_messages": 0}
    assert total | reference | {"total_size_bytes": 1500} == total
    assert (since["total_messages"], since["failed_messages"]) == (2, 1)
    assert command("stats", "--since", "soon").failure["code"] == "DATE_UNKNOWN"


def test_statistics_tell_the_period_before_and_the_days_of_a_zone(command: Command, ids: list[int]) -> None:
    options = ("--since", "2025-06-04", "--until", "2025-06-07", "--zone", "Asia/Kolkata")

    found = command("stats", *options).data
    printed = command("stats", *options, options=()).output

    assert sum(point["total"] for point in found["points"]) == found["total_messages"]
    assert [point["start"][:10] for point in found["points"]] == ["2025-06-04", "2025-06-05", "2025-06-06"]
    assert {point["start"][10:] for point in found["points"]} == {"T00:00+05:30"}
    assert (found["before"]["since"], found["since"]) == ("2025-05-31T18:30:00Z", "2025-06-03T18:30:00Z")
    assert found["before"]["total_messages"] + found["total_messages"] == len(ids)
    assert sum(one["messages"] for one in found["domains"]) == found["total_messages"]
    assert sum(one["messages"] for one in found["senders"]) == found["total_messages"]
    assert "delivery rate" in printed
    assert command("stats", "--since", "2025-06-04", "--until", "2025-06-01").failure["code"] == "PERIOD_EMPTY"


def test_status_retry_and_delete(command: Command, ids: list[int]) -> None:
    changed = command("status", str(ids[0]), "bounced", "--forwarded-to", "me@example.net").data
    retried, again = command("retry", str(ids[2])), command("retry", str(ids[1]))
    kept, gone = command("delete", str(ids[0]), str(ids[1])), command("delete", str(ids[0]), "999999", "--yes")

    assert (changed["status"], changed["forwarded_to"]) == ("bounced", "me@example.net")
    assert (retried.status, retried.data["deliveries"][0]["state"]) == (0, "queued")
    assert (again.status, again.failure["code"]) == (1, "NOTHING_TO_RETRY")
    assert (kept.status, kept.failure["code"]) == (1, "CONFIRMATION_NEEDED")
    assert gone.data == {"deleted": 1, "ids": [ids[0]], "missing": [999999]}
    assert command("delete", str(ids[0]), "--yes").failure["code"] == "MESSAGE_NOT_FOUND"
    assert found(command("list")) == [ids[4], ids[3], ids[2], ids[1]]


def test_export_writes_what_the_list_shows(command: Command, ids: list[int], tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    result = command(
        "export", "--query", "invoice", "--to-date", "2025-06-05", "--columns", "id,subject,created_at",
        "--zone", "Asia/Tokyo", "--output", str(path),
    ).data  # fmt: skip

    rows: list[dict[str, Any]] = list(csv.DictReader(path.read_text().splitlines()))
    assert [int(row["id"]) for row in rows] == [ids[3], ids[2], ids[1], ids[0]]
    assert rows[-1]["subject"] == "'=Invoice 1"
    assert rows[-1]["created_at"] == "2025-06-02T21:00:00+09:00"
    assert (result["messages"], result["format"], result["time_zone"]) == (4, "csv", "Asia/Tokyo")


def test_export_knows_the_format_by_the_files_ending(command: Command, ids: list[int], tmp_path: Path) -> None:
    lines, odd = tmp_path / "out.jsonl", tmp_path / "out.odd"

    done, unknown = command("export", "--output", str(lines)), command("export", "--output", str(odd))
    column = command("export", "--output", str(lines), "--columns", "colour")

    assert (done.status, len(lines.read_text().splitlines())) == (0, 6)
    assert json.loads(lines.read_text().splitlines()[0])["export"]["messages"] == 5
    assert (unknown.status, column.status) == (2, 2)
    assert not odd.exists()


def remaining(command: Command) -> list[int]:
    return sorted(found(command("list", "--page-size", "100")))


def test_everything_that_a_search_finds_is_deleted(command: Command, ids: list[int]) -> None:
    asked = command("delete", "--query", "subject:1 OR subject:2")
    counted = command("delete", "--query", "subject:1 OR subject:2", "--dry-run")
    deleted = command("delete", "--query", "subject:1 OR subject:2", "--yes")

    assert (asked.status, asked.failure["code"]) == (1, "CONFIRMATION_NEEDED")
    assert "2 messages" in asked.failure["detail"]
    query = "subject:1 OR subject:2"
    assert counted.data == {"query": query, "matching": 2, "deleted": 0, "dry_run": True}
    assert deleted.data == {"query": query, "matching": 2, "deleted": 2, "dry_run": False}
    assert remaining(command) == ids[2:]


def test_everything_that_a_filter_finds_gets_another_status(command: Command, ids: list[int]) -> None:
    outcome = command("status", "--sender", "example.org", "--status", "delivered", "rejected", "--yes")

    assert (outcome.data["matching"], outcome.data["updated"]) == (4, 4)
    assert sorted(found(command("list", "--status", "rejected"))) == [ids[0], ids[1], ids[3], ids[4]]


def test_everything_that_a_search_finds_is_tried_again(command: Command, ids: list[int]) -> None:
    outcome = command("retry", "--query", "invoice")

    assert (outcome.data["matching"], outcome.data["retried"]) == (5, 1)
    assert found(command("list", "--status", "pending")) == [ids[2]]


def test_a_search_that_finds_nothing_changes_nothing_and_says_so(command: Command, ids: list[int]) -> None:
    outcome = command("delete", "--query", "nowhere", "--yes", options=())

    assert (outcome.status, outcome.output) == (0, "No message matches.\n")
    assert remaining(command) == ids


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("delete", "--query", "statsu:failed", "--yes"), "SEARCH_NOT_UNDERSTOOD", 1),
        (("delete", "--query", "", "--yes"), "SEARCH_EMPTY", 1),
        (("delete", "--query", "  ", "--all", "--yes", "--domain", "example.com"), "SEARCH_EMPTY", 1),
        (("delete", "--yes"), "USAGE", 2),
        (("delete", "1", "--query", "x", "--yes"), "USAGE", 2),
        (("delete", "1", "--dry-run"), "USAGE", 2),
        (("retry",), "USAGE", 2),
        (("status", "--query", "x", "odd", "--yes"), "USAGE", 2),
        (("status", "1", "--query", "x", "failed", "--yes"), "USAGE", 2),
        (("status", "x", "failed"), "USAGE", 2),
        (("status", "failed"), "USAGE", 2),
        (("status", "--query", "invoice", "failed", "--forwarded-to", "odd", "--yes"), "EMAIL_INVALID", 1),
    ],
)
def test_what_might_reach_too_much_is_refused(
    command: Command, ids: list[int], arguments: tuple[str, ...], code: str, status: int
) -> None:
    outcome = command(*arguments)

    assert (outcome.status, outcome.output, outcome.failure["code"]) == (status, "", code)
    assert remaining(command) == ids


def test_all_messages_are_deleted_when_that_is_said(command: Command, ids: list[int]) -> None:
    outcome = command("delete", "--all", "--yes", options=())

    assert outcome.output == "Deleted 5 of 5 messages.\n"
    assert remaining(command) == []


@pytest.mark.parametrize("arguments", [("show", "abc"), ("show", "0"), ("status", "x", "failed"), ("delete", "1.5")])
def test_what_cannot_be_a_messages_number_is_wrong_usage(command: Command, arguments: tuple[str, ...]) -> None:
    outcome = command(*arguments)

    assert outcome.status == 2
    assert (
        f"{arguments[1]!r} is not a valid message number" in outcome.errors or "is not in the range" in outcome.errors
    )
