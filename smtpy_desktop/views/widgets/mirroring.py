"""Which way the window reads: from right to left everything that is painted by hand lies the other way round, too."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication


def is_mirrored() -> bool:
    """Say whether the window reads from right to left."""
    return QGuiApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft


def mirrored(rect: QRect, area: QRect) -> QRect:
    """Return where a part of an area lies that was laid out from left to right."""
    if not is_mirrored():
        return rect
    return QRect(area.left() + area.right() - rect.right(), rect.top(), rect.width(), rect.height())


def mirrored_precisely(rect: QRectF, width: float) -> QRectF:
    """Return where a part of a widget of that width lies that was laid out from left to right."""
    return QRectF(width - rect.right(), rect.top(), rect.width(), rect.height()) if is_mirrored() else rect
