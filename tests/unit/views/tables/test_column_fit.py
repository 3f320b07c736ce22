"""A column that nobody has resized shows its title and its states whole, in every language."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.tables.column_fit import first_width, needed_width
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.theme import Theme
from smtpy_desktop.views.theme_tokens import Metric, Tone
from smtpy_desktop.views.widgets.painting import PillCell, pill_width
from smtpy_desktop.views.widgets.remembered import MemoryStore

pytestmark = pytest.mark.usefixtures("theme")

LONG = PillCell("En retard de paiement", Tone.WARN)


def column(title: str = "État", **further: Any) -> Column[str]:
    return Column("state", title, str, **further)


def test_a_short_title_leaves_the_width_that_was_chosen() -> None:
    assert first_width(column(width=100)) == 100


def test_a_longer_title_makes_the_column_wider(theme: Theme) -> None:
    assert first_width(column("Dernier signe de vie", width=60)) > 60


def test_the_longest_of_its_states_fits(theme: Theme) -> None:
    needed = needed_width(column(pills=(PillCell("Actif", Tone.OK), LONG)))

    assert needed >= pill_width(LONG) + 2 * Metric.CELL_PADDING


@pytest.mark.parametrize(("remembered", "expected"), [(None, True), (70, False)])
def test_what_somebody_has_chosen_wins(qtbot: QtBot, remembered: int | None, expected: bool) -> None:
    store = MemoryStore()
    columns = (column(width=60, pills=(LONG,)), Column("rest", "Rest", str, stretch=True))
    if remembered is not None:
        store.setValue("tables/trial/columns", f'{{"widths": {{"state": {remembered}}}}}')
    table: DataTable[Any] = DataTable(KeyedTableModel(columns, fixed_reader(())), "Trial", "trial", store)
    qtbot.addWidget(table)

    width = table.horizontalHeader().sectionSize(0)

    assert (width == first_width(columns[0])) is expected
    assert remembered is None or width == remembered


def test_a_width_that_nobody_has_changed_is_not_kept_for_another_language(qtbot: QtBot) -> None:
    store = MemoryStore()
    columns = (column(width=60, pills=(LONG,)), Column("other", "Other", str, width=80))
    table: DataTable[Any] = DataTable(KeyedTableModel(columns, fixed_reader(())), "Trial", "trial", store)
    qtbot.addWidget(table)

    table.horizontalHeader().resizeSection(1, 140)
    table.memory.write()

    assert json.loads(store.value("tables/trial/columns"))["widths"] == {"other": 140}
