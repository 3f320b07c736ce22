"""A chip with a menu of which one thing holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.views.widgets.chip import Chip

Value = TypeVar("Value")


class ChoiceChip(Chip, Generic[Value]):
    """``titles`` are the menu's lines by value; ``choose`` is called with the value of the line that was chosen."""

    def __init__(
        self, name: str, titles: Mapping[Value, str], choose: Callable[[Value], object], parent: QWidget
    ) -> None:
        super().__init__("", parent)
        menu = QMenu(self)
        menu.setAccessibleName(name)
        self._actions = {value: menu.addAction(title) for value, title in titles.items()}
        for value, action in self._actions.items():
            action.setCheckable(True)
            action.triggered.connect(lambda _checked, value=value: choose(value))
        self.set_menu(menu)

    def show_choice(self, value: Value, label: str, *, is_applied: bool) -> None:
        """Show what holds, in the menu and on the chip."""
        self.set_label(label)
        self.set_applied(is_applied)
        for one, action in self._actions.items():
            action.setChecked(one == value)
