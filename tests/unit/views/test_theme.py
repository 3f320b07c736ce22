"""Every text can be read in every theme, and the theme changes while the window is open."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from smtpy_desktop.views.icons import app_icon, icon
from smtpy_desktop.views.resource_files import resource_path
from smtpy_desktop.views.theme import Contrast, Theme, ThemePreference, text_font
from smtpy_desktop.views.theme_dress import style_sheet_of
from smtpy_desktop.views.theme_tokens import (
    DARK,
    DARK_HIGH_CONTRAST,
    LIGHT,
    LIGHT_HIGH_CONTRAST,
    THEMES,
    Colors,
    Tone,
    current_colors,
)
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.pill import Pill

PLAIN_GROUNDS = ("background", "surface", "raised", "hover")
MEANINGS = (Tone.TEXT, Tone.MUTED, Tone.ACCENT, Tone.OK, Tone.WARN, Tone.BAD)
TINTED = (Tone.MUTED, Tone.ACCENT, Tone.OK, Tone.WARN, Tone.BAD)
TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
ENHANCED_CONTRAST = 7.0  # WCAG 2.2, 1.4.6
ICON_CONTRAST = 3.0  # WCAG 2.2, 1.4.11


def luminance(color: str) -> float:
    parts = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in QColor(color).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("colors", "tone", "ground"), list(product(THEMES, MEANINGS, PLAIN_GROUNDS)))
def test_text_of_every_tone_can_be_read_on_every_surface(colors: Colors, tone: Tone, ground: str) -> None:
    assert contrast(colors.foreground(tone), getattr(colors, ground)) >= TEXT_CONTRAST


@pytest.mark.parametrize(("colors", "tone"), list(product(THEMES, TINTED)))
def test_text_of_every_tone_can_be_read_on_its_tint(colors: Colors, tone: Tone) -> None:
    assert contrast(colors.foreground(tone), colors.tint(tone)) >= TEXT_CONTRAST
    assert contrast(colors.text, colors.tint(tone)) >= TEXT_CONTRAST


@pytest.mark.parametrize(("colors", "tone"), list(product(THEMES, MEANINGS)))
def test_text_of_every_tone_can_be_read_in_a_selected_row(colors: Colors, tone: Tone) -> None:
    assert contrast(colors.foreground(tone), colors.accent_tint) >= TEXT_CONTRAST


@pytest.mark.parametrize("colors", THEMES)
def test_text_on_filled_buttons_can_be_read(colors: Colors) -> None:
    assert contrast(colors.on_accent, colors.accent) >= TEXT_CONTRAST
    assert contrast(colors.on_accent, colors.accent_hover) >= TEXT_CONTRAST
    assert contrast(colors.on_bad, colors.bad) >= TEXT_CONTRAST


@pytest.mark.parametrize("colors", THEMES)
def test_edges_of_check_boxes_and_the_focus_can_be_seen(colors: Colors) -> None:
    assert contrast(colors.strong_border, colors.surface) >= ICON_CONTRAST
    assert contrast(colors.accent, colors.surface) >= ICON_CONTRAST


@pytest.mark.parametrize("colors", THEMES)
def test_what_cannot_be_pressed_is_told_from_what_can(qapp: QApplication, colors: Colors) -> None:
    sheet = style_sheet_of(colors)
    disabled = next(line for line in sheet.splitlines() if line.startswith("Button:disabled"))

    assert contrast(colors.disabled, colors.text) >= 2.5
    assert contrast(colors.disabled, colors.surface) >= ICON_CONTRAST
    assert ("dashed" in disabled) == colors.is_plain


@pytest.mark.parametrize("colors", [LIGHT_HIGH_CONTRAST, DARK_HIGH_CONTRAST])
def test_with_high_contrast_every_text_stands_out_twice_as_much(colors: Colors) -> None:
    grounds = [getattr(colors, ground) for ground in PLAIN_GROUNDS] + [colors.accent_tint]

    weakest = min(contrast(colors.foreground(tone), ground) for tone in MEANINGS for ground in grounds)
    on_tints = min(contrast(colors.foreground(tone), colors.tint(tone)) for tone in TINTED)

    assert min(weakest, on_tints) >= ENHANCED_CONTRAST
    assert contrast(colors.border, colors.surface) >= ICON_CONTRAST


@pytest.mark.parametrize(
    ("preference", "colors"), [(ThemePreference.LIGHT, LIGHT_HIGH_CONTRAST), (ThemePreference.DARK, DARK_HIGH_CONTRAST)]
)
def test_contrast_can_be_had_without_the_systems_wish_and_be_given_up(
    theme: Theme, preference: ThemePreference, colors: Colors
) -> None:
    theme.set_preference(preference)
    usual = current_colors()

    theme.set_contrast(Contrast.HIGH)
    high = current_colors()
    theme.set_contrast(Contrast.NORMAL)

    assert high is colors
    assert current_colors() is usual


def test_what_a_damaged_file_names_counts_as_the_systems() -> None:
    assert ThemePreference("nonsense") is ThemePreference.SYSTEM
    assert Contrast("") is Contrast.SYSTEM


def test_theme_switches_while_the_window_is_open(qtbot: QtBot, theme: Theme, qapp: QApplication) -> None:
    pill = Pill("Verified", Tone.OK)
    qtbot.addWidget(pill)
    light = pill.grab().toImage().pixelColor(pill.width() // 2, 1)

    with qtbot.waitSignal(theme.changed):
        theme.set_preference(ThemePreference.DARK)

    assert current_colors() is DARK
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.background)
    assert pill.grab().toImage().pixelColor(pill.width() // 2, 1) != light


def test_a_dialog_has_an_edge_of_its_own(qtbot: QtBot, theme: Theme) -> None:
    dialog = Dialog(None, "Question")
    qtbot.addWidget(dialog)
    dialog.open()

    image = dialog.grab().toImage()

    edges = {image.pixelColor(point).name() for point in (QPoint(0, 9), QPoint(9, 0), image.rect().bottomRight())}
    assert edges == {current_colors().border.lower()}


def test_same_theme_again_changes_nothing(qtbot: QtBot, theme: Theme) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_preference(ThemePreference.LIGHT)

    assert current_colors() is LIGHT


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_icons_are_crisp_and_tinted_at_every_scale(theme: Theme, ratio: float) -> None:
    pixmap = icon("world", Tone.BAD).pixmap(QSize(16, 16), ratio)
    image = pixmap.toImage()
    solid = {
        image.pixelColor(x, y).name().upper()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }

    assert pixmap.width() == round(16 * ratio)
    assert pixmap.deviceIndependentSize().width() == pytest.approx(16, abs=0.5)
    assert LIGHT.bad in solid or ratio == 1.0


def test_icon_made_before_the_switch_follows_it(theme: Theme) -> None:
    made_in_light = icon("check", Tone.TEXT)
    before = made_in_light.pixmap(QSize(16, 16), 2.0).toImage()

    theme.set_preference(ThemePreference.DARK)

    assert made_in_light.pixmap(QSize(16, 16), 2.0).toImage() != before


def test_bundled_fonts_are_used() -> None:
    assert QFontInfo(text_font()).family() == "Inter"
    assert QFontInfo(mono_font()).fixedPitch()


def test_bundled_files_come_with_their_licences() -> None:
    for name in ("fonts/Inter-LICENSE.txt", "fonts/DejaVuSansMono-LICENSE.txt", "icons/LICENSE.txt"):
        assert resource_path(*name.split("/")).is_file()


def test_program_has_an_icon_in_every_common_size() -> None:
    assert {size.width() for size in app_icon().availableSizes()} >= {16, 32, 48, 256}
