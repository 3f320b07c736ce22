"""A task is seen when it takes longer than a moment, with progress, rate, time left and a way to stop it."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QElapsedTimer, QObject, Qt
from pytestqt.qtbot import QtBot

from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.widgets.tasks_panel import (
    SHOW_BACKGROUND_AFTER_MILLISECONDS,
    SHOWN_AT_LEAST_MILLISECONDS,
    TasksPanel,
    progress_words,
)


@pytest.fixture
def owner() -> QObject:
    return QObject()


@pytest.fixture
def panel(qtbot: QtBot) -> TasksPanel:
    panel = TasksPanel()
    qtbot.addWidget(panel)
    return panel


def test_short_task_is_never_seen(panel: TasksPanel, owner: QObject, qtbot: QtBot) -> None:
    handle = TaskHandle(1, "Quick", None, owner)
    panel.add(handle)

    handle.ended.emit()
    qtbot.wait(350)

    assert panel.isHidden()
    assert panel.rows == ()


def test_task_without_title_and_progress_is_nobodys_business(panel: TasksPanel, owner: QObject, qtbot: QtBot) -> None:
    panel.add(TaskHandle(1, None, None, owner))

    qtbot.wait(350)

    assert panel.isHidden()


def test_seen_task_does_not_vanish_in_a_blink(panel: TasksPanel, owner: QObject, qtbot: QtBot) -> None:
    handle = TaskHandle(1, "Verify", Progress(total=10), owner)
    panel.add(handle)
    qtbot.waitUntil(lambda: not panel.isHidden())
    seen_for = QElapsedTimer()
    seen_for.start()

    handle.ended.emit()
    qtbot.waitUntil(panel.isHidden)

    assert seen_for.elapsed() >= SHOWN_AT_LEAST_MILLISECONDS - 100


def test_row_follows_the_progress(panel: TasksPanel, owner: QObject, qtbot: QtBot) -> None:
    progress = Progress(total=1000)
    handle = TaskHandle(1, "Verify", progress, owner)
    panel.add(handle)
    qtbot.waitUntil(lambda: len(panel.rows) == 1)

    progress.done = 250
    handle.progressed.emit()

    assert panel.rows[0].figures.startswith("250 of 1")


def test_cancel_stops_the_task_and_says_so(panel: TasksPanel, owner: QObject, qtbot: QtBot) -> None:
    handle = TaskHandle(1, "Verify", Progress(total=10), owner)
    panel.add(handle)
    qtbot.waitUntil(lambda: len(panel.rows) == 1)

    qtbot.mouseClick(panel.rows[0].cancel_button, Qt.MouseButton.LeftButton)

    assert handle.is_cancelled
    assert panel.rows[0].cancel_button.text() == "Stopping"


def test_words_say_as_much_as_is_known() -> None:
    running = Progress(total=400, done=100, started_at=time.monotonic() - 10)

    assert progress_words(Progress(total=5)) == "0 of 5"
    assert progress_words(Progress()) == ""
    assert progress_words(Progress(done=3)) == "3 so far"
    assert progress_words(running) == "100 of 400 · 10 a second · 30 s left"
    assert progress_words(Progress(total=4, done=4, started_at=time.monotonic() - 1)).endswith("4 a second")


def test_parts_of_a_whole_are_told_in_percent_and_not_by_the_second() -> None:
    progress = Progress(total=100, done=42, is_share=True)
    progress.started_at -= 0.4

    words = progress_words(progress)

    assert words.startswith("42\u00a0%")
    assert "a second" not in words


def test_a_task_that_nobody_waits_for_is_seen_only_when_it_takes_long(
    panel: TasksPanel, owner: QObject, qtbot: QtBot
) -> None:
    handle, other = TaskHandle(1, "Tidy up", None, owner), TaskHandle(2, "Verify", None, owner)
    handle.is_background = True
    panel.add(handle)
    panel.add(other)
    asked_for = QElapsedTimer()
    asked_for.start()

    qtbot.waitUntil(lambda: len(panel.rows) == 1)
    first = panel.rows[0].accessibleName()
    qtbot.waitUntil(lambda: len(panel.rows) == 2)

    assert first == "Verify"
    assert asked_for.elapsed() >= SHOW_BACKGROUND_AFTER_MILLISECONDS - 200
