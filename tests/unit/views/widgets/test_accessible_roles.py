"""A screen reader is told what painted widgets are, and what the inner parts of Qt's own are called."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QScrollBar, QSplitter, QSplitterHandle, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.accessible_roles import tell_roles
from smtpy_desktop.views.widgets.charts.ranked_bars import RankedBars
from smtpy_desktop.views.widgets.charts.stacked_bars import StackedBars
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import MonoText
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.pill import Pill

Role = QAccessible.Role
PAINTED: dict[str, tuple[Callable[[], QWidget], Role]] = {
    "pill": (lambda: Pill("Failed", Tone.BAD), Role.StaticText),
    "text": (lambda: MonoText("v=spf1", "Published"), Role.StaticText),
    "icon with a meaning": (lambda: IconLabel("x", name="Wrong"), Role.Graphic),
    "icon beside words": (lambda: IconLabel("x"), Role.Client),
    "bars": (lambda: StackedBars("Messages", ()), Role.Chart),
    "ranking": (lambda: RankedBars("Reasons", "bad"), Role.Chart),
    "heading": (lambda: PlainLabel("Records", size="section"), Role.Heading),
    "label": (lambda: PlainLabel("Records"), Role.StaticText),
}


@pytest.fixture(autouse=True)
def _told() -> None:
    tell_roles()


@pytest.mark.parametrize(("make", "role"), PAINTED.values(), ids=PAINTED.keys())
def test_painted_widgets_have_a_role(qtbot: QtBot, make: Callable[[], QWidget], role: Role) -> None:
    widget = make()
    qtbot.addWidget(widget)

    interface = QAccessible.queryAccessibleInterface(widget)

    assert interface is not None
    assert interface.role() is role
    assert interface.text(QAccessible.Text.Name) == widget.accessibleName()


def test_parts_that_qt_makes_by_itself_have_names(qtbot: QtBot) -> None:
    text, box, splitter, line, combo = QPlainTextEdit(), NumberBox(1, 9, 5), QSplitter(), QLineEdit(), QComboBox()
    text.setAccessibleName("Source")
    box.setAccessibleName("Port")
    line.setClearButtonEnabled(True)
    splitter.addWidget(QWidget())
    splitter.addWidget(QWidget())
    for widget in (text, box, splitter, line, combo):
        qtbot.addWidget(widget)

    names = {type(part).__name__: _name(part) for whole in (text, box, splitter, line) for part in _inner(whole)}

    assert _name(text.verticalScrollBar()) == "Scroll up and down: Source"
    assert names["QLineEdit"] == "Port"
    assert all(names.values()), names


def _inner(whole: QWidget) -> list[QWidget]:
    kinds = (QScrollBar, QLineEdit, QSplitterHandle)
    buttons = [each for each in whole.findChildren(QWidget) if each.inherits("QToolButton")]
    return [part for kind in kinds for part in whole.findChildren(kind)] + buttons


def _name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface is not None
    return interface.text(QAccessible.Text.Name)
