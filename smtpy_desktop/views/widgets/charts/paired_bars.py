"""Bars over time in groups: what belongs to the same moment stands side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from smtpy_desktop.views.theme_tokens import Colors
from smtpy_desktop.views.widgets.charts.chart_axis import axis_steps
from smtpy_desktop.views.widgets.charts.chart_data import Bar
from smtpy_desktop.views.widgets.charts.stacked_bars import StackedBars
from smtpy_desktop.views.widgets.mirroring import is_mirrored


class PairedBars(StackedBars):
    """The values of a bar stand beside each other instead of on each other; a sum of them would mean nothing."""

    has_total = False

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show other bars; the one under the mouse or the keyboard stays the same place."""
        current = self._current
        super().show_bars(bars)
        self._steps = axis_steps(max((value for bar in bars for value in bar.values), default=0))
        if current < len(bars):
            self._set_current(current)

    def bar_rect(self, place: int) -> QRectF:
        """Return the column of a group, up to its highest bar."""
        column = super().bar_rect(place)
        plot = self.plot_area()
        column.setTop(plot.bottom() - plot.height() * max(self._bars[place].values, default=0) / self._steps[-1])
        return column

    def series_at(self, place: int, y: float) -> int:
        """Return -1: a group is opened as a whole."""
        return -1

    def _paint_bar(self, painter: QPainter, colors: Colors, place: int) -> None:
        column, plot = self.bar_rect(place), self.plot_area()
        if place == self._current:
            painter.fillRect(self._slot(place), QColor(colors.hover))
        values = self._bars[place].values
        width = column.width() / len(values)
        for number, (one, value) in enumerate(zip(self._series, values, strict=True)):
            if value:
                height = max(plot.height() * value / self._steps[-1], 1.0)
                left = column.right() - (number + 1) * width if is_mirrored() else column.left() + number * width
                bar = QRectF(left, plot.bottom() - height, max(width - 1, 1.0), height)
                painter.fillRect(bar, QColor(one.color_in(colors)))
