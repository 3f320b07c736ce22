"""Messages as an Excel workbook: sheets of text cells, never formulas, written row by row in flat memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from smtpy_desktop.gateways.export_facts import facts_about
from smtpy_desktop.gateways.export_sheet import MessageSheet
from smtpy_desktop.schemas.message_export import (
    NUMBER_COLUMNS,
    TIME_COLUMNS,
    ExportColumn,
    ExportDescription,
    ExportOptions,
)

MOST_ROWS = 1_048_576
"""Rows of one sheet, its headings included (a limit of the format)."""

_TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
_WIDTHS = {ExportColumn.SUBJECT: 48, ExportColumn.BODY_PREVIEW: 60, ExportColumn.ERROR_MESSAGE: 40}
_NUMBER_WIDTH, _TIME_WIDTH, _TEXT_WIDTH = 12, 19, 28
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_SLICE = 500
"""Rows that are turned into cells at once: other threads get their turn after each."""


class Workbook:
    """Sheets of messages, as many as they need, and one about the export.

    Text is text whatever it begins with; ``defuse`` marks what begins like a formula with Excel's own quote mark, so
    that it stays text when somebody edits the cell. Temporary files lie in ``directory``.
    """

    def __init__(self, path: Path, directory: Path, options: ExportOptions, *, most_rows: int = MOST_ROWS) -> None:
        self._options, self._most_rows = options, most_rows
        self._book = xlsxwriter.Workbook(os.fspath(path), {**_OPTIONS, "tmpdir": os.fspath(directory)})
        self._book.use_zip64()
        self._heading = self._book.add_format({"bold": True})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._time = self._book.add_format({"num_format": _TIME_FORMAT})
        self._sheets: list[MessageSheet] = []
        self._row = 0
        self._description: ExportDescription | None = None

    def begin(self, description: ExportDescription) -> None:
        """Make the first sheet."""
        self._description = description
        self._add_sheet()

    def write(self, rows: Sequence[bytes]) -> None:
        """Append rows of CSV."""
        start = 0
        while start < len(rows):
            if self._row == self._most_rows:
                self._add_sheet()
            some = rows[start : start + min(_SLICE, self._most_rows - self._row)]
            self._sheets[-1].append(some, self._row)
            start += len(some)
            self._row += len(some)

    def finish(self) -> None:
        """Write the sheet about the export and put everything together."""
        if self._options.is_described and self._description is not None:
            self._write_about(self._description)
        try:
            self._book.close()
        except XlsxWriterException as error:
            # It wraps what the system said, and that is what can be told.
            if isinstance(error.__cause__, OSError):
                raise error.__cause__ from None
            raise

    def discard(self) -> None:
        """Close the temporary files of what was not finished."""
        for sheet in self._book.worksheets():
            if sheet.row_data_fh is not None:
                with suppress(OSError, ValueError):
                    sheet.row_data_fh.close()

    def _add_sheet(self) -> None:
        number = len(self._sheets) + 1
        sheet: MessageSheet = self._book.add_worksheet(
            "Messages" if number == 1 else f"Messages {number}", worksheet_class=MessageSheet
        )
        sheet.set_layout(self._options.columns, self._time, self._quoted if self._options.defuse else None)
        for place, column in enumerate(self._options.columns):
            sheet.set_column(place, place, _width(column))
        sheet.freeze_panes(1, 0)
        for place, heading in enumerate(self._options.headings):
            sheet.write_string(0, place, heading, self._heading)
        self._sheets.append(sheet)
        self._row = 1

    def _write_about(self, description: ExportDescription) -> None:
        sheet = self._book.add_worksheet("Export")
        sheet.set_column(0, 0, _NUMBER_WIDTH)
        sheet.set_column(1, 1, _TEXT_WIDTH * 2)
        for row, (name, value) in enumerate(facts_about(description)):
            sheet.write_string(row, 0, name, self._heading)
            # The blank keeps the library from taking ``<r>…</r>`` for markup of its own.
            sheet.write_string(row, 1, f"{value} " if value.startswith("<") else value)


def _width(column: ExportColumn) -> int:
    if column in NUMBER_COLUMNS:
        return _NUMBER_WIDTH
    return _TIME_WIDTH if column in TIME_COLUMNS else _WIDTHS.get(column, _TEXT_WIDTH)
