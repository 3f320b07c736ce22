"""How the window looks by the user's choice: theme, contrast, language, time zone, rows; remembered as it is chosen."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.theme import Contrast, Theme, ThemePreference
from smtpy_desktop.views.widgets.moments import set_utc
from smtpy_desktop.views.widgets.remembered import Store

_DENSITY_KEY = "window/compact_rows"


@dataclass(frozen=True, slots=True)
class Look:
    """What is known before there is a database; ``language`` is such as ``fr``, or empty for the system's."""

    theme: str
    language: str = ""
    utc: bool = False
    contrast: str = "system"


SaveLook = Callable[[Look], object]


class Appearance(QObject):
    """Owned by the window; tables that follow it may go before it does.

    ``times_changed``: times are shown in another zone from now on, which pages with times in their words have to show.
    ``restart_wanted``: the window is to be opened anew, in the language that was chosen.
    """

    times_changed = Signal()
    restart_wanted = Signal()

    def __init__(self, theme: Theme, look: Look, store: Store, save: SaveLook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._look, self._store, self._save = theme, look, store, save
        self._language_in_force = look.language
        # A table that is gone with its page must not keep that in memory.
        self._tables: weakref.WeakSet[DataTable[Any]] = weakref.WeakSet()
        set_utc(wanted=look.utc)

    @property
    def theme(self) -> ThemePreference:
        """The chosen theme."""
        return self._theme.preference

    @property
    def language(self) -> str:
        """The chosen language such as ``fr``; empty for the system's."""
        return self._look.language

    @property
    def needs_restart(self) -> bool:
        """Whether another language was chosen than the window speaks."""
        return self._look.language != self._language_in_force

    @property
    def is_utc(self) -> bool:
        """Whether times are shown in UTC."""
        return self._look.utc

    @property
    def is_compact(self) -> bool:
        """Whether rows are compact."""
        return str(self._store.value(_DENSITY_KEY, "no")) == "yes"

    def set_theme(self, theme: ThemePreference) -> None:
        """Switch the whole window at once, and remember the choice."""
        self._theme.set_preference(theme)
        self._remember(replace(self._look, theme=theme.value))

    @property
    def contrast(self) -> Contrast:
        """The chosen contrast."""
        return self._theme.contrast

    def set_contrast(self, contrast: Contrast) -> None:
        """Switch the whole window at once, and remember the choice."""
        self._theme.set_contrast(contrast)
        self._remember(replace(self._look, contrast=contrast.value))

    def set_language(self, language: str) -> None:
        """Remember the language for the next start."""
        self._remember(replace(self._look, language=language))

    def set_utc(self, *, utc: bool) -> None:
        """Show every time in UTC or in this machine's zone at once, and remember the choice."""
        set_utc(wanted=utc)
        self._remember(replace(self._look, utc=utc))
        for widget in QApplication.allWidgets():
            QApplication.sendEvent(widget, QEvent(QEvent.Type.LocaleChange))
        self.times_changed.emit()

    def set_compact(self, *, compact: bool) -> None:
        """Change the height of rows in every table that follows, and remember the choice."""
        self._store.setValue(_DENSITY_KEY, "yes" if compact else "no")
        for table in tuple(self._tables):
            if shiboken6.isValid(table):
                table.set_compact(compact=compact)

    def follow(self, table: DataTable[Any]) -> None:
        """Give a table the chosen row height, now and whenever the choice changes."""
        table.set_compact(compact=self.is_compact)
        self._tables.add(table)

    def _remember(self, look: Look) -> None:
        self._look = look
        self._save(look)
