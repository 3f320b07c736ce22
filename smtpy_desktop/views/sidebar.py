"""The list of pages at the side of the window."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout, QWidget

from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.buttons import on_click
from smtpy_desktop.views.widgets.nav_item import NavItem
from smtpy_desktop.views.widgets.texts import tr

PageGroup = Literal["main", "bottom"]


class Sidebar(QFrame):
    """``page_chosen(str)``: the user wants to see a page."""

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName(tr("Pages"))
        self._items: dict[str, NavItem] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.S + 2, Space.M + 2, Space.S + 2, Space.S + 2)
        self._column.setSpacing(1)
        self._column.addStretch(1)
        self._main_items = 0
        self.set_collapsed(False)

    def add(self, page_id: str, title: str, icon: str, shortcut: str, group: PageGroup) -> None:
        """Add a page below the others of its group."""
        item = NavItem(title, icon, shortcut, self)
        on_click(item, lambda: self.page_chosen.emit(page_id))
        self._items[page_id] = item
        self._group.addButton(item)
        if group == "main":
            self._column.insertWidget(self._main_items, item)
            self._main_items += 1
        else:
            self._column.addWidget(item)

    def item(self, page_id: str) -> NavItem:
        """Return the button of a page."""
        return self._items[page_id]

    def show_current(self, page_id: str) -> None:
        """Mark the page that is seen."""
        self._items[page_id].setChecked(True)

    def set_count(self, page_id: str, count: int, tone: Tone = Tone.MUTED, meaning: str = "") -> None:
        """Show a count behind the name of a page; ``meaning`` tells in words what is counted."""
        self._items[page_id].set_count(count, tone, meaning)

    def remove(self, page_id: str) -> None:
        """Take a page's entry away."""
        item = self._items.pop(page_id)
        if self._column.indexOf(item) < self._main_items:
            self._main_items -= 1
        self._column.removeWidget(item)
        self._group.removeButton(item)
        item.hide()
        item.deleteLater()

    def set_collapsed(self, collapsed: bool) -> None:
        """Show icons only."""
        self.setFixedWidth(Metric.SIDEBAR_COLLAPSED_WIDTH if collapsed else Metric.SIDEBAR_WIDTH)
        for item in self._items.values():
            item.set_collapsed(collapsed)
