"""A card with a chart in it: title, legend, its numbers as a table, and a copy as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.theme_tokens import Space, Tone, current_colors
from smtpy_desktop.views.widgets.buttons import IconButton
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.charts.chart_data import Series
from smtpy_desktop.views.widgets.charts.chart_picture import copy_card
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.painting import paint_rounded
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.texts import tr

_SWATCH = 9


class ChartCard(Card):
    """Shows ``chart`` or its table; ``copied`` is called after a copy."""

    def __init__(
        self,
        title: str,
        chart: QWidget,
        columns: Sequence[Column[Any]],
        parent: QWidget | None = None,
        *,
        legend: Sequence[Series] = (),
        copied: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(title, "", parent)
        self.set_roomy()
        self.chart = chart
        self._copied = copied
        self.model: KeyedTableModel[Any] = KeyedTableModel(columns, fixed_reader(()), self)
        self.table: DataTable[Any] = DataTable(self.model, title, "chart", MemoryStore(), self)
        self.table.set_compact(compact=True)
        self.table.hide()
        self.body.addWidget(chart, 1)
        self.body.addWidget(self.table, 1)
        self._legend = _Legend(legend, self)
        self.add_action(self._legend)
        self.table_button = IconButton("list", tr("Show as a table"), self, action=self._switch)
        self.copy_button = IconButton("copy", tr("Copy as a picture"), self, action=self._copy)
        self.add_action(self.table_button)
        self.add_action(self.copy_button)

    @property
    def shows_table(self) -> bool:
        """Whether the numbers are shown in place of the chart."""
        return not self.table.isHidden()

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Put the numbers of the chart into its table."""
        self.model.set_reader(fixed_reader(rows))
        self.model.reload(keep=False)

    def show_legend(self, names: Sequence[str]) -> None:
        """Name only the parts that there are."""
        self._legend.show_only(names)

    def _switch(self) -> None:
        shown = not self.shows_table
        self.table.setVisible(shown)
        self.chart.setVisible(not shown)
        self.copy_button.setVisible(not shown)
        self.table_button.set_name(tr("Show as a chart") if shown else tr("Show as a table"))
        self.table_button.set_icon("report-analytics" if shown else "list")

    def _copy(self) -> None:
        copy_card(self, (self.title, self._legend, self.chart))
        if self._copied is not None:
            self._copied()


class _Legend(QWidget):
    """Names the colours of the parts."""

    def __init__(self, series: Sequence[Series], parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, Space.S, 0)
        row.setSpacing(Space.XS + 2)
        self._entries = {}
        for one in series:
            entry = QWidget(self)
            inner = QHBoxLayout(entry)
            inner.setContentsMargins(0, 0, Space.S, 0)
            inner.setSpacing(Space.XS + 1)
            inner.addWidget(_Swatch(one, entry))
            inner.addWidget(PlainLabel(one.name, entry, tone=Tone.MUTED, size="caption"))
            row.addWidget(entry)
            self._entries[one.name] = entry

    def show_only(self, names: Sequence[str]) -> None:
        """Name only the parts that there are."""
        for name, entry in self._entries.items():
            entry.setVisible(name in names)


class _Swatch(QWidget):
    def __init__(self, series: Series, parent: QWidget) -> None:
        super().__init__(parent)
        self._series = series
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_SWATCH, _SWATCH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_rounded(painter, QRect(0, 0, _SWATCH, _SWATCH), self._series.color_in(current_colors()))
        painter.end()
