"""Numbers out of repeated measurements, ours and the reference by turns: noise of the machine disturbs both alike."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rounds:
    """What several rounds gave, in the unit of the figure."""

    ours: tuple[float, ...]
    reference: tuple[float, ...]

    @property
    def median_ours(self) -> float:
        """The middle of our rounds."""
        return statistics.median(self.ours)

    @property
    def median_reference(self) -> float:
        """The middle of the reference's rounds."""
        return statistics.median(self.reference)


def alternate(ours: Callable[[], float], reference: Callable[[], float], rounds: int) -> Rounds:
    """Measure ours, the reference, ours, the reference …, so many times each."""
    pairs = [(ours(), reference()) for _ in range(rounds)]
    return Rounds(tuple(mine for mine, _ in pairs), tuple(theirs for _, theirs in pairs))


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least ``percent`` (above 0, up to 100) of the values do not exceed."""
    if not values:
        raise ValueError("nothing was measured")
    if not 0 < percent <= 100:
        raise ValueError(f"{percent} is no percentile")
    place = math.ceil(len(values) * percent / 100)
    return sorted(values)[place - 1]
