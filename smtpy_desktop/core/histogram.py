"""How long something took, counted in steps as Prometheus reads it."""

from __future__ import annotations

from bisect import bisect_left

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""The upper bounds of the steps, in seconds; what took longer is counted beyond the last."""


class Histogram:
    """Counts durations; ``counts`` has one place for each step and one for what is beyond."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def buckets(self) -> list[tuple[str, int]]:
        """Return bound and how many took at most that long, up to ``+Inf``, which has all."""
        steps, so_far = [], 0
        for bound, count in zip((*map(_written, self.bounds), "+Inf"), self.counts, strict=True):
            so_far += count
            steps.append((bound, so_far))
        return steps

    @property
    def count(self) -> int:
        """How many were counted."""
        return sum(self.counts)


def _written(bound: float) -> str:
    return f"{bound:g}"
