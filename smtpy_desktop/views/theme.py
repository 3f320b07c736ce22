"""Turns the tokens into what Qt wants: fonts, a palette and one style sheet, switched live."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterable, Iterator
from functools import cache

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.resource_files import resource_path
from smtpy_desktop.views.theme_dress import Dress, all_dresses, style_sheet_of
from smtpy_desktop.views.theme_tokens import (
    DARK,
    DARK_HIGH_CONTRAST,
    LIGHT,
    LIGHT_HIGH_CONTRAST,
    Colors,
    FontSize,
)
from smtpy_desktop.views.widgets.sliced_work import SlicedWork

FONT_FAMILY = "Inter"
MONO_FAMILY = "DejaVu Sans Mono"
_FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf", "DejaVuSansMono.ttf")


class ThemePreference(enum.StrEnum):
    """What the user chose; ``SYSTEM`` follows the desktop, also while the program runs."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"

    @classmethod
    def _missing_(cls, value: object) -> ThemePreference:
        """Take what a damaged file or a later version has named for the system's."""
        return cls.SYSTEM


class Contrast(enum.StrEnum):
    """What the user chose; ``SYSTEM`` follows the desktop's wish, also while the program runs."""

    SYSTEM = "system"
    NORMAL = "normal"
    HIGH = "high"

    @classmethod
    def _missing_(cls, value: object) -> Contrast:
        """Take what a damaged file or a later version has named for the system's."""
        return cls.SYSTEM


class Theme(QObject):
    """Owns the look of the application; ``changed`` fires after the colours were switched."""

    changed = Signal()

    def __init__(
        self,
        app: QApplication,
        preference: ThemePreference = ThemePreference.SYSTEM,
        contrast: Contrast = Contrast.SYSTEM,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._preference, self._contrast = preference, contrast
        self._applied: Colors | None = None
        self._catching_up = SlicedWork(iter(()), self, _nothing)
        load_fonts()
        app.setStyle("Fusion")
        app.setFont(text_font())
        app.focusWindowChanged.connect(self._dress_new_windows)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._apply)
        hints.accessibility().contrastPreferenceChanged.connect(self._apply)
        self._apply()

    @property
    def preference(self) -> ThemePreference:
        """What the user chose."""
        return self._preference

    def set_preference(self, preference: ThemePreference) -> None:
        """Switch the whole window at once."""
        self._preference = preference
        self._apply()

    @property
    def contrast(self) -> Contrast:
        """What the user chose."""
        return self._contrast

    def set_contrast(self, contrast: Contrast) -> None:
        """Switch the whole window at once."""
        self._contrast = contrast
        self._apply()

    @property
    def is_switching(self) -> bool:
        """Whether some of what could be scrolled to still wears the colours before."""
        return self._catching_up.is_running

    @property
    def colors(self) -> Colors:
        """The colours in force."""
        hints = self._app.styleHints()
        dark = self._preference is ThemePreference.DARK or (
            self._preference is ThemePreference.SYSTEM and hints.colorScheme() is Qt.ColorScheme.Dark
        )
        wish = hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast
        if self._contrast is Contrast.HIGH or (self._contrast is Contrast.SYSTEM and wish):
            return DARK_HIGH_CONTRAST if dark else LIGHT_HIGH_CONTRAST
        return DARK if dark else LIGHT

    def _apply(self) -> None:
        colors = self.colors
        if colors is self._applied:
            return
        is_first, self._applied = self._applied is None, colors
        self._app.setPalette(build_palette(colors))
        if is_first:
            self._app.setStyleSheet(style_sheet_of(colors))
        else:
            self._change_dresses()
        self.changed.emit()

    def _change_dresses(self) -> None:
        """Dress what is in sight at once, then what could be scrolled to; what is hidden follows when it is shown."""
        rest = []
        for dress in list(all_dresses()):
            if dress.is_seen:
                dress.put_on()
            elif dress.is_shown:
                rest.append(dress)
        self._catching_up.stop()
        self._catching_up.deleteLater()
        self._catching_up = SlicedWork(_put_on(rest), self, _nothing)

    def _dress_new_windows(self) -> None:
        """Dress a window that was made after a switch and does not dress itself."""
        if self._applied is not None and self._app.styleSheet() != style_sheet_of(self._applied):
            for dress in list(all_dresses()):
                if dress.is_shown:
                    dress.put_on()


def _put_on(dresses: Iterable[Dress]) -> Iterator[None]:
    for dress in dresses:
        if shiboken6.isValid(dress):
            dress.put_on()
        yield


def _nothing() -> None:
    return


@contextlib.contextmanager
def look_kept(app: QApplication) -> Iterator[None]:
    """Put back after the block how the application looked before."""
    palette, font, sheet = app.palette(), app.font(), app.styleSheet()
    try:
        yield
    finally:
        app.setPalette(palette)
        app.setFont(font)
        app.setStyleSheet(sheet)


def load_fonts() -> None:
    """Make the bundled fonts known, so that text is the same on a machine without fonts."""
    if MONO_FAMILY in QFontDatabase.families() and FONT_FAMILY in QFontDatabase.families():
        return
    for name in _FONT_FILES:
        QFontDatabase.addApplicationFont(str(resource_path("fonts", name)))


@cache
def text_font(size: int = FontSize.BASE, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the text font in a size of ``FontSize`` (pixels); it is shared, so copy it before changing it."""
    font = QFont(FONT_FAMILY)
    font.setPixelSize(size)
    font.setWeight(weight)
    return font


def build_palette(colors: Colors) -> QPalette:
    """Return the palette for everything that the style sheet leaves to the Fusion style."""
    palette = QPalette()
    role = QPalette.ColorRole
    for target, color in {
        role.Window: colors.background,
        role.WindowText: colors.text,
        role.Base: colors.surface,
        role.AlternateBase: colors.background,
        role.Text: colors.text,
        role.PlaceholderText: colors.muted,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.bad,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.Highlight: colors.accent_tint,
        role.HighlightedText: colors.text,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.Light: colors.raised,
        role.Midlight: colors.hover,
        role.Mid: colors.border,
        role.Dark: colors.strong_border,
        role.Shadow: colors.border,
    }.items():
        palette.setColor(target, QColor(color))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, QColor(colors.disabled))
    return palette
