"""Where a window beside the main one lies: where it lay, and never larger than the screen."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtWidgets import QWidget

_FRAME = QSize(8, 48)
"""What desktops put around a window, in pixels: a title above it, and edges."""


def take_place(window: QWidget, remembered: object, first: QSize) -> None:
    """Lie as the geometry that was ``remembered`` says, or be of the ``first`` size; fit the screen with the frame."""
    if not (isinstance(remembered, QByteArray) and window.restoreGeometry(remembered)):
        window.resize(first)
    window.resize(window.size().boundedTo(window.screen().availableSize() - _FRAME))
