"""The chart of a report: messages over time by status, on white paper whatever the theme."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QDate, QDateTime, QLocale, QPointF, QRectF, Qt, QTime
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from smtpy_desktop.schemas.messages import CountPoint, MessageStatus
from smtpy_desktop.views.theme_tokens import LIGHT
from smtpy_desktop.views.widgets.texts import number

STATUS_COLORS = {
    MessageStatus.DELIVERED: LIGHT.accent,
    MessageStatus.FAILED: LIGHT.bad,
    MessageStatus.BOUNCED: LIGHT.warn,
    MessageStatus.REJECTED: LIGHT.muted,
    MessageStatus.PENDING: LIGHT.strong_border,
    MessageStatus.PROCESSING: LIGHT.strong_border,
}
_SCALE = 3
_LEFT, _BOTTOM, _TOP = 56.0, 22.0, 8.0
_MOST_LABELS = 10
_FORMATS = {"hour": "d MMM HH:mm", "day": "d MMM", "month": "MMM yyyy"}


def stretch_label(start: datetime, step: str, zone: str) -> str:
    """Return how a stretch of time is called on the paper: "24 Oct"."""
    return QLocale().toString(local_time(start, zone), _FORMATS[step])


def local_time(moment: datetime, zone: str) -> QDateTime:
    """Return what the clocks of a time zone showed."""
    local = moment.astimezone(ZoneInfo(zone))
    return QDateTime(QDate(local.year, local.month, local.day), QTime(local.hour, local.minute, local.second))


def chart_picture(points: Sequence[CountPoint], step: str, zone: str, font: QFont, size: tuple[int, int]) -> QImage:
    """Return the chart, ``size`` in pixels of the paper (96 in an inch), in three times that resolution."""
    width, height = size
    image = QImage(width * _SCALE, height * _SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SCALE)
    image.fill(QColor(LIGHT.surface))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    area = QRectF(_LEFT, _TOP, width - _LEFT, height - _TOP - _BOTTOM)
    highest = max((sum(point.counts.values()) for point in points), default=0) or 1
    _paint_grid(painter, area, highest)
    for place, point in enumerate(points):
        _paint_bar(painter, area, place, len(points), point, highest)
    _paint_labels(painter, area, [stretch_label(point.start, step, zone) for point in points])
    painter.end()
    return image


def _paint_grid(painter: QPainter, area: QRectF, highest: int) -> None:
    for part in (0.0, 0.5, 1.0):
        y = area.bottom() - area.height() * part
        painter.setPen(QColor(LIGHT.border))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(LIGHT.muted))
        label = QRectF(0, y - 8, _LEFT - 8, 16)
        painter.drawText(
            label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(int(highest * part))
        )


def _paint_bar(painter: QPainter, area: QRectF, place: int, count: int, point: CountPoint, highest: int) -> None:
    room = area.width() / count
    width = max(1.0, min(room * 0.7, 40.0))
    left, bottom = area.left() + room * place + (room - width) / 2, area.bottom()
    for status, color in STATUS_COLORS.items():
        height = area.height() * point.counts.get(status, 0) / highest
        painter.fillRect(QRectF(left, bottom - height, width, height), QColor(color))
        bottom -= height


def _paint_labels(painter: QPainter, area: QRectF, labels: Sequence[str]) -> None:
    painter.setPen(QColor(LIGHT.muted))
    gap = -(-len(labels) // _MOST_LABELS) if labels else 1
    room = area.width() / max(1, len(labels))
    for place in range(0, len(labels), gap):
        box = QRectF(area.left() + room * place, area.bottom() + 4, max(room * gap, 60.0), _BOTTOM - 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, labels[place])
