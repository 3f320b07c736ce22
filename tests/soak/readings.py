"""What a process that is used all day holds, read again and again, and whether it grows."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

MOST_MEMORY_SLOPE = 1.0
"""MiB an hour."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``seconds`` since the beginning; ``memory`` in MiB is what is the process's own and backed by no file."""

    seconds: float
    memory: float
    descriptors: int
    threads: int
    connections: int


def read_process(seconds: float, connections: int) -> Reading:
    """Return what this process holds now."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    anonymous = next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
    threads, descriptors = (sum(1 for _ in Path("/proc/self", name).iterdir()) for name in ("task", "fd"))
    return Reading(seconds, anonymous / 1024, descriptors, threads, connections)


def slope_per_hour(readings: Sequence[Reading]) -> float:
    """Return by how many MiB an hour memory grows: the median of the slopes of all pairs (Theil and Sen)."""
    pairs = combinations(readings, 2)
    return statistics.median((b.memory - a.memory) / (b.seconds - a.seconds) * 3600 for a, b in pairs)


def faults(readings: Sequence[Reading]) -> list[str]:
    """Return in words what grows: memory faster than it may, or anything else at all."""
    found = []
    if (slope := slope_per_hour(readings)) > MOST_MEMORY_SLOPE:
        found.append(f"memory grows by {slope:.1f} MiB an hour")
    middle = len(readings) // 2
    for name in ("descriptors", "threads", "connections"):
        before = max(getattr(one, name) for one in readings[:middle])
        after = min(getattr(one, name) for one in readings[middle:])
        if after > before:
            found.append(f"{name}: never below {after} again, at most {before} before")
    return found


def as_rows(readings: Sequence[Reading]) -> list[dict[str, float]]:
    """Return the readings for a JSON file."""
    return [asdict(one) for one in readings]
