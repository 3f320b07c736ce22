"""Quiet hours by the clock on the wall: over midnight, and on the nights on which it is put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.quiet_hours import quiet_until
from smtpy_desktop.schemas.notice_kinds import QuietHours

BERLIN, NEW_YORK, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
NIGHT = QuietHours(time(22), time(7))
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
FORWARD, BACK = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
"""The mornings on which Berlin's clock goes from 2:00 to 3:00, and from 3:00 to 2:00, both at 1:00 UTC."""

clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
hours = st.builds(QuietHours, clocks, clocks)
zones = st.sampled_from([BERLIN, NEW_YORK, KOLKATA, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")])
moments = st.integers(0, 430 * 24 * 60).map(lambda minutes: datetime(2025, 12, 1, tzinfo=UTC) + minutes * MINUTE)


def berlin(day: int, hour: int, minute: int = 0, *, month: int = 6, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold).astimezone(UTC)


def is_within(quiet: QuietHours, clock: time) -> bool:
    if quiet.begin <= quiet.end:
        return quiet.begin <= clock < quiet.end
    return clock >= quiet.begin or clock < quiet.end


def is_plain(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock is changed within two days of a moment."""
    offsets = {(moment + step * DAY).astimezone(zone).utcoffset() for step in (-2, -1, 0, 1, 2)}
    return len(offsets) == 1


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (berlin(10, 21, 59), None),
        (berlin(10, 22), berlin(11, 7)),
        (berlin(11, 0), berlin(11, 7)),
        (berlin(11, 6, 59), berlin(11, 7)),
        (berlin(11, 7), None),
    ],
)
def test_hours_may_span_midnight(moment: datetime, end: datetime | None) -> None:
    assert quiet_until(NIGHT, moment, BERLIN) == end


def test_hours_within_a_day_end_on_it() -> None:
    lunch = QuietHours(time(12), time(13, 30))

    assert quiet_until(lunch, berlin(10, 12, 15), BERLIN) == berlin(10, 13, 30)
    assert quiet_until(lunch, berlin(10, 23), BERLIN) is None


@given(quiet=hours, moment=moments, zone=zones)
def test_it_is_quiet_whenever_the_clock_shows_one_of_the_hours(
    quiet: QuietHours, moment: datetime, zone: ZoneInfo
) -> None:
    if not is_plain(moment, zone):
        return

    found = quiet_until(quiet, moment, zone)

    assert (found is not None) == is_within(quiet, moment.astimezone(zone).time())


@given(quiet=hours, moment=moments, zone=zones)
def test_the_end_is_later_and_not_quiet_any_more(quiet: QuietHours, moment: datetime, zone: ZoneInfo) -> None:
    end = quiet_until(quiet, moment, zone)

    if end is not None:
        assert moment < end <= moment + 2 * DAY
        assert quiet_until(quiet, end, zone) is None or quiet.begin == quiet.end


@given(quiet=hours, moment=moments, zone=zones)
def test_it_stays_quiet_until_the_end(quiet: QuietHours, moment: datetime, zone: ZoneInfo) -> None:
    end = quiet_until(quiet, moment, zone)

    if end is not None:
        between = moment + (end - moment) / 2
        assert quiet_until(quiet, between, zone) == end


@given(moment=moments, zone=zones, clock=clocks)
def test_hours_without_length_are_none(moment: datetime, zone: ZoneInfo, clock: time) -> None:
    assert quiet_until(QuietHours(clock, clock), moment, zone) is None


def test_a_clock_put_back_wakes_nobody_in_between() -> None:
    quiet = QuietHours(time(22), time(2, 30))
    second = berlin(25, 2, 30, month=10, fold=1)

    assert quiet_until(quiet, berlin(25, 2, 29, month=10), BERLIN) == second
    assert quiet_until(quiet, berlin(25, 2, 45, month=10), BERLIN) == second
    assert quiet_until(quiet, second, BERLIN) is None


def test_hours_that_end_where_the_clock_jumps_end_at_the_jump() -> None:
    quiet = QuietHours(time(22), time(2, 30))
    jump = FORWARD + timedelta(hours=1)

    assert quiet_until(quiet, jump - timedelta(seconds=1), BERLIN) == jump
    assert quiet_until(quiet, jump, BERLIN) is None


def test_hours_that_lie_within_the_jump_are_skipped() -> None:
    quiet = QuietHours(time(2, 10), time(2, 50))

    assert all(quiet_until(quiet, FORWARD + timedelta(minutes=10 * step), BERLIN) is None for step in range(24))


def test_hours_that_lie_within_what_comes_twice_hold_once_and_without_a_gap() -> None:
    quiet = QuietHours(time(2, 10), time(2, 50))
    begin, end = BACK + timedelta(minutes=10), BACK + timedelta(hours=1, minutes=50)

    assert quiet_until(quiet, begin - timedelta(seconds=1), BERLIN) is None
    assert quiet_until(quiet, begin, BERLIN) == end
    assert quiet_until(quiet, BACK + timedelta(hours=1), BERLIN) == end


def test_the_zone_of_the_machine_is_taken_where_none_is_named() -> None:
    here = datetime(2026, 6, 10, 23).astimezone()

    assert quiet_until(NIGHT, here) == datetime(2026, 6, 11, 7).astimezone()
