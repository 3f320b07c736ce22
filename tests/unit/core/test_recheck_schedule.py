"""When a domain is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.recheck_schedule import next_check
from smtpy_desktop.schemas.dns import Verdict
from smtpy_desktop.schemas.domains import DomainStatus

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OK, WRONG, UNKNOWN = Verdict.OK, Verdict.WRONG, Verdict.UNKNOWN
PENDING, VERIFIED, FAILED = DomainStatus.PENDING, DomainStatus.VERIFIED, DomainStatus.FAILED


def wait(status, verdicts, *, age_hours=1000, interval=60, is_active=True, dice=0.5):
    """The minutes until the next check; None when there is none."""
    due = next_check(
        status=status,
        is_active=is_active,
        created_at=NOW - timedelta(hours=age_hours),
        verdicts=verdicts,
        now=NOW,
        interval=timedelta(minutes=interval),
        dice=dice,
    )
    return None if due is None else round((due - NOW).total_seconds() / 60)


@pytest.mark.parametrize(
    ("status", "verdicts", "age_hours", "minutes"),
    [
        (VERIFIED, [OK] * 5, 1000, 60),
        (VERIFIED, [OK, WRONG], 1000, 10),
        (VERIFIED, [OK, WRONG, UNKNOWN], 1000, 10),
        (VERIFIED, [OK, UNKNOWN], 1000, 5),
        (PENDING, [UNKNOWN], 1, 5),
        (FAILED, [WRONG], 1, 10),
        (FAILED, [WRONG], 47, 10),
        (FAILED, [WRONG], 49, 360),
        (FAILED, [WRONG, UNKNOWN], 49, 360),
    ],
)
def test_the_wait_depends_on_what_was_found(status, verdicts, age_hours, minutes):
    assert wait(status, verdicts, age_hours=age_hours) == minutes


@pytest.mark.parametrize("status", list(DomainStatus))
def test_inactive_domains_and_a_rhythm_of_zero_are_left_alone(status):
    assert wait(status, [OK], is_active=False) is None
    assert wait(status, [OK], interval=0) is None


def test_a_shorter_rhythm_shortens_the_wait_after_a_wrong_answer():
    assert wait(VERIFIED, [WRONG], interval=3) == 3
    assert wait(VERIFIED, [UNKNOWN], interval=3) == 3


@given(
    st.sampled_from(list(DomainStatus)),
    st.lists(st.sampled_from(list(Verdict)), max_size=5),
    st.integers(0, 10_000),
    st.integers(1, 10_080),
    st.floats(0, 1, exclude_max=True),
)
def test_the_dice_spread_the_next_check_by_a_tenth_around_its_time(status, verdicts, age, interval, dice):
    middle = wait(status, verdicts, age_hours=age, interval=interval)
    drawn = wait(status, verdicts, age_hours=age, interval=interval, dice=dice)

    assert drawn >= 0
    assert abs(drawn - middle) <= middle * 0.1 + 1


@given(st.lists(st.sampled_from([OK, WRONG]), min_size=5, max_size=5))
def test_three_wrong_answers_fit_into_the_half_hour_that_a_fall_takes_at_most_an_hour(verdicts):
    if WRONG in verdicts:
        assert 3 * wait(VERIFIED, verdicts) <= 60
