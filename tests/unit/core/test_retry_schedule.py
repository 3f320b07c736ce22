"""When a delivery is tried again: further and further apart, and given up after the days that were set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.retry_schedule import FIRST_GAP, LONGEST_GAP, next_attempt, retry_gap

START = datetime(2026, 1, 1, tzinfo=UTC)
CHANCES = st.floats(0, 1)


@given(st.integers(1, 10_000), CHANCES)
def test_a_gap_is_never_too_short_nor_too_long(attempts: int, chance: float) -> None:
    gap = retry_gap(attempts, chance)

    assert FIRST_GAP * 0.85 <= gap <= LONGEST_GAP * 1.15


@given(st.integers(1, 100), CHANCES)
def test_gaps_grow(attempts: int, chance: float) -> None:
    assert retry_gap(attempts, chance) <= retry_gap(attempts + 1, chance)


@given(st.integers(1, 30), st.lists(CHANCES, min_size=1, max_size=8), st.integers(0, 3600))
def test_it_is_given_up_when_the_days_are_over_and_not_before(
    days: int, chances: list[float], seconds_for_each: int
) -> None:
    now, attempts = START, 0

    while True:
        attempts += 1
        now += timedelta(seconds=seconds_for_each)
        then = next_attempt(now, START, attempts, retry_days=days, chance=chances[attempts % len(chances)])
        if then is None:
            break
        assert then > now
        now = then

    assert START + timedelta(days=days) <= now <= START + timedelta(days=days, seconds=seconds_for_each)
    assert attempts >= 4 * days


def test_a_clock_that_was_put_back_does_not_give_up() -> None:
    then = next_attempt(START - timedelta(days=2), START, 3, retry_days=5, chance=0.5)

    assert then == START - timedelta(days=2) + timedelta(minutes=20)


@given(st.integers(1, 30), st.integers(0, 10**7), CHANCES)
def test_mail_that_nobody_has_said_anything_about_is_never_given_up(days: int, seconds: int, chance: float) -> None:
    now = START + timedelta(seconds=seconds)

    then = next_attempt(now, START, 5, retry_days=days, chance=chance, may_end=False)

    assert then is not None
    assert then >= now
