"""The periods of the overview: whole days of a time zone, and the searches that find them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.calendar_steps import day_start, next_step, step_bounds
from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.schemas.message_search import TimeSpan
from smtpy_desktop.views.overview_period import ChosenPeriod, PeriodChoice, search_of_span

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)  # in Berlin it is April already
ZONES = [UTC, *map(ZoneInfo, ("Europe/Berlin", "Asia/Kolkata", "Pacific/Chatham", "America/Havana", "Asia/Beirut"))]


def span_of(search: str, zone: tzinfo) -> TimeSpan:
    found = parse_search(search, now=NOW, zone=zone)
    assert found.problems == ()
    spans = [term.meaning for group in found.groups for term in group]
    assert all(isinstance(span, TimeSpan) for span in spans)
    since = next((span.since for span in spans if isinstance(span, TimeSpan) and span.since), None)
    return TimeSpan(since, next((span.until for span in spans if isinstance(span, TimeSpan) and span.until), None))


def test_a_week_ends_with_today_in_the_zone() -> None:
    period = ChosenPeriod(PeriodChoice.WEEK).period(NOW, BERLIN)

    assert period.since == day_start(date(2026, 3, 26), BERLIN)
    assert period.until == day_start(date(2026, 4, 2), BERLIN)


def test_the_period_before_has_as_many_days_although_one_was_shorter() -> None:
    before = ChosenPeriod(PeriodChoice.RANGE, date(2026, 3, 30), date(2026, 3, 31)).period(NOW, BERLIN).before

    assert before is not None
    assert before.since is not None
    assert (before.since, before.until) == (day_start(date(2026, 3, 28), BERLIN), day_start(date(2026, 3, 30), BERLIN))
    assert before.until - before.since == timedelta(hours=47)


def test_all_time_has_nothing_before() -> None:
    assert ChosenPeriod(PeriodChoice.ALL).period(NOW, BERLIN).before is None


@pytest.mark.parametrize(("days", "step"), [(1, "hour"), (2, "hour"), (3, "day"), (120, "day"), (121, "month")])
def test_a_bar_stands_for_an_hour_a_day_or_a_month(days: int, step: str) -> None:
    chosen = ChosenPeriod(PeriodChoice.RANGE, date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days - 1))

    assert chosen.period(NOW, BERLIN).step == step


@pytest.mark.parametrize(
    ("since", "until", "search"),
    [
        (date(2026, 3, 29), date(2026, 3, 30), "on:2026-03-29"),
        (date(2026, 3, 1), date(2026, 4, 1), "on:2026-03"),
        (date(2026, 2, 3), date(2026, 3, 5), "on:2026-02-03..2026-03-04"),
    ],
)
def test_whole_days_are_searched_for_as_people_write_them(since: date, until: date, search: str) -> None:
    assert search_of_span(day_start(since, BERLIN), day_start(until, BERLIN), BERLIN) == search


def test_an_hour_that_is_there_twice_is_searched_for_with_its_offset() -> None:
    start = datetime(2026, 10, 25, 0, tzinfo=UTC)

    search = search_of_span(start, next_step(start, "hour", BERLIN), BERLIN)

    assert search == "after:2026-10-25T02:00+02:00 before:2026-10-25T02:00+01:00"


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["hour", "day", "month"]),
    st.integers(0, 75 * 365 * 86_400).map(
        lambda seconds: datetime(1975, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    st.timedeltas(timedelta(seconds=1), timedelta(days=3)),
)
def test_the_search_of_a_bar_means_exactly_its_time(
    zone: tzinfo, step: str, since: datetime, length: timedelta
) -> None:
    bounds = step_bounds(since, since + timedelta(seconds=int(length.total_seconds())), step, zone)

    for start, end in pairwise(bounds):
        assert span_of(search_of_span(start, end, zone), zone) == TimeSpan(start, end)
