"""``forwarder simulate`` and ``forwarder test`` on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.helpers.command_line import Outcome, RunProgram

Command = Callable[..., Outcome]
RAW = b"From: shop@sender.example\nTo: info@a.example\nSubject: Sale\n\nHello\n"


@pytest.fixture
def command(
    database_url: str,
    short_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_program: RunProgram,
) -> Command:
    """Give a function that runs a command of the program on a database with one domain, alias and rule."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("SMTPY_MASTER_KEY_FILE", str(short_directory / "simulate.key"))
    (short_directory / "simulate.key").write_text("ab" * 32)
    (short_directory / "simulate.key").chmod(0o600)
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
        connection.execute(
            "INSERT INTO rules (domain_id, position, conditions, action) SELECT id, 1,"
            """ '[{"field": "larger_than", "value": "1048576"}]', 'refuse' FROM domains"""
        )
        settings = {"mail.hostname": "mx1.example.net", "forwarder.arc": "no", "dns.resolvers": "127.0.0.1:9"}
        for key, value in settings.items():
            connection.execute("INSERT INTO server_settings (key, value) VALUES (%s, %s)", [key, value])

    def run(*arguments: str, options: tuple[str, ...] = ("--json",)) -> Outcome:
        place = ["--profile", str(short_directory / "simulate-command"), "--database-url", database_url]
        return run_program(*place, *options, "forwarder", *arguments)

    return run


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    file = tmp_path / "mail.eml"
    file.write_bytes(RAW)
    return file


def test_a_file_tells_what_would_become_of_it(command: Command, mail: Path) -> None:
    told = command("simulate", str(mail)).data
    (one,) = told["recipients"]

    assert told["envelope"] == {"from": "shop@sender.example", "to": ["info@a.example"], "client": "", "helo": ""}
    assert (one["outcome"], one["matched_by"], one["targets"]) == ("forward", "info@a.example", ["box@out.example"])
    assert one["rules"][0]["verdict"] == "not_met"
    assert one["rules"][0]["unmet"] == [{"field": "larger_than", "value": "1048576"}]
    assert one["forward_sender"].endswith("=sender.example=shop@a.example")
    assert "Delivered-To: info@a.example" in one["added_headers"]
    assert told["authentication"]["spf"] == "none"
    assert told["reply"].startswith("250")


def test_people_read_it_in_sentences_with_the_session(command: Command, mail: Path) -> None:
    lines = command("simulate", str(mail), "--to", "nobody@a.example", "--dialogue", options=()).output

    assert lines.startswith("Nothing was sent or written. The sender's server would hear: 550 5.1.1")
    assert "nobody@a.example: Refused: there is no such alias" in lines
    assert "C: RCPT TO:<nobody@a.example>" in lines


def test_what_is_no_message_is_refused_with_its_code(command: Command, tmp_path: Path) -> None:
    (tmp_path / "picture.eml").write_bytes(b"\x89PNG" + bytes(100))

    refused = command("simulate", str(tmp_path / "picture.eml"), "--to", "info@a.example")
    missing = command("simulate", str(tmp_path / "missing.eml"))

    assert (refused.status, refused.failure["code"]) == (1, "MAIL_SOURCE_KIND")
    assert missing.status == 2


def test_a_test_message_without_a_forwarder_waits_and_says_so(command: Command) -> None:
    told = command("test", "info@a.example", "--wait", "0")
    waited = command("test", "info@a.example", "--wait", "0.1")
    refused = command("test", "nobody@a.example", "--wait", "0")

    assert (told.status, told.data["way"], told.data["accepted"]) == (0, "queue", True)
    assert any("No forwarder is running" in note for note in told.data["notes"])
    assert (waited.status, waited.data["messages"][0]["status"]) == (1, "pending")
    assert (refused.status, refused.data["accepted"], refused.data["reply"][:3]) == (1, False, "550")
