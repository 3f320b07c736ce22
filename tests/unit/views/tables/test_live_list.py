"""A list that is followed: rows change and move, selection stays with them, and the order is kept here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.live_list import LiveList
from smtpy_desktop.views.widgets.remembered import MemoryStore


@dataclass(frozen=True)
class _Row:
    name: str
    count: int | None = 0


def _columns() -> list[Column[_Row]]:
    return [
        Column("name", "Name", lambda row: row.name, sortable=True),
        Column("count", "Count", lambda row: str(row.count), sortable=True, value=lambda row: row.count),
    ]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def listed(qtbot, store) -> LiveList[_Row]:
    made: LiveList[_Row] = LiveList(_columns(), "List", "list", store, lambda row: row.name)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    made.show_rows([_Row("b", 1), _Row("a", 2), _Row("c", None)])
    return made


def _names(listed: LiveList[_Row]) -> list[str]:
    return [row.name for _, row in listed.model.loaded_rows(0, 100)]


def _until(qtbot, listed: LiveList[_Row], names: list[str]) -> None:
    qtbot.waitUntil(lambda: _names(listed) == names)


def test_rows_come_in_the_order_given_until_somebody_sorts(qtbot, listed):
    as_given = _names(listed)

    listed.model.sort(0, Qt.SortOrder.AscendingOrder)

    assert as_given == ["b", "a", "c"]
    _until(qtbot, listed, ["a", "b", "c"])


def test_what_has_no_value_comes_last_in_both_directions(qtbot, listed):
    listed.model.sort(1, Qt.SortOrder.DescendingOrder)
    _until(qtbot, listed, ["a", "b", "c"])

    listed.model.sort(1, Qt.SortOrder.AscendingOrder)

    _until(qtbot, listed, ["b", "a", "c"])


def test_the_selection_stays_with_its_row_wherever_that_goes(qtbot, listed):
    listed.select("a")

    listed.show_rows([_Row("z", 9), _Row("c"), _Row("b"), _Row("a", 7)])
    _until(qtbot, listed, ["z", "c", "b", "a"])

    assert listed.selected == [_Row("a", 7)]


def test_a_row_that_goes_takes_its_selection_with_it(qtbot, listed):
    listed.select("a")

    listed.show_rows([_Row("b", 1)])
    _until(qtbot, listed, ["b"])

    assert listed.selected == []


def test_the_same_rows_again_are_not_read_anew(listed, qtbot):
    told: list[int] = []
    listed.model.loaded.connect(lambda: told.append(1))

    listed.show_rows(list(listed.rows))

    assert told == []


def test_the_first_row_is_selected_at_first_and_no_other_when_the_selected_one_goes(qtbot, listed):
    listed.select_something()
    first = listed.selected

    listed.show_rows([_Row("a", 2), _Row("c")])
    _until(qtbot, listed, ["a", "c"])
    listed.select_something()

    assert first == [_Row("b", 1)]
    assert listed.selected == []


def test_what_is_selected_by_hand_stays_and_what_is_not_there_cannot_be(listed):
    listed.select("c")

    listed.select_something()

    assert [row.name for row in listed.selected] == ["c"]
    assert not listed.select("nowhere")


def test_a_list_that_was_empty_begins_anew(qtbot, listed):
    listed.select_something()
    listed.show_rows([])
    _until(qtbot, listed, [])
    listed.show_rows([_Row("n", 5)])
    _until(qtbot, listed, ["n"])

    listed.select_something()

    assert listed.selected == [_Row("n", 5)]
