"""The chart of the last hour: what was accepted and delivered in each minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.queue import MinuteFlow
from smtpy_desktop.views.tables.column_kinds import count_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.widgets.charts.chart_card import ChartCard
from smtpy_desktop.views.widgets.charts.chart_data import Bar, Series
from smtpy_desktop.views.widgets.charts.paired_bars import PairedBars
from smtpy_desktop.views.widgets.moments import time_of
from smtpy_desktop.views.widgets.texts import number, tr

_HEIGHT = 118


class FlowCard(ChartCard):
    """Follows the minutes; what has not changed is not painted again."""

    def __init__(self, parent: QWidget, copied: Callable[[], object]) -> None:
        self._series = (Series(tr("Accepted"), "accent"), Series(tr("Delivered"), "ok"))
        self.bars = _LowBars(tr("Accepted and delivered in each minute of the last hour"), self._series)
        columns: list[Column[Bar]] = [
            Column("minute", tr("Minute"), lambda bar: bar.title, stretch=True, required=True),
            *(_value_column(place, one.name) for place, one in enumerate(self._series)),
        ]
        super().__init__(tr("Per minute"), self.bars, columns, parent, legend=self._series, copied=copied)
        self._shown: tuple[Bar, ...] = ()
        self.setFixedHeight(self.sizeHint().height())

    def show_minutes(self, minutes: Sequence[MinuteFlow]) -> None:
        """Show the minutes of an hour; the last one is not over yet."""
        bars = tuple(_bar(one) for one in minutes)
        if bars == self._shown:
            return
        self._shown = bars
        accepted, delivered = (sum(bar.values[place] for bar in bars) for place in (0, 1))
        self.subtitle.setText(
            tr(
                "In the last hour {accepted} accepted, {delivered} delivered",
                accepted=number(accepted),
                delivered=number(delivered),
            )
        )
        self.bars.show_bars(bars)
        if self.shows_table:
            self._show_table()

    @property
    def has_flow(self) -> bool:
        """Whether anything came or went."""
        return any(bar.total for bar in self._shown)

    def _switch(self) -> None:
        super()._switch()
        if self.shows_table:
            self._show_table()

    def _show_table(self) -> None:
        self.show_rows(tuple(reversed(self._shown)))


class _LowBars(PairedBars):
    """A chart that leaves the height of the page to the queue."""

    def sizeHint(self) -> QSize:
        return QSize(480, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)


def _bar(one: MinuteFlow) -> Bar:
    minute = time_of(one.minute)
    return Bar(minute, minute, (one.accepted, one.delivered))


def _value_column(place: int, title: str) -> Column[Bar]:
    return count_column(f"value-{place}", title, lambda bar: bar.values[place], width=104, sortable=False)
