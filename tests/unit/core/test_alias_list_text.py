"""Lists of aliases: read as people write them, and written so that reading gives the same back."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.alias_list_file import decode_list
from smtpy_desktop.core.alias_list_text import read_aliases, write_aliases
from smtpy_desktop.core.alias_targets import parse_alias_address, parse_note, parse_targets
from smtpy_desktop.core.spreadsheet_safety import is_risky
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.aliases import AliasLine, AliasRow

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LOCAL_PARTS = st.text("abZ0é'=+-#_", min_size=1, max_size=8)
NOTES = st.text(st.characters(codec="utf-8"), max_size=30).map(parse_note)


def row(local_part: str, targets: list[str], *, is_active: bool, note: str) -> AliasRow:
    parsed = parse_alias_address(f"{local_part}@café.example")
    return AliasRow(
        1, parsed.key, parsed.local_part, 1, parsed.domain, "café.example", 1, parse_targets(targets), is_active, note,
        NOW, NOW,
    )  # fmt: skip


def facts(lines: tuple[AliasLine, ...]) -> list[tuple[object, ...]]:
    return [(line.local_part, line.key, line.targets, line.is_active, line.note) for line in lines]


ROWS = st.lists(
    st.builds(
        row,
        LOCAL_PARTS.filter(lambda local: local.lower() != "postmaster"),
        st.lists(
            st.builds(lambda local: f"{local}@out.example", LOCAL_PARTS),
            min_size=1,
            max_size=4,
            unique_by=lambda address: parse_alias_address(address).key,
        ),
        is_active=st.booleans(),
        note=NOTES,
    ),
    max_size=5,
)


@given(ROWS)
def test_property_what_is_exported_is_imported_as_it_was(rows: list[AliasRow]) -> None:
    lines = read_aliases(write_aliases(rows))

    assert facts(lines) == [(one.local_part, one.key, one.targets, one.is_active, one.note) for one in rows]


@given(ROWS)
def test_property_no_cell_of_an_export_begins_like_a_formula(rows: list[AliasRow]) -> None:
    cells = [cell for cells in csv.reader(io.StringIO(write_aliases(rows), newline="")) for cell in cells]

    assert not any(is_risky(cell) for cell in cells)


@pytest.mark.parametrize(
    "typed",
    [
        "info@a.example box@out.example, desk@out.example",
        "info@a.example -> box@out.example;desk@out.example",
        "info@a.example\tbox@out.example desk@out.example",
        "info: box@out.example, desk@out.example",
        "info,box@out.example,desk@out.example",
    ],
)
def test_a_line_is_read_as_people_and_programs_write_it(typed: str) -> None:
    (line,) = read_aliases(f"# a list\n\n{typed}\n", domain="a.example")

    assert (line.number, line.key, line.fault) == (3, "info@a.example", None)
    assert [target.address for target in line.targets] == ["box@out.example", "desk@out.example"]


def test_headings_may_stand_in_any_order_and_between_semicolons() -> None:
    lines = read_aliases('\ufeffNote;Active;Goto;Alias\n"two\nlines";no;box@out.example;a@a.example\n;;;b@a.example')

    assert [(line.number, line.key, line.is_active, line.note) for line in lines] == [
        (2, "a@a.example", False, "two lines"),
        (4, "b@a.example", None, None),
    ]
    assert lines[1].fault is not None
    assert lines[1].fault.code == "ALIAS_NO_TARGET"


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("info@a.example <mailto:box@out.example>", "EMAIL_INVALID", "box@out.example"),
        ("info@a..example box@out.example", "EMAIL_INVALID", "info@a.example"),
        ("@a.example box@out.example", "ALIAS_CATCH_ALL", None),
        ("info@a.example", "ALIAS_NO_TARGET", None),
        ("info@a.example box@out.example BOX@out.example", "ALIAS_TARGET_TWICE", None),
        ("nobody", "EMAIL_INVALID", None),
    ],
)
def test_a_wrong_line_says_what_is_wrong_and_what_was_meant(typed: str, code: str, suggestion: str | None) -> None:
    (line,) = read_aliases(typed)

    assert line.fault is not None
    assert (line.number, line.fault.code, line.fault.suggestion) == (1, code, suggestion)


@given(st.text(max_size=200))
def test_property_any_text_is_read_without_a_fault_of_the_program(content: str) -> None:
    with suppress(UserFacingError):
        assert all(line.fault is not None or line.targets for line in read_aliases(content))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_as_spreadsheets_save_it(encoding: str) -> None:
    assert decode_list("büro@a.example é".encode(encoding)) == "büro@a.example é"


def test_a_workbook_is_refused_with_what_to_do() -> None:
    with pytest.raises(FieldError) as refused:
        decode_list(b"PK\x03\x04\x00\x00")

    assert refused.value.code == "ALIAS_FILE_NO_TEXT"
