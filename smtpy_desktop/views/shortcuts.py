"""Every keyboard shortcut of the window, with what it does."""

from __future__ import annotations

import enum
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.widgets.texts import tr


class Shortcut(enum.Enum):
    """A shortcut; the value is the key as Qt writes it."""

    SEARCH = "Ctrl+K"
    HELP = "F1"
    GUIDE = "Shift+F1"
    NEW = "Ctrl+N"
    REFRESH = "F5"
    FIND = "Ctrl+F"
    NEXT_PANE = "F6"
    SETTINGS = "Ctrl+,"
    NOTICES = "Ctrl+Shift+N"
    QUIT = "Ctrl+Q"
    BACK = "Esc"
    GO_BACK = "Alt+Left"
    DETAILS = "Space"
    OPEN = "Return"
    COPY = "Ctrl+C"
    SELECT_ALL = "Ctrl+A"
    SORT = "Ctrl+Shift+O"
    COLUMNS = "Ctrl+Shift+K"
    MENU = "Shift+F10"
    DELETE = "Del"
    RENAME = "F2"
    MOVE_UP = "Alt+Up"
    MOVE_DOWN = "Alt+Down"
    VERIFY = "Ctrl+R"
    VERIFY_ALL = "Ctrl+Shift+R"
    HOLD = "Ctrl+H"
    RELEASE = "Ctrl+Shift+H"

    @property
    def keys(self) -> QKeySequence:
        """The key sequence."""
        return QKeySequence(self.value)


def page_keys(number: int) -> QKeySequence:
    """Return the key of a page, counted from 1."""
    return QKeySequence(f"Ctrl+{number}")


def key_text(keys: QKeySequence) -> str:
    """Return a key sequence as it is written on this system ("Ctrl+K", "⌘K")."""
    return keys.toString(QKeySequence.SequenceFormat.NativeText)


def bind(
    widget: QWidget,
    keys: QKeySequence,
    action: Callable[[], object],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> QObject:
    """Call ``action`` at a key in the widget's window (or in the narrower ``context``)."""
    shortcut = QShortcut(keys, widget)
    shortcut.setContext(context)
    shortcut.activated.connect(action)
    return shortcut


def shortcut_groups(page_titles: list[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what the F1 list shows: groups of (keys, what they do)."""
    pages = [(key_text(page_keys(n)), title) for n, title in enumerate(page_titles[:9], start=1)]
    return [
        (tr("Pages"), [*pages, _line(Shortcut.SETTINGS, tr("Settings"))]),
        (
            tr("Everywhere"),
            [
                _line(Shortcut.SEARCH, tr("Search or jump to anything")),
                _line(Shortcut.NEW, tr("Add (the main button of the page)")),
                _line(Shortcut.REFRESH, tr("Read everything on the page again")),
                _line(Shortcut.FIND, tr("Filter the list")),
                _line(Shortcut.NEXT_PANE, tr("Go to the next part of the window")),
                _line(Shortcut.NOTICES, tr("Show the notices")),
                _line(Shortcut.BACK, tr("Close, clear or go back")),
                _line(Shortcut.HELP, tr("This list")),
                _line(Shortcut.GUIDE, tr("The guide, at what belongs to the page")),
                _line(Shortcut.QUIT, tr("Quit")),
            ],
        ),
        (
            tr("In lists"),
            [
                _line(Shortcut.DETAILS, tr("Show or hide the details")),
                _line(Shortcut.OPEN, tr("Open")),
                _line(Shortcut.COPY, tr("Copy the selected rows")),
                _line(Shortcut.SELECT_ALL, tr("Select everything")),
                _line(Shortcut.SORT, tr("Sort by the column under the cursor, again for the other way round")),
                _line(Shortcut.COLUMNS, tr("Choose columns")),
                _line(Shortcut.MENU, tr("Everything that can be done with the selection")),
                _line(Shortcut.DELETE, tr("Delete")),
            ],
        ),
        (
            tr("Domains"),
            [
                _line(Shortcut.VERIFY, tr("Verify the selected domains")),
                _line(Shortcut.VERIFY_ALL, tr("Verify all domains")),
            ],
        ),
        (
            tr("Forwarder"),
            [
                _line(Shortcut.VERIFY, tr("Try the selected destinations or deliveries again now")),
                _line(Shortcut.HOLD, tr("Hold them")),
                _line(Shortcut.RELEASE, tr("Release them")),
                _line(Shortcut.DELETE, tr("Give them up")),
            ],
        ),
        (
            tr("Rules"),
            [
                _line(Shortcut.MOVE_UP, tr("Move the rule up")),
                _line(Shortcut.MOVE_DOWN, tr("Move the rule down")),
                _line(Shortcut.RENAME, tr("Change the rule")),
            ],
        ),
    ]


def _line(shortcut: Shortcut, what: str) -> tuple[str, str]:
    return key_text(shortcut.keys), what
