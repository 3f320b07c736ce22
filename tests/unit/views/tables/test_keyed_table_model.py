"""The model shows a list of any length through a few pages, and keeps its place when the list changes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.keyed_table_model import ID_ROLE, ROW_ROLE, SORT_ROLE, KeyedTableModel
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from tests.helpers.fake_list import FakeList, FakeRow

COLUMNS = [
    Column[FakeRow]("name", "Name", lambda row: row.name, sortable=True, tooltip=lambda row: f"<b>{row.name}</b>"),
    Column[FakeRow]("id", "Id", lambda row: f"#{row.id}", value=lambda row: row.id, align_end=True),
    Column[FakeRow]("state", "State", lambda row: "Ok", cell=lambda row: PillCell("Ok", Tone.OK)),
]
FIVE_MILLION = 5_000_000


def make_model(fake: FakeList, **options: int) -> KeyedTableModel[FakeRow]:
    return KeyedTableModel(COLUMNS, fake.reader, **options)


def shown(model: KeyedTableModel[FakeRow], row: int) -> str | None:
    return model.data(model.index(row, 0))


def wait_for_row(qtbot: QtBot, model: KeyedTableModel[FakeRow], row: int) -> None:
    qtbot.waitUntil(lambda: model.row(row) is not None)


def test_model_keeps_every_rule_of_qt(qtmodeltester: ModelTester) -> None:
    model = make_model(FakeList(range(450), at_once=True))
    model.reload(keep=False)

    qtmodeltester.check(model)

    assert model.rowCount() == 450


def test_first_page_is_shown_before_the_length_is_known() -> None:
    fake = FakeList(range(1000))
    model = make_model(fake)
    model.reload(keep=False)

    fake.answer(1)

    assert model.rowCount() == 200
    assert shown(model, 0) == "row 0"


def test_the_end_is_read_while_the_keys_in_the_middle_are_being_looked_for(qtbot: QtBot) -> None:
    fake = FakeList(range(FIVE_MILLION - 50), step=1000, roughly=FIVE_MILLION - 50)
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer(2)

    model.set_visible_rows(FIVE_MILLION - 300, FIVE_MILLION - 51)
    qtbot.waitUntil(lambda: fake.waiting == 3)  # the shape, and two pages
    fake.take_back_first()
    fake.answer(2)

    assert model.is_loading
    assert [shown(model, FIVE_MILLION - number) for number in (51, 250)] == ["row 4999949", "row 4999750"]


def test_what_lies_in_the_middle_comes_when_its_keys_are_known(qtbot: QtBot) -> None:
    fake = FakeList(range(10_000), roughly=10_000)
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer(2)
    model.set_visible_rows(9990, 9999)
    model.set_visible_rows(5000, 5020)
    qtbot.waitUntil(lambda: fake.waiting == 2)  # the shape and the page at the end, but none in the middle

    blank = shown(model, 5000)
    qtbot.waitUntil(lambda: fake.answer() or shown(model, 5000) is not None)

    assert blank is None
    assert shown(model, 5000) == "row 5000"


@pytest.mark.parametrize("is_page_late", [False, True])
def test_rows_counted_from_the_end_are_counted_again_when_the_length_was_another(
    qtbot: QtBot, *, is_page_late: bool
) -> None:
    fake = FakeList(range(10_003), roughly=10_000)
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer(2)
    model.set_visible_rows(9990, 9999)
    qtbot.waitUntil(lambda: fake.waiting >= 2)

    if not is_page_late:
        fake.take_back_first()
    fake.answer(2)
    qtbot.waitUntil(lambda: fake.answer() or (not model.is_loading and model.row(9995) is not None))

    assert model.rowCount() == 10_003
    assert shown(model, 9995) == "row 9995"


def test_length_follows_with_the_shape() -> None:
    fake = FakeList(range(1000))
    model = make_model(fake)
    model.reload(keep=False)

    fake.answer()

    assert model.rowCount() == 1000


def test_short_first_page_is_the_whole_list() -> None:
    fake = FakeList(range(7))
    model = make_model(fake)
    model.reload(keep=False)

    fake.answer(1)

    assert model.rowCount() == 7
    assert not model.is_loading


def test_empty_list_has_no_rows() -> None:
    fake = FakeList([], at_once=True)
    model = make_model(fake)

    model.reload(keep=False)

    assert model.rowCount() == 0
    assert not model.is_loading


def test_row_on_its_way_is_blank_and_asked_for_once(qtbot: QtBot) -> None:
    fake = FakeList(range(1000))
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer()
    before = len(fake.questions)

    blank = [shown(model, row) for row in (650, 651, 652)]
    qtbot.waitUntil(lambda: fake.waiting == 1)
    fake.answer()

    assert blank == [None, None, None]
    assert shown(model, 650) == "row 650"
    assert len(fake.questions) == before + 1


def test_last_of_five_million_rows_is_one_page_away(qtbot: QtBot) -> None:
    fake = FakeList(range(FIVE_MILLION), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    before = len(fake.questions)

    wait_for_row(qtbot, model, FIVE_MILLION - 1)

    assert shown(model, FIVE_MILLION - 1) == f"row {FIVE_MILLION - 1}"
    assert len(fake.questions) == before + 1


@pytest.mark.parametrize("step", [200, 50, 1000, 300])
def test_any_row_is_found_whatever_the_step_of_the_anchors(qtbot: QtBot, step: int) -> None:
    fake = FakeList(range(5000), at_once=True, step=step)
    model = make_model(fake)
    model.reload(keep=False)

    for row in (4999, 1234, 2600, 199, 200):
        wait_for_row(qtbot, model, row)

        assert shown(model, row) == f"row {row}"


def test_pages_beyond_the_capacity_are_dropped(qtbot: QtBot) -> None:
    fake = FakeList(range(10_000), at_once=True)
    model = make_model(fake, pages_kept=4)
    model.reload(keep=False)

    for row in range(0, 10_000, 200):
        wait_for_row(qtbot, model, row)

    assert len(list(model.loaded_rows(0, 10_000))) == 4 * 200


def test_quick_scroll_reads_only_where_it_ends(qtbot: QtBot) -> None:
    fake = FakeList(range(100_000))
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer()
    before = len(fake.questions)

    for row in range(0, 100_000, 500):
        model.row(row)
    qtbot.waitUntil(lambda: fake.waiting > 0)
    fake.answer()

    assert len(fake.questions) - before <= 3
    assert shown(model, 99_500) == "row 99500"


def test_answer_to_an_older_question_is_dropped(qtbot: QtBot) -> None:
    fake = FakeList(range(1000))
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer()
    model.row(900)
    qtbot.waitUntil(lambda: fake.waiting == 1)
    fake.ids = range(5000, 6000)

    model.reload(keep=False)
    fake.answer()

    assert shown(model, 0) == "row 5000"
    assert model.row(900) is None


def test_newer_reload_overtakes_an_older_one() -> None:
    fake = FakeList(range(10))
    model = make_model(fake)
    model.reload(keep=False)
    fake.ids = range(20, 23)

    model.reload(keep=False)
    fake.answer()

    assert [shown(model, row) for row in range(model.rowCount())] == ["row 20", "row 21", "row 22"]


def test_old_rows_are_shown_until_the_new_ones_are_there() -> None:
    fake = FakeList(range(10))
    model = make_model(fake)
    model.reload(keep=False)
    fake.answer()
    fake.ids = range(50, 60)

    model.reload(keep=False)

    assert model.is_loading
    assert shown(model, 0) == "row 0"


def test_failed_reading_keeps_what_is_shown_and_says_so(qtbot: QtBot) -> None:
    fake = FakeList(range(10), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    fake.fails = True

    with qtbot.waitSignal(model.failed):
        model.reload(keep=False)

    assert not model.is_loading
    assert shown(model, 3) == "row 3"


def test_failed_page_that_is_seen_is_asked_for_again_by_itself(qtbot: QtBot) -> None:
    fake = FakeList(range(1000), at_once=True)
    model = KeyedTableModel(COLUMNS, fake.reader)
    model.reload(keep=False)
    fake.fails = True
    model.set_visible_rows(700, 720)
    qtbot.waitUntil(lambda: fake.questions[-1][0] == "page" and len(fake.questions) > 2)

    fake.fails = False

    qtbot.waitUntil(lambda: model.row_id(700) is not None)


def test_failed_page_is_asked_for_again(qtbot: QtBot) -> None:
    fake = FakeList(range(1000), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    fake.fails = True
    model.row(900)
    qtbot.waitUntil(lambda: fake.questions[-1][0] == "page" and len(fake.questions) == 3)
    fake.fails = False

    wait_for_row(qtbot, model, 900)

    assert shown(model, 900) == "row 900"


def test_change_keeps_indexes_on_their_rows(qtbot: QtBot) -> None:
    fake = FakeList(list(range(100, 600)), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    held = QPersistentModelIndex(model.index(5, 0))
    fake.ids = [1, 2, 3, *fake.ids]

    with qtbot.waitSignal(model.loaded):
        model.reload()

    assert model.rowCount() == 503
    assert held.row() == 8
    assert held.data(ID_ROLE) == 105


def test_change_of_rows_that_stay_where_they_are_paints_those_alone(qtbot: QtBot) -> None:
    fake = FakeList(list(range(500)), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    model.set_visible_rows(10, 30)
    painted: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: painted.append((first.row(), last.row())))
    fake.names = {4: "not seen", 12: "changed", 30: "changed too"}

    with qtbot.waitSignal(model.loaded), qtbot.assertNotEmitted(model.layoutChanged):
        model.reload()

    assert painted == [(12, 12), (30, 30)]
    assert (shown(model, 4), shown(model, 12), shown(model, 13)) == ("not seen", "changed", "row 13")


def test_held_row_that_moved_unseen_is_followed(qtbot: QtBot) -> None:
    fake = FakeList(list(range(500)), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    model.set_visible_rows(0, 20)
    held = QPersistentModelIndex(model.index(100, 0))
    fake.ids[100], fake.ids[101] = 101, 100

    with qtbot.waitSignal(model.loaded):
        model.reload()

    assert held.row() == 101


def test_row_that_moved_to_the_next_page_is_still_held(qtbot: QtBot) -> None:
    fake = FakeList(list(range(100, 1100)), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    held = QPersistentModelIndex(model.index(199, 0))
    fake.ids = [1, *fake.ids]

    with qtbot.waitSignal(model.loaded):
        model.reload()

    assert held.row() == 200
    assert held.data(ID_ROLE) == 299


def test_row_that_is_gone_is_no_longer_held(qtbot: QtBot) -> None:
    fake = FakeList(list(range(10)), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    selection = QItemSelectionModel(model)
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (3, 7):
        selection.select(model.index(row, 0), flags)
    fake.ids = [row for row in fake.ids if row != 3]

    with qtbot.waitSignal(model.loaded):
        model.reload()

    assert [index.data(ID_ROLE) for index in selection.selectedRows()] == [7]


def test_shrinking_list_loses_its_end(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    fake = FakeList(list(range(500)), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    qtmodeltester.check(model)
    fake.ids = fake.ids[:120]

    with qtbot.waitSignal(model.loaded):
        model.reload()

    assert model.rowCount() == 120


def test_burst_of_changes_is_few_readings(qtbot: QtBot) -> None:
    fake = FakeList(range(10), at_once=True)
    model = make_model(fake)
    model.reload(keep=False)
    loaded: list[int] = []
    model.loaded.connect(lambda: loaded.append(1))

    for _ in range(50):
        model.reload()
    qtbot.waitUntil(lambda: len(loaded) >= 1)
    qtbot.waitUntil(lambda: not model.is_loading)

    assert len(loaded) <= 2


def test_sorting_is_asked_of_the_page_and_only_where_it_can_be_done(qtbot: QtBot) -> None:
    model = make_model(FakeList(range(3), at_once=True))
    model.reload(keep=False)
    asked: list[tuple[str, bool]] = []
    model.sort_requested.connect(lambda column, descending: asked.append((column, descending)))

    model.sort(0, Qt.SortOrder.DescendingOrder)
    model.sort(1)

    assert asked == [("name", True)]


def test_updated_row_is_shown_at_once(qtbot: QtBot) -> None:
    model = make_model(FakeList(range(3), at_once=True))
    model.reload(keep=False)

    with qtbot.waitSignal(model.dataChanged):
        model.update_row(1, FakeRow(1, "renamed"))

    assert shown(model, 1) == "renamed"


def test_roles_give_the_row_its_native_value_and_a_literal_tooltip() -> None:
    model = make_model(FakeList([42], at_once=True))
    model.reload(keep=False)
    index = model.index(0, 1)

    assert index.data(ROW_ROLE) == FakeRow(42, "row 42")
    assert index.data(SORT_ROLE) == 42
    assert "&lt;b&gt;row 42" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
