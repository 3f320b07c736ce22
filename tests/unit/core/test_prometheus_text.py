"""Figures for Prometheus: whatever is in a label, the page stays readable to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.histogram import Histogram
from smtpy_desktop.core.prometheus_text import Family, counters_by, gauge, prometheus_text

LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? -?[0-9.e+-]+')


def test_a_figure_has_its_help_type_and_value():
    page = prometheus_text([gauge("smtpy_leases", "Deliveries that\nare leased \\ here.", 3, {"name": "a"})])

    assert page == (
        "# HELP smtpy_leases Deliveries that\\nare leased \\\\ here.\n"
        "# TYPE smtpy_leases gauge\n"
        'smtpy_leases{name="a"} 3\n'
    )


@given(st.text(), st.floats(0, 1e15))
def test_any_label_and_number_make_one_line(value, number):
    page = prometheus_text([gauge("figure", "Help.", number, {"label": value})])

    line = page.removeprefix("# HELP figure Help.\n# TYPE figure gauge\n").removesuffix("\n")
    assert LINE.fullmatch(line)


def test_a_figure_told_apart_by_a_label_has_a_line_for_each():
    page = prometheus_text([counters_by("attempts_total", "Attempts.", "outcome", {"sent": 2, "failed": 0.5})])

    assert page.splitlines()[2:] == ['attempts_total{outcome="failed"} 0.5', 'attempts_total{outcome="sent"} 2']


def test_durations_are_counted_up_to_each_bound():
    took = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7):
        took.add(seconds)

    page = prometheus_text([Family("took_seconds", "histogram", "Time.", histogram=took)])

    assert page.splitlines()[2:] == [
        'took_seconds_bucket{le="0.1"} 2',
        'took_seconds_bucket{le="1"} 3',
        'took_seconds_bucket{le="+Inf"} 4',
        "took_seconds_sum 7.65",
        "took_seconds_count 4",
    ]


@given(st.lists(st.floats(0, 1000)))
def test_the_last_step_of_a_histogram_has_all_and_steps_never_fall(durations):
    histogram = Histogram()

    for seconds in durations:
        histogram.add(seconds)

    counts = [count for _, count in histogram.buckets()]
    assert counts == sorted(counts)
    assert counts[-1] == histogram.count == len(durations)


def test_a_name_that_prometheus_would_refuse_is_refused():
    with pytest.raises(ValueError, match="no name"):
        prometheus_text([gauge("no name", "Help.", 1)])
