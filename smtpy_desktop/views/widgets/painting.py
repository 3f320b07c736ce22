"""Hand-painted parts that widgets and table cells share: pills and record marks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from smtpy_desktop.views.icons import paint_icon, status_icon_name
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Tone, current_colors
from smtpy_desktop.views.widgets.label import text_width


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


def pill_width(pill: PillCell) -> int:
    """Return the width of a pill in pixels."""
    icon = Metric.SMALL_ICON + Metric.PILL_GAP if pill.icon_name else 0
    trailing = Metric.SMALL_ICON if pill.trailing_icon else 0
    return text_width(pill_font(), pill.text) + icon + trailing + 2 * Metric.PILL_PADDING


def paint_pill(painter: QPainter, rect: QRect, pill: PillCell) -> None:
    """Paint a pill at the leading edge of a rectangle, cut short where it does not fit."""
    colors = current_colors()
    width = min(pill_width(pill), rect.width())
    top = rect.top() + (rect.height() - Metric.PILL_HEIGHT) // 2
    body = QRect(rect.left(), top, width, Metric.PILL_HEIGHT)
    paint_rounded(painter, body, colors.tint(pill.tone))
    foreground = colors.foreground(pill.tone)
    left = body.left() + Metric.PILL_PADDING
    if pill.icon_name:
        icon_top = top + (Metric.PILL_HEIGHT - Metric.SMALL_ICON) // 2
        paint_icon(painter, pill.icon_name, foreground, QRect(left, icon_top, Metric.SMALL_ICON, Metric.SMALL_ICON))
        left += Metric.SMALL_ICON + Metric.PILL_GAP
    right = body.right() + 1 - Metric.PILL_PADDING
    if pill.trailing_icon:
        right -= Metric.SMALL_ICON
        icon_top = top + (Metric.PILL_HEIGHT - Metric.SMALL_ICON) // 2
        square = QRect(right + Metric.PILL_GAP // 2, icon_top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        paint_icon(painter, pill.trailing_icon, foreground, square)
    painter.setFont(pill_font())
    painter.setPen(QColor(foreground))
    paint_text(painter, QRect(left, top, right - left, Metric.PILL_HEIGHT), pill.text)


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
    """Paint one line of plain text, elided to the rectangle."""
    shown = painter.fontMetrics().elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


def marks_width(marks: tuple[MarkCell, ...]) -> int:
    """Return the width that a row of marks needs in pixels."""
    font = text_font(FontSize.CAPTION)
    labels = sum(text_width(font, mark.label) for mark in marks)
    return labels + len(marks) * (Metric.SMALL_ICON + Metric.MARK_GAP + Metric.MARK_SPACING)


def paint_marks(painter: QPainter, rect: QRect, marks: tuple[MarkCell, ...]) -> None:
    """Paint a row of marks; what does not fit is left out at the end."""
    colors = current_colors()
    painter.setFont(text_font(FontSize.CAPTION))
    font = painter.font()
    left = rect.left()
    icon_top = rect.top() + (rect.height() - Metric.SMALL_ICON) // 2
    for mark in marks:
        advance = text_width(font, mark.label)
        if left + Metric.SMALL_ICON > rect.right():
            return
        square = QRect(left, icon_top, Metric.SMALL_ICON, Metric.SMALL_ICON)
        paint_icon(painter, mark.icon_name, colors.foreground(mark.tone), square)
        left += Metric.SMALL_ICON + Metric.MARK_GAP
        painter.setPen(QColor(colors.muted))
        paint_text(painter, QRect(left, rect.top(), min(advance, rect.right() - left), rect.height()), mark.label)
        left += advance + Metric.MARK_SPACING
