"""From right to left everything that is painted by hand lies the other way round, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.icons import icon_pixmap
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.charts.chart_data import Bar, RankedBar, Series
from smtpy_desktop.views.widgets.charts.paired_bars import PairedBars
from smtpy_desktop.views.widgets.charts.ranked_bars import RankedBars
from smtpy_desktop.views.widgets.charts.stacked_bars import StackedBars
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.nav_item import NavItem
from smtpy_desktop.views.widgets.painting import MarkCell, PillCell
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.status_indicator import StatusIndicator

_GAP = 4  # narrower than between a word and its icon, wider than between two letters
_TOLERANCE = 3  # pixels: letters have room of their own before and behind them

_SERIES = (Series("Delivered", "ok"), Series("Failed", "bad"))
_BARS = [Bar("1", "1 May", (9, 1)), Bar("2", "2 May", (4, 0)), Bar("3", "3 May", (1, 2))]


def _nav_item() -> QWidget:
    item = NavItem("Messages", "mail")
    item.set_count(123)
    item.resize(196, 32)
    return item


def _status() -> QWidget:
    status = StatusIndicator()
    status.set_state("Database", Tone.OK)
    status.resize(140, 24)
    return status


def _chip() -> QWidget:
    chip = Chip("Domain", icon="world")
    chip.set_menu(QMenu())
    return chip


def _ranked() -> QWidget:
    bars = RankedBars("Reasons", "bad")
    bars.show_bars([RankedBar("Mailbox unknown", 12), RankedBar("Greylisting", 3)])
    bars.resize(300, 48)
    return bars


def _chart(kind: type[StackedBars]) -> QWidget:
    bars = kind("Messages", _SERIES)
    bars.show_bars(_BARS)
    bars.resize(400, 200)
    return bars


def _table() -> QWidget:
    marks = (MarkCell("SPF", Tone.OK, "SPF passes"), MarkCell("DKIM", Tone.BAD, "DKIM fails"))
    columns = [
        Column[str]("name", "Name", str, width=150, icon=lambda row: ("world", Tone.OK)),
        Column[str]("state", "State", str, width=130, cell=lambda row: PillCell("Verified", Tone.OK)),
        Column[str]("marks", "Records", str, width=180, cell=lambda row: marks),
        Column[str]("count", "Count", lambda row: "42", width=90, align_end=True),
    ]
    model = KeyedTableModel(columns, fixed_reader(["example.com"]))
    table: DataTable[str] = DataTable(model, "Domains", "domains", MemoryStore())
    model.setParent(table)
    model.reload(keep=False)
    table.resize(550, 120)
    return table


def _flow() -> QWidget:
    holder = QWidget()
    flow = FlowLayout(holder, spacing=8)
    for word in ("One", "Somewhat longer"):
        flow.addWidget(Pill(word, Tone.OK, holder))
    holder.resize(400, 40)
    return holder


PAINTED: dict[str, Callable[[], QWidget]] = {
    "pill": lambda: Pill("Verified", Tone.OK),
    "chip": _chip,
    "page in the side bar": _nav_item,
    "status": _status,
    "ranking": _ranked,
    "stacked bars": lambda: _chart(StackedBars),
    "paired bars": lambda: _chart(PairedBars),
    "table": _table,
    "flow": _flow,
    "button": lambda: Button("Add", icon="plus"),
    "menu button": lambda: MenuButton("More", QMenu()),
}


@pytest.fixture
def read(qapp: QApplication) -> Iterator[Callable[[Qt.LayoutDirection], None]]:
    """Give a function that lets the program read in a direction, until the test is over."""
    yield qapp.setLayoutDirection
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize("make", PAINTED.values(), ids=PAINTED.keys())
def test_painted_parts_lie_the_other_way_round(qtbot: QtBot, read, make: Callable[[], QWidget]) -> None:
    blocks = {}
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        read(direction)
        widget = make()
        qtbot.addWidget(widget)
        blocks[direction] = _blocks(_picture(widget))

    forward, backward = blocks.values()
    assert len(forward) == len(backward)
    width = _picture(widget).width()
    expected = [(width - 1 - last, width - 1 - first) for first, last in reversed(forward)]
    assert all(
        abs(seen[end] - wanted[end]) <= _TOLERANCE
        for seen, wanted in zip(backward, expected, strict=True)
        for end in (0, 1)
    ), (backward, expected)


def test_icons_that_point_along_the_line_turn_round_and_others_do_not(read) -> None:
    before = {name: icon_pixmap(name, "#000000", 16, 2.0).toImage() for name in ("chevron-right", "search")}

    read(Qt.LayoutDirection.RightToLeft)

    after = {name: icon_pixmap(name, "#000000", 16, 2.0).toImage() for name in before}
    turned = before["chevron-right"].flipped(Qt.Orientation.Horizontal)
    assert _difference(after["chevron-right"], turned) < 1 < _difference(before["chevron-right"], turned)
    assert after["search"] == before["search"]


def test_the_bar_under_the_mouse_is_the_one_that_is_seen_there(qtbot: QtBot, read) -> None:
    read(Qt.LayoutDirection.RightToLeft)
    chart = StackedBars("Messages", _SERIES)
    qtbot.addWidget(chart)
    chart.show_bars(_BARS)
    chart.resize(400, 200)

    centers = [chart.bar_rect(place).center().x() for place in range(3)]

    assert centers == sorted(centers, reverse=True)
    assert [chart.bar_at(x) for x in centers] == [0, 1, 2]


def test_the_arrow_keys_walk_over_a_chart_as_it_is_seen(qtbot: QtBot, read) -> None:
    read(Qt.LayoutDirection.RightToLeft)
    chart = StackedBars("Messages", _SERIES)
    qtbot.addWidget(chart)
    chart.show_bars(_BARS)

    qtbot.keyClick(chart, Qt.Key.Key_Right)

    assert chart.current == 1  # from the newest at the left to the one before it


def _picture(widget: QWidget) -> QImage:
    widget.ensurePolished()
    if widget.layout() is not None:
        widget.layout().activate()
    elif not widget.testAttribute(Qt.WidgetAttribute.WA_Resized):
        widget.resize(widget.sizeHint())
    return widget.grab().toImage()


def _blocks(image: QImage) -> list[tuple[int, int]]:
    """Return the columns in which something is seen, runs that are close to each other as one."""
    colors = _colors_by_column(image)
    plain = min(colors)  # lines run through all columns
    ink = [x for x, count in enumerate(colors) if count > plain]
    runs: list[tuple[int, int]] = []
    for _, numbers in groupby(enumerate(ink), lambda pair: pair[1] - pair[0]):
        columns = [x for _, x in numbers]
        if runs and columns[0] - runs[-1][1] <= _GAP:
            runs[-1] = (runs[-1][0], columns[-1])
        else:
            runs.append((columns[0], columns[-1]))
    return runs


def _colors_by_column(image: QImage) -> list[int]:
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    pixels = memoryview(plain.constBits()).cast("I")
    return [len(set(pixels[x :: image.width()])) for x in range(image.width())]


def _difference(one: QImage, other: QImage) -> float:
    """Return by how much two pictures of the same size differ, from 0 to 255 on average."""
    pairs = zip(bytes(one.constBits()), bytes(other.constBits()), strict=True)
    return sum(abs(a - b) for a, b in pairs) / one.sizeInBytes()
