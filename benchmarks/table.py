"""The table of figures, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TITLES = ("figure", "ours", "reference", "ratio", "goal", "met")


def as_table(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the entries of build/bench.json as an aligned table, and below it how each was measured."""
    rows = [_TITLES, *map(_cells, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "-+-".join("-" * width for width in widths))
    notes = [f"{entry['figure']}: {entry['note']}" for entry in entries if entry.get("note")]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _cells(entry: Mapping[str, Any]) -> tuple[str, ...]:
    unit = entry["unit"]
    return (
        str(entry["figure"]),
        f"{entry['ours']:,.1f} {unit}",
        f"{entry['reference']:,.1f} {unit}",
        f"{entry['ratio']:.2f}",
        str(entry["goal"]),
        "yes" if entry["met"] else "no",
    )
