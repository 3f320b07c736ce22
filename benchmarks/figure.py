"""One measured figure: what is said about it in the table and in build/bench.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """Ours against the reference, both in ``unit``.

    ``limit`` bounds the ratio, or with ``bounds_ours`` our own value; ``largest_ratio`` then bounds the ratio too.
    ``note`` says how it was measured.
    """

    name: str
    ours: float
    reference: float
    unit: str
    limit: float
    bounds_ours: bool = False
    largest_ratio: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours as a multiple of the reference."""
        return self.ours / self.reference if self.reference else float("inf")

    @property
    def goal(self) -> str:
        """The goal as it is written in the table."""
        goal = f"≤ {self.limit:g} {self.unit}" if self.bounds_ours else f"ratio ≤ {self.limit:g}"
        return goal if self.largest_ratio is None else f"{goal}, ratio ≤ {self.largest_ratio:g}"

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        is_close = self.largest_ratio is None or self.ratio <= self.largest_ratio
        return is_close and (self.ours if self.bounds_ours else self.ratio) <= self.limit

    def to_json(self) -> dict[str, Any]:
        """Return the entry of build/bench.json."""
        return {
            "figure": self.name,
            "ours": round(self.ours, 2),
            "reference": round(self.reference, 2),
            "unit": self.unit,
            "ratio": round(self.ratio, 3),
            "goal": self.goal,
            "met": self.met,
            "note": self.note,
        }


def tell(figure: Figure) -> None:
    """Print the entry as the last line of a figure's own process."""
    print(json.dumps(figure.to_json(), ensure_ascii=False), flush=True)
