"""Somebody who has a keyboard and nothing else: keys go where the keyboard is, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QMenu, QTableView, QWidget

from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.window_gallery import Gallery
from tests.helpers.seen_widgets import path_of

CONTROL = Qt.KeyboardModifier.ControlModifier
_NONE = Qt.KeyboardModifier.NoModifier
_MOST_STOPS = 80
_MOST_ROWS = 200


@dataclass
class Keyboard:
    """Presses keys in a window and what lies over it; whatever cannot be reached so raises LookupError."""

    gallery: Gallery

    @property
    def place(self) -> QWidget:
        """What a key goes to now: the menu that is open, or what has the keyboard."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return popup
        top = QApplication.activeModalWidget() or self.gallery.window
        if QApplication.activeWindow() is not top:
            top.activateWindow()  # as a window manager would once a menu or a dialog has gone
            self.until("the window has the keyboard", lambda: QApplication.activeWindow() is top)
        return QApplication.focusWidget() or top

    @property
    def name(self) -> str:
        """What a screen reader calls the place where the keyboard is."""
        return name_of(self.place)

    def until(self, what: str, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait until something is true."""
        self.gallery.wait(Until(what, condition, seconds))

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
        """Press one key, and wait until it has been taken."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            self.until("no menu is closing", lambda: popup.isVisible() or QApplication.activePopupWidget() is not popup)
        place, done = self.place, False

        def act() -> None:
            nonlocal done
            done = True  # before: what a key opens may run a loop of its own
            QTest.keyClick(place, key, modifiers)

        QTimer.singleShot(0, self.gallery.window, act)
        self.until("the key is taken", lambda: done)

    def type(self, words: str) -> None:
        """Type a text where the keyboard is, in place of what stands there."""
        self.press(Qt.Key.Key_A, CONTROL)
        QTest.keyClicks(self.place, words)

    def tab_to(self, name: str, *, backwards: bool = False) -> QWidget:
        """Press Tab until the keyboard is at what is called so, and return that."""
        visited: list[str] = []
        for _ in range(_MOST_STOPS):
            if self.name == name and self.place.isEnabled():
                return self.place
            visited.append(path_of(self.place))
            self.press(Qt.Key.Key_Backtab if backwards else Qt.Key.Key_Tab)
        raise LookupError(f"Tab does not come to “{name}”, but to:\n" + "\n".join(dict.fromkeys(visited)))

    def arrow_to_row(self, words: str) -> None:
        """Press the arrow down until the current row of the table at hand has a cell with these words."""
        table = self.place
        if not isinstance(table, QTableView):
            raise TypeError(f"the keyboard is at {path_of(table)}, which is no table")
        self.until("the table has rows", lambda: table.model().rowCount() > 0)
        self.press(Qt.Key.Key_Home, CONTROL)
        for _ in range(min(table.model().rowCount(), _MOST_ROWS) + 1):
            if any(words in cell for cell in row_at_hand(table)):
                return
            self.press(Qt.Key.Key_Down)
        raise LookupError(f"no arrow leads to a row with “{words}”")

    def choose(self, name: str) -> None:
        """Press the arrow down in the menu at hand until an entry is marked, then Return."""
        self.until("a menu is open", lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = self.place
        if not isinstance(menu, QMenu):
            raise TypeError(f"the keyboard is at {path_of(menu)}, which is no menu")
        for _ in range(len(menu.actions()) + 1):
            action = menu.activeAction()
            if action is not None and without_mnemonic(action.text()) == name:
                return self.press(Qt.Key.Key_Return)
            self.press(Qt.Key.Key_Down)
        raise LookupError(f"the menu does not offer “{name}”")

    def dialog(self, title: str) -> QDialog:
        """Wait for a dialog that has the keyboard, and return it."""

        def found() -> QDialog | None:
            top = QApplication.activeModalWidget()
            return top if isinstance(top, QDialog) and title in (top.windowTitle(), top.accessibleName()) else None

        self.until(f"the dialog “{title}” is open", lambda: found() is not None)
        dialog = found()
        assert dialog is not None
        return dialog

    def until_closed(self, dialog: QDialog) -> None:
        """Wait until a dialog is closed."""
        self.until("the dialog is closed", lambda: QApplication.activeModalWidget() is not dialog)


def name_of(widget: QWidget) -> str:
    """Return what a widget is called."""
    if widget.accessibleName():
        return widget.accessibleName()
    return without_mnemonic(widget.text()) if isinstance(widget, QAbstractButton) else ""


def row_at_hand(table: QTableView) -> list[str]:
    """Return what the current row of a table says; nothing where there is none."""
    model, index = table.model(), table.currentIndex()
    if not index.isValid():
        return []
    return [str(model.index(index.row(), column).data() or "") for column in range(model.columnCount())]
