"""Hours, days and months of a zone follow each other without a gap, however its clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from smtpy_desktop.core.calendar_steps import day_start, days_later, month_start, next_step, step_bounds

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_are_changed_has_another_length(day: date, hours: int) -> None:
    start = day_start(day, BERLIN)

    assert next_step(start, "day", BERLIN) - start == timedelta(hours=hours)


def test_a_day_begins_where_a_zone_leaves_out_midnight() -> None:
    beirut = ZoneInfo("Asia/Beirut")

    start = day_start(date(2026, 3, 29), beirut)

    assert start.astimezone(beirut) == datetime(2026, 3, 29, 1, tzinfo=beirut)
    assert next_step(start - timedelta(seconds=1), "day", beirut) == start


def test_a_day_that_a_zone_left_out_is_no_step() -> None:
    apia = ZoneInfo("Pacific/Apia")

    bounds = step_bounds(day_start(date(2011, 12, 28), apia), day_start(date(2012, 1, 2), apia), "day", apia)

    assert [f"{bound.astimezone(apia):%d}" for bound in bounds] == ["28", "29", "31", "01", "02"]


def test_the_first_and_the_last_step_are_cut_off_by_the_period() -> None:
    since, until = datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)

    bounds = step_bounds(since, until, "month", UTC)

    assert bounds == (since, datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), until)


def test_days_later_keeps_the_time_of_day() -> None:
    assert days_later(day_start(date(2026, 3, 30), BERLIN), -2, BERLIN) == day_start(date(2026, 3, 28), BERLIN)


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert month_start(date(2026, 2, 28), BERLIN, -3) == day_start(date(2025, 11, 1), BERLIN)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_hours_are_those_of_the_zones_clocks(zone: str) -> None:
    following = next_step(datetime(2026, 1, 1, 12, 0, tzinfo=UTC), "hour", ZoneInfo(zone))

    assert following.astimezone(ZoneInfo(zone)).minute == 0
