"""The named colours and sizes of the window; no colour or size is written anywhere else."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from functools import cache
from typing import Final

from PySide6.QtGui import QColor, QGuiApplication, QPalette


class Tone(enum.StrEnum):
    """What a text, an icon or a pill means; each theme has a colour and a tint for it."""

    TEXT = "text"
    MUTED = "muted"
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    ON_ACCENT = "on_accent"
    ON_BAD = "on_bad"


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one theme as ``#RRGGBB``; a tint is the soft background that belongs to a tone."""

    is_dark: bool
    background: str
    surface: str
    raised: str
    hover: str
    border: str
    strong_border: str
    disabled: str
    text: str
    muted: str
    accent: str
    accent_hover: str
    ok: str
    warn: str
    bad: str
    on_accent: str
    on_bad: str
    muted_tint: str
    accent_tint: str
    ok_tint: str
    warn_tint: str
    bad_tint: str

    @property
    def is_plain(self) -> bool:
        """Whether everything lies on one ground, so that edges alone tell things apart."""
        return self.background == self.surface

    def foreground(self, tone: Tone) -> str:
        """The colour of text and icons of a tone."""
        return str(getattr(self, tone.value))

    def tint(self, tone: Tone) -> str:
        """The background that carries text of a tone."""
        return str(getattr(self, f"{tone.value}_tint", self.muted_tint))


LIGHT: Final = Colors(
    is_dark=False,
    background="#F6F7F9",
    surface="#FFFFFF",
    raised="#FFFFFF",
    hover="#F1F3F7",
    border="#E2E6EC",
    strong_border="#868F9C",
    disabled="#868F9C",
    text="#171B22",
    muted="#59626F",
    accent="#2F5BEA",
    accent_hover="#2449C4",
    ok="#137A45",
    warn="#8F5400",
    bad="#B8222A",
    on_accent="#FFFFFF",
    on_bad="#FFFFFF",
    muted_tint="#EEF0F3",
    accent_tint="#E9EEFE",
    ok_tint="#E5F5EC",
    warn_tint="#FDF1DC",
    bad_tint="#FCE8E8",
)
DARK: Final = Colors(
    is_dark=True,
    background="#13161B",
    surface="#1A1E25",
    raised="#1F242C",
    hover="#222832",
    border="#2D343F",
    strong_border="#6F7A8A",
    disabled="#6F7A8A",
    text="#E9ECF1",
    muted="#9BA6B5",
    accent="#86A3FF",
    accent_hover="#A3B9FF",
    ok="#56CB92",
    warn="#F2B955",
    bad="#FF8484",
    on_accent="#13161B",
    on_bad="#13161B",
    muted_tint="#262C35",
    accent_tint="#232F52",
    ok_tint="#16301F",
    warn_tint="#36290F",
    bad_tint="#3D1B1D",
)
# For people who need more contrast: one plain ground, no grey text, edges that can be seen from afar; 7:1 for text.
LIGHT_HIGH_CONTRAST: Final = Colors(
    is_dark=False,
    background="#FFFFFF",
    surface="#FFFFFF",
    raised="#FFFFFF",
    hover="#EDF0F5",
    border="#5A626E",
    strong_border="#23272E",
    disabled="#6B7280",
    text="#000000",
    muted="#2B2F36",
    accent="#0A34B0",
    accent_hover="#07247B",
    ok="#0A5029",
    warn="#5E3700",
    bad="#8C0C15",
    on_accent="#FFFFFF",
    on_bad="#FFFFFF",
    muted_tint="#E6E9EE",
    accent_tint="#DFE8FF",
    ok_tint="#DDF4E6",
    warn_tint="#FCECCB",
    bad_tint="#FDE3E3",
)
DARK_HIGH_CONTRAST: Final = Colors(
    is_dark=True,
    background="#000000",
    surface="#000000",
    raised="#0B0D10",
    hover="#1C222B",
    border="#8D97A5",
    strong_border="#D8DEE7",
    disabled="#8D97A5",
    text="#FFFFFF",
    muted="#DCE2EB",
    accent="#A9C1FF",
    accent_hover="#CBDAFF",
    ok="#7BE8B0",
    warn="#FFD27A",
    bad="#FFB0B0",
    on_accent="#000000",
    on_bad="#000000",
    muted_tint="#22272F",
    accent_tint="#1A2850",
    ok_tint="#0D2F1D",
    warn_tint="#352600",
    bad_tint="#431317",
)

THEMES: Final = (LIGHT, DARK, LIGHT_HIGH_CONTRAST, DARK_HIGH_CONTRAST)


class Space:
    """Distances on the 4/8 pixel grid."""

    XS: Final = 4
    S: Final = 8
    M: Final = 12
    L: Final = 16
    XL: Final = 20
    XXL: Final = 24
    PAGE: Final = 20


class FontSize:
    """Text sizes in pixels."""

    CAPTION: Final = 11
    SMALL: Final = 12
    BASE: Final = 13
    SECTION: Final = 14
    HEADING: Final = 16
    TITLE: Final = 20
    FIGURE: Final = 24


class Radius:
    """Corner radii in pixels."""

    SMALL: Final = 4
    CONTROL: Final = 6
    CARD: Final = 8


class Metric:
    """Heights, widths and icon sizes in pixels."""

    BORDER: Final = 1
    FOCUS: Final = 2
    CONTROL_HEIGHT: Final = 30
    FIELD_HEIGHT: Final = 32
    ROW_HEIGHT: Final = 36
    COMPACT_ROW_HEIGHT: Final = 28
    HEADER_HEIGHT: Final = 35
    CELL_PADDING: Final = 12
    PILL_HEIGHT: Final = 20
    PILL_PADDING: Final = 7
    PILL_GAP: Final = 4
    MARK_GAP: Final = 4
    MARK_SPACING: Final = 12
    ICON: Final = 16
    SMALL_ICON: Final = 14
    ICON_BUTTON: Final = 24
    LARGE_ICON: Final = 40
    TOP_BAR_HEIGHT: Final = 51
    SIDEBAR_WIDTH: Final = 196
    SIDEBAR_COLLAPSED_WIDTH: Final = 57
    NAV_ITEM_HEIGHT: Final = 32
    STATUS_BAR_HEIGHT: Final = 40
    SEARCH_WIDTH: Final = 420
    SEARCH_MIN_WIDTH: Final = 180
    PALETTE_WIDTH: Final = 560
    PALETTE_ROW_HEIGHT: Final = 40
    DIALOG_WIDTH: Final = 460
    COLLAPSE_BELOW: Final = 1100
    DETAILS_WIDTH: Final = 460
    SCROLL_BAR: Final = 12
    BADGE_DOT: Final = 8
    PROFILE_BAND: Final = 3


def current_colors() -> Colors:
    """Return the colours in force: the theme whose palette the application has (light before any was set)."""
    palette = QGuiApplication.palette()
    return _colors_of(palette.color(QPalette.ColorRole.Window).rgb(), palette.color(QPalette.ColorRole.Mid).rgb())


@cache
def _colors_of(window: int, border: int) -> Colors:
    for colors in THEMES:
        if (QColor(colors.background).rgb(), QColor(colors.border).rgb()) == (window, border):
            return colors
    return LIGHT
