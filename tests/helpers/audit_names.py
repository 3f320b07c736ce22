"""What a screen reader would be told of a window: everything that says or does something has a role and a name."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenu, QWidget

from tests.helpers.seen_widgets import path_of, seen_widgets

Role = QAccessible.Role
# They only hold others; a name for each of them would be read out at every step.
LAYOUT_ROLES = frozenset((Role.Client, Role.Whitespace, Role.LayeredPane, Role.Splitter, Role.Separator, Role.NoRole))


def unnamed(top: QWidget) -> Iterator[str]:
    """Yield every widget that has a role but no name, or that takes the keyboard without one."""
    for widget in seen_widgets(top):
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is None or not interface.isValid():
            yield f"{path_of(widget)} is unknown to screen readers"
            continue
        name = interface.text(QAccessible.Text.Name)
        takes_keyboard = interface.state().focusable
        if not name.strip() and (takes_keyboard or interface.role() not in LAYOUT_ROLES) and not _says_nothing(widget):
            yield f"{path_of(widget)} has no name, role {interface.role().name}"
        if isinstance(widget, QAbstractButton) and interface.role() in LAYOUT_ROLES:
            yield f"{path_of(widget)} can be pressed, but has the role {interface.role().name}"


def unnamed_entries(menu: QMenu) -> Iterator[str]:
    """Yield every entry of a menu, and of those in it, that says nothing."""
    for action in menu.actions():
        if not action.isSeparator() and not action.text().strip():
            yield f"an entry of the menu “{menu.accessibleName() or menu.title()}” has no words"
        if action.menu() is not None:
            yield from unnamed_entries(action.menu())


def _says_nothing(widget: QWidget) -> bool:
    """A label without words keeps a place; a whole window may be a part of a scene."""
    return isinstance(widget, QLabel) and not widget.text() and widget.pixmap().isNull()
