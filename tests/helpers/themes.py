"""Light and dark, with the usual and with high contrast, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.theme import Contrast, Theme, ThemePreference


class EveryTheme:
    """Switches a program through its looks; for each there is a set of what was looked at in it already."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._known: dict[str, set[tuple[object, ...]]] = {}

    def each(self) -> Iterator[tuple[str, set[tuple[object, ...]]]]:
        """Yield the name of each look while it is on, with its set; the first one is on again afterwards."""
        for look, contrast in product((ThemePreference.LIGHT, ThemePreference.DARK), (Contrast.NORMAL, Contrast.HIGH)):
            self._theme.set_preference(look)
            self._theme.set_contrast(contrast)
            QApplication.processEvents()
            name = f"{look.value}, {contrast.value} contrast"
            yield name, self._known.setdefault(name, set())
        self._theme.set_preference(ThemePreference.LIGHT)
        self._theme.set_contrast(Contrast.NORMAL)
        QApplication.processEvents()
