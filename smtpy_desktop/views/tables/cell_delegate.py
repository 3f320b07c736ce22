"""Knows how much room the cells of a data table would like."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import Metric, Space
from smtpy_desktop.views.widgets.label import plain_tooltip, text_width
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.painting import PillCell, marks_width, pill_width

Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Measures cells for a column that is to fit its content; they are painted by ``RowPainter``."""

    def __init__(self, model: KeyedTableModel[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Tell in the tooltip what a cell has no room for, and what its column has to say besides."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        rect = view.visualRect(index)
        QToolTip.showText(event.globalPos(), plain_tooltip(self.tooltip(index, rect.width())), view, rect)
        return True

    def tooltip(self, index: Index, width: int) -> str:
        """Return the words of a cell's tooltip where its column is so wide."""
        row = self._model.row(index.row())
        if row is None:
            return ""
        column = self._model.columns[index.column()]
        told, words = column.tooltip_text(row), column.text(row)
        is_whole = self.sizeHint(QStyleOptionViewItem(), index).width() - Space.M + Space.S <= width
        return told if is_whole or words in told else "\n".join(part for part in (words, told) if part)

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
            width = text_width(mono_font() if column.mono else text_font(), column.text(row))
            width += Metric.ICON + Space.S if column.icon is not None else 0
        return QSize(width + Metric.CELL_PADDING + Space.M, Metric.ROW_HEIGHT)
