"""The top of a page: its title, words beside it, and its buttons, which go into a second line for want of room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.mirroring import mirrored

_LEAST_FOR_WORDS = 64


class TitleRow(QLayout):
    """Whether one line is enough is decided by the buttons alone: words that change never move the page."""

    def __init__(self, title: QWidget, words: QWidget, *buttons: QWidget) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(Space.S)
        for widget in (title, words, *buttons):
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        """Return how many widgets there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay_out(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._lay_out(rect, move=True)

    def sizeHint(self) -> QSize:
        widths = [item.sizeHint().width() for item in self._items if not item.isEmpty()]
        return QSize(sum(widths) + self.spacing() * len(widths), self._line_height())

    def minimumSize(self) -> QSize:
        return QSize(max((item.minimumSize().width() for item in self._items), default=0), self._line_height())

    def _line_height(self) -> int:
        return max((item.sizeHint().height() for item in self._items), default=0)

    def _lay_out(self, rect: QRect, *, move: bool) -> int:
        title, words, *buttons = (item for item in self._items if not item.isEmpty())
        gap, line = self.spacing(), self._line_height()
        for_buttons = sum(button.sizeHint().width() + gap for button in buttons)
        for_title = title.sizeHint().width() + gap
        is_one_line = for_title + _LEAST_FOR_WORDS + for_buttons <= rect.width()
        if not move:
            return line if is_one_line else self._lay_out_buttons(buttons, rect, line + gap, move=False)
        self._place(title, rect.left(), rect.top(), title.sizeHint().width(), rect)
        room = rect.width() - for_title - (for_buttons if is_one_line else 0)
        self._place(words, rect.left() + for_title, rect.top(), room, rect)
        if not is_one_line:
            return self._lay_out_buttons(buttons, rect, line + gap, move=True)
        left = rect.left() + rect.width() - for_buttons + gap
        for button in buttons:
            self._place(button, left, rect.top(), button.sizeHint().width(), rect)
            left += button.sizeHint().width() + gap
        return line

    def _lay_out_buttons(self, buttons: list[QLayoutItem], rect: QRect, top: int, *, move: bool) -> int:
        """Put the buttons side by side into as many lines as they need; return the height of everything."""
        gap, line, left = self.spacing(), self._line_height(), 0
        for button in buttons:
            width = min(button.sizeHint().width(), rect.width())
            if left and left + width > rect.width():
                left, top = 0, top + line + gap
            if move:
                self._place(button, rect.left() + left, rect.top() + top, width, rect)
            left += width + gap
        return top + line

    def _place(self, item: QLayoutItem, left: int, top: int, width: int, area: QRect) -> None:
        height = item.sizeHint().height()
        place = QRect(left, top + (self._line_height() - height) // 2, width, height)
        item.setGeometry(mirrored(place, area))
