"""The log's window follows what is written, narrows it down, and shows, copies and survives anything."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.gateways.log_files import LogFiles
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.log_lines import LogLevel, LogQuery
from smtpy_desktop.views.log_request import lines_between
from smtpy_desktop.views.log_window import LogWindow
from smtpy_desktop.views.widgets.remembered import MemoryStore

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(second: int, words: str, level: str = "info", **more: object) -> str:
    at = (START + timedelta(seconds=second)).isoformat(timespec="milliseconds")
    return json.dumps({"at": at, "level": level, "logger": "x", "process": 7, "text": words, **more}) + "\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "window.log"


@pytest.fixture
def window(qtbot: QtBot, store: MemoryStore, runner: TaskRunner, file: Path) -> LogWindow:
    made = LogWindow(LogFiles(file.parent, lambda: file.parent / "server.log"), runner, store)
    made._follow.setInterval(10)
    qtbot.addWidget(made)
    return made


def texts(window: LogWindow) -> list[str]:
    rows = (window.model.row(number) for number in range(window.model.rowCount()))
    return [row.text for row in rows if row is not None]


def test_lines_are_listed_the_newest_first_and_new_ones_come_by_themselves(
    window: LogWindow, qtbot: QtBot, file: Path
) -> None:
    file.write_text(record(0, "one") + record(1, "two"))
    window.show_lines(LogQuery())
    qtbot.waitUntil(lambda: texts(window) == ["two", "one"])

    with file.open("a") as stream:
        stream.write(record(2, "three"))

    qtbot.waitUntil(lambda: texts(window) == ["three", "two", "one"])


def test_paused_the_list_stays_as_it_is(window: LogWindow, qtbot: QtBot, file: Path) -> None:
    file.write_text(record(0, "one"))
    window.show_lines(LogQuery())
    qtbot.waitUntil(lambda: texts(window) == ["one"])

    window.pause_button.click()

    assert not window._follow.isActive()
    window.pause_button.click()
    assert window._follow.isActive()


def test_level_and_words_narrow_the_list_down_and_everything_comes_back(
    window: LogWindow, qtbot: QtBot, file: Path
) -> None:
    file.write_text(record(0, "DNS is slow") + record(1, "DNS fails", "error") + record(2, "disk fails", "error"))
    window.show_lines(LogQuery(level=LogLevel.ERROR))
    qtbot.waitUntil(lambda: texts(window) == ["disk fails", "DNS fails"])

    qtbot.keyClicks(window.filters.box, "dns")
    qtbot.waitUntil(lambda: texts(window) == ["DNS fails"])
    window.filters.clear()

    qtbot.waitUntil(lambda: len(texts(window)) == 3)


def test_a_traceback_is_shown_whole_and_copied_with_its_line(window: LogWindow, qtbot: QtBot, file: Path) -> None:
    file.write_text(record(0, "failed", "error", traceback="Traceback\n  File x\nValueError: password=CANARY"))
    window.show_lines(LogQuery())
    qtbot.waitUntil(lambda: window.model.rowCount() == 1)

    window.table.selectRow(0)
    window.table.copy_selection()

    qtbot.waitUntil(lambda: "File x" in QApplication.clipboard().text())
    assert "ValueError" in window.details.text.toPlainText()
    assert QApplication.clipboard().text().splitlines()[-1] == "    ValueError: password=***"


def test_hostile_lines_are_shown_literally(window: LogWindow, qtbot: QtBot, file: Path) -> None:
    hostile = "<img src=x> \u202egpj.exe\u0000 & <b>bold</b>"
    file.write_text(record(0, hostile) + "<i>damaged\n" + record(1, "x" * 300_000))
    window.show_lines(LogQuery())
    qtbot.waitUntil(lambda: window.model.rowCount() == 3)

    shown = []
    for row in range(3):
        window.table.selectRow(row)
        shown.append(window.details.text.toPlainText())

    assert len(shown[0]) <= 200_001
    assert shown[1] == "<i>damaged"
    assert "<img src=x>" in shown[2]
    assert "\u202e" not in shown[2]


def test_a_moment_is_a_filter_that_can_be_taken_away(window: LogWindow, qtbot: QtBot, file: Path) -> None:
    file.write_text("".join(record(60 * minute, f"minute {minute}") for minute in range(5)))
    moment = START + timedelta(minutes=2)

    window.show_lines(lines_between(moment, moment))
    qtbot.waitUntil(lambda: texts(window) == ["minute 2"])
    window.filters.time_chip.click()

    qtbot.waitUntil(lambda: len(texts(window)) == 5)


def test_without_any_log_it_says_so(window: LogWindow, qtbot: QtBot) -> None:
    window.show_lines(LogQuery())

    qtbot.waitUntil(window._nothing.isVisible)
    assert window.model.rowCount() == 0


def test_what_was_chosen_stays_when_new_lines_come(window: LogWindow, qtbot: QtBot, file: Path) -> None:
    file.write_text("".join(record(number, f"line {number}") for number in range(30)))
    window.show_lines(LogQuery())
    qtbot.waitUntil(lambda: window.model.rowCount() == 30)
    window.table.selectRow(12)
    chosen = window.table.current_row()

    with file.open("a") as stream:
        stream.write(record(99, "new"))
    qtbot.waitUntil(lambda: window.model.rowCount() == 31)

    assert window.table.current_row() == chosen
    assert window.table.selected_count == 1
