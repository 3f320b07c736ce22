"""``rules`` on the command line: shapes, order, refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.helpers.command_line import Outcome, RunProgram

Command = Callable[..., Outcome]
RULE_KEYS = {
    "id", "place", "name", "rule", "conditions", "action", "targets", "is_active", "matches", "last_match_at",
    "domain_id", "alias_id",
}  # fmt: skip


@pytest.fixture
def command(database_url: str, short_directory: Path, run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program on a database with one domain and one alias."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO organizations (name, email) VALUES ('Example', 'admin@out.example')")
        connection.execute(
            "INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key,"
            " verification_token) SELECT id, 'a.example', 'a.example', 's', 'k', 't' FROM organizations"
        )
        connection.execute(
            "INSERT INTO aliases (domain_id, local_part, address_key) SELECT id, 'info', 'info@a.example' FROM domains"
        )
        connection.execute(
            "INSERT INTO alias_targets (alias_id, address, address_key)"
            " SELECT id, 'box@out.example', 'box@out.example' FROM aliases"
        )

    def run(*arguments: str, options: tuple[str, ...] = ("--json",)) -> Outcome:
        place = ["--profile", str(short_directory / "rules-command"), "--database-url", database_url]
        return run_program(*place, *options, "rules", *arguments)

    return run


def test_rules_are_added_ordered_changed_listed_and_deleted(command: Command) -> None:
    big = command("add", "info@a.example", "refuse", "--if", "sender-domain=example.com", "--if", "larger-than=5M").data
    copy = command("add", "info@a.example", "forward", "copy@out.example", "--name", "copy", "--at", "1").data
    whole = command("add", "a.example", "discard", "--if", "subject-contains=casino", "--inactive").data
    changed = command("update", str(copy["id"]), "--if", "has-attachment=yes", "--inactive").data
    moved = command("move", str(copy["id"]), "2").data
    listed = command("list", "info@a.example").data
    deleted = command("delete", str(big["id"]), str(copy["id"]), "--yes").data

    assert set(big) == RULE_KEYS
    assert big["rule"] == "Mail from anything@example.com larger than 5 MB is refused."
    assert (changed["targets"], changed["is_active"]) == (["copy@out.example"], False)
    assert changed["rule"] == "Mail with an attachment is also forwarded to copy@out.example."
    assert [rule["id"] for rule in moved["rules"]] == [big["id"], copy["id"]]
    assert listed["domain_rules"] == [whole]
    assert [rule["place"] for rule in listed["rules"]] == [1, 2]
    assert deleted["deleted"] == 2
    assert command("list", "info@a.example").data["rules"] == []


def test_people_read_sentences(command: Command) -> None:
    command("add", "info@a.example", "redirect", "new@out.example", "--name", "moved")

    lines = command("list", "info@a.example", options=()).output

    assert "moved: All mail goes to new@out.example instead." in lines


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["add", "info@a.example", "refuse", "--if", "weather=bad"], 2, "USAGE"),
        (["add", "info@a.example", "forward"], 1, "ALIAS_NO_TARGET"),
        (["add", "nobody@a.example", "refuse"], 1, "RULE_OWNER_NOT_FOUND"),
        (["update", "999999", "--name", "x"], 1, "RULE_GONE"),
        (["update", "1"], 2, "USAGE"),
        (["move", "1", "0"], 2, "USAGE"),
        (["delete", "999999"], 1, "RULE_GONE"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_code(
    command: Command, arguments: list[str], status: int, code: str
) -> None:
    refused = command(*arguments)

    assert (refused.status, refused.failure["code"]) == (status, code)
