"""Copies the selected rows of a data table in the form that is asked for."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

from smtpy_desktop.core.table_text import as_csv, as_json, as_markdown, as_tsv
from smtpy_desktop.views.tables.columns import Column


class CopyForm(enum.Enum):
    """The forms of *Copy as*."""

    TSV = "TSV"
    CSV = "CSV"
    JSON = "JSON"
    MARKDOWN = "Markdown"


def rows_as_text(columns: Sequence[Column[Any]], rows: Sequence[Any], form: CopyForm) -> str:
    """Return rows as text; spreadsheet formulas are defused."""
    titles = [column.title for column in columns]
    if form is CopyForm.JSON:
        return as_json([column.id for column in columns], [[column.native(row) for column in columns] for row in rows])
    texts = [[column.text(row) for column in columns] for row in rows]
    writer = {CopyForm.TSV: as_tsv, CopyForm.CSV: as_csv, CopyForm.MARKDOWN: as_markdown}[form]
    return writer(titles, texts)
