"""How a part of the window asks for the guide; what it leads to is loaded when the guide is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget


@runtime_checkable
class HelpGiver(Protocol):
    """What can show the guide: the main window."""

    help_wanted: SignalInstance


def ask_for_help(widget: QWidget, topic: str) -> bool:
    """Let the window that a widget belongs to show a topic; False when it belongs to none that can."""
    for window in windows_around(widget):
        if isinstance(window, HelpGiver):
            window.help_wanted.emit(topic)
            return True
    return False


def windows_around(widget: QWidget) -> Iterator[QWidget]:
    """Yield the window that a widget is in, then the one below that, and so on.

    Only windows: between them stand widgets of Qt's own, and once Python has let go of one of those, PySide lets go of
    what it has made inside of it, too.
    """
    window: QWidget | None = widget.window()
    while window is not None:
        yield window
        below = window.parentWidget()
        window = below.window() if below is not None else None
