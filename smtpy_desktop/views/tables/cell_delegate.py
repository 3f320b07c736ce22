"""Paints the cells of a data table: text, pills, marks, and the tint of the whole row."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from smtpy_desktop.views.icons import paint_icon
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Colors, Metric, Space, Tone, current_colors
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.painting import PillCell, marks_width, paint_marks, paint_pill, paint_text, pill_width

Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Asks the model for the row object and the column for what to show; nothing goes through Qt's variants."""

    def __init__(self, model: KeyedTableModel[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._text_font = text_font()
        self._mono_font = mono_font()
        self.hovered_row = -1

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell and its part of the row."""
        colors = current_colors()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        self._paint_row_part(painter, rect, colors, selected=selected, hovered=index.row() == self.hovered_row)
        row = self._model.row(index.row())
        if row is not None:
            inner = rect.adjusted(Metric.CELL_PADDING, 0, -Space.S, -Metric.BORDER)
            self._paint_cell(painter, inner, self._model.columns[index.column()], row, colors)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return what the cell would like (a double click on the header's edge asks)."""
        row = self._model.row(index.row())
        if row is None:
            return QSize(0, Metric.ROW_HEIGHT)
        column = self._model.columns[index.column()]
        cell = column.cell(row) if column.cell is not None else None
        if isinstance(cell, PillCell):
            width = pill_width(cell)
        elif cell is not None:
            width = marks_width(cell)
        else:
            width = option.fontMetrics.horizontalAdvance(column.text(row))
            width += Metric.ICON + Space.S if column.icon is not None else 0
        return QSize(width + Metric.CELL_PADDING + Space.M, Metric.ROW_HEIGHT)

    def _paint_row_part(self, painter: QPainter, rect: QRect, colors: Colors, *, selected: bool, hovered: bool) -> None:
        if selected or hovered:
            painter.fillRect(rect, QColor(colors.accent_tint if selected else colors.hover))
        painter.setPen(QColor(colors.border))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _paint_cell(self, painter: QPainter, rect: QRect, column: Column[Any], row: Any, colors: Colors) -> None:
        cell = column.cell(row) if column.cell is not None else None
        if isinstance(cell, PillCell):
            paint_pill(painter, rect, cell)
            return
        if cell is not None:
            paint_marks(painter, rect, cell)
            return
        spec = column.icon(row) if column.icon is not None else None
        if spec is not None:
            name, tone = spec
            top = rect.top() + (rect.height() - Metric.ICON) // 2
            paint_icon(painter, name, colors.foreground(tone), QRect(rect.left(), top, Metric.ICON, Metric.ICON))
            rect = rect.adjusted(Metric.ICON + Space.S, 0, 0, 0)
        painter.setFont(self._mono_font if column.mono else self._text_font)
        painter.setPen(QColor(colors.foreground(column.tone(row) if column.tone is not None else Tone.TEXT)))
        side = Qt.AlignmentFlag.AlignRight if column.align_end else Qt.AlignmentFlag.AlignLeft
        paint_text(painter, rect, column.text(row), side)
