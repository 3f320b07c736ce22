"""Puts a chart on the clipboard as a picture, with its title and the names of its colours."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme_tokens import current_colors

_SCALE = 2


def card_image(card: QWidget, parts: Sequence[QWidget]) -> QImage:
    """Return parts of a card as they are seen, on the colour of the card, in twice the resolution."""
    image = QImage(card.size() * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor(current_colors().surface))
    painter = QPainter(image)
    for part in parts:
        part.render(painter, part.mapTo(card, QPoint()), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def copy_card(card: QWidget, parts: Sequence[QWidget]) -> None:
    """Put parts of a card on the clipboard."""
    QGuiApplication.clipboard().setImage(card_image(card, parts))
