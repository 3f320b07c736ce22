"""A layout that puts widgets beside each other and goes on in the next line where the width ends."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QLayoutItem, QWidget

from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.wrapping_layout import WrappingLayout

Line = list[tuple[QLayoutItem, QSize]]


class FlowLayout(WrappingLayout):
    """Like words in a paragraph; ``spacing`` is the gap in both directions, ``prefers_line``: it asks for one line."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        spacing: int = 0,
        centered: bool = False,
        prefers_line: bool = False,
    ) -> None:
        super().__init__(parent, spacing=spacing)
        self._prefers_line, self._centered = prefers_line, centered

    def insert(self, place: int, widget: QWidget) -> None:
        """Put a widget before the one at a place."""
        self.addWidget(widget)
        self._items.insert(place, self._items.pop())
        self.invalidate()

    def sizeHint(self) -> QSize:
        if not self._prefers_line:
            return self.minimumSize()
        hints = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(hint.width() for hint in hints) + max(0, len(hints) - 1) * self.spacing()
        return QSize(width, max((hint.height() for hint in hints), default=0)).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size.grownBy(self.contentsMargins())

    def _lay_out(self, rect: QRect, *, move: bool) -> int:
        top = rect.top()
        for line in self._lines(rect.width()):
            height = max(size.height() for _, size in line)
            taken = sum(size.width() for _, size in line) + (len(line) - 1) * self.spacing()
            left = rect.left() + ((rect.width() - taken) // 2 if self._centered else 0)
            for item, size in line if move else ():
                place = QRect(QPoint(left, top + (height - size.height()) // 2), size)
                item.setGeometry(mirrored(place, rect))
                left += size.width() + self.spacing()
            top += height + self.spacing()
        return max(0, top - self.spacing() - rect.top())

    def _lines(self, width: int) -> list[Line]:
        """Return what stands beside each other, with the size of each."""
        return _broken(self._items, width, self.spacing())


class HeadLayout(FlowLayout):
    """The first widget takes the room that the others leave; where they leave too little, they go on below it.

    ``room`` is what the first one wants at least, in pixels (its own minimum where that is more).
    """

    def __init__(self, first: QWidget, *others: QWidget, spacing: int, room: int = 0) -> None:
        super().__init__(spacing=spacing, prefers_line=True)
        self._room = room
        for widget in (first, *others):
            self.addWidget(widget)

    def _lines(self, width: int) -> list[Line]:
        first, *others = self._items
        shown = [(other, other.sizeHint()) for other in others if not other.isEmpty()]
        rest = width - sum(size.width() + self.spacing() for _, size in shown)
        wanted = max(self._room, first.minimumSize().width())
        if rest >= wanted:
            return [[(first, QSize(min(rest, first.maximumSize().width()), first.sizeHint().height())), *shown]]
        return [[(first, QSize(width, first.sizeHint().height()))], *_broken(others, width, self.spacing())]


def _broken(items: Sequence[QLayoutItem], width: int, spacing: int) -> list[Line]:
    lines: list[Line] = []
    room = 0
    for item in items:
        if item.isEmpty():
            continue
        size = item.sizeHint().boundedTo(QSize(width, item.sizeHint().height()))
        if not lines or size.width() > room:
            lines.append([])
            room = width
        lines[-1].append((item, size))
        room -= size.width() + spacing
    return lines
