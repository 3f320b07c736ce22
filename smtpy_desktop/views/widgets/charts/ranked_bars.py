"""A ranking: a name, a bar and a number in each line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Radius, Space, current_colors
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.charts.chart_data import RankedBar
from smtpy_desktop.views.widgets.label import plain_tooltip
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.painting import paint_focus, paint_rounded, paint_text
from smtpy_desktop.views.widgets.texts import number

_LINE_HEIGHT = 24
_BAR_HEIGHT = 8
_LABEL_SHARE = 0.52
_SHORTEST_BARS = 56


class RankedBars(QWidget):
    """``bar_opened(number)``: a line was clicked, or Return was pressed on it."""

    accessible_role = QAccessible.Role.Chart

    bar_opened = Signal(int)

    def __init__(self, name: str, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self._bars: tuple[RankedBar, ...] = ()
        self._current = -1
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> tuple[RankedBar, ...]:
        """What is shown."""
        return self._bars

    @property
    def current(self) -> int:
        """The line under the mouse or the keyboard, or -1."""
        return self._current

    def show_bars(self, bars: Sequence[RankedBar]) -> None:
        """Show other lines."""
        self._bars = tuple(bars)
        self._current = -1
        words = "; ".join(f"{bar.label} {number(bar.value)}" for bar in bars)
        self.setAccessibleDescription(words)
        self.updateGeometry()
        self.update()

    def line_rect(self, place: int) -> QRect:
        """Return the place of a line."""
        return QRect(0, place * _LINE_HEIGHT, self.width(), _LINE_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._bars)) * _LINE_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(140, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_current(self._line_at(event.position().y()))
        on_line = self._current >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if on_line else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_current(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._line_at(event.position().y())
        if event.button() is Qt.MouseButton.LeftButton and place >= 0:
            self.bar_opened.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if event.key() in steps and self._bars:
            self._set_current(min(max(self._current + steps[Qt.Key(event.key())], 0), len(self._bars) - 1))
            bar = self._bars[self._current]
            announce(self, f"{bar.label} {number(bar.value)}")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.bar_opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Show the whole name in the tooltip of a line."""
        if event.type() == QEvent.Type.ToolTip and self._current >= 0:
            bar = self._bars[self._current]
            QToolTip.showText(
                self.mapToGlobal(self.line_rect(self._current).bottomLeft()),
                plain_tooltip(f"{bar.label}: {number(bar.value)}"),
                self,
            )
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = current_colors()
        highest = max((bar.value for bar in self._bars), default=0) or 1
        numbers = QFontMetrics(text_font()).horizontalAdvance(number(highest)) + Space.S
        label_width = self._label_width(numbers)
        for place, bar in enumerate(self._bars):
            line = self.line_rect(place)
            if place == self._current:
                painter.fillRect(line, QColor(colors.hover))
            painter.setFont(text_font(FontSize.BASE))
            painter.setPen(QColor(colors.text))
            label = QRect(line.left(), line.top(), label_width - Space.S, line.height())
            paint_text(painter, mirrored(label, line), bar.label)
            painter.setPen(QColor(colors.muted))
            paint_text(painter, line, number(bar.value), Qt.AlignmentFlag.AlignRight)
            room = line.width() - label_width - numbers
            width = max(_BAR_HEIGHT, round(room * bar.value / highest))
            right = line.right() - numbers
            top = line.center().y() - _BAR_HEIGHT // 2 + 1
            color = str(getattr(colors, self._color))
            bar_rect = QRectF(right - width, top, width, _BAR_HEIGHT).toRect()
            paint_rounded(painter, mirrored(bar_rect, line), color)
        if self.hasFocus():
            paint_focus(painter, self.rect().adjusted(0, 0, -1, -1), Radius.SMALL)
        painter.end()

    def _label_width(self, numbers: int) -> int:
        """Return the room for names: half of the width, or where they are longer all that the bars can spare."""
        metrics = QFontMetrics(text_font(FontSize.BASE))
        longest = max((metrics.horizontalAdvance(bar.label) for bar in self._bars), default=0) + 2 * Space.S
        return max(int(self.width() * _LABEL_SHARE), min(longest, self.width() - numbers - _SHORTEST_BARS))

    def _line_at(self, y: float) -> int:
        place = int(y // _LINE_HEIGHT)
        return place if 0 <= place < len(self._bars) else -1

    def _set_current(self, place: int) -> None:
        if place != self._current:
            self._current = place
            self.update()
