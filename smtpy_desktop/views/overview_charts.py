"""The charts of the overview: messages over time by status, and rankings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QDate, QLocale, Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.core.bounce_advice import BounceClass, bounce_name
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.message_statistics import MessageStatistics
from smtpy_desktop.schemas.messages import MessageStatus, RankedCount
from smtpy_desktop.views.overview_period import end_of_step, search_of_span, steps_of
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.charts.chart_card import ChartCard
from smtpy_desktop.views.widgets.charts.chart_data import Bar, RankedBar, Series
from smtpy_desktop.views.widgets.charts.ranked_bars import RankedBars
from smtpy_desktop.views.widgets.charts.stacked_bars import StackedBars
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import number, tr, translated

_MOST_LINES = 4
_ALWAYS_NAMED = 4
_WHOLE_CARD = 100
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
        self._starts: tuple[datetime, ...] = ()
        self._step = "day"
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

    def show_statistics(self, statistics: MessageStatistics) -> None:
        """Show the messages of a period."""
        period = statistics.period
        counts = {point.start.astimezone(UTC): point.counts for point in statistics.points}
        self._step = period.step
        self._starts = tuple(steps_of(period, min(counts, default=None)))
        bars = [_bar(start, counts.get(start, {}), period.step) for start in self._starts]
        by_month = period.step == "month"
        self.title.setText(tr("Messages by month and outcome") if by_month else tr("Messages by day and outcome"))
        self.bars.show_bars(bars)
        self.show_rows(bars)
        present = [any(bar.values[place] for bar in bars) or place < _ALWAYS_NAMED for place in range(len(_STATUSES))]
        self.show_legend([one.name for one, there in zip(self._series, present, strict=True) if there])

    def _open(self, place: int, series: int) -> None:
        start = self._starts[place]
        span = search_of_span(start, end_of_step(start, self._step))
        statuses = ",".join(status.value for status in _STATUSES[series]) if series >= 0 else ""
        self.search_wanted.emit(f"status:{statuses} {span}" if statuses else span)


class RankingCard(ChartCard):
    """``opened(str)``: the label of the line whose messages are wanted."""

    opened = Signal(str)

    def __init__(self, title: str, color: str, parent: QWidget, copied: Callable[[], object]) -> None:
        self._labels: tuple[str, ...] = ()
        self.bars = RankedBars(title, color)
        super().__init__(title, self.bars, _ranking_columns(title), parent, copied=copied)
        self._nothing = PlainLabel(tr("Nothing in this period."), self, tone=Tone.MUTED)
        self.body.addWidget(self._nothing)
        self.body.addStretch(1)
        self.body.setStretchFactor(self.table, _WHOLE_CARD)
        self.bars.bar_opened.connect(lambda place: self.opened.emit(self._labels[place]))

    def show_ranking(self, ranking: Sequence[RankedCount]) -> None:
        """Show names as they are."""
        self._show(ranking, visible_line)

    def show_reasons(self, ranking: Sequence[RankedCount]) -> None:
        """Show bounce classes in words."""
        self._show(ranking, reason_words)

    def _show(self, ranking: Sequence[RankedCount], words: Callable[[str], str]) -> None:
        self._labels = tuple(one.label for one in ranking)
        bars = [RankedBar(words(one.label), one.count) for one in ranking]
        self.bars.show_bars(bars[:_MOST_LINES])
        self.show_rows(bars)
        self._nothing.setVisible(not bars)


def reason_words(label: str) -> str:
    """Return a bounce class in words."""
    known = {bounce.value: bounce for bounce in BounceClass}
    return translated(bounce_name(known[label])) if label in known else visible_line(label)


def reason_search(label: str) -> str:
    """Return the search for the messages of a bounce class."""
    statuses = "status:failed,bounced,rejected"
    return statuses if label == BounceClass.OTHER else f'{statuses} error:"{label}"'


def _bar(start: datetime, counts: Any, step: str) -> Bar:
    day = QDate(start.year, start.month, start.day)
    locale = QLocale()
    if step == "month":
        label, title = locale.toString(day, tr("MMM yy")), locale.toString(day, "MMMM yyyy")
    else:
        label, title = locale.toString(day, tr("d MMM")), locale.toString(day, QLocale.FormatType.LongFormat)
    values = tuple(sum(counts.get(status, 0) for status in statuses) for statuses in _STATUSES)
    return Bar(label, title, values)


def _bar_columns(series: Sequence[Series]) -> list[Column[Bar]]:
    columns: list[Column[Bar]] = [Column("when", tr("When"), lambda bar: bar.title, width=220, required=True)]
    for place, one in enumerate(series):
        columns.append(_number_column(f"status-{place}", one.name, partial(_value, place)))
    columns.append(_number_column("total", tr("Total"), lambda bar: bar.total))
    return columns


def _ranking_columns(title: str) -> list[Column[RankedBar]]:
    return [
        Column("label", title, lambda bar: bar.label, stretch=True, required=True),
        _number_column("count", tr("Messages"), lambda bar: bar.value),
    ]


def _number_column(column_id: str, title: str, value: Callable[[Any], int]) -> Column[Any]:
    return Column(column_id, title, lambda row: number(value(row)), width=104, value=value, align_end=True)


def _value(place: int, bar: Bar) -> int:
    return bar.values[place]
