"""The order in which Tab goes through widgets: as they are read, whatever order they were made in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QGridLayout,
    QLayout,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QWidget,
)

from smtpy_desktop.views.widgets.scroll_column import bring_into_view


def follow(*widgets: QWidget) -> None:
    """Let Tab go through everything in the first widget, then through the second, and so on, as it is laid out.

    What follows the last one stays behind it; all have to be in one window. Call it again when parts are rebuilt, with
    something before them that has stayed, as Qt puts new widgets at the end of the window.
    """
    before: QWidget | None = None
    for widget in (each for top in widgets for each in in_reading_order(top)):
        if before is not None and before.nextInFocusChain() is not widget:
            QWidget.setTabOrder(before, widget)
        before = widget


def go_on(window: QWidget, *, forward: bool) -> bool:
    """Give the keyboard to the next stop of a window as it is laid out now; False leaves that to Qt.

    Qt's own chain has widgets in the order in which they were made, and a page whose focus proxy is a list is a stop
    there: what stands before the list is passed over. Qt also asks when what had the keyboard was hidden or switched
    off, perhaps in the middle of deleting it: then nothing is walked through.
    """
    focused = window.focusWidget()
    if focused is not None and not (focused.isVisible() and focused.isEnabled()):  # type: ignore[redundant-expr]
        return False
    stops = [stop for stop in in_reading_order(window, only_seen=True) if stop.isEnabled() and not stop.focusProxy()]
    here = _stop_around(focused, stops)
    if here is None:
        place = 0 if forward else len(stops) - 1
    else:
        place = (stops.index(here) + (1 if forward else -1)) % len(stops)
    if not stops or stops[place] is here:
        return False
    stops[place].setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    bring_into_view(stops[place])
    return True


def in_reading_order(top: QWidget, *, only_seen: bool = False) -> Iterator[QWidget]:
    """Yield a widget and what is in it, as far as Tab stops there, seen or not, by lines and then by columns."""
    if only_seen and not top.isVisible():
        return
    if top.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield top
    for child in _parts(top):
        yield from in_reading_order(child, only_seen=only_seen)


def _stop_around(focused: QWidget | None, stops: Sequence[QWidget]) -> QWidget | None:
    """Return the stop that a widget is, or is a part of."""
    if focused is None or focused in stops:
        return focused
    return next((stop for stop in reversed(stops) if stop.isAncestorOf(focused)), None)


def _parts(top: QWidget) -> list[QWidget]:
    """Return the widgets right inside another: by its layout first, then those that lie elsewhere on it."""
    if isinstance(top, QScrollArea):
        content = top.widget()
        return [content] if content is not None else []
    if isinstance(top, QAbstractScrollArea | QLineEdit | QComboBox | QAbstractSpinBox):
        return []  # one stop for the keyboard, whatever it is made of
    laid_out: list[QWidget] = []
    layout = top.layout()
    if isinstance(top, QSplitter):
        laid_out = [part for place in range(top.count()) if (part := top.widget(place)) is not None]
    elif layout is not None:
        laid_out = list(_laid_out(layout))
    others = (each for each in top.children() if isinstance(each, QWidget) and not each.isWindow())
    return [*laid_out, *(each for each in others if each not in laid_out)]


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    """Yield the widgets of a layout and of those in it.

    Its items are never asked for: PySide keeps what it has made for an item of Qt's beyond the end of that item, and
    takes it for the next object that comes to lie at the same address.
    """
    whose = layout.parentWidget()
    inside: list[QWidget | QLayout] = [each for each in layout.children() if isinstance(each, QLayout)]
    inside += [each for each in whose.children() if isinstance(each, QWidget)] if whose is not None else []
    placed = ((_place(layout, number), each) for each in inside if (number := layout.indexOf(each)) >= 0)
    for _, each in sorted(placed, key=lambda pair: pair[0]):
        if isinstance(each, QWidget):
            yield each
        else:
            yield from _laid_out(each)


def _place(layout: QLayout, number: int) -> tuple[int, int]:
    """Return the line and column of what has this number in a layout."""
    if not isinstance(layout, QGridLayout):
        return 0, number
    position = cast("tuple[int, int, int, int]", layout.getItemPosition(number))
    return position[0], position[1]
