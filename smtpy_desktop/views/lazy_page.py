"""A page that is made when it is first shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.views.theme_dress import dress


class LazyPage(QWidget):
    """Holds the place of a page in the window, so that a start pays for the page that is seen and for no other.

    ``made``: the page is there now.
    """

    made = Signal()

    def __init__(self, make: Callable[[], QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make = make

    @cached_property
    def page(self) -> QWidget:
        """The page itself, made now if there is none yet."""
        page = self._make()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        dress(page)
        proxy = page.focusProxy()
        if proxy is not None:
            self.setFocusProxy(proxy)
        self.made.emit()
        return page

    def showEvent(self, event: QShowEvent) -> None:
        self.page.show()
        super().showEvent(event)
