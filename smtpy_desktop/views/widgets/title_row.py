"""The top of a page: its title, words beside it, and its buttons, which go into a second line for want of room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayoutItem, QWidget

from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.mirroring import mirrored
from smtpy_desktop.views.widgets.wrapping_layout import WrappingLayout

_LEAST_FOR_WORDS = 64


class TitleRow(WrappingLayout):
    """Whether one line is enough is decided by the buttons alone: words that change never move the page."""

    def __init__(self, title: QWidget, words: QWidget, *buttons: QWidget) -> None:
        super().__init__(spacing=Space.S)
        for widget in (title, words, *buttons):
            self.addWidget(widget)

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

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
