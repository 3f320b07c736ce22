"""The judge of the long use: it sees what grows, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.soak.readings import Reading, faults, read_process, slope_per_hour

_FLAT = [Reading(60.0 * n, 250.0, 40, 8, 17) for n in range(10)]


def _growing(per_hour: float) -> list[Reading]:
    return [replace(one, memory=one.memory + per_hour * one.seconds / 3600) for one in _FLAT]


def test_what_stays_the_same_is_no_fault() -> None:
    assert faults(_FLAT) == []


@pytest.mark.parametrize(("per_hour", "is_fault"), [(0.5, False), (2.0, True), (-5.0, False)])
def test_memory_may_grow_by_a_mebibyte_an_hour(per_hour: float, is_fault: bool) -> None:
    readings = _growing(per_hour)

    assert slope_per_hour(readings) == pytest.approx(per_hour)
    assert bool(faults(readings)) is is_fault


def test_one_large_reading_is_no_growth() -> None:
    readings = [*_FLAT[:4], replace(_FLAT[4], memory=400.0), *_FLAT[5:]]

    assert faults(readings) == []


@pytest.mark.parametrize("name", ["descriptors", "threads", "connections"])
def test_whatever_else_grows_is_a_fault_and_what_comes_and_goes_is_none(name: str) -> None:
    growing = [replace(one, **{name: 20 + number}) for number, one in enumerate(_FLAT)]
    changing = [replace(one, **{name: 20 + number % 3}) for number, one in enumerate(_FLAT)]

    assert any(name in fault for fault in faults(growing))
    assert faults(changing) == []


def test_this_process_can_be_read() -> None:
    reading = read_process(1.0, 3)

    assert reading.memory > 1
    assert reading.descriptors >= 3
    assert reading.threads >= 1
