"""Reading again after changes."""

from __future__ import annotations

import asyncio
import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from smtpy_desktop.runtime.task_runner import TaskHandle, TaskRunner
from smtpy_desktop.views.calm_reading import CalmReading


class Readings(QObject):
    """Counts readings; each lasts until it is allowed to end."""

    def __init__(self, runner: TaskRunner) -> None:
        super().__init__()
        self.runner = runner
        self.started = 0
        self.finished = 0
        self.may_end = threading.Event()
        self.may_end.set()

    def start(self) -> TaskHandle:
        self.started += 1
        return self.runner.run(asyncio.to_thread(self.may_end.wait, 10), owner=self, on_success=self.count)

    def count(self, _: object) -> None:
        self.finished += 1


def test_many_changes_are_one_reading(qtbot: QtBot, runner: TaskRunner) -> None:
    readings = Readings(runner)
    calm = CalmReading(readings.start, readings, pause_milliseconds=20)

    for _ in range(50):
        calm.soon()
    qtbot.waitUntil(lambda: readings.finished == 1)

    assert readings.started == 1
    assert not calm.is_waiting


def test_changes_while_a_reading_runs_wait_for_its_end(qtbot: QtBot, runner: TaskRunner) -> None:
    readings = Readings(runner)
    calm = CalmReading(readings.start, readings, pause_milliseconds=5)
    readings.may_end.clear()
    calm.now()

    calm.soon()
    qtbot.wait(60)
    started_meanwhile = readings.started
    readings.may_end.set()
    qtbot.waitUntil(lambda: readings.finished == 2)

    assert started_meanwhile == 1
    assert readings.started == 2


def test_a_reading_that_is_wanted_now_does_not_wait(qtbot: QtBot, runner: TaskRunner) -> None:
    readings = Readings(runner)
    calm = CalmReading(readings.start, readings, pause_milliseconds=60_000)
    calm.soon()

    calm.now()
    qtbot.waitUntil(lambda: readings.finished == 1)

    assert not calm.is_waiting
