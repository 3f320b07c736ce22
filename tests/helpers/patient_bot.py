"""A bot that waits longer: how long a thing may take on a busy machine is no part of what a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import MultiSignalBlocker, SignalBlocker

_MILLISECONDS = 30_000


class PatientBot(QtBot):
    """Waits half a minute where the bot of pytest-qt waits five seconds."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = _MILLISECONDS) -> None:
        """Wait until a condition holds."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _MILLISECONDS, **how: Any) -> SignalBlocker:
        """Wait for a signal."""
        return super().waitSignal(signal, timeout=timeout, **how)

    def waitSignals(self, signals: list[Any], *, timeout: int = _MILLISECONDS, **how: Any) -> MultiSignalBlocker:
        """Wait for several signals."""
        return super().waitSignals(signals, timeout=timeout, **how)


def release_keys() -> None:
    """Let go of the keys that the test before has held: Qt takes Ctrl for pressed until it hears of something else."""
    QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)
