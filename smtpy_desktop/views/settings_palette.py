"""Settings in the search box of the window: each is found by its words and jumped to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from smtpy_desktop.core.folded_text import folded
from smtpy_desktop.views.command_palette import DeliverEntries, PaletteEntry
from smtpy_desktop.views.settings_section import SettingItem
from smtpy_desktop.views.settings_view import SettingsView
from smtpy_desktop.views.widgets.texts import tr

_MOST = 8


class SettingsPalette:
    """``page`` makes the settings page where there is none yet, which happens with the first letter typed."""

    def __init__(self, page: Callable[[], SettingsView], show: Callable[[SettingItem], object]) -> None:
        self._page, self._show = page, show

    def search(self, text: str, deliver: DeliverEntries) -> None:
        """Find settings by what they are called before those by what is said about them."""
        words = folded(text).split()
        found = [item for item in self._page().items if all(word in _searched(item) for word in words)]
        found.sort(key=lambda item: not all(word in folded(_title(item)) for word in words))
        deliver([self._entry(item) for item in found[:_MOST]])

    def _entry(self, item: SettingItem) -> PaletteEntry:
        kind = tr("Setting · {section}", section=item.section) if item.title else tr("Settings")
        return PaletteEntry(_title(item), partial(self._show, item), "settings", kind)


def _title(item: SettingItem) -> str:
    return item.title or item.section


def _searched(item: SettingItem) -> str:
    return f"{folded(item.section)} {item.words}"
