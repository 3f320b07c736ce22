"""Changes published on any thread arrive on the window's."""

from __future__ import annotations

import threading

from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.runtime.change_bus import ChangeBus


def test_a_change_from_another_thread_arrives_on_the_thread_of_the_window(qtbot: QtBot) -> None:
    bus = ChangeBus()
    heard: list[tuple[Change, QThread]] = []
    bus.changed.connect(lambda change: heard.append((change, QThread.currentThread())))
    changes = [Change(Topic.DOMAINS, frozenset({number})) for number in range(3)]

    publisher = threading.Thread(target=lambda: [bus.publish(change) for change in changes])
    publisher.start()
    publisher.join()
    before = len(heard)
    qtbot.waitUntil(lambda: len(heard) == 3)

    assert before == 0
    assert heard == [(change, QApplication.instance().thread()) for change in changes]


def test_a_change_from_the_window_itself_arrives_after_the_present_work(qtbot: QtBot) -> None:
    bus = ChangeBus()
    heard: list[Change] = []
    bus.changed.connect(heard.append)

    bus.publish(Change(Topic.SETTINGS))
    before = list(heard)
    qtbot.waitUntil(lambda: bool(heard))

    assert (before, heard) == ([], [Change(Topic.SETTINGS)])


def test_a_change_after_the_end_of_the_window_is_told_to_nobody(qtbot: QtBot) -> None:
    bus = ChangeBus()
    bus.deleteLater()
    qtbot.waitSignal(bus.destroyed).wait()

    bus.publish(Change(Topic.DOMAINS))


def test_what_another_process_changes_in_a_burst_is_told_as_few_changes(qtbot: QtBot) -> None:
    bus = ChangeBus()
    heard: list[Change] = []
    bus.changed.connect(heard.append)

    for number in range(1, 501):
        bus.publish(Change(Topic.MESSAGES, frozenset({number}), "forwarder"))
    qtbot.waitUntil(lambda: bool(heard))
    for number in range(501, 1001):
        bus.publish(Change(Topic.MESSAGES, frozenset({number}), "forwarder"))
    qtbot.waitUntil(lambda: len(heard) == 2)

    assert heard == [
        Change(Topic.MESSAGES, frozenset(range(1, 501)), "forwarder"),
        Change(Topic.MESSAGES, frozenset(range(501, 1001)), "forwarder"),
    ]


def test_changes_of_too_many_objects_are_told_as_any_of_them(qtbot: QtBot) -> None:
    bus = ChangeBus()
    heard: list[Change] = []
    bus.changed.connect(heard.append)

    for number in range(1, 5001):
        bus.publish(Change(Topic.MESSAGES, frozenset({number}), "forwarder"))
    qtbot.waitUntil(lambda: bool(heard))

    assert heard == [Change(Topic.MESSAGES, frozenset(), "forwarder")]


def test_topics_and_origins_are_told_apart_in_a_burst(qtbot: QtBot) -> None:
    bus = ChangeBus()
    heard: list[Change] = []
    bus.changed.connect(heard.append)
    changes = [Change(Topic.MESSAGES, frozenset({1}), "a"), Change(Topic.MESSAGES, frozenset({2}), "b")]
    changes += [Change(Topic.DOMAINS, frozenset({3}), "a"), Change(Topic.MESSAGES, frozenset({4}))]

    for change in changes:
        bus.publish(change)
    qtbot.waitUntil(lambda: len(heard) == 4)

    assert heard == changes


def test_the_window_does_not_wait_for_its_own_changes_during_a_burst(qtbot: QtBot) -> None:
    bus = ChangeBus()
    heard: list[Change] = []
    bus.changed.connect(heard.append)
    bus.publish(Change(Topic.MESSAGES, frozenset({1}), "forwarder"))
    qtbot.waitUntil(lambda: bool(heard))

    bus.publish(Change(Topic.SETTINGS))
    QApplication.processEvents()

    assert heard[-1] == Change(Topic.SETTINGS)
