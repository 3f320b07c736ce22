"""The charts of the overview: messages over time by status, and rankings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.core.bounce_advice import bounce_name
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.message_search_text import quoted
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.message_statistics import MessageStatistics, StatisticsPeriod
from smtpy_desktop.schemas.messages import CountPoint, MessageStatus, RankedCount
from smtpy_desktop.views.overview_period import search_of_span, title_of_step
from smtpy_desktop.views.tables.column_kinds import count_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.charts.chart_card import ChartCard
from smtpy_desktop.views.widgets.charts.chart_data import Bar, RankedBar, Series
from smtpy_desktop.views.widgets.charts.ranked_bars import RankedBars
from smtpy_desktop.views.widgets.charts.stacked_bars import StackedBars
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.moments import write_day, write_long_date, write_month, write_time
from smtpy_desktop.views.widgets.texts import tr, translated

_MOST_LINES = 4
_ALWAYS_NAMED = 4
_WHOLE_CARD = 100
_NARROW, _WIDE = 72, 104
_STATUSES: tuple[tuple[MessageStatus, ...], ...] = (
    (MessageStatus.DELIVERED,),
    (MessageStatus.FAILED,),
    (MessageStatus.BOUNCED,),
    (MessageStatus.REJECTED,),
    (MessageStatus.PENDING, MessageStatus.PROCESSING),
)


class TimeCard(ChartCard):
    """``search_wanted(str)``: the messages behind a part of a bar."""

    search_wanted = Signal(str)

    def __init__(self, parent: QWidget, copied: Callable[[], object]) -> None:
        self._series = (
            Series(tr("Delivered"), "accent"),
            Series(tr("Failed"), "bad"),
            Series(tr("Bounced"), "warn"),
            Series(tr("Rejected"), "muted"),
            Series(tr("Under way"), "strong_border"),
        )
        self._period: StatisticsPeriod | None = None
        self._starts: tuple[datetime, ...] = ()
        self.bars = StackedBars(tr("Messages over time, by status"), self._series)
        super().__init__(
            tr("Messages by day and outcome"),
            self.bars,
            _bar_columns(self._series),
            parent,
            legend=self._series,
            copied=copied,
        )
        self.bars.bar_opened.connect(self._open)
        self.table.row_opened.connect(self._open_row)

    def show_statistics(self, statistics: MessageStatistics) -> None:
        """Show the messages of a period."""
        self._period = period = statistics.period
        self._starts = tuple(point.start for point in statistics.points)
        bars = [_bar(point, period) for point in statistics.points]
        self.title.setText(title_of_step(period.step))
        self.subtitle.setText("" if statistics.totals.total else tr("No messages in this period."))
        self.bars.show_bars(bars)
        self.show_rows(bars)
        present = [any(bar.values[place] for bar in bars) or place < _ALWAYS_NAMED for place in range(len(_STATUSES))]
        self.show_legend([one.name for one, there in zip(self._series, present, strict=True) if there])

    def _open_row(self, row: Bar) -> None:
        place = next((place for place, bar in enumerate(self.bars.bars) if bar is row), -1)
        if place >= 0 and row.total:
            self._open(place, -1)

    def _open(self, place: int, series: int) -> None:
        if self._period is None:
            return
        ends = (*self._starts[1:], self._period.until)
        span = search_of_span(self._starts[place], ends[place], self._period.zone)
        statuses = ",".join(status.value for status in _STATUSES[series]) if series >= 0 else ""
        self.search_wanted.emit(f"status:{statuses} {span}" if statuses else span)


class RankingCard(ChartCard):
    """``opened(str)``: the label of the line whose messages are wanted."""

    opened = Signal(str)

    def __init__(
        self,
        title: str,
        color: str,
        parent: QWidget,
        copied: Callable[[], object],
        *,
        words: Callable[[str], str] = visible_line,
        with_before: bool = False,
    ) -> None:
        """``words`` names a label for people; ``with_before`` compares with the period before."""
        self._words = words
        self._labels: tuple[str, ...] = ()
        self._rows: tuple[RankedBar, ...] = ()
        self._before: dict[str, int] = {}
        self.bars = RankedBars(title, color)
        columns = _ranking_columns(title)
        if with_before:
            columns.append(count_column("before", tr("Before"), self._count_before, width=_NARROW, sortable=False))
        super().__init__(title, self.bars, columns, parent, copied=copied)
        self._nothing = PlainLabel(tr("Nothing in this period."), self, tone=Tone.MUTED)
        self.body.addWidget(self._nothing)
        self.body.addStretch(1)
        self.body.setStretchFactor(self.table, _WHOLE_CARD)
        self.bars.bar_opened.connect(lambda place: self.opened.emit(self._labels[place]))
        self.table.row_opened.connect(self._open_row)

    def show_ranking(self, ranking: Sequence[RankedCount], before: Mapping[str, int] | None = None) -> None:
        """Show a ranking; ``before`` are the counts of the period before it, by label."""
        self._labels = tuple(one.label for one in ranking)
        self._before = {self._words(label): count for label, count in (before or {}).items()}
        bars = [RankedBar(self._words(one.label), one.count) for one in ranking]
        self.bars.show_bars(bars[:_MOST_LINES])
        self.chart.setVisible(bool(bars) and not self.shows_table)
        self.show_rows(bars)
        self._rows = tuple(bars)
        self._nothing.setVisible(not bars)

    def _count_before(self, row: RankedBar) -> int:
        return self._before.get(row.label, 0)

    def _open_row(self, row: RankedBar) -> None:
        place = next((place for place, bar in enumerate(self._rows) if bar is row), -1)
        if place >= 0:
            self.opened.emit(self._labels[place])


def reason_words(label: str) -> str:
    """Return a bounce class in words."""
    known = {bounce.value: bounce for bounce in BounceClass}
    return translated(bounce_name(known[label])) if label in known else visible_line(label)


def reason_search(label: str) -> str:
    """Return the search for the messages of a bounce class."""
    return f"reason:{quoted(label)}"


def domain_search(name: str) -> str:
    """Return the search for the messages of exactly one of our domains."""
    return f"domain:{quoted(name)}"


def sender_search(label: str) -> str:
    """Return the search for the messages of a sender, who is nobody for bounces."""
    return f"from:{quoted(label)}" if label else "from:<>"


def sender_words(label: str) -> str:
    """Return a sender as people know it."""
    return visible_line(label) if label else tr("(no sender)")


def _bar(point: CountPoint, period: StatisticsPeriod) -> Bar:
    start = point.start.astimezone(period.zone)
    day = start.date()
    match period.step:
        case "month":
            label, title = write_month(day, short=True), write_month(day)
        case "hour":
            # With its offset: one hour of the year is there twice.
            label = write_time(start)
            title = f"{write_long_date(day)}, {label} {start:%Z}"
        case _:
            label, title = write_day(day), write_long_date(day)
    values = tuple(sum(point.counts.get(status, 0) for status in statuses) for statuses in _STATUSES)
    return Bar(label, title, values)


def _bar_columns(series: Sequence[Series]) -> list[Column[Bar]]:
    columns: list[Column[Bar]] = [Column("when", tr("When"), lambda bar: bar.title, stretch=True, required=True)]
    for place, one in enumerate(series):
        columns.append(count_column(f"status-{place}", one.name, partial(_value, place), width=_WIDE, sortable=False))
    columns.append(count_column("total", tr("Total"), lambda bar: bar.total, width=_WIDE, sortable=False))
    return columns


def _ranking_columns(title: str) -> list[Column[RankedBar]]:
    return [
        Column("label", title, lambda bar: bar.label, stretch=True, required=True, min_width=84),
        count_column("count", tr("Messages"), lambda bar: bar.value, width=_NARROW, sortable=False),
    ]


def _value(place: int, bar: Bar) -> int:
    return bar.values[place]
