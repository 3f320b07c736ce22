"""How wide a column is before anybody has changed it: wide enough for its title and its states in every language."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QFont

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import FontSize, Metric, Space
from smtpy_desktop.views.widgets.label import text_width
from smtpy_desktop.views.widgets.painting import pill_width


def first_width(column: Column[Any]) -> int:
    """Return the width of a column, in pixels, that nobody has made wider or narrower."""
    return max(column.width, needed_width(column))


def needed_width(column: Column[Any]) -> int:
    """Return the least width, in pixels, in which title, pills and sample texts of a column are seen whole."""
    title = text_width(text_font(FontSize.SMALL, QFont.Weight.DemiBold), column.title)
    pills = max(map(pill_width, column.pills), default=0)
    samples = max((text_width(text_font(), sample) for sample in column.samples), default=0)
    return max(title + Metric.CELL_PADDING + Space.S, max(pills, samples) + 2 * Metric.CELL_PADDING)
