"""The pictures of the tray icon: the program's own icon with a mark whose shape, not colour alone, says how it is."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtSvg import QSvgRenderer

from smtpy_desktop.schemas.notice_kinds import Severity
from smtpy_desktop.views.resource_files import resource_path
from smtpy_desktop.views.theme_tokens import LIGHT

_SIZES = (16, 22, 24, 32, 44, 48, 64, 128)
_MARK = 0.62
"""How much of the picture's edge the mark takes: it has to be told apart at 16 pixels."""
_RIM = 0.07


@cache
def tray_icon(severity: Severity | None, *, is_paused: bool = False) -> QIcon:
    """Return the picture: no mark where all is well, a triangle with "!" for warnings, a disc with a cross for bad.

    Something to know has an "i", and while the desktop is kept quiet there are two bars. It is the same in both themes,
    as nobody knows what the tray looks like; the mark stands on a rim of white.
    """
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(tray_picture(severity, size, is_paused=is_paused))
    return icon


def tray_picture(severity: Severity | None, size: int, *, is_paused: bool = False) -> QPixmap:
    """Return one picture of ``size`` pixels."""
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(resource_path("icons", "smtpy-desktop.svg"))).render(painter)
    edge = size * _MARK
    place = QRectF(size - edge, size - edge, edge, edge)
    if severity is Severity.BAD:
        _paint_cross(painter, place)
    elif severity is Severity.WARNING:
        _paint_triangle(painter, place)
    elif is_paused:
        _paint_bars(painter, place)
    elif severity is Severity.INFO:
        _paint_letter(painter, place)
    painter.end()
    return picture


def _paint_disc(painter: QPainter, place: QRectF, color: str) -> None:
    rim = place.width() * _RIM
    painter.setPen(QPen(QColor(LIGHT.surface), rim * 2))
    painter.setBrush(QColor(color))
    painter.drawEllipse(place.adjusted(rim, rim, -rim, -rim))


def _paint_cross(painter: QPainter, place: QRectF) -> None:
    _paint_disc(painter, place, LIGHT.bad)
    inset = place.width() * 0.33
    inner = place.adjusted(inset, inset, -inset, -inset)
    painter.setPen(_pen(place.width() * 0.13))
    painter.drawLine(inner.topLeft(), inner.bottomRight())
    painter.drawLine(inner.topRight(), inner.bottomLeft())


def _paint_triangle(painter: QPainter, place: QRectF) -> None:
    rim = place.width() * _RIM
    area = place.adjusted(rim, rim, -rim, -rim)
    corners = QPolygonF([QPointF(area.center().x(), area.top()), area.bottomRight(), area.bottomLeft()])
    painter.setPen(
        QPen(QColor(LIGHT.surface), rim * 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(QColor(LIGHT.warn))
    painter.drawPolygon(corners)
    middle = area.center().x()
    painter.setPen(_pen(place.width() * 0.13))
    painter.drawLine(
        QPointF(middle, area.top() + area.height() * 0.42), QPointF(middle, area.top() + area.height() * 0.62)
    )
    painter.drawPoint(QPointF(middle, area.top() + area.height() * 0.83))


def _paint_bars(painter: QPainter, place: QRectF) -> None:
    _paint_disc(painter, place, LIGHT.muted)
    painter.setPen(_pen(place.width() * 0.13))
    for share in (0.4, 0.6):
        across = place.left() + place.width() * share
        painter.drawLine(
            QPointF(across, place.top() + place.height() * 0.34), QPointF(across, place.top() + place.height() * 0.66)
        )


def _paint_letter(painter: QPainter, place: QRectF) -> None:
    """Paint an "i" in white on a dark disc."""
    _paint_disc(painter, place, LIGHT.text)
    middle = place.center().x()
    painter.setPen(_pen(place.width() * 0.13))
    painter.drawLine(
        QPointF(middle, place.top() + place.height() * 0.5), QPointF(middle, place.top() + place.height() * 0.68)
    )
    painter.drawPoint(QPointF(middle, place.top() + place.height() * 0.32))


def _pen(width: float) -> QPen:
    return QPen(QColor(LIGHT.surface), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
