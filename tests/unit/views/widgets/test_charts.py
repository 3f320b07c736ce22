"""Charts: round axes, bars where their values say, hover, keyboard, table equivalent, pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.widgets.charts.chart_axis import axis_steps, label_gap
from smtpy_desktop.views.widgets.charts.chart_card import ChartCard
from smtpy_desktop.views.widgets.charts.chart_data import Bar, RankedBar, Series
from smtpy_desktop.views.widgets.charts.chart_picture import card_image
from smtpy_desktop.views.widgets.charts.ranked_bars import RankedBars
from smtpy_desktop.views.widgets.charts.stacked_bars import StackedBars

SERIES = (Series("Good", "accent"), Series("Bad", "bad"))
BARS = [Bar("1", "First", (10, 0)), Bar("2", "Second", (5, 5)), Bar("3", "Third", (0, 0))]


@pytest.fixture
def chart(qtbot: QtBot) -> StackedBars:
    chart = StackedBars("Chart", SERIES)
    qtbot.addWidget(chart)
    chart.resize(400, 240)
    chart.show_bars(BARS)
    chart.show()
    return chart


@pytest.mark.parametrize(
    ("highest", "steps"),
    [(0, (0, 1)), (1, (0, 1)), (85, (0, 25, 50, 75, 100)), (2400, (0, 600, 1200, 1800, 2400)), (4, (0, 1, 2, 3, 4))],
)
def test_an_axis_has_few_round_numbers(highest: int, steps: tuple[int, ...]) -> None:
    assert axis_steps(highest) == steps


@given(st.integers(0, 10**12))
def test_an_axis_reaches_its_highest_value_in_at_most_five_numbers(highest: int) -> None:
    steps = axis_steps(highest)

    assert steps[0] == 0
    assert steps[-1] >= highest
    assert 2 <= len(steps) <= 5


@given(st.integers(1, 500), st.floats(50, 2000), st.floats(1, 100))
def test_labels_that_are_shown_do_not_overlap(count: int, room: float, width: float) -> None:
    assert label_gap(count, room, width) * room / count >= width * 0.999


def test_a_bar_is_as_high_as_its_share_of_the_axis(chart: StackedBars) -> None:
    plot = chart.plot_area()

    assert chart.bar_rect(0).height() == pytest.approx(plot.height() * 10 / 12)
    assert chart.bar_rect(2).height() == 0


def test_a_click_opens_the_part_that_was_hit(chart: StackedBars, qtbot: QtBot) -> None:
    bar = chart.bar_rect(1)
    upper = QPoint(int(bar.center().x()), int(bar.top() + bar.height() * 0.25))
    lower = QPoint(int(bar.center().x()), int(bar.top() + bar.height() * 0.75))

    with qtbot.waitSignal(chart.bar_opened) as first:
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=upper)
    with qtbot.waitSignal(chart.bar_opened) as second:
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=lower)

    assert first.args == [1, 1]
    assert second.args == [1, 0]


def test_the_keyboard_walks_over_the_bars_and_opens_one(chart: StackedBars, qtbot: QtBot) -> None:
    qtbot.keyClick(chart, Qt.Key.Key_Home)
    qtbot.keyClick(chart, Qt.Key.Key_Right)

    with qtbot.waitSignal(chart.bar_opened) as opened:
        qtbot.keyClick(chart, Qt.Key.Key_Return)

    assert opened.args == [1, -1]
    assert chart.accessibleDescription() == "Second: Good 5, Bad 5"


def test_an_empty_chart_can_be_painted(qtbot: QtBot) -> None:
    chart = StackedBars("Chart", SERIES)
    qtbot.addWidget(chart)
    chart.resize(300, 200)

    assert chart.bar_at(150) == -1
    assert not card_image(chart, [chart]).isNull()


def test_a_line_of_a_ranking_opens(qtbot: QtBot) -> None:
    bars = RankedBars("Ranking", "bad")
    qtbot.addWidget(bars)
    bars.show_bars([RankedBar("Full", 20), RankedBar("<b>", 1)])
    bars.resize(300, 60)

    with qtbot.waitSignal(bars.bar_opened) as opened:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.line_rect(1).center())

    assert opened.args == [1]
    assert bars.accessibleDescription() == "Full 20; <b> 1"


def test_a_card_shows_its_chart_as_a_table_and_copies_it_as_a_picture(qtbot: QtBot) -> None:
    copied: list[bool] = []
    columns = [Column[Bar]("when", "When", lambda bar: bar.title)]
    card = ChartCard("Card", StackedBars("Chart", SERIES), columns, legend=SERIES, copied=lambda: copied.append(True))
    qtbot.addWidget(card)
    card.resize(500, 300)
    card.show_rows(BARS)
    card.show()

    card.copy_button.click()
    card.table_button.click()

    assert copied == [True]
    assert not QGuiApplication.clipboard().image().isNull()
    assert card.shows_table
    assert [card.model.index(row, 0).data() for row in range(3)] == ["First", "Second", "Third"]
