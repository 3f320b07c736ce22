"""Ending the window from outside: Ctrl+C in the terminal, or SIGTERM."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

from PySide6.QtCore import QSocketNotifier


@contextlib.contextmanager
def quit_on_signals(end: Callable[[], object]) -> Iterator[None]:
    """Call ``end`` on Ctrl+C and SIGTERM: Qt's loop runs no Python, so that the signal has to wake it."""
    reading, writing = socket.socketpair()
    for each in (reading, writing):
        each.setblocking(False)
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: (reading.recv(64), end()))
    old_descriptor = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    names = [signal.SIGINT, signal.SIGTERM]
    old_handlers = [signal.signal(name, lambda number, frame: None) for name in names]
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(old_descriptor)
        for name, handler in zip(names, old_handlers, strict=True):
            signal.signal(name, handler)
        reading.close()
        writing.close()
