"""The entries of the menus over lists, each with an icon that steps back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.texts import tr


class Switched(Protocol):
    """A row of something that can be switched off."""

    @property
    def is_active(self) -> bool:
        """Whether it is on."""
        ...


def add_entry(
    menu: QMenu,
    icon_name: str,
    title: str,
    run: Callable[[], object],
    keys: QKeySequence | None = None,
    *,
    enabled: bool = True,
) -> None:
    """Add an entry; ``keys`` are shown beside it."""
    action = menu.addAction(icon(icon_name, Tone.MUTED), title, run)
    action.setEnabled(enabled)
    if keys is not None:
        action.setShortcut(keys)


def add_switches(menu: QMenu, rows: Iterable[Switched], set_active: Callable[[bool], object], *, enabled: bool) -> None:
    """Add what switches the rows on that are off, and those off that are on."""
    states = {row.is_active for row in rows}
    if False in states:
        add_entry(menu, "player-play", tr("Ac&tivate"), partial(set_active, True), enabled=enabled)
    if True in states:
        add_entry(menu, "player-pause", tr("Deac&tivate"), partial(set_active, False), enabled=enabled)
