"""Figure *export_memory*: how much the process grows over exports of everything, after having exported a little."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.export_trial import peak_memory, seconds_of_ours
from benchmarks.figure import Figure, tell
from benchmarks.message_world import message_world, wanted_messages
from smtpy_desktop.schemas.message_export import ExportFormat

_LITTLE = 2_000
_MOST_IN_A_WORKBOOK = 200_000


def main() -> None:
    """Measure and tell the figure."""
    count = wanted_messages()
    with message_world() as trial, tempfile.TemporaryDirectory() as place:
        path = Path(place) / "export"
        for form in ExportFormat:
            seconds_of_ours(trial, path, form, _LITTLE)
        before = peak_memory()
        for form in (ExportFormat.CSV, ExportFormat.JSONL):
            seconds_of_ours(trial, path, form)
        seconds_of_ours(trial, path, ExportFormat.XLSX, min(_MOST_IN_A_WORKBOOK, count))
        after = peak_memory()
    note = (
        f"growth of the largest resident size over exports of {count:,} messages to CSV and to JSON Lines and of "
        f"{min(_MOST_IN_A_WORKBOOK, count):,} to a workbook, after {_LITTLE:,} to each; reference: the size before"
    )
    tell(Figure("export_memory", after - before, before, "MB", limit=20, bounds_ours=True, note=note))


if __name__ == "__main__":
    main()
