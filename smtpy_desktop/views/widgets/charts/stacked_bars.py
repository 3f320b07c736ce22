"""Bars over time, each made of parts that are stacked on each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Colors, FontSize, Radius, Space, current_colors
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.charts.chart_axis import axis_steps, label_gap
from smtpy_desktop.views.widgets.charts.chart_data import Bar, Series
from smtpy_desktop.views.widgets.mirroring import is_mirrored, mirrored, mirrored_precisely
from smtpy_desktop.views.widgets.painting import paint_focus
from smtpy_desktop.views.widgets.texts import number, tr

_LABEL_HEIGHT = 22
_MIN_HEIGHT = 160
_BAR_SHARE = 0.86
_WIDEST_BAR = 64
_PART_GAP = 1
_SWATCH = 9


class StackedBars(QWidget):
    """``bar_opened(number, series)``: a bar was clicked, or Return was pressed on it (series -1: the whole bar).

    ``has_total``: the parts of a bar are told with their sum.
    """

    accessible_role = QAccessible.Role.Chart

    bar_opened = Signal(int, int)
    has_total = True

    def __init__(self, name: str, series: Sequence[Series], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series = tuple(series)
        self._bars: tuple[Bar, ...] = ()
        self._steps = axis_steps(0)
        self._current = -1
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    @property
    def current(self) -> int:
        """The bar under the mouse or the keyboard, or -1."""
        return self._current

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show other bars."""
        self._bars = tuple(bars)
        self._steps = axis_steps(max((bar.total for bar in bars), default=0))
        self._set_current(-1)
        self.update()

    def words_of(self, place: int) -> str:
        """Return a bar in words, as a screen reader says it."""
        bar = self._bars[place]
        parts = [f"{one.name} {number(value)}" for one, value in zip(self._series, bar.values, strict=True) if value]
        return f"{bar.title}: {', '.join(parts) or number(0)}"

    # Geometry

    def plot_area(self) -> QRectF:
        """Return where the bars stand."""
        metrics = QFontMetrics(text_font(FontSize.CAPTION))
        left = max(metrics.horizontalAdvance(number(step)) for step in self._steps) + Space.S
        top = metrics.height() / 2
        plot = QRectF(left, top, max(1, self.width() - left), max(1, self.height() - top - _LABEL_HEIGHT))
        return mirrored_precisely(plot, self.width())

    def bar_rect(self, place: int) -> QRectF:
        """Return the column of a bar, up to its total."""
        plot = self.plot_area()
        slot = plot.width() / max(1, len(self._bars))
        width = min(slot * _BAR_SHARE, _WIDEST_BAR)
        height = plot.height() * self._bars[place].total / self._steps[-1]
        return QRectF(self._slot(place).center().x() - width / 2, plot.bottom() - height, width, height)

    def _slot(self, place: int) -> QRectF:
        """Return the room of a bar along the axis, in the whole height of the plot."""
        plot = self.plot_area()
        width = plot.width() / max(1, len(self._bars))
        left = plot.right() - width * (place + 1) if is_mirrored() else plot.left() + width * place
        return QRectF(left, plot.top(), width, plot.height())

    def bar_at(self, x: float) -> int:
        """Return the bar in whose slot a point lies, or -1."""
        plot = self.plot_area()
        if not self._bars or not plot.left() <= x <= plot.right():
            return -1
        along = plot.right() - x if is_mirrored() else x - plot.left()
        return min(int(along / (plot.width() / len(self._bars))), len(self._bars) - 1)

    def series_at(self, place: int, y: float) -> int:
        """Return the part of a bar at a height, or -1 beside it."""
        plot, below = self.plot_area(), 0
        at = (plot.bottom() - y) / plot.height() * self._steps[-1]
        for part, value in enumerate(self._bars[place].values):
            if value and below <= at < below + value:
                return part
            below += value
        return -1

    def sizeHint(self) -> QSize:
        return QSize(480, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, _MIN_HEIGHT)

    # Mouse and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_current(self.bar_at(event.position().x()))
        shape = Qt.CursorShape.PointingHandCursor if self._current >= 0 else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._set_current(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.bar_at(event.position().x())
        if event.button() is Qt.MouseButton.LeftButton and place >= 0 and self._bars[place].total:
            self.bar_opened.emit(place, self.series_at(place, event.position().y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._bars) - 1
        before, after = (1, -1) if is_mirrored() else (-1, 1)
        steps = {Qt.Key.Key_Left: before, Qt.Key.Key_Right: after, Qt.Key.Key_Home: -last, Qt.Key.Key_End: last}
        if event.key() in steps and last >= 0:
            start = self._current if self._current >= 0 else last
            self._set_current(min(max(start + steps[Qt.Key(event.key())], 0), last))
            announce(self, self.words_of(self._current))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current >= 0:
            self.bar_opened.emit(self._current, -1)
        else:
            super().keyPressEvent(event)

    def _set_current(self, place: int) -> None:
        if place != self._current:
            self._current = place
            self.setAccessibleDescription(self.words_of(place) if place >= 0 else "")
            self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = current_colors()
        painter.setFont(text_font(FontSize.CAPTION))
        self._paint_grid(painter, colors)
        for place in range(len(self._bars)):
            self._paint_bar(painter, colors, place)
        self._paint_labels(painter, colors)
        if self._current >= 0:
            self._paint_values(painter, colors, self._current)
        if self.hasFocus():
            paint_focus(painter, self.rect().adjusted(0, 0, -1, -1), Radius.SMALL)
        painter.end()

    def _paint_grid(self, painter: QPainter, colors: Colors) -> None:
        plot = self.plot_area()
        for step in self._steps:
            y = round(plot.bottom() - plot.height() * step / self._steps[-1])
            painter.setPen(QColor(colors.border))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(colors.muted))
            # Qt mirrors the alignment by itself, where the window reads so.
            box = mirrored_precisely(QRectF(0, y - 10, self.width() - plot.width() - Space.S, 20), self.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number(step))

    def _paint_bar(self, painter: QPainter, colors: Colors, place: int) -> None:
        column, plot = self.bar_rect(place), self.plot_area()
        if place == self._current:
            painter.fillRect(self._slot(place), QColor(colors.hover))
        bottom = plot.bottom()
        for one, value in zip(self._series, self._bars[place].values, strict=True):
            height = plot.height() * value / self._steps[-1]
            gap = _PART_GAP if height > 2 * _PART_GAP else 0
            if height > 0:
                # A single failed message among thousands must still be seen.
                seen = max(height - gap, 1.0)
                painter.fillRect(QRectF(column.left(), bottom - seen - gap, column.width(), seen), one.color_in(colors))
            bottom -= height

    def _paint_labels(self, painter: QPainter, colors: Colors) -> None:
        plot = self.plot_area()
        widest = max((painter.fontMetrics().horizontalAdvance(bar.label) for bar in self._bars), default=0)
        gap = label_gap(len(self._bars), plot.width(), widest + Space.L)
        painter.setPen(QColor(colors.muted))
        for place in range(0, len(self._bars), gap):
            center = self.bar_rect(place).center().x()
            left = min(max(center - widest / 2 - 1, 0.0), self.width() - widest - 2)
            box = QRectF(left, plot.bottom() + Space.XS, widest + 2, _LABEL_HEIGHT - Space.XS)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._bars[place].label)

    def _paint_values(self, painter: QPainter, colors: Colors, place: int) -> None:
        """Paint a box with the values of one bar beside it."""
        bar = self._bars[place]
        lines = [(one, value) for one, value in zip(self._series, bar.values, strict=True) if value]
        title_font = text_font(FontSize.SMALL, QFont.Weight.DemiBold)
        small = QFontMetrics(text_font(FontSize.SMALL))
        height = small.height() + Space.XS
        texts = [f"{one.name}  {number(value)}" for one, value in lines]
        total = [tr("Total {n}", n=number(bar.total))] if self.has_total or not lines else []
        width = max(
            QFontMetrics(title_font).horizontalAdvance(bar.title),
            *(small.horizontalAdvance(one) + _SWATCH + Space.S for one in (*texts, *total)),
        )
        box = QRect(0, 0, width + 2 * Space.M, height * (len(lines) + len(total) + 1) + 2 * Space.S)
        column = self.bar_rect(place)
        left, other = column.right() + Space.S, column.left() - Space.S - box.width()
        if left + box.width() > self.width() or (is_mirrored() and other >= 0):
            left = max(0.0, other)
        box.moveTo(int(left), int(self.plot_area().top() + Space.S))
        painter.setPen(QColor(colors.border))
        painter.setBrush(QColor(colors.raised))
        painter.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        line = QRect(box.left() + Space.M, box.top() + Space.S, width, height)
        painter.setFont(title_font)
        painter.setPen(QColor(colors.text))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, bar.title)
        painter.setFont(text_font(FontSize.SMALL))
        for (one, _), words in zip(lines, texts, strict=True):
            line.translate(0, height)
            swatch = QRect(line.left(), line.center().y() - _SWATCH // 2, _SWATCH, _SWATCH)
            painter.fillRect(mirrored(swatch, line), one.color_in(colors))
            beside = mirrored(line.adjusted(_SWATCH + Space.S, 0, 0, 0), line)
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, words)
        painter.setPen(QColor(colors.muted))
        for words in total:
            line.translate(0, height)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, words)
