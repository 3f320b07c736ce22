"""What a screen reader is told of the widgets that Qt knows nothing of: those that paint themselves, and inner ones."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QAccessibleWidget,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollBar,
    QSplitter,
    QSplitterHandle,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QWidget,
)

from smtpy_desktop.views.widgets.texts import tr

_FRAMES_OF_THEIR_OWN = (QAbstractScrollArea, QLabel, QSplitter, QStackedWidget)


@cache
def tell_roles() -> None:
    """Let widgets with an ``accessible_role`` have that role, and name the parts of Qt's own widgets; once is enough.

    Nothing of it is asked for, and nothing costs time, until a screen reader runs.
    """
    QAccessible.installFactory(_interface_of)


def _interface_of(class_name: str, thing: QObject) -> QAccessibleInterface | None:
    """Return what stands for a widget, or None to let Qt make its own; it asks for every class, the first one first."""
    if not isinstance(thing, QWidget) or class_name != type(thing).__name__:
        return None
    role = QAccessible.Role.Separator if thing.objectName() == "separator" else getattr(thing, "accessible_role", None)
    if isinstance(role, QAccessible.Role):
        return QAccessibleWidget(thing, role)
    if not thing.accessibleName():
        thing.setAccessibleName(_part_name(thing))
    if not thing.accessibleName() and isinstance(thing, QFrame) and not isinstance(thing, _FRAMES_OF_THEIR_OWN):
        return QAccessibleWidget(thing, QAccessible.Role.Client)  # a surface that only holds others
    return None


def _part_name(part: QWidget) -> str:
    """Return what a part is called that Qt has made by itself, or an empty string."""
    if isinstance(part, QStackedWidget):
        return tr("What is seen")
    if isinstance(part, QSplitter):
        return tr("List and details")
    if isinstance(part, QSplitterHandle):
        return tr("Move to change the width")
    if not isinstance(part, (QScrollBar, QToolButton, QLineEdit)):
        return ""
    owner = _owner(part)
    if isinstance(part, QScrollBar):
        is_upright = part.orientation() is Qt.Orientation.Vertical
        words = tr("Scroll up and down") if is_upright else tr("Scroll sideways")
        return _of(words, owner)
    if isinstance(part, QToolButton) and isinstance(owner, QLineEdit):
        return _of(tr("Button in the field"), owner)
    if isinstance(part, QToolButton) and isinstance(owner, QTabBar):
        return _of(tr("Scroll the tabs"), owner)
    if isinstance(part, QLineEdit) and isinstance(owner, QAbstractSpinBox):
        return owner.accessibleName()
    return ""


def _owner(part: QWidget) -> QWidget | None:
    """Return the widget that has made a part: it lies right in that, and a scroll bar in a box inside of it."""
    owner = part.parentWidget()
    if isinstance(part, QScrollBar) and owner is not None and not isinstance(owner, QAbstractScrollArea):
        owner = owner.parentWidget()
    return owner


def _of(words: str, owner: QWidget | None) -> str:
    name = owner.accessibleName() if owner is not None else ""
    return f"{words}: {name}" if name else words
