"""What is said about the figures."""

from __future__ import annotations

import pytest

from benchmarks.figure import Figure
from benchmarks.table import as_table


@pytest.mark.parametrize(
    ("figure", "goal", "met"),
    [
        (Figure("start", 150, 100, "ms", limit=1.5), "ratio ≤ 1.5", True),
        (Figure("start", 151, 100, "ms", limit=1.5), "ratio ≤ 1.5", False),
        (Figure("list", 100, 1, "ms", limit=100, bounds_ours=True), "≤ 100 ms", True),
        (Figure("list", 100.5, 200, "ms", limit=100, bounds_ours=True), "≤ 100 ms", False),
        (Figure("start", 1, 0, "ms", limit=1.5), "ratio ≤ 1.5", False),
    ],
)
def test_a_goal_bounds_the_ratio_or_our_own_value(figure: Figure, goal: str, met: bool) -> None:
    assert (figure.goal, figure.met) == (goal, met)


def test_an_entry_has_the_fields_that_are_promised() -> None:
    entry = Figure("start", 120, 100, "ms", limit=1.5).to_json()

    assert {"figure", "ours", "reference", "unit", "ratio", "goal", "met"} <= entry.keys()
    assert (entry["figure"], entry["ratio"], entry["met"]) == ("start", 1.2, True)


def test_the_table_is_aligned_and_tells_below_how_it_was_measured() -> None:
    entries = [
        Figure("start", 1200, 1000, "ms", limit=1.5, note="median of 5").to_json(),
        Figure("stall", 20, 5.1, "ms", limit=16, bounds_ours=True).to_json(),
    ]

    lines = as_table(entries).splitlines()

    assert lines[0].split(" | ")[0].strip() == "figure"
    assert [cell.strip() for cell in lines[2].split("|")] == [
        "start", "1,200.0 ms", "1,000.0 ms", "1.20", "ratio ≤ 1.5", "yes",
    ]  # fmt: skip
    assert lines[3].endswith("no")
    assert len({line.index("|") for line in (lines[0], *lines[2:4])}) == 1
    assert lines[-1] == "start: median of 5"
