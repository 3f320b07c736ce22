"""Writes rows as text to be pasted elsewhere: tab-separated, CSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence

from smtpy_desktop.core.spreadsheet_safety import defuse

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#&~$])")


def as_tsv(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows for a spreadsheet, without the titles; formulas are defused."""
    return _delimited(rows, "excel-tab")


def as_csv(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return titles and rows as RFC 4180 has them; formulas are defused."""
    return _delimited([titles, *rows], "excel")


def as_json(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a list of objects; values stay as they are, since JSON is no spreadsheet."""
    records = [dict(zip(titles, row, strict=True)) for row in rows]
    return json.dumps(records, ensure_ascii=False, indent=2, default=str)


def as_markdown(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table in which every value reads literally; formulas are defused."""
    lines = [_markdown_line(titles), "|" + " --- |" * len(titles)]
    lines += [_markdown_line([defuse(value) for value in row]) for row in rows]
    return "\n".join(lines) + "\n"


def _delimited(rows: Sequence[Sequence[str]], dialect: str) -> str:
    output = io.StringIO()
    writer = csv.writer(output, dialect)
    writer.writerows([defuse(value) for value in row] for row in rows)
    return output.getvalue()


def _markdown_line(values: Sequence[str]) -> str:
    escaped = (_MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(value.split())) for value in values)
    return "| " + " | ".join(escaped) + " |"
