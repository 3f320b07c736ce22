"""Paints the rows of a data table: text, pills, marks, and the tint of the whole row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QRect
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QHeaderView

from smtpy_desktop.views.icons import paint_icon
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.line_fit import LineFit
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Colors, Metric, Space, Tone, current_colors
from smtpy_desktop.views.widgets.mirroring import is_mirrored, mirrored
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.painting import PillCell, paint_marks, paint_pill


@dataclass(frozen=True, slots=True)
class SeenRows:
    """The rows to paint: numbers ``first`` to ``last``, the first one's ``top``, and the height of each, in pixels."""

    first: int
    last: int
    top: int
    height: int


@dataclass(frozen=True, slots=True)
class _Place:
    column: Column[Any]
    left: int
    width: int
    lines: LineFit


class RowPainter:
    """Asks the model for row objects and the columns for what to show of them, a row at a time.

    Qt's own way, a delegate for each cell, costs more than what is painted: it crosses between C++ and Python dozens
    of times for every cell, and at each crossing another thread may take the interpreter.
    """

    def __init__(self, model: KeyedTableModel[Any], header: QHeaderView) -> None:
        self._model, self._header = model, header
        self._lines: dict[tuple[bool, bool], LineFit] = {}
        self.hovered_row = -1

    def paint(self, painter: QPainter, area: QRect, rows: SeenRows, selection: QItemSelectionModel) -> None:
        """Paint everything that lies in an area of the viewport."""
        colors = current_colors()
        painter.fillRect(area, QColor(colors.surface))
        places = self._places(area)
        pen = _Pen(painter, colors)
        has_selection = selection.hasSelection()
        for number in range(rows.first, rows.last + 1):
            top = rows.top + (number - rows.first) * rows.height
            band = QRect(area.left(), top, area.width(), rows.height)
            row = self._model.row(number)
            if has_selection and selection.isSelected(self._model.index(number, 0)):
                painter.fillRect(band, QColor(colors.accent_tint))
            elif number == self.hovered_row:
                painter.fillRect(band, QColor(colors.hover))
            bottom = QRect(area.left(), top + rows.height - Metric.BORDER, area.width(), Metric.BORDER)
            painter.fillRect(bottom, QColor(colors.border))
            if row is not None:
                for place in places:
                    self._paint_cell(pen, place, row, top, rows.height - Metric.BORDER)

    def _places(self, area: QRect) -> list[_Place]:
        """Return the columns that lie in an area, with the room that each has for what it shows."""
        header, places = self._header, []
        before = Space.S if is_mirrored() else Metric.CELL_PADDING
        for section, column in enumerate(self._model.columns):
            if header.isSectionHidden(section):
                continue
            left, width = header.sectionViewportPosition(section), header.sectionSize(section)
            if left <= area.right() and left + width > area.left():
                room = width - Metric.CELL_PADDING - Space.S
                places.append(_Place(column, left + before, room, self._lines_of(column)))
        return places

    def _lines_of(self, column: Column[Any]) -> LineFit:
        kind = (column.mono, column.elide_middle)
        if kind not in self._lines:
            self._lines[kind] = LineFit(mono_font() if column.mono else text_font(), in_middle=column.elide_middle)
        return self._lines[kind]

    def _paint_cell(self, pen: _Pen, place: _Place, row: Any, top: int, height: int) -> None:
        column, left, width = place.column, place.left, place.width
        cell = column.cell(row) if column.cell is not None else None
        if isinstance(cell, PillCell):
            paint_pill(pen.painter, QRect(left, top, width, height), cell)
            return
        if cell is not None:
            paint_marks(pen.painter, QRect(left, top, width, height), cell)
            return
        spec = column.icon(row) if column.icon is not None else None
        if spec is not None:
            name, tone = spec
            square = QRect(left, top + (height - Metric.ICON) // 2, Metric.ICON, Metric.ICON)
            paint_icon(
                pen.painter, name, pen.colors.foreground(tone), mirrored(square, QRect(left, top, width, height))
            )
            left, width = left if pen.mirrors else left + Metric.ICON + Space.S, width - Metric.ICON - Space.S
        lines = place.lines
        pen.take(lines, column.tone(row) if column.tone is not None else Tone.TEXT)
        lines.paint(pen.painter, left, top, width, height, column.text(row), column.align_end != pen.mirrors)


class _Pen:
    """The painter with the font and colour that it has: both are changed only where they differ."""

    def __init__(self, painter: QPainter, colors: Colors) -> None:
        self.painter, self.colors, self.mirrors = painter, colors, is_mirrored()
        self._lines: LineFit | None = None
        self._tone: Tone | None = None

    def take(self, lines: LineFit, tone: Tone) -> None:
        """Write in this font and colour."""
        if lines is not self._lines:
            self.painter.setFont(lines.font)
            self._lines = lines
        if tone is not self._tone:
            self.painter.setPen(QColor(self.colors.foreground(tone)))
            self._tone = tone
