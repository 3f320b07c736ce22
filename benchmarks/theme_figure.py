"""Figure *theme*: how long the window stands still when its theme is switched, with every page made."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.figure import Figure, tell
from benchmarks.stall_figure import Ticks
from smtpy_desktop.sandbox.gallery_stage import Stage
from smtpy_desktop.sandbox.tour_hands import Until
from smtpy_desktop.views.theme import ThemePreference, build_palette
from smtpy_desktop.views.theme_dress import style_sheet_of
from smtpy_desktop.views.theme_tokens import DARK, LIGHT, Colors
from smtpy_desktop.window_gallery import Gallery, open_gallery
from tools.screenshots import short_directory

_PAGES = ("overview", "domains", "aliases", "messages", "forwarder", "billing", "events", "activity", "settings")
_ROUNDS = 3
_WATCHED_SECONDS = 0.6
_LIMIT = 100


def main() -> None:
    """Measure and tell the figure."""
    with tempfile.TemporaryDirectory(prefix="smtpy-", dir=short_directory()) as directory:
        Path(directory).chmod(0o711)  # as root the database's account has to go through
        with open_gallery(Path(directory) / "gallery") as gallery:
            for page in _PAGES:
                _show(gallery, page)
            # The reference comes first: as long as nobody has switched, every part takes the application's sheet.
            at_once = _measure(gallery, lambda colors: _dress_everything(gallery.app, colors))
            by_parts = _measure(gallery, lambda colors: gallery.theme.set_preference(_PREFERENCES[colors.is_dark]))
            widgets = len(gallery.app.allWidgets())
    note = (
        f"{widgets:,} widgets in {len(_PAGES)} pages; median over the pages of the longest gap of a 5 ms timer, "
        f"{max(by_parts):.0f} ms at worst (reference {max(at_once):.0f} ms). Reference: one sheet for all at once"
    )
    ours, reference = statistics.median(by_parts), statistics.median(at_once)
    tell(Figure("theme", ours, reference, "ms", limit=_LIMIT, bounds_ours=True, note=note))


_PREFERENCES = {True: ThemePreference.DARK, False: ThemePreference.LIGHT}


def _measure(gallery: Gallery, switch: Callable[[Colors], object]) -> list[float]:
    """Switch to and fro on every page; return the longest standstill of each switch, in milliseconds."""
    longest: list[float] = []
    for page in _PAGES:
        _show(gallery, page)
        longest += [_standstill(gallery, switch, colors) for colors in (DARK, LIGHT) * _ROUNDS]
    return longest


def _standstill(gallery: Gallery, switch: Callable[[Colors], object], colors: Colors) -> float:
    ticks = Ticks()
    ticks.start()
    QTimer.singleShot(20, gallery, lambda: switch(colors))
    begun = time.monotonic()
    gallery.wait(Until("the switch is over", lambda: time.monotonic() > begun + _WATCHED_SECONDS))
    return max(ticks.stop())


def _dress_everything(app: QApplication, colors: Colors) -> None:
    """Switch as it was done before: take the sheet away, and give the whole application the other one."""
    app.setStyleSheet("")
    app.setPalette(build_palette(colors))
    app.setStyleSheet(style_sheet_of(colors))


def _show(gallery: Gallery, page: str) -> None:
    gallery.window.show_page(page)
    for step in Stage(gallery).calm():
        if isinstance(step, Until):
            gallery.wait(step)


if __name__ == "__main__":
    main()
