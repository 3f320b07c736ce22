"""No copied or exported text is a formula, and harmless text stays as it is."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.spreadsheet_safety import defuse, is_risky
from smtpy_desktop.core.table_text import as_csv, as_json, as_markdown, as_tsv

RISKY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "﹦1",
    " =1",
    "\u200b=1",
    "\u00a0@x",
]
HARMLESS = ["", "example.com", "a=b", "user@example.com", "'quoted", "1-2", "ünï", "  padded"]


@pytest.mark.parametrize("value", RISKY)
def test_text_that_begins_like_a_formula_is_quoted(value: str) -> None:
    assert defuse(value) == f"'{value}"


@pytest.mark.parametrize("value", HARMLESS)
def test_other_text_stays_as_it_is(value: str) -> None:
    assert defuse(value) == value


@given(st.text())
def test_defused_text_never_begins_like_a_formula(value: str) -> None:
    assert not defuse(value).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert defuse(value).removeprefix("'") in (value, value.removeprefix("'"))


@given(st.lists(st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"])), min_size=2, max_size=2)))
def test_csv_gives_every_value_back(rows: list[list[str]]) -> None:
    text = as_csv(["a", "b"], rows)

    read = list(csv.reader(io.StringIO(text, newline="")))

    assert read == [["a", "b"], *([defuse(value) for value in row] for row in rows)]


def test_tsv_has_rows_without_titles() -> None:
    assert as_tsv(["a", "b"], [["1", "=2"]]) == "1\t'=2\r\n"


def test_markdown_shows_markup_literally() -> None:
    table = as_markdown(["a|b"], [["<b> | *x*\nnext"], ["=1"]])

    assert table.splitlines() == [r"| a\|b |", "| --- |", r"| \<b\> \| \*x\* next |", "| '=1 |"]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), min_size=1))
def test_markdown_has_one_line_and_all_cells_of_each_row(rows: list[list[str]]) -> None:
    lines = as_markdown(["a", "b"], rows).splitlines()

    cells = [re.split(r"(?<!\\)(?:\\\\)*\|", line) for line in lines]
    assert len(lines) == len(rows) + 2
    assert {len(parts) for parts in cells} == {4}
    shown = [
        [re.sub(r"\\(.)", r"\1", part.strip()) for part in re.findall(r"(?:\\.|[^|\\])+", line)] for line in lines[2:]
    ]
    for row, parts in zip(rows, shown, strict=True):
        assert [part for part in parts if part] == [word for cell in row if (word := " ".join(defuse(cell).split()))]


def test_markdown_shows_entities_and_strokes_literally() -> None:
    assert as_markdown(["a"], [["&lt; ~~x~~ $y$"]]).splitlines()[2] == r"| \&lt; \~\~x\~\~ \$y\$ |"


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_tsv_gives_every_value_back(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(as_tsv(["a", "b"], rows), newline=""), "excel-tab"))

    assert read == [[defuse(value) for value in row] for row in rows]


@given(st.lists(st.lists(st.text(), min_size=1, max_size=1)))
def test_json_gives_every_value_back(rows: list[list[str]]) -> None:
    assert [[record["a"]] for record in json.loads(as_json(["a"], rows))] == rows


def test_json_keeps_values_as_they_are() -> None:
    assert json.loads(as_json(["a", "n"], [["=1", 5]])) == [{"a": "=1", "n": 5}]


def test_every_character_that_unicode_calls_risky_or_invisible_is_known() -> None:
    for number in filter(lambda one: not 0xD800 <= one <= 0xDFFF, range(sys.maxunicode + 1)):
        character = chr(number)
        is_invisible = unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf")
        is_start = not is_invisible and unicodedata.normalize("NFKC", character)[:1] in ("=", "+", "-", "@")

        assert is_risky(f"{character}x") is (is_start or character in "\t\r\n"), hex(number)
        assert not is_invisible or is_risky(f"{character}=1"), hex(number)
