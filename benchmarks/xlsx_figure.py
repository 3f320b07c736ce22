"""Figure *xlsx*: 200,000 messages to a workbook, against a bare loop of XlsxWriter over rows that are at hand."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.export_trial import SAME_COLUMNS, ZONE, seconds_of_ours
from benchmarks.figure import Figure, tell
from benchmarks.measuring import alternate
from benchmarks.message_world import message_world, wanted_messages
from benchmarks.trial_profile import TrialProfile
from smtpy_desktop.schemas.message_export import DEFAULT_COLUMNS, ExportFormat

_MOST = 200_000
_ROUNDS = 3
_NUMBERS = (0, 7)
_TIME = 1
_YES_OR_NO = 8


def main() -> None:
    """Measure and tell the figure."""
    count = min(_MOST, wanted_messages())
    with message_world() as trial, tempfile.TemporaryDirectory() as place:
        rows = _rows(trial, count)
        ours, bare = Path(place) / "ours.xlsx", Path(place) / "bare.xlsx"
        rounds = alternate(
            lambda: seconds_of_ours(trial, ours, ExportFormat.XLSX, count),
            lambda: _seconds_of_bare(rows, bare),
            _ROUNDS,
        )
        size = ours.stat().st_size / 1e6
    note = (
        f"{count:,} messages, 13 columns, {size:,.0f} MB, from the database to the file; against XlsxWriter alone, one "
        f"call for each cell (constant_memory), over the same rows read before; median of {_ROUNDS}"
    )
    tell(Figure("xlsx", rounds.median_ours * 1000, rounds.median_reference * 1000, "ms", limit=1.5, note=note))


def _rows(trial: TrialProfile, count: int) -> list[tuple[Any, ...]]:
    with trial.connect() as connection:
        connection.execute(f"SET TimeZone = '{ZONE}'".encode())
        return connection.execute(f"{SAME_COLUMNS} LIMIT {count}".encode()).fetchall()


def _seconds_of_bare(rows: list[tuple[Any, ...]], path: Path) -> float:
    began = time.perf_counter()
    book = xlsxwriter.Workbook(
        str(path),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True},
    )
    book.use_zip64()
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet()
    for place, column in enumerate(DEFAULT_COLUMNS):
        sheet.write_string(0, place, column.value)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if value is None:
                continue
            if place in _NUMBERS:
                sheet.write_number(number, place, value)
            elif place == _TIME:
                sheet.write_datetime(number, place, value, moment)
            elif place == _YES_OR_NO:
                sheet.write_boolean(number, place, value)
            else:
                sheet.write_string(number, place, value)
    book.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
