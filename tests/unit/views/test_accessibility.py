"""Everything that takes the keyboard has a name, in every widget and in the shell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QMenu, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.banner import Banner
from smtpy_desktop.views.widgets.buttons import Button, IconButton, MenuButton
from smtpy_desktop.views.widgets.card import Card, Notice
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.crash_dialog import CrashDialog
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.error_dialog import ErrorDialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.message_bar import Message, MessageBar
from smtpy_desktop.views.widgets.nav_item import NavItem
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.relative_time import RelativeTimeLabel
from smtpy_desktop.views.widgets.remembered import MemoryStore
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.tasks_panel import TaskRow

NEEDS_A_NAME = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)
# Parts of Qt's own compound widgets: the whole has the name.
INNER_PARTS = ("qt_spinbox_lineedit", "qt_scrollarea_viewport")


def _form() -> QWidget:
    form = Form()
    combo = QComboBox()
    combo.addItem("one")
    for name, editor in (("a", QLineEdit()), ("b", NumberBox(1, 9, 5)), ("c", combo), ("d", QPlainTextEdit())):
        form.add_field(name, f"&{name.upper()} field", editor, "Explained.")
    return form


def _table() -> QWidget:
    model = KeyedTableModel([Column[str]("a", "A", str)], fixed_reader(["x"]))
    table: DataTable[str] = DataTable(model, "Names", "names", MemoryStore())
    model.setParent(table)
    model.reload(keep=False)
    return TableFrame(table)


def _message_bar() -> QWidget:
    bar = MessageBar()
    bar.show_message(Message("Deleted.", action_text="Undo", action=lambda: None))
    return bar


def _window() -> QWidget:
    window = MainWindow(MemoryStore())
    window.add_page("domains", "Domains", "world", QWidget())
    window.set_status("database", "Database", Tone.OK)
    window.show_message(Message("x", Tone.BAD, "Show", lambda: None))
    return window


def _rows() -> QWidget:
    rows = KeyValueList()
    rows.add("From", "a@b.example")
    return rows


def _banner() -> QWidget:
    banner = Banner()
    banner.show_banner("The database is gone.", "Reconnecting.", button=Button("Try now"))
    return banner


def _task_row() -> QWidget:
    row = TaskRow(TaskHandle(1, "Verify", Progress(total=3), QWidget()))
    row.refresh()
    return row


MAKERS = {
    "button": lambda: Button("&Add", icon="plus"),
    "menu button": lambda: MenuButton("More", QMenu()),
    "icon button": lambda: IconButton("pencil", "Edit"),
    "copy button": lambda: CopyButton("x", "the value"),
    "pill": lambda: Pill("Failed", Tone.BAD),
    "chip": lambda: Chip("Active", count=3, checkable=True),
    "nav item": lambda: NavItem("Domains", "world", "Ctrl+2"),
    "card": lambda: Card("SPF", "TXT", icon="x", icon_name="Wrong", collapsible=True),
    "notice": lambda: Notice("Full", "Text"),
    "code block": lambda: CodeBlock("Published", "v=spf1"),
    "rows": _rows,
    "form": _form,
    "table": _table,
    "empty state": lambda: EmptyState("world", "No domains", "Add one.", Button("Add")),
    "message bar": _message_bar,
    "banner": _banner,
    "task": _task_row,
    "confirm": lambda: ConfirmDialog(None, "Delete a?", "Really.", "Delete", type_name="a"),
    "error": lambda: ErrorDialog(None, UserFacingError("X", "a", detail="b", hint="c"), str),
    "crash": lambda: CrashDialog(None, "Traceback", str),
    "time": lambda: RelativeTimeLabel(datetime(2026, 1, 1, tzinfo=UTC)),
    "split page": lambda: SplitPage("x", MemoryStore()),
    "window": _window,
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS.keys())
def test_everything_that_can_be_used_has_a_name(qtbot: QtBot, maker: object) -> None:
    widget: QWidget = maker()  # type: ignore[operator]
    qtbot.addWidget(widget)

    unnamed = [
        f"{type(child).__name__} {child.objectName()}"
        for child in [widget, *widget.findChildren(QWidget)]
        if isinstance(child, NEEDS_A_NAME) or child.focusPolicy() & Qt.FocusPolicy.TabFocus
        if child.objectName() not in INNER_PARTS and not _spoken_name(child) and not _is_inner(child)
    ]

    assert unnamed == []


def _spoken_name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return widget.accessibleName() or (interface.text(QAccessible.Text.Name) if interface is not None else "")


def _is_inner(widget: QWidget) -> bool:
    """Say whether a widget is a part of one of Qt's own (a combo box's list, a line edit's icon)."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, (QComboBox, QLineEdit)):
            return True
        parent = parent.parentWidget()
    return False


def test_pill_and_icon_say_the_state_in_words(qtbot: QtBot) -> None:
    pill = Pill("Failed", Tone.BAD)
    card = Card("SPF", icon="x", icon_name="Wrong")
    qtbot.addWidget(pill)
    qtbot.addWidget(card)

    names = {child.accessibleName() for child in card.findChildren(QWidget)}

    assert pill.accessibleName() == "Failed"
    assert "Wrong" in names


def test_focus_can_be_seen_on_every_kind_of_button(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    buttons = [
        Button("Primary", holder, kind="primary"),
        Button("Secondary", holder),
        Button("Ghost", holder, kind="ghost"),
        Button("Danger", holder, kind="danger"),
        Button("Link", holder, kind="link"),
        IconButton("pencil", "Edit", holder),
        Chip("Chip", holder),
        NavItem("Page", "world", parent=holder),
    ]
    with qtbot.waitActive(holder):
        holder.show()

    for button in buttons:
        button.resize(button.sizeHint())
        holder.setFocus()
        button.clearFocus()
        without = button.grab().toImage()
        button.setFocus(Qt.FocusReason.TabFocusReason)

        assert button.grab().toImage() != without, button.accessibleName()
