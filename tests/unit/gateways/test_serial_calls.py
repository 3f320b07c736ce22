"""Rules of serial calls: one at a time, never longer than the deadline, and a stuck one does not pile up others."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from smtpy_desktop.gateways.serial_calls import CallTimedOut, SerialCalls


def test_results_and_errors_reach_the_caller() -> None:
    calls = SerialCalls()

    result = calls.run(lambda: 42, seconds=5)
    with pytest.raises(KeyError, match="wrong"):
        calls.run(lambda: {}["wrong"], seconds=5)

    assert result == 42


def test_calls_of_many_threads_run_one_after_another() -> None:
    calls = SerialCalls()
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        inside.append(1)
        most.append(len(inside))
        inside.pop()

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(calls.run, work, seconds=10) for _ in range(64)]:
            future.result()

    assert most == [1] * 64


def test_a_stuck_call_ends_at_its_deadline_and_works_again_when_it_returns() -> None:
    calls = SerialCalls()
    release = threading.Event()
    finished = threading.Event()

    def stuck() -> None:
        release.wait()
        finished.set()

    with pytest.raises(CallTimedOut):
        calls.run(stuck, seconds=0.05)
    started = time.monotonic()
    with pytest.raises(CallTimedOut):
        calls.run(lambda: None, seconds=60)
    waited = time.monotonic() - started
    release.set()
    assert finished.wait(10)
    result = _eventually(lambda: calls.run(lambda: "works", seconds=10))

    assert waited < 30
    assert result == "works"


def _eventually(call: object) -> object:
    """Call until the stuck thread has given its turn back."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return call()  # type: ignore[operator]
        except CallTimedOut:
            if time.monotonic() > deadline:
                raise
