"""Work handed from the window to the asyncio thread: whose results are heard, and whose are dropped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.errors import Cancelled, UserFacingError
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.runtime.task_runner import TaskHandle, TaskRunner
from smtpy_desktop.schemas.progress import Progress


@pytest.fixture
def thread() -> Iterator[AsyncThread]:
    running = AsyncThread("test")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def runner(qapp: QApplication, thread: AsyncThread) -> TaskRunner:
    return TaskRunner(thread)


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    return QObject()


class Gate:
    """Work that waits until it is let through."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self._open = threading.Event()

    async def work(self, result: object = None, error: BaseException | None = None) -> object:
        self.started.set()
        await asyncio.to_thread(self._open.wait, 10)
        if error is not None:
            raise error
        return result

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


class Heard:
    """Everything that a runner says."""

    def __init__(self, runner: TaskRunner) -> None:
        self.results: list[Any] = []
        self.failed: list[UserFacingError] = []
        self.crashed: list[str] = []
        self.finished: list[TaskHandle] = []
        runner.failed.connect(self.failed.append)
        runner.crashed.connect(self.crashed.append)
        runner.finished.connect(self.finished.append)


@pytest.fixture
def heard(runner: TaskRunner) -> Heard:
    return Heard(runner)


async def give(value: object) -> object:
    return value


async def fail(error: BaseException) -> None:
    raise error


def wait_for_all(qtbot: QtBot, runner: TaskRunner) -> None:
    qtbot.waitUntil(lambda: not runner.running)


def test_a_result_arrives_on_the_thread_of_the_window(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, heard: Heard
) -> None:
    threads: list[QThread] = []

    handle = runner.run(
        give(42),
        owner=owner,
        on_success=lambda value: (heard.results.append(value), threads.append(QThread.currentThread())),
    )
    before = list(heard.results)
    wait_for_all(qtbot, runner)

    assert (before, heard.results) == ([], [42])
    assert threads == [QApplication.instance().thread()]
    assert heard.finished == [handle]
    assert (handle.is_done, handle.is_cancelled) == (True, False)


def test_what_runs_is_known_while_it_runs(qtbot: QtBot, runner: TaskRunner, owner: QObject, gate: Gate) -> None:
    started: list[TaskHandle] = []
    runner.started.connect(started.append)

    handle = runner.run(gate.work(), owner=owner, title="Verify")
    while_running = runner.running
    gate.open()
    wait_for_all(qtbot, runner)

    assert started == [handle]
    assert while_running == (handle,)
    assert handle.title == "Verify"


def test_the_result_for_an_owner_that_is_gone_is_dropped(
    qtbot: QtBot, runner: TaskRunner, gate: Gate, heard: Heard
) -> None:
    owner = QObject()
    runner.run(gate.work(1), owner=owner, on_success=heard.results.append)
    runner.run(gate.work(error=UserFacingError("X", "for nobody")), owner=owner)
    owner.deleteLater()
    qtbot.waitSignal(owner.destroyed).wait()

    gate.open()
    wait_for_all(qtbot, runner)

    assert (heard.results, heard.failed) == ([], [])
    assert len(heard.finished) == 2


def test_the_result_of_cancelled_work_is_dropped_and_the_work_stopped(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, heard: Heard
) -> None:
    stopped, started = threading.Event(), threading.Event()

    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    handle = runner.run(wait(), owner=owner, on_success=heard.results.append)
    assert started.wait(5)
    handle.cancel()
    wait_for_all(qtbot, runner)

    assert stopped.wait(5)
    assert (heard.results, heard.failed, heard.crashed) == ([], [], [])
    assert handle.is_cancelled


def test_work_that_stops_by_itself_says_nothing(qtbot: QtBot, runner: TaskRunner, owner: QObject, heard: Heard) -> None:
    runner.run(fail(Cancelled()), owner=owner, on_success=heard.results.append)
    wait_for_all(qtbot, runner)

    assert (heard.results, heard.failed, heard.crashed) == ([], [], [])


def test_newer_work_with_the_same_key_overtakes_older(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, gate: Gate, heard: Heard
) -> None:
    older = runner.run(gate.work("older"), owner=owner, on_success=heard.results.append, replaces="list")
    other = runner.run(gate.work("other"), owner=owner, on_success=heard.results.append, replaces="details")
    newer = runner.run(gate.work("newer"), owner=owner, on_success=heard.results.append, replaces="list")
    gate.open()
    wait_for_all(qtbot, runner)
    again = runner.run(give("again"), owner=owner, on_success=heard.results.append, replaces="list")
    wait_for_all(qtbot, runner)

    assert sorted(heard.results[:2]) == ["newer", "other"]
    assert heard.results[2:] == ["again"]
    assert [handle.is_cancelled for handle in (older, other, newer, again)] == [True, False, False, False]


def test_work_of_another_owner_overtakes_nothing(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, gate: Gate, heard: Heard
) -> None:
    leaving = QObject()
    shown = runner.run(gate.work("shown"), owner=owner, on_success=heard.results.append, replaces="list")
    runner.run(give("of a page on its way out"), owner=leaving, replaces="list")
    gate.open()
    wait_for_all(qtbot, runner)

    assert heard.results == ["shown"]
    assert not shown.is_cancelled


def test_the_failure_of_overtaken_work_is_dropped(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, gate: Gate, heard: Heard
) -> None:
    runner.run(gate.work(error=UserFacingError("X", "old")), owner=owner, replaces="list")
    runner.run(give(1), owner=owner, replaces="list")
    gate.open()
    wait_for_all(qtbot, runner)

    assert heard.failed == []


def test_a_failure_for_the_user_is_told_by_default(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, heard: Heard
) -> None:
    error = UserFacingError("CODE", "It failed.")

    runner.run(fail(error), owner=owner, on_success=heard.results.append)
    wait_for_all(qtbot, runner)

    assert heard.failed == [error]
    assert (heard.results, heard.crashed) == ([], [])


@pytest.mark.parametrize(("handled", "told"), [(True, 0), (False, 1), (None, 1)])
def test_a_handler_decides_whether_its_failure_is_still_told(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, heard: Heard, handled: object, told: int
) -> None:
    seen: list[UserFacingError] = []

    def handle(error: UserFacingError) -> object:
        seen.append(error)
        return handled

    runner.run(fail(UserFacingError("CODE", "It failed.")), owner=owner, on_error=handle)
    wait_for_all(qtbot, runner)

    assert len(seen) == 1
    assert len(heard.failed) == told


@pytest.mark.expects_log("a task failed unexpectedly")
def test_a_fault_of_the_program_is_told_once_with_its_traceback_and_logged(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    runner.run(fail(ZeroDivisionError("why")), owner=owner, on_error=lambda error: True)
    wait_for_all(qtbot, runner)

    assert len(heard.crashed) == 1
    assert "ZeroDivisionError: why" in heard.crashed[0]
    assert "in fail" in heard.crashed[0]
    assert heard.failed == []
    assert "a task failed unexpectedly" in caplog.text


def test_progress_is_polled_while_work_runs_and_not_afterwards(
    qtbot: QtBot, runner: TaskRunner, owner: QObject, gate: Gate
) -> None:
    progress = Progress(total=10)
    handle = runner.run(gate.work(), owner=owner, progress=progress)
    seen: list[int] = []
    handle.progressed.connect(lambda: seen.append(progress.done))
    progress.done = 4

    qtbot.waitUntil(lambda: seen == [4, 4])
    gate.open()
    wait_for_all(qtbot, runner)

    assert not runner._poll.isActive()


def test_closing_cancels_everything(qtbot: QtBot, runner: TaskRunner, owner: QObject, gate: Gate, heard: Heard) -> None:
    handles = [runner.run(gate.work(number), owner=owner, on_success=heard.results.append) for number in range(3)]

    runner.cancel_all()
    wait_for_all(qtbot, runner)

    assert all(handle.is_cancelled for handle in handles)
    assert heard.results == []


def test_what_begins_while_the_window_closes_comes_to_nothing(
    runner: TaskRunner, owner: QObject, thread: AsyncThread, heard: Heard
) -> None:
    runner.cancel_all()
    thread.stop()

    handle = runner.run(give(1), owner=owner, on_success=heard.results.append)

    assert handle.is_done
    assert runner.running == ()


def test_work_that_could_not_be_started_is_not_counted_as_running(
    runner: TaskRunner, owner: QObject, thread: AsyncThread
) -> None:
    thread.stop()

    with pytest.raises(RuntimeError):
        runner.run(give(1), owner=owner, replaces="list")

    assert runner.running == ()


def test_a_result_after_the_end_of_the_window_harms_nobody(
    qtbot: QtBot, thread: AsyncThread, owner: QObject, gate: Gate
) -> None:
    runner = TaskRunner(thread)
    runner.run(gate.work(), owner=owner)
    runner.deleteLater()
    qtbot.waitSignal(runner.destroyed).wait()

    gate.open()

    assert thread.submit(give("still running")).result(5) == "still running"


def test_what_is_promised_is_done_before_the_rest_is_cancelled(runner: TaskRunner, owner: QObject) -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append("deleted")

    runner.run(work(), owner=owner, is_promised=True)
    runner.cancel_all()

    assert done == ["deleted"]
