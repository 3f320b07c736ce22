"""Which widgets can be seen in a window, and what they are called in the report of a fault."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QHeaderView, QLineEdit, QTabBar, QWidget

# Qt makes these by itself; the whole that they belong to is what people meet.
_WHOLES = (QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, QHeaderView)
_LONGEST_NAME = 40


_KEPT: list[QWidget] = []


def owner_of(widget: QWidget) -> QWidget | None:
    """Return the widget that another one stands in.

    It is kept: once Python has let go of one that Qt has made, PySide lets go of everything in it that Python has made.
    """
    owner = widget.parentWidget()
    if owner is not None:
        _KEPT.append(owner)
    return owner


def seen_widgets(top: QWidget) -> Iterator[QWidget]:
    """Yield a window and everything in it that is shown, scrolled out of sight or not."""
    yield from (widget for widget in (top, *top.findChildren(QWidget)) if widget.isVisible() and widget.window() is top)


def is_inner(widget: QWidget) -> bool:
    """Say whether a widget is a part that Qt has made of one of its own."""
    owner = owner_of(widget)
    while owner is not None:
        if isinstance(owner, _WHOLES):
            return True
        owner = owner_of(owner)
    return widget.objectName().startswith("qt_")


def path_of(widget: QWidget) -> str:
    """Return a widget with the three that it stands in, such as ``DomainsView > Card > Button “Verify”``."""
    chain = [widget]
    while len(chain) < 4 and (owner := owner_of(chain[-1])) is not None:
        chain.append(owner)
    name = widget.accessibleName() or widget.objectName()
    words = " > ".join(type(each).__name__ for each in reversed(chain))
    return f"{words} “{name[:_LONGEST_NAME]}”" if name else words
