"""The one asyncio thread: it runs what it is given, and ends with everything in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError

import pytest

from smtpy_desktop.runtime.async_thread import AsyncThread, new_selector_loop


@pytest.fixture
def thread() -> Iterator[AsyncThread]:
    running = AsyncThread("test")
    running.start()
    yield running
    running.stop()


async def name_of_thread() -> str:
    return threading.current_thread().name


def test_work_runs_on_its_own_thread_and_gives_its_result(thread: AsyncThread) -> None:
    assert thread.submit(name_of_thread()).result(5) == "test"


def test_a_failure_comes_back_as_it_was(thread: AsyncThread) -> None:
    async def fail() -> None:
        raise KeyError("why")

    with pytest.raises(KeyError, match="why"):
        thread.submit(fail()).result(5)


def test_the_loop_is_a_selector_loop_everywhere(thread: AsyncThread) -> None:
    async def loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert isinstance(thread.submit(loop()).result(5), asyncio.SelectorEventLoop)
    made = new_selector_loop()
    made.close()
    assert isinstance(made, asyncio.SelectorEventLoop)


def test_cancelling_the_future_cancels_the_work(thread: AsyncThread) -> None:
    started, cancelled = threading.Event(), threading.Event()

    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    future = thread.submit(wait())
    assert started.wait(5)
    future.cancel()

    assert cancelled.wait(5)


def test_stopping_cancels_what_runs_and_waits_for_its_end(thread: AsyncThread) -> None:
    started, tidied = threading.Event(), threading.Event()

    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied.set()

    future = thread.submit(wait())
    assert started.wait(5)

    thread.stop()

    assert tidied.is_set()
    with pytest.raises(CancelledError):
        future.result(0)


def test_a_stopped_thread_takes_no_work_and_can_be_started_again(thread: AsyncThread) -> None:
    thread.stop()
    thread.stop()

    with pytest.raises(RuntimeError, match="not running"):
        thread.submit(name_of_thread())

    thread.start()
    assert thread.submit(name_of_thread()).result(5) == "test"


def test_it_is_started_once(thread: AsyncThread) -> None:
    with pytest.raises(RuntimeError, match="twice"):
        thread.start()


@pytest.mark.expects_log("unhandled in the event loop")
def test_what_nobody_waits_for_is_logged(thread: AsyncThread, caplog: pytest.LogCaptureFixture) -> None:
    async def leave_a_failing_callback() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)

    thread.submit(leave_a_failing_callback()).result(5)
    thread.submit(name_of_thread()).result(5)

    assert "ZeroDivisionError" in caplog.text
