"""The benchmarks' own arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measuring import alternate, percentile


def test_ours_and_the_reference_are_measured_by_turns() -> None:
    order: list[str] = []

    def measured(name: str) -> float:
        order.append(name)
        return float(len(order))

    rounds = alternate(lambda: measured("ours"), lambda: measured("reference"), rounds=3)

    assert order == ["ours", "reference"] * 3
    assert (rounds.ours, rounds.reference) == ((1, 3, 5), (2, 4, 6))
    assert (rounds.median_ours, rounds.median_reference) == (3, 4)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100
    assert sum(value < found for value in values) < len(values) * percent / 100


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_a_percentile_of_nothing_or_outside_the_scale_is_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match=r"measured|percentile"):
        percentile(values, percent)
