"""Dates as people type them, in the zone of the one who types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.message_search_dates import NoDate, after, before, on

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)  # a Tuesday; clocks went forward on the 29th


def span(value, now=NOW):
    found = on(value, now=now, zone=PARIS)
    return [f"{moment.astimezone(PARIS):%Y-%m-%d %H:%M}" for moment in (found.since, found.until)]


@pytest.mark.parametrize(
    ("value", "first", "end"),
    [
        ("2026-01-31", "2026-01-31", "2026-02-01"),
        ("2026/1/31", "2026-01-31", "2026-02-01"),
        ("31.01.2026", "2026-01-31", "2026-02-01"),
        ("2026-02", "2026-02-01", "2026-03-01"),
        ("2026", "2026-01-01", "2027-01-01"),
        ("today", "2026-03-31", "2026-04-01"),
        ("Yesterday", "2026-03-30", "2026-03-31"),
        ("tuesday", "2026-03-31", "2026-04-01"),
        ("wed", "2026-03-25", "2026-03-26"),
        ("this-week", "2026-03-30", "2026-04-06"),
        ("last week", "2026-03-23", "2026-03-30"),
        ("last-month", "2026-02-01", "2026-03-01"),
        ("this-year", "2026-01-01", "2027-01-01"),
        ("february", "2026-02-01", "2026-03-01"),
        ("dec", "2025-12-01", "2026-01-01"),
        ("december 2023", "2023-12-01", "2024-01-01"),
        ("4 july", "2025-07-04", "2025-07-05"),
        ("7d", "2026-03-24", "2026-03-25"),
        ("2w", "2026-03-17", "2026-03-18"),
        ("1m", "2026-02-28", "2026-03-01"),
        ("1y", "2025-03-31", "2025-04-01"),
        ("2026-01-01..2026-01-31", "2026-01-01", "2026-02-01"),
    ],
)
def test_on_is_the_whole_of_what_is_named(value, first, end):
    assert span(value) == [f"{first} 00:00", f"{end} 00:00"]


def test_a_day_may_have_23_hours():
    found = on("2026-03-29", now=NOW, zone=PARIS)

    assert found.until - found.since == timedelta(hours=23)


def test_after_begins_with_the_day_and_before_ends_with_the_day_before():
    midnight = datetime(2026, 1, 30, 23, tzinfo=UTC)

    assert after("2026-01-31", now=NOW, zone=PARIS).since == midnight
    assert before("2026-01-31", now=NOW, zone=PARIS).until == midnight


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("3h", NOW - timedelta(hours=3)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("30min", NOW - timedelta(minutes=30)),
        ("now", NOW),
        ("2026-01-31 14:00", datetime(2026, 1, 31, 13, tzinfo=UTC)),
        ("2026-01-31T14:00:30Z", datetime(2026, 1, 31, 14, 0, 30, tzinfo=UTC)),
        ("2026-01-31T14:00+02:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_after_takes_moments_and_distances_to_the_minute(value, moment):
    assert after(value, now=NOW, zone=PARIS).since == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "2026-13",
        "2026-02-30",
        "29.02.2026",
        "99999999d",
        "999999d",
        "1969",
        "9999",
        "01/02/2026",
        "ma",
        "..",
        "2026-02-01..2026-01-01",
        "last",
        "25 june 99",
    ],
)
def test_what_is_no_date_is_refused(value):
    with pytest.raises(NoDate):
        on(value, now=NOW, zone=PARIS)


@given(value=st.text(alphabet="0123456789-./: tzdhwmyoinTjanuary٣", max_size=14))
def test_any_text_is_a_span_or_no_date(value):
    for reader in (on, after, before):
        try:
            found = reader(value, now=NOW, zone=PARIS)
        except NoDate:
            continue
        assert found.since is None or found.until is None or found.since < found.until
