"""One page in the side bar: icon, name and a count, or the icon alone."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from smtpy_desktop.views.icons import paint_icon
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Colors, FontSize, Metric, Radius, Space, Tone, current_colors
from smtpy_desktop.views.widgets.buttons import press_by_return
from smtpy_desktop.views.widgets.label import set_tooltip, text_width
from smtpy_desktop.views.widgets.mirroring import mirrored, mirrored_precisely
from smtpy_desktop.views.widgets.painting import paint_focus, paint_text
from smtpy_desktop.views.widgets.texts import number

_ICON_LEFT = 11
_WORDS_AFTER = Metric.ICON + Space.XS + 1


class NavItem(QAbstractButton):
    """Checkable; the checked one is the page that is seen."""

    def __init__(self, title: str, icon: str, shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon, self._shortcut = icon, shortcut
        self._count, self._count_tone, self._collapsed = 0, Tone.MUTED, False
        self._meaning = ""
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._refresh()

    def set_count(self, count: int, tone: Tone = Tone.MUTED, meaning: str = "") -> None:
        """Show a count behind the name, which ``meaning`` tells in words; 0 shows none."""
        self._count, self._count_tone, self._meaning = count, tone, meaning
        self._refresh()

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon alone, with a dot in place of the count."""
        self._collapsed = collapsed
        self._refresh()

    def sizeHint(self) -> QSize:
        return QSize(Metric.NAV_ITEM_HEIGHT, Metric.NAV_ITEM_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_by_return(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current_colors()
        painter = QPainter(self)
        self._paint_background(painter, colors)
        foreground = colors.accent if self.isChecked() else colors.text
        icon_color = colors.accent if self.isChecked() else colors.muted
        left = (self.width() - Metric.ICON) // 2 if self._collapsed else _ICON_LEFT
        square = QRect(left, (self.height() - Metric.ICON) // 2, Metric.ICON, Metric.ICON)
        paint_icon(painter, self._icon, icon_color, mirrored(square, self.rect()))
        if self._collapsed:
            self._paint_dot(painter, square, colors)
        else:
            self._paint_words(painter, square, colors, foreground)
        painter.end()

    def words_font(self) -> QFont:
        """Return the font of the name."""
        return text_font(FontSize.BASE, QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal)

    def words_room(self) -> int | None:
        """Return the pixels that there are for the name, or None where only the icon is seen."""
        count = text_width(_count_font(), number(self._count)) + Space.S if self._count else 0
        return None if self._collapsed else self.width() - 2 * _ICON_LEFT - _WORDS_AFTER - count

    def _paint_background(self, painter: QPainter, colors: Colors) -> None:
        if self.isChecked() or self.underMouse():
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.accent_tint if self.isChecked() else colors.hover))
            painter.drawRoundedRect(QRectF(self.rect()), Radius.CONTROL, Radius.CONTROL)
            painter.restore()
        if self.hasFocus():
            paint_focus(painter, self.rect(), Radius.CONTROL)

    def _paint_words(self, painter: QPainter, icon: QRect, colors: Colors, foreground: str) -> None:
        right = self.width() - _ICON_LEFT
        if self._count:
            painter.setFont(_count_font())
            painter.setPen(QColor(colors.foreground(self._count_tone)))
            width = text_width(painter.font(), number(self._count))
            count_rect = QRect(right - width, 0, width, self.height())
            paint_text(painter, mirrored(count_rect, self.rect()), number(self._count), Qt.AlignmentFlag.AlignRight)
            right -= width + Space.S
        painter.setFont(self.words_font())
        painter.setPen(QColor(foreground))
        left = icon.left() + _WORDS_AFTER
        paint_text(painter, mirrored(QRect(left, 0, right - left, self.height()), self.rect()), self.text())

    def _paint_dot(self, painter: QPainter, icon: QRect, colors: Colors) -> None:
        if self._count:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.foreground(self._count_tone)))
            radius = Metric.BADGE_DOT / 2
            dot = QRectF(QPointF(icon.topRight()) + QPointF(1 - radius, -radius), QSizeF(2 * radius, 2 * radius))
            painter.drawEllipse(mirrored_precisely(dot, self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        told = self._meaning or number(self._count)
        words = self.text() if not self._count else f"{self.text()}, {told}"
        self.setAccessibleName(words)
        self.setAccessibleDescription(self._shortcut)
        hint = f"{words}   {self._shortcut}" if self._shortcut else words
        room = self.words_room()
        is_whole = room is not None and text_width(self.words_font(), self.text()) <= room
        has_words = not is_whole or (self._count and self._meaning)
        set_tooltip(self, hint if has_words else self._shortcut)
        self.update()


def _count_font() -> QFont:
    return text_font(FontSize.SMALL, QFont.Weight.DemiBold)
