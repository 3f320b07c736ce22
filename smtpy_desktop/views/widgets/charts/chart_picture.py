"""Puts a chart on the clipboard as a picture."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.theme_tokens import current_colors

_SCALE = 2


def chart_image(chart: QWidget) -> QImage:
    """Return a chart as it is seen, on the colour of its card, in twice the resolution."""
    image = QImage(chart.size() * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor(current_colors().surface))
    painter = QPainter(image)
    chart.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def copy_chart(chart: QWidget) -> None:
    """Put a chart on the clipboard."""
    QGuiApplication.clipboard().setImage(chart_image(chart))
