"""Nothing that is shown may be taken for markup: labels are plain, tooltips escaped, and there is no rich text."""

from __future__ import annotations

import html
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QLabel, QMessageBox, QTextEdit, QWidget

from smtpy_desktop.views.widgets.label import plain_tooltip
from tests.helpers.seen_widgets import path_of, seen_widgets

_MOST_CELLS = 400
_WRAPPER = plain_tooltip("x").partition("x")
RICH_TEXT = ("guide",)
"""What shows the program's own pages, and nothing of anybody else."""


def not_literal(top: QWidget) -> Iterator[str]:
    """Yield every widget or cell of a window that would take what it shows for markup."""
    for widget in seen_widgets(top):
        if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText:
            yield f"{path_of(widget)} guesses at markup"
        if isinstance(widget, QMessageBox):
            yield f"{path_of(widget)} is a bare message box"
        if isinstance(widget, QTextEdit) and widget.objectName() not in RICH_TEXT:
            yield f"{path_of(widget)} shows rich text"
        for words in (widget.toolTip(), widget.whatsThis(), widget.statusTip()):
            if not is_literal(words):
                yield f"{path_of(widget)} has a tooltip that is taken for markup: {words[:80]!r}"
        if isinstance(widget, (QAbstractItemView, QComboBox)) and widget.model() is not None:
            yield from (f"{path_of(widget)}, {fault}" for fault in _bad_cells(widget.model()))


def is_literal(tooltip: str) -> bool:
    """Say whether Qt shows a tooltip as it is meant: plain and not to be mistaken, or one escaped paragraph."""
    if not GuiQt.mightBeRichText(tooltip):
        return True
    head, _, foot = _WRAPPER
    if not (tooltip.startswith(head) and tooltip.endswith(foot)):
        return False
    inner = tooltip[len(head) : len(tooltip) - len(foot)]
    return "<" not in inner and html.escape(html.unescape(inner)) == inner


def shown_of(tooltip: str) -> str:
    """Return the words of a tooltip."""
    head, _, foot = _WRAPPER
    if tooltip.startswith(head) and tooltip.endswith(foot):
        return html.unescape(tooltip[len(head) : len(tooltip) - len(foot)])
    return tooltip


def _bad_cells(model: QAbstractItemModel) -> Iterator[str]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())
    rows = min(model.rowCount(QModelIndex()), _MOST_CELLS // max(columns, 1))
    for row in range(rows):
        for column in range(columns):
            words = str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")
            if not is_literal(words):
                yield f"cell {row}/{column} has a tooltip that is taken for markup: {words[:80]!r}"
