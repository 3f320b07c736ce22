"""What each client did within a minute."""

from __future__ import annotations

import pytest

from smtpy_desktop.core import minute_counts
from smtpy_desktop.core.minute_counts import MinuteCounts, client_name


def test_counts_begin_anew_after_a_minute_and_are_kept_apart() -> None:
    counts = MinuteCounts()

    first = [counts.add("a", now) for now in (0.0, 30.0, 59.9)]
    later = counts.add("a", 60.0)

    assert (first, later) == ([1, 2, 3], 1)
    assert counts.count("a", 119.0) == 1
    assert counts.count("a", 121.0) == 0
    assert counts.count("b", 0.0) == 0


def test_those_that_came_first_are_forgotten_among_very_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minute_counts, "_MOST_CLIENTS", 3)
    counts = MinuteCounts()

    for name in "abcd":
        counts.add(name, 0.0)

    assert [counts.count(name, 1.0) for name in "abcd"] == [0, 1, 1, 1]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_clients_are_told_apart_by_address_or_network(address: str, name: str) -> None:
    assert client_name(address) == name
