"""The logs of a profile are read as one: followed, searched, and shown as they are where they are damaged."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.controllers import logs_controller
from smtpy_desktop.core.log_lines import line_of, log_text, marks_of, record_has_words
from smtpy_desktop.gateways.log_files import LogFiles
from smtpy_desktop.schemas.log_lines import LogLevel, LogLine, LogQuery
from smtpy_desktop.schemas.paging import Key, Position

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SERVER = """\
2026-03-01 12:00:00.500 UTC [77] LOG:  database system is ready to accept connections
2026-03-01 12:00:02.500 UTC [78] ERROR:  duplicate key value violates unique constraint "domains_name_key"
2026-03-01 12:00:02.500 UTC [78] DETAIL:  Key (name)=(example.org) already exists.
2026-03-01 12:00:02.500 UTC [78] STATEMENT:  INSERT INTO domains (name)
\tVALUES ('example.org')
2026-03-01 12:00:03.500 UTC [79] FATAL:  password authentication failed
"""


def record(second: float, words: str, level: str = "info", **more: object) -> str:
    at = (START + timedelta(seconds=second)).isoformat(timespec="milliseconds")
    values = {"at": at, "level": level, "logger": "smtpy_desktop.test", "process": 42, "text": words, **more}
    return json.dumps(values, ensure_ascii=False) + "\n"


class CountedFiles(LogFiles):
    """Tells when something was looked for."""

    def __init__(self, directory: Path, server_log: Callable[[], Path]) -> None:
        super().__init__(directory, server_log)
        self.searched = threading.Event()

    def find(self, query: LogQuery) -> Sequence[Key]:
        found = super().find(query)
        self.searched.set()
        return found


class Logs:
    """A directory of logs, and what reads it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "logs"
        self.directory.mkdir()
        self.server = directory / "server.log"
        self.reader = CountedFiles(self.directory, lambda: self.server)

    def write(self, name: str, *records: str) -> None:
        with (self.directory / name).open("a", encoding="utf-8") as stream:
            stream.writelines(records)

    def found(self, query: LogQuery | None = None) -> tuple[LogLine, ...]:
        self.reader.refresh()
        return self.reader.lines(self.reader.find(query or LogQuery()))

    def texts(self, query: LogQuery | None = None) -> list[str]:
        return [line.text for line in self.found(query)]


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


def test_all_logs_are_one_in_the_order_of_time(logs: Logs) -> None:
    logs.write("window.log.1", record(0, "first"))
    logs.write("window.log", record(4, "last"))
    logs.write("command.log", record(1, "second"))
    logs.server.write_text(SERVER)

    sources = [(line.source, line.level) for line in logs.found()]

    assert sources == [
        ("window", LogLevel.INFO),
        ("database", LogLevel.INFO),
        ("command", LogLevel.INFO),
        ("database", LogLevel.ERROR),
        ("database", LogLevel.CRITICAL),
        ("window", LogLevel.INFO),
    ]


def test_what_the_server_adds_to_an_error_belongs_to_it(logs: Logs) -> None:
    logs.server.write_text(SERVER)

    (line,) = logs.found(LogQuery(text="duplicate"))

    assert line.process == "78"
    assert line.more.splitlines() == [
        "DETAIL:  Key (name)=(example.org) already exists.",
        "STATEMENT:  INSERT INTO domains (name)",
        "\tVALUES ('example.org')",
    ]


def test_a_traceback_and_facts_go_with_their_line(logs: Logs) -> None:
    logs.write("window.log", record(0, "failed", "error", traceback="Traceback …\nValueError: x\n", id=7))

    (line,) = logs.found()

    assert (line.more, dict(line.facts)) == ("Traceback …\nValueError: x", {"id": "7"})
    assert log_text(line).splitlines()[1:] == ["    Traceback …", "    ValueError: x"]


@pytest.mark.parametrize(
    "damage", ["{", "not json", '{"at": "2026', "\x00\x00", "[]", '{"at": 5}', "null", "{}" * 50_000]
)
def test_a_damaged_line_is_shown_as_it_is_between_its_neighbours(logs: Logs, damage: str) -> None:
    logs.write("window.log", record(0, "before"), damage + "\n", record(1, "after"))

    before, damaged, after = logs.found()

    assert (before.text, after.text) == ("before", "after")
    assert (damaged.text, damaged.is_damaged, damaged.at) == (damage, True, before.at)


def test_bytes_that_are_no_text_do_no_harm(logs: Logs) -> None:
    (logs.directory / "window.log").write_bytes(b"\xff\xfe\x80\n" + record(0, "fine").encode())

    assert logs.texts() == ["\\xff\\xfe\\x80", "fine"]


def test_a_line_that_is_still_being_written_is_read_again_when_it_is_whole(logs: Logs) -> None:
    whole = record(0, "written in two pieces")
    logs.write("window.log", whole[:60])
    assert logs.found()[0].is_damaged

    logs.write("window.log", whole[60:])

    assert logs.texts() == ["written in two pieces"]


def test_turning_a_log_over_leaves_its_lines_what_they_are(logs: Logs) -> None:
    logs.write("window.log", record(0, "old"))
    before = logs.found()

    (logs.directory / "window.log").rename(logs.directory / "window.log.1")
    logs.write("window.log", record(1, "new"))

    after = logs.found()
    assert [line.text for line in after] == ["old", "new"]
    assert after[0].id == before[0].id


def test_a_file_that_begins_anew_is_read_anew(logs: Logs) -> None:
    logs.write("window.log", record(0, "one"), record(1, "two"))
    logs.found()

    (logs.directory / "window.log").write_text(record(5, "three"))

    assert logs.texts() == ["three"]


def test_what_was_removed_meanwhile_is_left_out(logs: Logs) -> None:
    logs.write("window.log", record(0, "gone"))
    logs.reader.refresh()
    keys = logs.reader.find(LogQuery())

    (logs.directory / "window.log").unlink()

    assert logs.reader.lines(keys) == ()
    logs.reader.refresh()
    assert logs.texts() == []


def test_no_logs_are_no_failure(tmp_path: Path) -> None:
    reader = LogFiles(tmp_path / "nowhere", lambda: tmp_path / "nothing.log")

    reader.refresh()

    assert (reader.files(), reader.find(LogQuery())) == ((), [])


def test_level_source_words_and_time_narrow_the_lines(logs: Logs) -> None:
    logs.write("window.log", record(0, "DNS is slow"), record(1, "DNS fails", "error"), record(2, "Données", "warning"))
    logs.write("command.log", record(3, "dns works"))

    assert logs.texts(LogQuery(level=LogLevel.WARNING)) == ["DNS fails", "Données"]
    assert logs.texts(LogQuery(text="dns fails")) == ["DNS fails"]
    assert logs.texts(LogQuery(text="DONNÉES")) == ["Données"]
    assert logs.texts(LogQuery(text="dns", source="window")) == ["DNS is slow", "DNS fails"]
    assert logs.texts(LogQuery(since=START + timedelta(seconds=1), until=START + timedelta(seconds=2))) == [
        "DNS fails",
        "Données",
    ]


@pytest.mark.parametrize("words", ["text", "level", "process", "logger", ":", ",", "at"])
def test_how_a_line_is_written_down_is_not_searched(logs: Logs, words: str) -> None:
    logs.write("window.log", record(0, "nix"))
    found_anyway = words in "smtpy_desktop.test"

    assert logs.texts(LogQuery(text=words)) == (["nix"] if found_anyway else [])


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), st.text(max_size=5))
def test_a_line_is_found_by_every_word_that_it_holds(words: str, around: str) -> None:
    text = f"{around} {words} {around}".encode("utf-8", "replace").decode()
    written = record(0, text).encode()

    assert all(record_has_words(written, word) for word in text.lower().split())


@given(st.binary(max_size=400), st.sampled_from(["window", "database"]))
def test_marks_never_overlap_and_every_line_can_be_read(data: bytes, source: str) -> None:
    marks = list(marks_of(data, 1000, source, 5))

    ends = [1000, *(mark.offset + mark.length for mark in marks)]
    assert all(mark.offset >= end for mark, end in zip(marks, ends, strict=False))
    assert all(line_of(data[mark.offset - 1000 :][: mark.length], mark, source, 1) for mark in marks)


def test_secrets_are_taken_out_of_what_is_read(logs: Logs) -> None:
    logs.write("window.log", record(0, "password=CANARY", traceback="Stripe sk_live_CANARY1", reply="api_key=CANARY"))
    logs.server.write_text(
        "2026-03-01 12:00:00.500 UTC [7] ERROR:  no\n2026-03-01 12:00:00.500 UTC [7] STATEMENT:  ALTER ROLE x PASSWORD"
        " 'CANARY'\n"
    )

    shown = "\n".join(map(log_text, logs.found()))

    assert "CANARY" not in shown
    assert shown.count("***") == 4


async def test_pages_by_key_are_the_whole_list_the_newest_first(logs: Logs) -> None:
    logs.write("window.log", *(record(number // 3, f"line {number}") for number in range(50)))
    first = await logs_controller.list_page(logs.reader, LogQuery(), Position.start(), 20)
    after = await logs_controller.list_page(logs.reader, LogQuery(), Position.after(first.keys[-1]), 100)
    before = await logs_controller.list_page(logs.reader, LogQuery(), Position.before(after.keys[0]), 100)
    shape = await logs_controller.list_shape(logs.reader, LogQuery(), 7)
    last = await logs_controller.list_page(logs.reader, LogQuery(), Position.end(), 1)
    anchored = await logs_controller.list_page(logs.reader, LogQuery(), Position.at(shape.anchors[2]), 1)

    assert [line.text for line in first.rows + after.rows] == [f"line {number}" for number in range(49, -1, -1)]
    assert before.rows == first.rows
    assert last.rows[0].text == "line 0"
    assert (shape.total, anchored.rows[0].text) == (50, "line 35")


async def test_following_tells_every_new_line_once(logs: Logs) -> None:
    logs.write("window.log", record(0, "before", "error"))
    following = logs_controller.follow(logs.reader, LogQuery(LogLevel.WARNING), seconds=0.005)
    first = asyncio.ensure_future(anext(following))
    await asyncio.to_thread(logs.reader.searched.wait, 5)

    logs.write("window.log", record(1, "one", "warning"), record(2, "not this"))
    told = [await asyncio.wait_for(first, 5)]
    logs.write("command.log", record(0.5, "two", "error"))
    told.append(await asyncio.wait_for(anext(following), 5))
    logs.write("window.log", record(4, "three", "critical"))
    told.append(await asyncio.wait_for(anext(following), 5))

    assert [line.text for line in told] == ["one", "two", "three"]


def test_words_that_are_no_text_are_looked_for_without_harm(logs: Logs) -> None:
    logs.write("window.log", record(0, "first"))
    logs.server.write_text(SERVER)

    assert logs.texts(LogQuery(text=os.fsdecode(b"\xff"))) == []
