"""The rounded surface around a data table, with an empty state in its place when there is nothing to list."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.theme_tokens import Metric, Radius, current_colors
from smtpy_desktop.views.widgets.tab_order import follow

# So high that the rows, one border from the side, end above the round corners. Nothing may lie over the rows: Qt would
# paint all of them anew at every step of scrolling instead of moving what is there.
_FOOT = Radius.CARD - math.isqrt(Radius.CARD**2 - (Radius.CARD - Metric.BORDER) ** 2)


class TableFrame(QFrame):
    """Rounds the corners of what it holds; ``show_table`` and ``show_instead`` switch between table and empty state."""

    accessible_role = QAccessible.Role.Client

    def __init__(self, table: DataTable[Any], parent: QWidget | None = None, *, on_surface: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        outer = QVBoxLayout(self)
        border = Metric.BORDER
        outer.setContentsMargins(border, border, border, _FOOT)
        holder = QWidget(self)
        outer.addWidget(holder)
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(table)
        self._table = table
        self._corners = [_Corner(self, right=right, on_surface=on_surface) for right in (False, True)]

    def show_table(self) -> None:
        """Show the table."""
        self._stack.setCurrentWidget(self._table)

    def show_instead(self, widget: QWidget) -> None:
        """Show something in the table's place, usually an empty state."""
        if self._stack.indexOf(widget) < 0:
            self._stack.addWidget(widget)
            follow(self)
        self._stack.setCurrentWidget(widget)

    def fit_rows(self, most_rows: int = 12) -> None:
        """Be as high as the rows are, up to a number of them (for short tables inside a page)."""
        fits = self._table.model().rowCount() <= most_rows
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._table.setVerticalScrollBarPolicy(policy)
        self.setFixedHeight(self._table.content_height(most_rows) + Metric.BORDER + _FOOT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for corner in self._corners:
            corner.place()


class _Corner(QWidget):
    """Paints what lies outside a round corner over the header, which Qt clips to a rectangle only."""

    def __init__(self, parent: QWidget, *, right: bool, on_surface: bool) -> None:
        super().__init__(parent)
        self._frame = parent
        self._right, self._on_surface = right, on_surface
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(Radius.CARD, Radius.CARD)

    def place(self) -> None:
        """Go to the corner of the parent."""
        self.move(self._frame.width() - Radius.CARD if self._right else 0, 0)
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = current_colors()
        radius = float(Radius.CARD)
        center = QPointF(0 if self._right else radius, radius)
        outside = QPainterPath()
        outside.addRect(QRectF(self.rect()))
        inside = QPainterPath()
        inside.addEllipse(center, radius, radius)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(outside - inside, QColor(colors.surface if self._on_surface else colors.background))
        painter.setPen(QColor(colors.border))
        painter.drawEllipse(center, radius - 0.5, radius - 0.5)
        painter.end()
