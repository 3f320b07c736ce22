"""The table selects, sorts, copies and remembers, by mouse and by key, and keeps its place when rows change."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.row_copy import CopyForm
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Metric, Tone
from smtpy_desktop.views.widgets.painting import MarkCell, PillCell
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.fake_list import FakeList, FakeRow

MARKS = (MarkCell("MX", Tone.OK, "MX is right"), MarkCell("SPF", Tone.BAD, "SPF is wrong"))
COLUMNS = [
    Column[FakeRow]("name", "Name", lambda row: row.name, sortable=True, required=True, stretch=True),
    Column[FakeRow]("state", "State", lambda row: "Ok", sortable=True, cell=lambda row: PillCell("Ok", Tone.OK)),
    Column[FakeRow]("records", "Records", lambda row: "MX SPF", cell=lambda row: MARKS),
    Column[FakeRow]("id", "Id", lambda row: str(row.id), value=lambda row: row.id, hidden=True),
]


def make_table(qtbot: QtBot, fake: FakeList, store: MemoryStore) -> DataTable[FakeRow]:
    model = KeyedTableModel(COLUMNS, fake.reader)
    table: DataTable[FakeRow] = DataTable(model, "Domains", "domains", store)
    model.setParent(table)
    qtbot.addWidget(table)
    table.resize(800, 400)
    table.show()
    model.reload(keep=False)
    return table


class PaintWatch(QObject):
    """Notes the heights of what is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.heights: list[int] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it
        if isinstance(event, QPaintEvent):
            self.heights.append(event.rect().height())
        return False


def model_of(table: DataTable[FakeRow]) -> KeyedTableModel[FakeRow]:
    model = table.model()
    assert isinstance(model, KeyedTableModel)
    return model


@pytest.fixture
def table(qtbot: QtBot, store: MemoryStore) -> DataTable[FakeRow]:
    return make_table(qtbot, FakeList(range(1000), at_once=True), store)


@pytest.fixture
def frame(table: DataTable[FakeRow]) -> TableFrame:
    return TableFrame(table)


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_home_and_end_go_to_the_first_and_the_last_row(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    table.selectRow(5)

    qtbot.keyClick(table, Qt.Key.Key_End)
    last = table.currentIndex().row()
    qtbot.keyClick(table, Qt.Key.Key_Home)

    assert (last, table.currentIndex().row()) == (999, 0)


@pytest.mark.parametrize(("key", "row"), [(Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 999)])
def test_a_key_leads_back_to_the_current_row_after_the_list_was_dragged_away(
    table: DataTable[FakeRow], qtbot: QtBot, key: Qt.Key, row: int
) -> None:
    qtbot.keyClick(table, key)
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum() // 2)

    qtbot.keyClick(table, key)

    assert table.viewport().rect().intersects(table.visualRect(table.model().index(row, 0)))


def test_shift_end_selects_to_the_end(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    table.selectRow(990)

    qtbot.keyClick(table, Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)

    assert table.selected_ranges() == [(990, 999)]


def test_whole_list_is_selected_without_being_read(qtbot: QtBot, store: MemoryStore) -> None:
    table = make_table(qtbot, FakeList(range(5_000_000), at_once=True), store)

    table.selectAll()

    assert table.selected_count == 5_000_000
    assert table.all_selected
    assert len(table.selected_rows()) == 200


def test_space_asks_for_the_details(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.details_wanted):
        qtbot.keyClick(table, Qt.Key.Key_Space)


def test_return_opens_the_row(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    table.selectRow(3)

    with qtbot.waitSignal(table.row_opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)

    assert opened.args == [FakeRow(3, "row 3")]


def test_typing_goes_to_the_filter_of_the_page(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.find_typed) as typed:
        qtbot.keyClick(table, "h")

    assert typed.args == ["h"]


def test_header_click_sorts_and_turns_round(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    asked: list[tuple[str, bool]] = []
    model_of(table).sort_requested.connect(lambda column, descending: asked.append((column, descending)))
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(1) + 20, 10)

    for _ in range(2):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert asked == [("state", False), ("state", True)]


def test_column_that_cannot_be_sorted_does_nothing(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    header = table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(2) + 20, 10)

    with qtbot.assertNotEmitted(model_of(table).sort_requested):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_key_sorts_by_the_column_under_the_cursor(table: DataTable[FakeRow], qtbot: QtBot) -> None:
    table.setFocus()
    table.setCurrentIndex(model_of(table).index(0, 1))

    with qtbot.waitSignal(model_of(table).sort_requested) as asked:
        qtbot.keyClick(table, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)

    assert asked.args == ["state", False]


def test_copy_takes_visible_columns_and_defuses_formulas(qtbot: QtBot, store: MemoryStore) -> None:
    columns = [Column[str]("name", "Name", lambda row: row), Column[str]("x", "X", lambda row: "secret", hidden=True)]
    model = KeyedTableModel(columns, fixed_reader(["=cmd()", "plain", "+1"]))
    table: DataTable[str] = DataTable(model, "Names", "names", store)
    qtbot.addWidget(table)
    model.reload(keep=False)
    table.selectAll()

    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert clipboard().splitlines() == ["'=cmd()", "plain", "'+1"]
    model.setParent(table)


def test_copy_as_json_keeps_native_values(table: DataTable[FakeRow]) -> None:
    table.memory.set_hidden(3, hidden=False)
    table.selectRow(7)

    table.copy_selection(CopyForm.JSON)

    assert json.loads(clipboard()) == [{"name": "row 7", "state": "Ok", "records": "MX SPF", "id": 7}]


def test_copy_tells_when_not_everything_was_there(qtbot: QtBot, store: MemoryStore) -> None:
    table = make_table(qtbot, FakeList(range(1000), at_once=True), store)
    table.selectAll()

    with qtbot.waitSignal(table.copied) as copied:
        table.copy_selection()

    assert copied.args == [200, 1000]


def test_columns_are_remembered_by_name(qtbot: QtBot, store: MemoryStore) -> None:
    first = make_table(qtbot, FakeList(range(3), at_once=True), store)
    first.memory.set_hidden(1, hidden=True)
    first.memory.set_hidden(3, hidden=False)
    first.horizontalHeader().moveSection(2, 0)
    first.horizontalHeader().resizeSection(2, 222)
    first.show_sort("name", descending=True)
    first.memory.write()

    second = make_table(qtbot, FakeList(range(3), at_once=True), store)

    header = second.horizontalHeader()
    assert second.memory.is_hidden(1)
    assert not second.memory.is_hidden(3)
    assert header.visualIndex(2) == 0
    assert header.sectionSize(2) == 222
    assert second.memory.remembered_sort() == ("name", True)


@pytest.mark.parametrize("rubbish", ["", "no json", "[]", '{"order": ["gone"], "widths": {"gone": 3}}'])
def test_rubbish_in_the_memory_means_the_first_state(qtbot: QtBot, store: MemoryStore, rubbish: str) -> None:
    store.setValue("tables/domains/columns", rubbish)

    table = make_table(qtbot, FakeList(range(3), at_once=True), store)

    assert [table.memory.is_hidden(section) for section in range(4)] == [False, False, False, True]


def test_required_column_cannot_be_hidden(table: DataTable[FakeRow]) -> None:
    table.memory.set_hidden(0, hidden=True)

    assert not table.memory.is_hidden(0)


def test_column_menu_shows_hides_and_resets(table: DataTable[FakeRow]) -> None:
    actions = {action.text(): action for action in table.build_column_menu().actions()}

    actions["Id"].setChecked(True)
    shown = not table.memory.is_hidden(3)
    actions["&Reset columns"].trigger()

    assert shown
    assert table.memory.is_hidden(3)
    assert not actions["Name"].isEnabled()


def test_page_puts_its_actions_into_the_context_menu(table: DataTable[FakeRow]) -> None:
    table.set_menu_builder(lambda menu: menu.addAction("Verify"))
    table.selectRow(0)

    texts = [action.text() for action in table.build_menu().actions() if not action.isSeparator()]

    assert texts == ["Verify", "&Copy", "Copy &as"]


def test_selection_and_place_stay_when_rows_come_before_them(qtbot: QtBot, store: MemoryStore) -> None:
    fake = FakeList(list(range(100, 1100)), at_once=True)
    table = make_table(qtbot, fake, store)
    table.select_id(150)
    table.scrollTo(table.currentIndex(), table.ScrollHint.PositionAtTop)
    place = table.visualRect(table.currentIndex()).top()
    fake.ids = [1, 2, 3, *fake.ids]

    with qtbot.waitSignal(model_of(table).loaded):
        model_of(table).reload()

    assert [row.id for row in table.selected_rows()] == [150]
    assert table.currentIndex().row() == 53
    assert table.visualRect(table.currentIndex()).top() == place


def test_list_at_its_top_stays_at_its_top(qtbot: QtBot, store: MemoryStore) -> None:
    fake = FakeList(list(range(100, 1100)), at_once=True)
    table = make_table(qtbot, fake, store)
    fake.ids = [1, 2, 3, *fake.ids]

    with qtbot.waitSignal(model_of(table).loaded):
        model_of(table).reload()

    assert table.verticalScrollBar().value() == 0


def test_stretched_column_fills_the_room_and_never_gets_too_narrow(table: DataTable[FakeRow]) -> None:
    wide = table.horizontalHeader().length() == table.viewport().width()

    table.resize(300, 400)

    assert wide
    assert table.columnWidth(0) == COLUMNS[0].min_width


def test_short_table_is_as_high_as_its_rows(qtbot: QtBot, store: MemoryStore) -> None:
    table = make_table(qtbot, FakeList(range(3), at_once=True), store)
    frame = TableFrame(table)
    qtbot.addWidget(frame)

    frame.fit_rows()

    around = frame.contentsMargins().top() + frame.contentsMargins().bottom()
    margins = frame.layout().contentsMargins()
    rows = frame.height() - Metric.HEADER_HEIGHT - margins.top() - margins.bottom() - around
    assert rows == 3 * Metric.ROW_HEIGHT


def test_a_step_of_scrolling_paints_only_the_rows_that_come_in(
    table: DataTable[FakeRow], frame: TableFrame, qtbot: QtBot
) -> None:
    watch = PaintWatch()
    frame.resize(500, 600)
    with qtbot.waitExposed(frame):
        frame.show()
    QApplication.processEvents()
    table.viewport().installEventFilter(watch)

    table.verticalScrollBar().setValue(2 * Metric.ROW_HEIGHT)
    qtbot.waitUntil(lambda: bool(watch.heights))

    table.viewport().removeEventFilter(watch)
    assert watch.heights == [2 * Metric.ROW_HEIGHT]


def test_every_kind_of_cell_is_painted(table: DataTable[FakeRow]) -> None:
    blank = table.grab().toImage()

    table.selectRow(0)

    assert table.grab().toImage() != blank
