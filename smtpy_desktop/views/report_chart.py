"""The chart of a report: messages over time by status, on white paper whatever the theme."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from smtpy_desktop.schemas.messages import CountPoint, MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.theme_tokens import LIGHT
from smtpy_desktop.views.widgets.moments import write_day, write_month, write_time
from smtpy_desktop.views.widgets.texts import number

STATUS_COLORS = {
    MessageStatus.DELIVERED: LIGHT.accent,
    MessageStatus.FAILED: LIGHT.bad,
    MessageStatus.BOUNCED: LIGHT.warn,
    MessageStatus.REJECTED: LIGHT.muted,
    MessageStatus.PENDING: LIGHT.strong_border,
    MessageStatus.PROCESSING: LIGHT.strong_border,
}
_LEFT, _BOTTOM, _TOP, _LEGEND = 48.0, 22.0, 8.0, 24.0
_MOST_LABELS = 8


def stretch_label(start: datetime, step: str, zone: str) -> str:
    """Return how a stretch of time is called on the paper: "24 Oct"."""
    local = start.astimezone(ZoneInfo(zone))
    if step == "month":
        return write_month(local.date(), short=True)
    day = write_day(local.date())
    return f"{day} {write_time(local)}" if step == "hour" else day


def round_scale(highest: int) -> int:
    """Return the round even number at which the scale of a chart ends, such as 2, 8, 40 or 1000."""
    power = 1
    while 10 * power < highest:
        power *= 10
    return next(part * power for part in (2, 4, 6, 8, 10) if part * power >= highest)


def paint_chart(
    painter: QPainter, place: QRectF, points: Sequence[CountPoint], step: str, zone: str, font: QFont
) -> None:
    """Paint the chart with its legend into a rectangle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    area = place.adjusted(_LEFT, _TOP, 0, -_BOTTOM - _LEGEND)
    highest = round_scale(max((sum(point.counts.values()) for point in points), default=0))
    _paint_grid(painter, area, highest)
    for order, point in enumerate(points):
        _paint_bar(painter, area, order, len(points), point, highest)
    _paint_labels(painter, area, [stretch_label(point.start, step, zone) for point in points])
    _paint_legend(painter, QRectF(area.left(), place.bottom() - _LEGEND + 4, area.width(), _LEGEND - 4))


def _paint_grid(painter: QPainter, area: QRectF, highest: int) -> None:
    for part in (0.0, 0.5, 1.0):
        y = area.bottom() - area.height() * part
        painter.setPen(QColor(LIGHT.border))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QColor(LIGHT.muted))
        label = QRectF(area.left() - _LEFT, y - 8, _LEFT - 8, 16)
        painter.drawText(
            label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(int(highest * part))
        )


def _paint_bar(painter: QPainter, area: QRectF, order: int, count: int, point: CountPoint, highest: int) -> None:
    room = area.width() / count
    width = max(0.5, min(room * 0.7, 40.0))
    left, bottom = area.left() + room * order + (room - width) / 2, area.bottom()
    for status, color in STATUS_COLORS.items():
        height = area.height() * point.counts.get(status, 0) / highest
        if height:
            painter.fillRect(QRectF(left, bottom - height, width, height), QColor(color))
            bottom -= height


def _paint_labels(painter: QPainter, area: QRectF, labels: Sequence[str]) -> None:
    painter.setPen(QColor(LIGHT.muted))
    gap = max(1, -(-len(labels) // _MOST_LABELS))
    room = area.width() / max(1, len(labels))
    for order in range(0, len(labels), gap):
        width = max(room, 84.0)
        # Each label stands under its bar, but none leaves the paper.
        left = min(max(area.left() + room * (order + 0.5) - width / 2, area.left() - _LEFT), area.right() - width)
        box = QRectF(left, area.bottom() + 4, width, _BOTTOM - 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, labels[order])


def _paint_legend(painter: QPainter, place: QRectF) -> None:
    metrics = painter.fontMetrics()
    left = place.left()
    words: dict[str, list[str]] = {}
    for status, color in STATUS_COLORS.items():
        words.setdefault(color, []).append(message_status_word(status))
    for color, meant in words.items():
        painter.fillRect(QRectF(left, place.center().y() - 4, 8, 8), QColor(color))
        painter.setPen(QColor(LIGHT.text))
        word = ", ".join(meant)
        width = metrics.horizontalAdvance(word) + 4.0
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left + 13, place.top(), width, place.height()), flags, word)
        left += width + 30
