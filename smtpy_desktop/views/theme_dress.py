"""Which part of a window wears which colours: what is seen is dressed at once, the rest when it is shown.

Qt styles everything below a style sheet anew when the sheet changes, hidden pages included: with one sheet for the
whole application that takes 0.3 s for 2,000 widgets. So a switch leaves the application's sheet as it is and gives
each part in sight one of its own, which comes before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from PySide6.QtCore import QEvent, QObject, Qt, QTemporaryDir
from PySide6.QtWidgets import QApplication, QWidget

from smtpy_desktop.views.icons import write_tinted_icon
from smtpy_desktop.views.style_sheet import build_style_sheet
from smtpy_desktop.views.theme_tokens import Colors, Tone, current_colors

_CONTROL_ICONS = {
    "check": Tone.ON_ACCENT,
    "minus": Tone.ON_ACCENT,
    "chevron-down": Tone.MUTED,
    "chevron-up": Tone.MUTED,
}
_NAME = "dress"


class Dress(QObject):
    """Keeps one part of a window, with everything in it, in the colours in force, and lives as long as the part."""

    def __init__(self, part: QWidget) -> None:
        super().__init__(part)
        self.setObjectName(_NAME)
        self._part = part
        part.installEventFilter(self)
        self.put_on()

    @property
    def is_seen(self) -> bool:
        """Whether some of the part is in sight."""
        return self._part.isVisible() and not self._part.visibleRegion().isEmpty()

    @property
    def is_shown(self) -> bool:
        """Whether the part would be seen if it was scrolled to."""
        return self._part.isVisible()

    def put_on(self) -> None:
        """Give the part the colours in force, unless it wears them."""
        wanted, own = style_sheet_of(current_colors()), self._part.styleSheet()
        if own != wanted and (own or _application_sheet() not in ("", wanted)):
            self._part.setStyleSheet(wanted)

    def take_off(self) -> None:
        """Leave the part to those in it."""
        self.setObjectName("")
        self._part.removeEventFilter(self)
        self._part.setStyleSheet("")
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Catch up on what has changed while the part was hidden."""
        if event.type() is QEvent.Type.Show:
            self.put_on()
        return False


def dress(part: QWidget) -> None:
    """Let a part of a window, or a whole one, follow the theme; one whose parts are dressed already is left to them."""
    if _own(part) is None and not _has_inside(part):
        Dress(part)


@cache
def style_sheet_of(colors: Colors) -> str:
    """Return the style sheet of a theme, with the few images written that a sheet can only take from files."""
    paths = {}
    for name, tone in _CONTROL_ICONS.items():
        # A new file name per colour: Qt keeps images of a style sheet cached by path.
        color = colors.foreground(tone)
        path = _image_directory().filePath(f"{name}-{color[1:]}.svg")
        write_tinted_icon(name, color, path)
        paths[name] = path
    return build_style_sheet(colors, paths)


def all_dresses() -> Iterator[Dress]:
    """Yield a dress for everything there is in all windows; what had none gets one that covers it."""
    for top in QApplication.topLevelWidgets():
        if _own(top) is not None or not _is_covered(top):
            yield from _covering(top)


def _covering(widget: QWidget) -> Iterator[Dress]:
    own = _own(widget)
    if _has_inside(widget):
        if own is not None:
            own.take_off()  # what was put into it later dresses itself, and would keep its own colours
        for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if not child.isWindow():
                yield from _covering(child)
    else:
        yield own or Dress(widget)


def _is_covered(window: QWidget) -> bool:
    """Whether a window takes its style from a dressed part that it belongs to, as a menu does."""
    owner = window.parentWidget()
    while owner is not None:
        host = owner.window()
        if any(part is owner or part.isAncestorOf(owner) for part in _dressed(host)):
            return True
        owner = host.parentWidget()
    return False


def _own(widget: QWidget) -> Dress | None:
    found = widget.findChild(QObject, _NAME, Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, Dress) else None


def _has_inside(widget: QWidget) -> bool:
    return any(part is not widget and part.window() is widget.window() for part in _dressed(widget))


def _dressed(widget: QWidget) -> Iterator[QWidget]:
    """Yield the dressed parts of a widget, itself and those of windows over it included."""
    parts = (dress.parent() for dress in widget.findChildren(QObject, _NAME))
    return (part for part in parts if isinstance(part, QWidget))


def _application_sheet() -> str:
    app = QApplication.instance()
    return app.styleSheet() if isinstance(app, QApplication) else ""


@cache
def _image_directory() -> QTemporaryDir:
    """Return where the style sheet's images lie: as long as the process lives, for Qt reads them whenever it paints."""
    return QTemporaryDir()
