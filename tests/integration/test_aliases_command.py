"""``aliases`` on the command line: shapes, refusals, import with a dry run, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.helpers.command_line import Outcome, RunProgram

Command = Callable[..., Outcome]
ALIAS_KEYS = {
    "id", "address", "unicode_address", "domain_id", "domain", "targets", "is_active", "note", "created_at",
    "updated_at",
}  # fmt: skip


@pytest.fixture
def command(database_url: str, short_directory: Path, run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program in this process on a database with two domains."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO organizations (name, email) VALUES ('Example', 'admin@out.example')")
        connection.execute(
            "INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key,"
            " verification_token) SELECT id, n, n, 's', 'k', n FROM organizations, unnest(%s::text[]) n",
            [["example.com", "other.example"]],
        )

    def run(*arguments: str, options: tuple[str, ...] = ("--json",)) -> Outcome:
        place = ["--profile", str(short_directory / "aliases-command"), "--database-url", database_url]
        return run_program(*place, *options, "aliases", *arguments)

    return run


def test_aliases_are_added_listed_found_changed_and_deleted(command: Command) -> None:
    added = command("add", "info@example.com", "anna@out.example", "bob@out.example", "--note", "desk").data
    found = command("find", "INFO+x@Example.com").data
    changed = command("update", "info@example.com", "carl@out.example", "--inactive").data
    listed = command("list", "example.com").data
    deleted = command("delete", "info@example.com", "--yes").data

    assert set(added) == ALIAS_KEYS
    assert added["targets"] == ["anna@out.example", "bob@out.example"]
    assert (found["matched"], found["is_accepted"], found["targets"]) == ("tag", True, added["targets"])
    assert (changed["targets"], changed["is_active"], changed["note"]) == (["carl@out.example"], False, "desk")
    assert (listed["total"], listed["page"], listed["page_size"], listed["total_pages"]) == (1, 1, 20, 1)
    assert listed["items"] == [changed]
    assert (deleted["deleted"], deleted["aliases"]) == (1, [changed])
    assert command("list", "example.com").data["items"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "info@nowhere.example", "x@out.example"), "ALIAS_DOMAIN_UNKNOWN"),
        (("add", "info@example.com", "info@example.com"), "ALIAS_TO_ITSELF"),
        (("update", "info@example.com", "--active"), "ALIAS_NOT_FOUND"),
        (("delete", "info@example.com"), "ALIAS_NOT_FOUND"),
        (("list", "nowhere.example"), "DOMAIN_NOT_FOUND"),
    ],
)
def test_a_refusal_has_the_shape_of_failures(command: Command, arguments: tuple[str, ...], code: str) -> None:
    outcome = command(*arguments)

    assert (outcome.status, outcome.output) == (1, "")
    assert outcome.failure["code"] == code
    assert set(outcome.failure) == {"error", "detail", "code"}


def test_changing_nothing_is_wrong_usage(command: Command) -> None:
    assert command("update", "info@example.com").status == 2


def test_an_import_is_tried_refused_as_a_whole_and_done_without_its_wrong_lines(
    command: Command, tmp_path: Path
) -> None:
    file = tmp_path / "aliases.csv"
    file.write_text("address,targets\ninfo@example.com,x@out.example\nbad@exmaple.com,x@out.example\n")

    tried = command("import", str(file), "--dry-run")
    refused = command("import", str(file))
    after_refusal = command("list").data["total"]
    done = command("import", str(file), "--skip-refused")

    assert (tried.status, tried.data["dry_run"], tried.data["added"], tried.data["refused"]) == (1, True, 1, 1)
    wrong = tried.data["lines"][1]
    assert (wrong["line"], wrong["code"], wrong["suggestion"]) == (3, "ALIAS_DOMAIN_UNKNOWN", "bad@example.com")
    assert (refused.status, refused.failure["code"], after_refusal) == (1, "ALIAS_LINES_REFUSED", 0)
    assert (done.status, done.data["imported"], done.data["added"]) == (0, True, 1)
    assert [row["address"] for row in command("list").data["items"]] == ["info@example.com"]


def test_an_export_is_what_an_import_reads(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "aliases.csv"
    command("add", "=sum@example.com", "x@out.example")
    command("add", "info@other.example", "x@out.example", "--inactive")

    written = command("export", str(file)).data
    again = command("import", str(file)).data
    one_domain = command("export", "-", "--domain", "other.example")

    assert written == {"file": str(file), "aliases": 2}
    assert "'=sum@example.com" in file.read_text()
    assert (again["unchanged"], again["refused"]) == (2, 0)
    assert one_domain.output.splitlines() == ["address,targets,active,note", "info@other.example,x@out.example,no,"]


def test_people_read_sentences(command: Command) -> None:
    added = command("add", "info@example.com", "x@out.example", options=())
    found = command("find", "nobody@example.com", options=())

    assert added.output == "Added info@example.com, forwarded to x@out.example.\n"
    assert "no such alias" in found.output
