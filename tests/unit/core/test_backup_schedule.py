"""When a backup is due: by the clock on the wall, made up for, and again after a failure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.backup_schedule import RETRY, BackupSchedule, next_due
from smtpy_desktop.core.setting_key import parse_time

DAILY = BackupSchedule("daily", time(3, 0))
WEEKLY = BackupSchedule("weekly", time(3, 0))
PARIS = ZoneInfo("Europe/Paris")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zoned by it


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_nothing_is_due_when_it_is_off() -> None:
    off = BackupSchedule("off", time(3, 0))

    assert next_due(off, moment("2026-03-01T10:00"), good_at=None, failed_at=None) is None


def test_the_first_backup_is_due_at_once() -> None:
    now = moment("2026-03-01T10:00")

    due = next_due(DAILY, now, good_at=None, failed_at=None, zone=UTC)

    assert due is not None
    assert due <= now


def test_after_a_good_one_the_next_is_due_at_the_next_time_of_the_clock() -> None:
    due = next_due(DAILY, moment("2026-03-01T10:00"), good_at=moment("2026-03-01T03:01"), failed_at=None, zone=UTC)

    assert due == moment("2026-03-02T03:00")


def test_one_that_was_missed_is_made_up_for() -> None:
    now = moment("2026-03-05T09:00")

    due = next_due(DAILY, now, good_at=moment("2026-03-01T03:01"), failed_at=None, zone=UTC)

    assert due == moment("2026-03-05T03:00")


def test_a_failed_one_is_tried_again_an_hour_later() -> None:
    failed_at = moment("2026-03-05T03:02")

    due = next_due(DAILY, moment("2026-03-05T03:10"), good_at=moment("2026-03-04T03:01"), failed_at=failed_at, zone=UTC)

    assert due == failed_at + RETRY


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-03-28T12:00", "2026-03-29T01:00"), ("2026-10-24T12:00", "2026-10-25T02:00")],
)
def test_the_clock_on_the_wall_counts_when_summer_time_begins_and_ends(now: str, expected: str) -> None:
    due = next_due(DAILY, moment(now), good_at=moment(now), failed_at=None, zone=PARIS)

    assert due == moment(expected)


@given(MOMENTS, st.integers(0, 40))
def test_weekly_is_on_sundays(now: datetime, days: int) -> None:
    due = next_due(WEEKLY, now, good_at=now - timedelta(days=days), failed_at=None, zone=PARIS)

    assert due is not None
    assert due.astimezone(PARIS).weekday() == 6
    assert due.astimezone(PARIS).time() == time(3, 0)


@given(MOMENTS, st.sampled_from([DAILY, WEEKLY]))
def test_once_a_due_backup_is_made_none_is_due_before_the_next_time(now: datetime, schedule: BackupSchedule) -> None:
    due = next_due(schedule, now, good_at=now, failed_at=None, zone=PARIS)

    assert due is not None
    assert now < due <= now + timedelta(days=8)


@pytest.mark.parametrize(
    ("written", "read"), [("3:05", time(3, 5)), ("23:59", time(23, 59)), ("24:00", None), ("x", None)]
)
def test_a_time_of_the_day_is_read(written: str, read: time | None) -> None:
    assert parse_time(written) == read
