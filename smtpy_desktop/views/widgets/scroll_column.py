"""A column that scrolls when the window is too low for what is in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from smtpy_desktop.views.theme_tokens import Space

_MOST_WIDTH = 640


class ScrollColumn(QScrollArea):
    """Put widgets into ``column``; they have the full width, and at most ``width`` pixels where that is given.

    ``content`` is what is scrolled.
    """

    def __init__(self, name: str, parent: QWidget | None = None, *, width: int | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # What is in it takes the keyboard, and the area follows the focus.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.content: QWidget = _Content(self)
        self.content.setObjectName("scrollContent")
        if width is not None:
            self.content.setMaximumWidth(width)
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Space.S)
        self.setWidget(self.content)

    def minimumSizeHint(self) -> QSize:
        """Ask for the width that the content cannot do without: there is no bar to scroll sideways by."""
        content = self.widget()
        width = content.minimumSizeHint().width() if content is not None else 0
        return QSize(min(width, _MOST_WIDTH), super().minimumSizeHint().height())


def bring_into_view(widget: QWidget) -> None:
    """Scroll the areas that a widget lies in until it is seen, the innermost first.

    The areas are asked, and nothing is climbed: on the way up stand widgets of Qt's own, and once Python has let go of
    one of those, PySide lets go of what it has made inside of it, too.
    """
    for area in reversed(widget.window().findChildren(QScrollArea)):
        if area.isAncestorOf(widget):
            area.ensureWidgetVisible(widget)


class _Content(QWidget):
    """What is scrolled; the column hears of it when it needs another width."""

    def __init__(self, column: ScrollColumn) -> None:
        super().__init__(column)
        self._column = column

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and isValid(self._column):
            self._column.updateGeometry()
        return super().event(event)
