"""The tour's eyes and hands: finds what can be seen in the window, clicks and types there, and takes pictures.

Everything a person does takes time, so these are generators: they yield what has to be true before they go on, and
``tour.py`` waits for it while the window runs on.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTableView,
    QWidget,
)

from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.views.help_request import windows_around
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.theme_tokens import current_colors
from smtpy_desktop.views.widgets.crash_dialog import CrashDialog
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.scroll_column import bring_into_view

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)

SECONDS = 60.0
_SHADE = 70
_CALM_LOOKS = 15


@dataclass(frozen=True, slots=True)
class Until:
    """What the tour waits for, in words for the report of a failure."""

    what: str
    condition: Callable[[], bool]
    seconds: float = SECONDS


Walk = Generator[Until, None, None]


class TourHands:
    """Acts on one window and the dialogs and menus over it."""

    def __init__(self, window: MainWindow, runner: TaskRunner) -> None:
        self.window = window
        self._runner = runner

    # Looking

    def texts(self) -> Iterator[str]:
        """Yield every text that can be seen, or that a screen reader would say of what can be seen."""
        for top in self._tops():
            for widget in (top, *top.findChildren(QWidget)):
                if _is_seen(widget):
                    yield from (widget.accessibleName(), widget.accessibleDescription())

    def sees(self, text: str) -> bool:
        """Say whether a text can be seen somewhere."""
        return any(text in shown for shown in self.texts())

    def find(self, kind: type[W], name: str) -> W | None:
        """Return the widget of that accessible name that can be seen, the topmost window's first."""
        for top in self._tops():
            for widget in top.findChildren(kind):
                if _is_seen(widget) and _is_named(widget, name):
                    return widget
        return None

    @property
    def fault(self) -> str | None:
        """What the window tells of a fault of the program, or None."""
        found = next((top for top in self._tops() if isinstance(top, CrashDialog)), None)
        return None if found is None else found.details.toPlainText()

    def cells(self, table_name: str) -> list[list[str]]:
        """Return what the rows of a table say."""
        table = self.find(QTableView, table_name)
        if table is None:
            return []
        model = table.model()
        return [
            [str(model.data(model.index(row, column)) or "") for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]

    def row_says(self, table_name: str, name: str, word: str) -> bool:
        """Say whether the row with that name has a cell with that word."""
        return any(name in cells and word in cells for cells in self.cells(table_name))

    # Waiting

    def until_seen(self, text: str) -> Walk:
        """Wait until a text can be seen."""
        yield Until(f"“{text}” is seen", lambda: self.sees(text))

    def until_gone(self, kind: type[QWidget], name: str) -> Walk:
        """Wait until a widget cannot be seen any more."""
        yield Until(f"“{name}” is closed", lambda: self.find(kind, name) is None)

    def until_calm(self) -> Walk:
        """Wait until nothing is being read or written and everything is painted."""
        looks = 0

        def is_calm() -> bool:
            nonlocal looks
            looks = 0 if self._runner.running or self.window.tasks.isVisible() else looks + 1
            return looks >= _CALM_LOOKS

        yield Until("the window comes to rest", is_calm)

    # Acting

    def click(self, name: str, kind: type[QWidget] = QAbstractButton) -> Walk:
        """Click on the button of that name once it can be pressed."""
        yield Until(f"“{name}” can be clicked", lambda: self._ready(kind, name) is not None)
        widget = _there(self._ready(kind, name), name)
        yield from self._into_view(widget)
        yield from self._click_at(widget, _middle(widget))

    def click_row(self, table_name: str, name: str) -> Walk:
        """Click on the row of a table in which some cell is that name."""

        def number() -> int:
            return next((row for row, cells in enumerate(self.cells(table_name)) if name in cells), -1)

        yield Until(f"{name} is in the table “{table_name}”", lambda: number() >= 0)
        table = _there(self.find(QTableView, table_name), table_name)
        index = table.model().index(number(), 0)
        table.scrollTo(index)
        yield from self._click_at(table.viewport(), table.visualRect(index).center())

    def choose(self, button: str, *path: str) -> Walk:
        """Open a button's menu and click through it."""
        yield from self.click(button)
        for name in path:
            yield from self._click_action(name)
        yield from self._until_menus_are_closed()

    def choose_in(self, field: str, choice: str) -> Walk:
        """Choose in a drop-down field by typing the beginning of the choice."""
        yield Until(f"the field “{field}” is seen", lambda: self.find(QComboBox, field) is not None)
        box = _there(self.find(QComboBox, field), field)
        box.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClicks(box, choice)
        # A blank among the letters opens the list; left open it would take the next click or key.
        box.hidePopup()
        yield Until(f"“{choice}” is chosen", lambda: box.currentText() == choice)
        yield from self._until_menus_are_closed()

    def type_into(self, field: str, text: str) -> Walk:
        """Replace what is in a field by typing; the lines of a text are ended by Return."""
        yield Until(f"the field “{field}” is seen", lambda: self._field(field) is not None)
        editor = _there(self._field(field), field)
        yield from self._into_view(editor)
        yield from self._click_at(editor, QPoint(editor.width() // 2, editor.height() // 2))
        QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        for number, line in enumerate(text.split("\n")):
            if number:
                QTest.keyClick(editor, Qt.Key.Key_Return)
            QTest.keyClicks(editor, line)

    def save_as(self, path: Path) -> Walk:
        """Type where to save into the file dialog, and press Return."""
        yield Until("the dialog that asks for a file is open", lambda: self._file_field() is not None)
        editor = _there(self._file_field(), "file name")
        dialog = editor.window()
        yield from self._click_at(editor, editor.rect().center())
        QTest.keyClick(editor, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(editor, str(path))
        yield from self._posted(lambda: QTest.keyClick(editor, Qt.Key.Key_Return))
        yield Until("the dialog that asks for a file is closed", lambda: dialog not in self._tops())

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Walk:
        """Press a key where the keyboard is."""
        yield from self._until_popups_are_settled()
        top = self._tops()[0]
        if not isinstance(top, QMenu) and QApplication.activeWindow() is not top:
            # Without a window manager nobody gives the keyboard back to the window once a menu has had it.
            top.activateWindow()
            yield Until("the window has the keyboard", lambda: QApplication.activeWindow() is top)
        yield from self._posted(lambda: QTest.keyClick(QApplication.focusWidget() or self._tops()[0], key, modifiers))

    # Elsewhere

    def meanwhile(self, work: Coroutine[Any, Any, Any]) -> Walk:
        """Let something happen outside the window, and wait until it has."""
        handle = self._runner.run(work, owner=self.window)
        yield Until("what happens outside the window is done", lambda: handle.is_done)

    # Pictures

    def picture(self) -> QPixmap:
        """Return the window as it looks, with the dialogs and menus over it."""
        picture = self.window.grab()
        painter = QPainter(picture)
        shade = QColor(current_colors().text if not current_colors().is_dark else current_colors().background)
        shade.setAlpha(_SHADE)
        for top in (*reversed(self._tops()[:-1]), *_popups()):
            place = self.window.mapFromGlobal(top.mapToGlobal(QPoint(0, 0)))
            if isinstance(top, QDialog):
                painter.fillRect(self.window.rect(), shade)
                # The virtual screen may be smaller than the window, which pushes dialogs to the side.
                place = self.window.rect().center() - top.rect().center()
            painter.drawPixmap(place, top.grab())
            painter.setPen(QColor(current_colors().border))
            painter.drawRect(place.x() - 1, place.y() - 1, top.width() + 1, top.height() + 1)
        painter.end()
        return picture

    # Inside

    def _tops(self) -> list[QWidget]:
        """The window last, before it the dialogs and menus that lie over it, the topmost first."""
        over = [
            top
            for top in QApplication.topLevelWidgets()
            if top.isVisible() and top is not self.window and isinstance(top, (QDialog, QMenu))
        ]
        over.sort(key=_depth, reverse=True)
        return [*over, self.window]

    def _ready(self, kind: type[W], name: str) -> W | None:
        widget = self.find(kind, name)
        modal = QApplication.activeModalWidget()
        is_reachable = widget is not None and (modal is None or modal is widget.window())
        return widget if is_reachable and widget is not None and widget.isEnabled() else None

    def _until_menus_are_closed(self) -> Walk:
        """Wait until menu and list are gone: for a moment they still have the keyboard, and keys would go nowhere."""
        yield Until("the menu is closed", lambda: QApplication.activePopupWidget() is None)

    def _until_popups_are_settled(self) -> Walk:
        """Wait while a menu is closing: Qt knows it as the active one although it cannot be seen any more."""

        def is_settled() -> bool:
            popup = QApplication.activePopupWidget()
            return popup is None or popup.isVisible()

        yield Until("no menu is closing", is_settled)

    def _file_field(self) -> QLineEdit | None:
        """Return the field for the name in Qt's own file dialog; the tour never sees that of a desktop."""
        dialogs = (top for top in self._tops() if isinstance(top, QFileDialog))
        return next((dialog.findChild(QLineEdit, "fileNameEdit") for dialog in dialogs), None)

    def _field(self, name: str) -> QWidget | None:
        return self.find(QLineEdit, name) or self.find(QPlainTextEdit, name)

    def _menu_with(self, name: str) -> QMenu | None:
        menus = (top for top in self._tops() if isinstance(top, QMenu))
        return next((menu for menu in menus if _action(menu, name) is not None), None)

    def _click_action(self, name: str) -> Walk:
        yield Until(f"the menu offers “{name}”", lambda: self._menu_with(name) is not None)
        menu = _there(self._menu_with(name), name)
        yield from self._click_at(menu, menu.actionGeometry(_there(_action(menu, name), name)).center())

    def _into_view(self, widget: QWidget) -> Walk:
        bring_into_view(widget)
        yield Until("what is clicked is in view", lambda: not widget.visibleRegion().isEmpty())

    def _click_at(self, widget: QWidget, place: QPoint) -> Walk:
        left, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        yield from self._posted(lambda: QTest.mouseClick(widget, left, no_key, place))

    def _posted(self, act: Callable[[], object]) -> Walk:
        """Act from the event loop: a click may run a loop of its own (Qt's own menus do), and must not hold us up."""
        begun = False

        def begin() -> None:
            nonlocal begun
            begun = True
            act()

        QTimer.singleShot(0, self.window, begin)
        yield Until("the click arrives", lambda: begun)


def _popups() -> list[QWidget]:
    """The lists that are open under fields, which are neither dialogs nor menus."""
    tops = QApplication.topLevelWidgets()
    return [top for top in tops if top.isVisible() and isinstance(top, QAbstractItemView)]


def _is_seen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.size().isEmpty()


def _is_named(widget: QWidget, name: str) -> bool:
    if widget.accessibleName() == name:
        return True
    # The side bar counts behind the name, which is its text alone.
    return isinstance(widget, QAbstractButton) and without_mnemonic(widget.text()) == name


def _middle(widget: QWidget) -> QPoint:
    """Return where a person would click: a box may be wider than its words, and only those can be clicked."""
    if not isinstance(widget, QCheckBox):
        return widget.rect().center()
    return QPoint(min(widget.width(), widget.sizeHint().width()) // 2, widget.height() // 2)


def _there(found: T | None, name: str) -> T:
    """Return what was seen a moment ago; raise LookupError when it has gone meanwhile."""
    if found is None:
        raise LookupError(f"“{name}” has gone")
    return found


def _action(menu: QMenu, name: str) -> QAction | None:
    return next((action for action in menu.actions() if without_mnemonic(action.text()) == name), None)


def _depth(widget: QWidget) -> int:
    """How many windows a window lies over; menus over everything."""
    return sum(1 for _ in windows_around(widget)) + (100 if isinstance(widget, QMenu) else 0)
