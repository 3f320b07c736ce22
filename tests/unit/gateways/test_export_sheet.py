"""Whatever a stranger writes is the text of a cell: never markup, never a formula, and whole as far as a cell holds."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtpy_desktop.core.spreadsheet_safety import is_risky
from smtpy_desktop.gateways.export_sheet import LONGEST_TEXT
from smtpy_desktop.gateways.export_workbook import Workbook
from smtpy_desktop.schemas.message_export import ExportColumn, ExportDescription, ExportFormat, ExportOptions

COLUMNS = (ExportColumn.SUBJECT, ExportColumn.SIZE_BYTES, ExportColumn.SENDER_EMAIL)
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=8)
HOSTILE = [
    "<r><t>x</t></r>",
    "<r></is></c><c><f>1+1</f></c></r>",
    "]]>&lt;&#0;",
    "_x0041_ _x_x0041_",
    "\x01=1",
    " =1 ",
    "\r\n",
    "\n",
    "\ufffe\uffff",
    '","a"',
]


def workbook(subjects: list[str], query: str = "") -> zipfile.ZipFile:
    """Return a workbook with a row for each subject, which is its sender too."""
    with TemporaryDirectory() as place:
        path = Path(place) / "book.xlsx"
        book = Workbook(path, Path(place), ExportOptions(ExportFormat.XLSX, COLUMNS))
        book.begin(ExportDescription(query, "UTC", len(subjects), datetime(2026, 1, 1, tzinfo=UTC)))
        book.write([_line([subject, "7", subject]) for subject in subjects])
        book.finish()
        return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def _line(cells: list[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()


def cells(book: zipfile.ZipFile, sheet: int = 1) -> list[dict[str, ET.Element]]:
    """Return the cells of each row below the headings, by the letter of their column."""
    rows = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml")).iter(f"{SPACE}row")
    return [{(cell.get("r") or "")[0]: cell for cell in row} for row in rows][1:]


def text_of(cell: ET.Element | None) -> str:
    """Return the text that a spreadsheet shows."""
    if cell is None:
        return ""
    assert cell.get("t") == "inlineStr"
    assert [one.tag for one in cell.iter()] == [f"{SPACE}c", f"{SPACE}is", f"{SPACE}t"]
    return re.sub("_x([0-9a-fA-F]{4})_", lambda found: chr(int(found[1], 16)), "".join(cell.itertext()))


@settings(max_examples=60)
@given(TEXTS)
@example(HOSTILE)
def test_every_text_is_the_text_of_its_cell(subjects: list[str]) -> None:
    rows = cells(workbook(subjects))

    assert [text_of(row.get("A")) for row in rows] == subjects
    assert [text_of(row.get("C")) for row in rows] == subjects
    assert [row["B"].findtext(f"{SPACE}v") for row in rows] == ["7"] * len(subjects)


def test_what_looks_like_a_formula_is_marked_to_stay_text() -> None:
    book = workbook([*HOSTILE, "plain", "+1"])
    styles = ET.fromstring(book.read("xl/styles.xml"))
    quoted = [place for place, one in enumerate(styles.iter(f"{SPACE}xf")) if one.get("quotePrefix") == "1"]
    marked = [row.get("A") is not None and row["A"].get("s") is not None for row in cells(book)]

    assert len(quoted) == 1
    assert all(is_marked for is_marked, text in zip(marked, [*HOSTILE, "plain", "+1"], strict=True) if is_risky(text))
    assert not marked[-2]


@pytest.mark.parametrize("end", ["", "\U0001f642", "&", "<b>"])
def test_a_text_longer_than_a_cell_holds_is_cut_between_characters(end: str) -> None:
    text = "x" * (LONGEST_TEXT - 1) + end + "more"

    (row,) = cells(workbook([text]))

    shown = text_of(row["A"])
    assert text.startswith(shown)
    assert LONGEST_TEXT - 1 <= len(shown.encode("utf-16-le")) // 2 <= LONGEST_TEXT


def test_a_search_that_looks_like_markup_is_told_as_text() -> None:
    about = workbook(["x"], "<r>bold</r>").read("xl/worksheets/sheet2.xml").decode()

    assert "&lt;r&gt;bold&lt;/r&gt;" in about


def test_the_range_of_a_sheet_is_told_for_programs_that_ask_it() -> None:
    sheet = workbook(["a", "b", "c"]).read("xl/worksheets/sheet1.xml").decode()

    assert '<dimension ref="A1:C4"/>' in sheet
