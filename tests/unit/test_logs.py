"""The log: JSON lines without secrets, and never in anybody's way."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from smtpy_desktop import logs
from smtpy_desktop.logs import logging_to, logging_to_stream
from smtpy_desktop.paths import Profile

LOG = logging.getLogger("smtpy_desktop.test")


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path)
    made.create()
    return made


def lines(profile: Profile, name: str = "window") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (profile.logs / f"{name}.log").read_text(encoding="utf-8").splitlines()]


def test_every_record_is_one_line_with_time_level_and_place(profile: Profile) -> None:
    with logging_to(profile, "window"):
        LOG.info("two\nlines of %s", "text")

    (line,) = lines(profile)
    assert (line["text"], line["level"], line["logger"]) == ("two\nlines of text", "info", "smtpy_desktop.test")
    assert line["at"].endswith("+00:00")


def test_secrets_reach_neither_text_nor_traceback(profile: Profile, caplog: pytest.LogCaptureFixture) -> None:
    url = "postgresql://admin:CANARY@db.example.net/smtpy"
    with logging_to(profile, "window"):
        LOG.info("connecting to %s with password=CANARY", url)
        try:
            int(url)
        except ValueError:
            LOG.exception("failed: %s", {"api_key": "CANARY"})

    content = (profile.logs / "window.log").read_text(encoding="utf-8")
    assert "CANARY" not in content
    assert "db.example.net" in content
    assert "ValueError" in lines(profile)[1]["traceback"]


def test_what_is_less_than_information_is_not_kept_and_the_level_is_put_back(profile: Profile) -> None:
    before = logging.getLogger().level

    with logging_to(profile, "window"):
        LOG.debug("detail")
        LOG.info("kept")

    assert [line["text"] for line in lines(profile)] == ["kept"]
    assert logging.getLogger().level == before


def test_after_its_end_nothing_is_written_any_more(profile: Profile) -> None:
    with logging_to(profile, "window"):
        LOG.info("inside")
    LOG.info("outside")

    assert [line["text"] for line in lines(profile)] == ["inside"]


def test_nothing_is_lost_at_the_end(profile: Profile) -> None:
    with logging_to(profile, "window"):
        for number in range(500):
            LOG.info("line %d", number)

    assert [line["text"] for line in lines(profile)] == [f"line {number}" for number in range(500)]


def test_a_long_log_is_turned_over(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_LARGEST", 2000)

    with logging_to(profile, "window"):
        for _ in range(200):
            LOG.info("x" * 100)

    files = sorted(path.name for path in profile.logs.iterdir())
    assert files == ["window.log", *(f"window.log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 2000 for path in profile.logs.iterdir())


def test_what_cannot_be_written_as_it_is_is_written_somehow(
    profile: Profile, capfd: pytest.CaptureFixture[str]
) -> None:
    with logging_to(profile, "window"):
        LOG.info("half a character: %s", "\udcff")

    assert len(lines(profile)) == 1
    assert capfd.readouterr().err == ""


def test_a_log_that_cannot_be_written_disturbs_nobody(profile: Profile, capfd: pytest.CaptureFixture[str]) -> None:
    (profile.logs / "window.log").mkdir()

    with logging_to(profile, "window"):
        LOG.info("for nobody")

    assert capfd.readouterr().err == ""


def test_logs_lie_in_a_directory_for_their_owner_alone(profile: Profile) -> None:
    assert stat.S_IMODE(profile.logs.stat().st_mode) == 0o700


@pytest.mark.parametrize(("wanted", "is_kept"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_debug_in_the_environment_asks_for_details_of_ours_alone(
    profile: Profile, monkeypatch: pytest.MonkeyPatch, wanted: str, is_kept: bool
) -> None:
    monkeypatch.setenv("DEBUG", wanted)

    with logging_to(profile, "window"):
        LOG.debug("detail of ours")
        logging.getLogger("sqlalchemy.engine.Engine").debug("a row with what somebody wrote")
        logging.getLogger("stripe").info("a customer's address")
        LOG.info("kept")

    assert [line["text"] for line in lines(profile)] == (["detail of ours"] if is_kept else []) + ["kept"]


def test_a_stream_gets_a_json_line_for_each_mail_and_the_file_does_not(profile: Profile) -> None:
    stream = io.StringIO()
    mail = logging.getLogger(logs.MAIL_LOG)

    with logging_to(profile, "forwarder"), logging_to_stream(stream, "json"):
        mail.info("received", extra={"mail": {"id": 7, "to": "info@example.com", "tls": None}})
        LOG.info("beside the mail")
    mail.info("after the end")

    received, beside = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (received["text"], received["id"], received["to"], received["tls"]) == (
        "received",
        7,
        "info@example.com",
        None,
    )
    assert beside["text"] == "beside the mail"
    assert [line["text"] for line in lines(profile, "forwarder")] == ["beside the mail"]


def test_lines_for_people_have_one_line_a_record_and_no_secret() -> None:
    stream = io.StringIO()

    with logging_to_stream(stream, "text"):
        LOG.info("two\nlines with password=hidden-words")
        logging.getLogger(logs.MAIL_LOG).info("attempt", extra={"mail": {"id": 7, "reply": "250 2.0.0 OK"}})

    first, second = stream.getvalue().splitlines()
    assert first.endswith("info two lines with password=***")
    assert second.endswith("info attempt id=7 reply=250 2.0.0 OK")


def test_a_stream_that_is_closed_stops_nothing(profile: Profile) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    with open(writing, "w", encoding="utf-8") as stream, logging_to(profile, "forwarder"):  # noqa: PTH123 - a pipe
        with logging_to_stream(stream, "json"):
            LOG.info("nobody reads this")
        with contextlib.suppress(BrokenPipeError):
            stream.close()

    assert [line["text"] for line in lines(profile, "forwarder")] == ["nobody reads this"]
