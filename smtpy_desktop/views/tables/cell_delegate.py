"""Knows how much room the cells of a data table would like."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.theme_tokens import Metric, Space
from smtpy_desktop.views.widgets.painting import PillCell, marks_width, pill_width

Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Measures cells for a column that is to fit its content; they are painted by ``RowPainter``."""

    def __init__(self, model: KeyedTableModel[Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model

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
