"""Hand-painted parts that widgets and table cells share: pills and record marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import QStyle

from smtpy_desktop.views.icons import paint_icon, status_icon_name
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Tone, current_colors
from smtpy_desktop.views.widgets.label import text_width
from smtpy_desktop.views.widgets.mirroring import is_mirrored, mirrored


@dataclass(frozen=True, slots=True)
class PillCell:
    """A state as a pill shows it: a word, a tone and an icon (None: the tone's own; "": none)."""

    text: str
    tone: Tone
    icon: str | None = None
    trailing_icon: str = ""

    @property
    def icon_name(self) -> str:
        """The icon to paint, or an empty string."""
        return status_icon_name(self.tone) if self.icon is None else self.icon


@dataclass(frozen=True, slots=True)
class MarkCell:
    """One of several small marks in a cell: a short label behind a state icon; ``description`` says it in words."""

    label: str
    tone: Tone
    description: str
    icon: str | None = None

    @property
    def icon_name(self) -> str:
        """The icon to paint."""
        return self.icon or status_icon_name(self.tone)


def pill_font() -> QFont:
    """Return the font of pills and chips."""
    return text_font(FontSize.SMALL, QFont.Weight.DemiBold)


@lru_cache(maxsize=1024)
def pill_width(pill: PillCell) -> int:
    """Return the width of a pill in pixels."""
    icon = Metric.SMALL_ICON + Metric.PILL_GAP if pill.icon_name else 0
    trailing = Metric.SMALL_ICON if pill.trailing_icon else 0
    return text_width(pill_font(), pill.text) + icon + trailing + 2 * Metric.PILL_PADDING


def paint_pill(painter: QPainter, rect: QRect, pill: PillCell) -> None:
    """Paint a pill at the leading edge of a rectangle, cut short where it does not fit."""
    size = QSize(min(pill_width(pill), rect.width()), Metric.PILL_HEIGHT)
    corner = _leading_corner(rect, size)
    _paint_kept(painter, corner, size, ("pill", pill), partial(_draw_pill, pill, size))


def _draw_pill(pill: PillCell, size: QSize, painter: QPainter) -> None:
    colors = current_colors()
    foreground = colors.foreground(pill.tone)
    area = QRect(QPoint(0, 0), size)
    paint_rounded(painter, area, colors.tint(pill.tone))
    left, right = Metric.PILL_PADDING, size.width() - Metric.PILL_PADDING
    icon_top = (Metric.PILL_HEIGHT - Metric.SMALL_ICON) // 2
    if pill.icon_name:
        square = QRect(left, icon_top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        paint_icon(painter, pill.icon_name, foreground, mirrored(square, area))
        left += Metric.SMALL_ICON + Metric.PILL_GAP
    if pill.trailing_icon:
        right -= Metric.SMALL_ICON
        square = QRect(right + Metric.PILL_GAP // 2, icon_top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        paint_icon(painter, pill.trailing_icon, foreground, mirrored(square, area))
    painter.setFont(pill_font())
    painter.setPen(QColor(foreground))
    paint_text(painter, mirrored(QRect(left, 0, right - left, Metric.PILL_HEIGHT), area), pill.text)


def paint_rounded(painter: QPainter, rect: QRect, color: str) -> None:
    """Fill a rectangle with fully round ends."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(QRectF(rect), rect.height() / 2, rect.height() / 2)
    painter.restore()


def paint_focus(painter: QPainter, rect: QRect, radius: float) -> None:
    """Outline what has the keyboard."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(current_colors().accent))
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.restore()


def paint_text(painter: QPainter, rect: QRect, text: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
    """Paint one line of plain text, elided to the rectangle; left and right are those of a window that reads so."""
    shown = painter.fontMetrics().elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, rect.width())
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)  # data reads as it is written
    painter.drawText(rect, _text_flags(align, is_mirrored()), shown)


@cache
def _text_flags(align: Qt.AlignmentFlag, mirrors: bool) -> int:
    # Joining Qt's flags takes as long as painting a word.
    direction = Qt.LayoutDirection.RightToLeft if mirrors else Qt.LayoutDirection.LeftToRight
    seen = QStyle.visualAlignment(direction, align) | Qt.AlignmentFlag.AlignAbsolute
    return int(seen | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


@lru_cache(maxsize=1024)
def marks_width(marks: tuple[MarkCell, ...]) -> int:
    """Return the width that a row of marks with their labels needs in pixels."""
    font = text_font(FontSize.CAPTION)
    labels = sum(text_width(font, mark.label) for mark in marks)
    gaps = (len(marks) - 1) * Metric.MARK_SPACING if marks else 0
    return labels + gaps + len(marks) * (Metric.SMALL_ICON + Metric.MARK_GAP)


def paint_marks(painter: QPainter, rect: QRect, marks: tuple[MarkCell, ...]) -> None:
    """Paint a row of marks; where there is no room for the labels, the icons alone."""
    labelled = rect.width() >= marks_width(marks)
    width = marks_width(marks) if labelled else len(marks) * (Metric.SMALL_ICON + Metric.MARK_GAP)
    size = QSize(width, Metric.PILL_HEIGHT)
    draw = partial(_draw_marks, marks, labelled, QRect(QPoint(0, 0), size))
    _paint_kept(painter, _leading_corner(rect, size), size, ("marks", marks, labelled), draw)


def _draw_marks(marks: tuple[MarkCell, ...], labelled: bool, area: QRect, painter: QPainter) -> None:
    colors = current_colors()
    font = text_font(FontSize.CAPTION)
    painter.setFont(font)
    left, icon_top = 0, (Metric.PILL_HEIGHT - Metric.SMALL_ICON) // 2
    for mark in marks:
        square = QRect(left, icon_top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        paint_icon(painter, mark.icon_name, colors.foreground(mark.tone), mirrored(square, area))
        left += Metric.SMALL_ICON + Metric.MARK_GAP
        if labelled:
            width = text_width(font, mark.label)
            painter.setPen(QColor(colors.muted))
            paint_text(painter, mirrored(QRect(left, 0, width, Metric.PILL_HEIGHT), area), mark.label)
            left += width + Metric.MARK_SPACING


def _leading_corner(rect: QRect, size: QSize) -> QPoint:
    """Return where a part begins that stands at the leading edge of a rectangle, in the middle of its height."""
    top = rect.top() + (rect.height() - size.height()) // 2
    return mirrored(QRect(QPoint(rect.left(), top), size), rect).topLeft()


def _paint_kept(painter: QPainter, corner: QPoint, size: QSize, what: object, draw: Callable[[QPainter], None]) -> None:
    """Paint a part of a cell from the picture kept of it: the same few parts are painted again and again."""
    if size.width() <= 0:
        return
    ratio = painter.device().devicePixelRatioF()
    look = f"{current_colors().background}/{current_colors().border}/{is_mirrored()}"
    key = f"smtpy/cell/{what!r}/{size.width()}/{ratio}/{look}"
    picture = QPixmap()
    if not QPixmapCache.find(key, picture):
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        cell_painter = QPainter(picture)
        draw(cell_painter)
        cell_painter.end()
        QPixmapCache.insert(key, picture)
    painter.drawPixmap(corner, picture)
