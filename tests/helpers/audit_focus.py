"""The keyboard in a window: Tab comes to everything that can be used, and it can be seen where it is."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QButtonGroup,
    QHeaderView,
    QPlainTextEdit,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QSplitterHandle,
    QWidget,
)

from tests.helpers.seen_widgets import is_inner, owner_of, path_of, seen_widgets

_MOST_STOPS = 400
_MOST_PARTS = 3
"""Tab goes from day to month to year inside of a date."""
# Their work can be done by keys as well: the arrows of a table, of a field and of a list.
_MOUSE_ONLY = (QScrollBar, QHeaderView, QSplitterHandle)
_POINTED_AT = ("mousePressEvent", "mouseReleaseEvent")


def stops_of(top: QWidget) -> list[QWidget]:
    """Return where Tab stops in a window until it is where it was first; the last one twice where it is caught."""
    top.activateWindow()
    QTest.qWaitForWindowActive(top)
    stops: list[QWidget] = []
    stayed = 0
    for _ in range(_MOST_STOPS):
        here = top.focusWidget()
        QTest.keyClick(here if here is not None and here.isVisible() else top, Qt.Key.Key_Tab)
        here = top.focusWidget()
        stayed = stayed + 1 if stops and here is stops[-1] else 0
        if here is None or (stops and here is stops[0] and (stayed == 0 or stayed > _MOST_PARTS)):
            return stops
        if stayed > _MOST_PARTS or (here in stops and not stayed):
            return [*stops, stops[-1]]
        if not stayed:
            stops.append(here)
    return stops


def keyboard_faults(top: QWidget, stops: list[QWidget]) -> Iterator[str]:
    """Yield everything that can be used, but that Tab does not come to, and where Tab is caught."""
    if stops and stops.count(stops[-1]) > 1:
        yield f"Tab is caught at {path_of(stops[-1])}"
    reached = set(stops)
    for widget in seen_widgets(top):
        if not widget.isEnabled() or is_inner(widget) or isinstance(widget, _MOUSE_ONLY):
            continue
        takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not isinstance(widget, QScrollArea)
        if takes_tab and not _is_reached(widget, reached):
            yield f"Tab does not come to {path_of(widget)}"
        elif not takes_tab and _is_clicked(widget) and not _is_in_group(widget, reached):
            yield f"{path_of(widget)} can be clicked, but not reached by the keyboard"


def catches_tab(top: QWidget) -> Iterator[str]:
    """Yield text fields in which Tab writes a tab instead of going on."""
    for field in top.findChildren(QPlainTextEdit):
        if field.isVisible() and not field.isReadOnly() and not field.tabChangesFocus():
            yield f"Tab is caught at {path_of(field)}"


def unseen_focus(stops: list[QWidget], known: set[tuple[object, ...]]) -> Iterator[str]:
    """Yield the stops that look the same with the keyboard and without; kinds that are ``known`` are passed over."""
    for stop in stops:
        kind = (type(stop), stop.property("kind"), stop.objectName(), getattr(stop, "isChecked", bool)())
        if kind in known or not stop.isVisible():
            continue
        known.add(kind)
        stop.setFocus(Qt.FocusReason.TabFocusReason)
        with_it = _picture(stop)
        stop.clearFocus()
        if with_it == _picture(stop):
            yield f"{path_of(stop)} looks the same with the keyboard and without"


def _picture(widget: QWidget) -> QImage:
    # Of a spin box it is the box that shows it, of a field inside a frame the frame.
    return widget.grab().toImage()


def _is_reached(widget: QWidget, reached: set[QWidget]) -> bool:
    if widget in reached or widget.focusProxy() in reached:
        return True
    return _is_in_group(widget, reached) or (
        isinstance(widget, QAbstractSpinBox) and any(each in reached for each in widget.findChildren(QWidget))
    )


def _is_in_group(widget: QWidget, reached: set[QWidget]) -> bool:
    """Of buttons that exclude each other Tab stops at one, and the arrows go on from there."""
    if not isinstance(widget, QAbstractButton):
        return False
    group: QButtonGroup | None = widget.group()
    if group is not None and group.exclusive():
        return any(button in reached for button in group.buttons())
    owner = owner_of(widget)
    if isinstance(widget, QRadioButton) and owner is not None:
        return any(button in reached for button in owner.findChildren(QRadioButton))
    return False


def _is_clicked(widget: QWidget) -> bool:
    if isinstance(widget, QAbstractButton):
        return True
    kinds = [kind for kind in type(widget).__mro__ if kind.__module__.startswith("smtpy_desktop")]
    return any(method in vars(kind) for kind in kinds for method in _POINTED_AT)
