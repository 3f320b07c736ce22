"""Results that arrive one by one from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from smtpy_desktop.runtime.result_stream import ResultStream


@pytest.fixture
def stream(qapp: QObject) -> ResultStream:
    return ResultStream(QObject(qapp))


def _put_elsewhere(put: Callable[[object], None], *results: object) -> None:
    thread = threading.Thread(target=lambda: [put(result) for result in results])
    thread.start()
    thread.join()


def test_results_arrive_in_order_on_the_streams_own_thread(stream: ResultStream, qtbot: QtBot) -> None:
    arrived: list[tuple[object, bool]] = []
    here = QThread.currentThread()
    stream.arrived.connect(lambda result: arrived.append((result, QThread.currentThread() is here)))

    _put_elsewhere(stream.begin(), 1, 2, 3)
    qtbot.waitUntil(lambda: len(arrived) == 3)

    assert arrived == [(1, True), (2, True), (3, True)]


def test_nothing_of_an_earlier_run_arrives_not_even_what_was_under_way(stream: ResultStream, qtbot: QtBot) -> None:
    arrived: list[object] = []
    stream.arrived.connect(arrived.append)
    earlier = stream.begin()
    _put_elsewhere(earlier, "old")

    newer = stream.begin()
    _put_elsewhere(earlier, "older still")
    _put_elsewhere(newer, "new")
    qtbot.waitUntil(lambda: bool(arrived))

    assert arrived == ["new"]


def test_nothing_arrives_after_the_end(stream: ResultStream, qtbot: QtBot) -> None:
    arrived: list[object] = []
    stream.arrived.connect(arrived.append)
    put = stream.begin()
    _put_elsewhere(put, "late")

    stream.end()
    _put_elsewhere(put, "later")
    _put_elsewhere(stream.begin(), "next run")
    qtbot.waitUntil(lambda: bool(arrived))

    assert arrived == ["next run"]
