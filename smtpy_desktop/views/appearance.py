"""How the window looks by the user's choice: theme, language and the height of rows; changed at once and remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject

from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.theme import Theme, ThemePreference
from smtpy_desktop.views.widgets.remembered import Store

_DENSITY_KEY = "window/compact_rows"

SaveLook = Callable[[str, str], object]
"""Remembers theme and language where they are known before there is a database."""


class Appearance(QObject):
    """Owned by the window; tables that follow it may go before it does."""

    def __init__(
        self, theme: Theme, language: str, store: Store, save: SaveLook, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._language, self._store, self._save = theme, language, store, save
        self._tables: list[DataTable[Any]] = []

    @property
    def theme(self) -> ThemePreference:
        """The chosen theme."""
        return self._theme.preference

    @property
    def language(self) -> str:
        """The chosen language such as ``fr``; empty for the system's."""
        return self._language

    @property
    def is_compact(self) -> bool:
        """Whether rows are compact."""
        return str(self._store.value(_DENSITY_KEY, "no")) == "yes"

    def set_theme(self, theme: ThemePreference) -> None:
        """Switch the whole window at once, and remember the choice."""
        self._theme.set_preference(theme)
        self._save(theme.value, self._language)

    def set_language(self, language: str) -> None:
        """Remember the language for the next start."""
        self._language = language
        self._save(self._theme.preference.value, language)

    def set_compact(self, *, compact: bool) -> None:
        """Change the height of rows in every table that follows, and remember the choice."""
        self._store.setValue(_DENSITY_KEY, "yes" if compact else "no")
        self._tables = [table for table in self._tables if shiboken6.isValid(table)]
        for table in self._tables:
            table.set_compact(compact=compact)

    def follow(self, table: DataTable[Any]) -> None:
        """Give a table the chosen row height, now and whenever the choice changes."""
        table.set_compact(compact=self.is_compact)
        self._tables.append(table)
