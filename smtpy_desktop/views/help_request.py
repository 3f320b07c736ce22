"""How a part of the window asks for the guide; what it leads to is loaded when the guide is opened."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QWidget


@runtime_checkable
class HelpGiver(Protocol):
    """What can show the guide: the main window."""

    help_wanted: SignalInstance


def ask_for_help(widget: QWidget, topic: str) -> bool:
    """Let the window that a widget belongs to show a topic; False when it belongs to none that can."""
    parent: QObject | None = widget
    while parent is not None:
        if isinstance(parent, HelpGiver):
            parent.help_wanted.emit(topic)
            return True
        parent = parent.parent()
    return False
