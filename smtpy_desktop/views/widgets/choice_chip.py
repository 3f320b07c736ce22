"""Chips with a menu of which one thing holds, or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.views.widgets.chip import Chip

Value = TypeVar("Value")


class ChoiceChip(Chip, Generic[Value]):
    """A chip with a menu of which one thing holds; ``choose`` is called with the value of the line that was chosen.

    ``titles`` are the menu's lines by value.
    """

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


class ChoicesChip(Chip, Generic[Value]):
    """A chip with a menu of which several things hold; ``choose`` is given them, or none where all are let through.

    ``titles`` are the menu's lines by value, ``any_title`` is the one that lets all through.
    """

    def __init__(
        self,
        name: str,
        titles: Mapping[Value, str],
        any_title: str,
        choose: Callable[[frozenset[Value]], object],
        parent: QWidget,
    ) -> None:
        super().__init__("", parent)
        self._choose = choose
        menu = QMenu(self)
        menu.setAccessibleName(name)
        self._actions = {value: menu.addAction(title) for value, title in titles.items()}
        for action in self._actions.values():
            action.setCheckable(True)
            action.triggered.connect(self._on_triggered)
        menu.addSeparator()
        menu.addAction(any_title, lambda: choose(frozenset()))
        self.set_menu(menu)

    def show_choices(self, values: frozenset[Value], label: str) -> None:
        """Show what holds, in the menu and on the chip."""
        self.set_label(label)
        self.set_applied(bool(values))
        for value, action in self._actions.items():
            action.setChecked(value in values)

    def _on_triggered(self) -> None:
        chosen = frozenset(value for value, action in self._actions.items() if action.isChecked())
        self._choose(chosen if len(chosen) < len(self._actions) else frozenset())
