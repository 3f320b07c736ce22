"""The list of the settings page's parts, at its side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.widgets.buttons import on_click
from smtpy_desktop.views.widgets.nav_item import NavItem
from smtpy_desktop.views.widgets.texts import tr


class SettingsNavigation(QWidget):
    """``chosen(str)``: the user wants to see a part (its id)."""

    accessible_role = QAccessible.Role.List

    chosen = Signal(str)

    def __init__(self, sections: Sequence[SettingsSection], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Parts of the settings"))
        self._items: dict[str, NavItem] = {}
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for section in sections:
            item = NavItem(section.title.text(), section.icon_name, "", self)
            on_click(item, partial(self.chosen.emit, section.section_id))
            group.addButton(item)
            column.addWidget(item)
            self._items[section.section_id] = item
        self.show_current(sections[0].section_id)

    def show_current(self, section_id: str) -> None:
        """Mark the part that is seen."""
        self._items[section_id].setChecked(True)

    def show_sections(self, section_ids: Collection[str]) -> None:
        """List only some parts, because others hold nothing of what is searched."""
        for section_id, item in self._items.items():
            item.setVisible(section_id in section_ids)
        seen = [item for item in self._items.values() if not item.isHidden()]
        if seen and not any(item.isChecked() for item in seen):
            seen[0].setChecked(True)  # Tab stops at the one that is marked, and at no other
