"""One sheet of exported messages: whole blocks of rows become text cells at once, far faster than cell by cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from smtpy_desktop.core.spreadsheet_safety import is_risky
from smtpy_desktop.schemas.message_export import NUMBER_COLUMNS, TIME_COLUMNS, ExportColumn

LONGEST_TEXT = 32_767
"""UTF-16 units of one cell (a limit of the format); longer texts are cut."""

# What XML cannot hold is written as ``_xHHHH_``, and what looks like that gets its own underscore written so
# (ECMA-376 part 1, section 22.9.2.19). A tab and a line feed stay as they are.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_NO_XML_BYTES = bytes(code for code in range(32) if code not in (9, 10))
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of the sheet: a cell is ``head``, the number of its row, ``body``, its content and ``tail``."""

    head: str
    body: str
    tail: str
    is_text: bool


class MessageSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet whose rows are added as blocks of CSV below the first, which is written cell by cell.

    Cells are never formulas or links, whatever they hold. The library's own way takes a text between ``<r>`` and
    ``</r>`` for markup and puts it into the file as it is; here nothing of a text is ever taken for markup.
    """

    def set_layout(self, columns: Sequence[ExportColumn], times: Any, quoted: Any | None) -> None:
        """Say what the columns hold; ``times`` and ``quoted`` are formats, the latter for what looks like a formula."""
        time_style = times._get_xf_index()  # noqa: SLF001
        self._quoted_style = None if quoted is None else quoted._get_xf_index()  # noqa: SLF001
        self._places = [_place(number, column, time_style) for number, column in enumerate(columns)]

    def append(self, rows: Sequence[bytes], first: int) -> None:
        """Add rows of CSV (each with a line feed at its end) from the row ``first`` on, counted from zero."""
        last = first + len(rows) - 1
        if self.previous_row < last:
            self._write_single_row(last)  # the headings, which the library holds back until the next row
        self.row_data_fh.write("".join(self._rendered(rows, first)))
        self.dim_rowmax = last

    def _rendered(self, rows: Sequence[bytes], first: int) -> Iterator[str]:
        places = self._places
        for number, cells in enumerate(csv.reader(io.StringIO(_markup(b"".join(rows)), newline="")), first + 1):
            yield f'<row r="{number}">'
            for place, cell in zip(places, cells, strict=True):
                if not cell:
                    continue
                if place.is_text and not _is_plain(cell):
                    yield self._careful(place, number, cell)
                else:
                    yield f"{place.head}{number}{place.body}{cell}{place.tail}"
            yield "</row>"

    def _careful(self, place: _Place, number: int, cell: str) -> str:
        """Return a text cell that keeps blanks at the ends, has no more than it may, and is marked where risky."""
        cell = _cut(cell)
        body = place.body
        if cell[0] <= " " or cell[-1] <= " ":
            body = body.replace("<t>", '<t xml:space="preserve">')
        # Behind an escaped character a formula may hide as well; the mark changes nothing that is seen.
        if self._quoted_style is not None and (is_risky(cell) or cell.startswith("_x")):
            body = body.replace('" t=', f'" s="{self._quoted_style}" t=')
        return f"{place.head}{number}{body}{cell}{place.tail}"


def _is_plain(cell: str) -> bool:
    """Say whether XML text needs no care, as nearly all do: a letter, digit or bracket first, and a visible end."""
    return (cell[0].isalnum() or cell[0] == "&") and cell[-1] > " " and len(cell) <= LONGEST_TEXT // 2


def _place(number: int, column: ExportColumn, time_style: int) -> _Place:
    head = f'<c r="{xl_col_to_name(number)}'
    if column in NUMBER_COLUMNS:
        return _Place(head, '"><v>', "</v></c>", is_text=False)
    if column in TIME_COLUMNS:
        return _Place(head, f'" s="{time_style}"><v>', "</v></c>", is_text=False)
    if column is ExportColumn.HAS_ATTACHMENTS:
        return _Place(head, '" t="b"><v>', "</v></c>", is_text=False)
    return _Place(head, '" t="inlineStr"><is><t>', "</t></is></c>", is_text=True)


def _markup(rows: bytes) -> str:
    """Return CSV whose values are XML text; none of it touches commas, quotes or line feeds."""
    text = rows.decode()
    if b"_x" in rows:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if len(rows.translate(None, _NO_XML_BYTES)) != len(rows) or any(one in rows for one in _NONCHARACTERS):
        text = _NO_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(cell: str) -> str:
    """Return XML text of at most ``LONGEST_TEXT`` UTF-16 units."""
    if len(cell) <= LONGEST_TEXT // 2:
        return cell
    text = cell.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    units = text.encode("utf-16-le")[: 2 * LONGEST_TEXT]
    # Half a character at the end is left out.
    text = units.decode("utf-16-le", "ignore")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
