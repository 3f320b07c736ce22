r"""Figure *csv*: all messages to a CSV file, against psql's ``\copy`` of the same columns."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.export_trial import seconds_of_ours, seconds_of_psql
from benchmarks.figure import Figure, tell
from benchmarks.measuring import alternate
from benchmarks.message_world import message_world, wanted_messages
from smtpy_desktop.schemas.message_export import ExportFormat

_ROUNDS = 5


def main() -> None:
    """Measure and tell the figure."""
    with message_world() as trial, tempfile.TemporaryDirectory() as place:
        ours, theirs = Path(place) / "ours.csv", Path(place) / "theirs.csv"
        # The first of each is not counted: it fills the database's cache.
        seconds_of_ours(trial, ours, ExportFormat.CSV), seconds_of_psql(trial, theirs)
        rounds = alternate(
            lambda: seconds_of_ours(trial, ours, ExportFormat.CSV), lambda: seconds_of_psql(trial, theirs), _ROUNDS
        )
        size = ours.stat().st_size / 1e6
    note = (
        f"{wanted_messages():,} messages, 13 columns, {size:,.0f} MB, formulas defused, times in a zone, the file "
        f"brought to the disk; against psql's \\copy of the same columns in the same order, its formulas left as they "
        f"are; median of {_ROUNDS}"
    )
    tell(Figure("csv", rounds.median_ours * 1000, rounds.median_reference * 1000, "ms", limit=1.2, note=note))


if __name__ == "__main__":
    main()
