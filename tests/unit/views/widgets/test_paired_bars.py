"""Bars in groups: beside each other, on one scale, and without a sum that would mean nothing."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics

from smtpy_desktop.views.theme_tokens import FontSize, Space
from smtpy_desktop.views.widgets.charts.chart_data import Bar, Series
from smtpy_desktop.views.widgets.charts.paired_bars import PairedBars
from smtpy_desktop.views.widgets.painting import text_font

_SERIES = (Series("Accepted", "accent"), Series("Delivered", "ok"))


def _chart(qtbot, *values: tuple[int, ...]) -> PairedBars:
    chart = PairedBars("Per minute", _SERIES)
    qtbot.addWidget(chart)
    chart.resize(600, 200)
    chart.show_bars([Bar(str(place), f"bar {place}", pair) for place, pair in enumerate(values)])
    return chart


def test_the_axis_ends_at_the_highest_value_and_not_at_the_sum(qtbot):
    chart = _chart(qtbot, (20, 20), (3, 1))

    highest, lower = chart.bar_rect(0), chart.bar_rect(1)

    assert highest.top() == chart.plot_area().top()
    assert lower.height() < highest.height() / 4


def test_what_the_mouse_is_on_stays_when_the_bars_change(qtbot):
    chart = _chart(qtbot, (1, 2), (3, 4))
    chart._set_current(1)

    chart.show_bars([Bar("0", "bar 0", (5, 5)), Bar("1", "bar 1", (6, 7))])

    assert chart.current == 1
    assert chart.accessibleDescription() == "bar 1: Accepted 6, Delivered 7"


def test_fewer_bars_let_go_of_the_one_that_is_gone(qtbot):
    chart = _chart(qtbot, (1, 2), (3, 4))
    chart._set_current(1)

    chart.show_bars([Bar("0", "bar 0", (5, 5))])

    assert chart.current == -1


def test_a_group_is_opened_as_a_whole_and_painted_with_its_values(qtbot):
    chart = _chart(qtbot, (0, 0), (3, 4))
    chart._set_current(1)

    picture = chart.grab()

    assert chart.series_at(1, 100) == -1
    assert not picture.isNull()


def test_every_number_of_the_axis_has_room_though_a_lower_one_may_be_wider(qtbot):
    chart = _chart(qtbot, (0, 1))

    room = chart.plot_area().left() - Space.S

    metrics = QFontMetrics(text_font(FontSize.CAPTION))
    assert room >= max(metrics.horizontalAdvance(each) for each in ("0", "1"))
