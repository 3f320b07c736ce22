"""A workbook goes on in the next sheet where one is full, and what is not finished can be put away."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from smtpy_desktop.gateways.export_workbook import Workbook
from smtpy_desktop.schemas.message_export import ExportColumn, ExportDescription, ExportFormat, ExportOptions

OPTIONS = ExportOptions(ExportFormat.XLSX, (ExportColumn.ID, ExportColumn.SUBJECT))


def rows(count: int) -> list[bytes]:
    return [f'{number},"row {number}, ""quoted"""\n'.encode() for number in range(1, count + 1)]


def begun(path: Path, most_rows: int) -> Workbook:
    book = Workbook(path, path.parent, OPTIONS, most_rows=most_rows)
    book.begin(ExportDescription("", "UTC", 7, datetime(2026, 1, 1, tzinfo=UTC)))
    return book


def sheets(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        return {name[-10:]: book.read(name).decode() for name in names}


def test_rows_beyond_a_full_sheet_go_on_in_the_next_one_under_their_headings(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = begun(path, most_rows=4)

    book.write(rows(2))
    book.write(rows(5))
    book.finish()

    found = sheets(path)
    assert [text.count("<row ") for text in found.values()] == [4, 4, 2, 4]
    assert all("subject" in text for text in list(found.values())[:3])
    assert "row 5, &quot;quoted&quot;" in found["sheet3.xml"] or 'row 5, "quoted"' in found["sheet3.xml"]
    assert "(all messages)" in found["sheet4.xml"]


def test_a_sheet_that_is_just_full_is_followed_by_no_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = begun(path, most_rows=4)

    book.write(rows(3))
    book.finish()

    assert len(sheets(path)) == 2


def test_what_is_not_finished_is_put_away_without_a_word(tmp_path: Path) -> None:
    book = begun(tmp_path / "book.xlsx", most_rows=4)
    book.write(rows(9))

    book.discard()

    assert not (tmp_path / "book.xlsx").exists()
