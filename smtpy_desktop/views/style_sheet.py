"""Builds the one style sheet of the application from the tokens."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from smtpy_desktop.views.theme_tokens import LIGHT, Colors, FontSize, Metric, Radius, Space

# A background is always scoped by class or object name: it would otherwise cascade into every child.
_LABELS = """
PlainLabel { color: $text; background: transparent; }
PlainLabel[tone="muted"] { color: $muted; }
PlainLabel[tone="accent"] { color: $accent; }
PlainLabel[tone="ok"] { color: $ok; }
PlainLabel[tone="warn"] { color: $warn; }
PlainLabel[tone="bad"] { color: $bad; }
PlainLabel[textSize="caption"] { font-size: ${caption}px; }
PlainLabel[textSize="small"] { font-size: ${small}px; }
PlainLabel[textSize="strong"] { font-weight: 600; }
PlainLabel[textSize="label"] { font-weight: 500; }
PlainLabel[textSize="section"] { font-size: ${base}px; font-weight: 600; }
PlainLabel[textSize="heading"] { font-size: ${heading}px; font-weight: 600; }
PlainLabel[textSize="title"] { font-size: ${title}px; font-weight: 600; }
PlainLabel[textSize="figure"] { font-size: ${figure}px; font-weight: 600; }
PlainLabel[mono="true"] { font-family: "DejaVu Sans Mono", monospace; font-size: ${small}px; }
PlainLabel:disabled { color: $disabled; }
QBalloonTip QLabel { color: $on_balloon; background: transparent; }
QToolTip { color: $text; background: $raised; border: 1px solid $border; padding: ${xs}px ${s}px; }
"""

_BUTTONS = """
Button {
    color: $text; background: $raised; border: 1px solid $border; border-radius: ${control}px;
    padding: 0 ${m}px; min-height: ${button_inner}px; font-weight: 500;
}
Button:hover { background: $hover; }
Button:pressed { background: $muted_tint; }
Button:focus { border: 2px solid $accent; padding: 0 ${m_focus}px; min-height: ${button_focus}px; }
Button:checked { color: $accent; background: $accent_tint; border-color: $accent; }
Button:disabled { color: $disabled; background: $background; border-style: $disabled_edge; }
Button::menu-indicator { image: none; width: 0; }
Button[kind="primary"] { color: $on_accent; background: $accent; border-color: $accent; font-weight: 600; }
Button[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
Button[kind="primary"]:focus { border-color: $text; }
Button[kind="primary"]:disabled { color: $disabled; background: $muted_tint; border-color: $muted_tint; }
Button[kind="danger"] { color: $on_bad; background: $bad; border-color: $bad; font-weight: 600; }
Button[kind="danger"]:focus { border-color: $text; }
Button[kind="danger"]:disabled { color: $disabled; background: $muted_tint; border-color: $muted_tint; }
Button[kind="ghost"] { background: transparent; border-color: transparent; }
Button[kind="ghost"]:hover { background: $hover; }
Button[kind="ghost"]:focus { border-color: $accent; }
Button[kind="link"] {
    color: $accent; background: transparent; border: 1px solid transparent; border-radius: ${small_radius}px;
    padding: 0 3px; min-height: 20px; font-weight: 600;
}
Button[quiet="true"] { color: $muted; font-size: ${small}px; font-weight: 400; }
Button[kind="link"]:hover { text-decoration: underline; }
Button[kind="link"]:focus { border: 1px solid $accent; padding: 0 3px; min-height: 20px; }
Button[kind="link"]:disabled { color: $disabled; }
IconButton { background: transparent; border: 1px solid transparent; border-radius: ${control}px; padding: 3px; }
IconButton:hover { background: $muted_tint; }
IconButton:pressed { background: $accent_tint; }
IconButton:focus { border: 2px solid $accent; padding: 2px; }
"""

_FIELDS = """
QLineEdit, QPlainTextEdit, QComboBox, QAbstractSpinBox {
    color: $text; background: $surface; border: 1px solid $border; border-radius: ${control}px;
    padding: 0 ${s}px; min-height: ${field_inner}px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QPlainTextEdit { padding: ${xs}px; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover, QAbstractSpinBox:hover { border-color: $strong_border; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {
    border: 2px solid $accent; padding: 0 ${s_focus}px; min-height: ${field_focus}px;
}
QPlainTextEdit:focus { border: 2px solid $accent; padding: ${xs_focus}px; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"], QComboBox[invalid="true"],
QAbstractSpinBox[invalid="true"] { border-color: $bad; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {
    color: $disabled; background: $background;
}
QLineEdit:read-only { background: $background; }
QLineEdit[mono="true"], QPlainTextEdit[mono="true"] {
    font-family: "DejaVu Sans Mono", monospace; font-size: ${small}px;
}
QLineEdit#search { background: $background; padding-left: 0; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$image_chevron_down"); width: 14px; height: 14px; }
QComboBox QAbstractItemView {
    color: $text; background: $raised; border: 1px solid $border; padding: ${xs}px; outline: none;
    selection-background-color: $accent_tint; selection-color: $text;
}
QDateEdit::drop-down { border: none; background: transparent; width: 24px; }
QDateEdit::down-arrow { image: url("$image_chevron_down"); width: 14px; height: 14px; }
QLineEdit#qt_spinbox_lineedit { border: none; background: transparent; min-height: 0; padding: 0 6px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 20px; background: transparent; }
QAbstractSpinBox::up-arrow { image: url("$image_chevron_up"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("$image_chevron_down"); width: 12px; height: 12px; }
QCheckBox, QRadioButton {
    color: $text; spacing: ${s}px; background: transparent; padding: 1px;
    border: 1px solid transparent; border-radius: ${small_radius}px;
}
QCheckBox:focus, QRadioButton:focus { color: $accent; border-color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $strong_border; background: $surface;
}
QCheckBox::indicator { border-radius: ${small_radius}px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover,
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$image_check"); }
QCheckBox::indicator:indeterminate { background: $accent; border-color: $accent; image: url("$image_minus"); }
QRadioButton::indicator:checked {
    border: 5px solid $accent; width: 6px; height: 6px; background: $on_accent;
}
QProgressBar { background: $muted_tint; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
"""

_SURFACES = """
QDialog { background: $surface; border: 1px solid $border; }
QFrame#card, QFrame#panel, QFrame#popup { background: $surface; border: 1px solid $border; border-radius: ${card}px; }
QFrame#popup { background: $raised; border-color: $border; }
QFrame#card[tone="bad"] { border-color: $bad; }
QFrame#card[tone="warn"] { border-color: $warn; }
QFrame#card[tone="ok"] { border-color: $ok; }
QFrame#card[tone="accent"] { border-color: $accent; }
QFrame#notice { border: none; border-radius: ${card}px; background: $muted_tint; }
QFrame#notice[tone="bad"] { background: $bad_tint; }
QFrame#notice[tone="warn"] { background: $warn_tint; }
QFrame#notice[tone="ok"] { background: $ok_tint; }
QFrame#notice[tone="accent"] { background: $accent_tint; }
QFrame#codeBlock { background: $background; border: none; border-radius: ${small_radius}px; }
QFrame#banner { border: none; border-bottom: 1px solid $border; background: $muted_tint; }
QFrame#banner[tone="bad"] { background: $bad_tint; }
QFrame#banner[tone="warn"] { background: $warn_tint; }
QFrame#topBar { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame#sidebar { background: $surface; border: none; border-right: 1px solid $border; }
QFrame#statusBar { background: $background; border: none; border-top: 1px solid $border; }
QFrame#tasksPanel { background: $surface; border: none; border-top: 1px solid $border; }
QFrame#detailsPane { background: $surface; border: none; border-left: 1px solid $border; }
QFrame#separator { background: $border; border: none; max-height: 1px; min-height: 1px; }
QScrollArea, QScrollArea > QWidget#qt_scrollarea_viewport { background: transparent; border: none; }
QScrollArea > QWidget > QWidget#scrollContent { background: transparent; }
ReportPreview { border: 1px solid transparent; }
QScrollArea:focus, QTextBrowser#guide:focus { border: 1px solid $accent; }
StartFrame:focus, ScrollColumn:focus { border: none; }
QSplitter::handle { background: transparent; }
QMenu { color: $text; background: $raised; border: 1px solid $border; padding: ${xs}px; menu-scrollable: 1; }
QMenu::item { padding: 6px 24px 6px 10px; border-radius: ${small_radius}px; }
QMenu::item:selected { background: $accent_tint; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $border; margin: 4px 6px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; border: 1px solid $strong_border; border-radius: 3px; }
QMenu::indicator:checked { background: $accent; border-color: $accent; image: url("$image_check"); }
QTabBar { background: transparent; }
QTabWidget::pane { border: none; }
QTabBar::tab { color: $muted; background: transparent; border: none; border-bottom: 2px solid transparent;
    padding: 6px 2px; margin-right: 18px; font-weight: 500; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:hover, QTabBar::tab:focus { color: $accent; }
"""

_LISTS = """
QTableView#dataTable { background: transparent; border: none; outline: none; color: $text; }
QTableView#dataTable QHeaderView { background: transparent; border: none; }
QTableView#dataTable QTableCornerButton::section { background: transparent; border: none; }
QListView#checkList {
    color: $text; background: $surface; border: 1px solid $border; border-radius: ${control}px;
    padding: ${xs}px; outline: none;
}
QListView#checkList:focus { border-color: $accent; }
QListView#checkList::item { color: $text; padding: 3px ${xs}px; border-radius: ${small_radius}px; }
QListView#checkList::item:selected { color: $text; background: $accent_tint; }
QListView#checkList::indicator {
    width: 14px; height: 14px; border: 1px solid $strong_border; border-radius: ${small_radius}px; background: $surface;
}
QListView#checkList::indicator:checked { background: $accent; border-color: $accent; image: url("$image_check"); }
QListView#paletteList { background: transparent; border: none; outline: none; }
QListWidget#contents { color: $text; background: transparent; border: none; outline: none; }
QListWidget#contents::item { padding: 6px ${s}px; border-radius: ${control}px; border: 1px solid transparent; }
QListWidget#contents::item:hover { background: $hover; }
QListWidget#contents::item:selected { color: $text; background: $accent_tint; }
QListWidget#contents::item:selected:focus { border-color: $accent; }
QListWidget#contents::item:disabled { color: $muted; background: transparent; }
QTextBrowser#guide { color: $text; background: $surface; border: none; selection-background-color: $accent;
    selection-color: $on_accent; }
QWidget#guidePane { background: $surface; border-left: 1px solid $border; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: ${scroll}px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: ${scroll}px; margin: 2px; }
QScrollBar::handle { background: $handle; border-radius: 4px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $strong_border; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
"""


def build_style_sheet(colors: Colors, images: Mapping[str, str]) -> str:
    """Return the style sheet of one theme; ``images`` maps icon names to the files of their tinted copies."""
    tokens: dict[str, object] = {
        name: getattr(colors, name) for name in Colors.__dataclass_fields__ if name != "is_dark"
    }
    tokens |= {
        # Where a desktop has no notices of its own, Qt draws them in black on pale yellow, whatever the theme.
        "on_balloon": LIGHT.text,
        # Where no ground and hardly a grey tells what cannot be pressed, its edge does.
        "disabled_edge": "dashed" if colors.is_plain else "solid",
        "handle": colors.border if not colors.is_dark else colors.muted_tint,
        "caption": FontSize.CAPTION,
        "small": FontSize.SMALL,
        "base": FontSize.BASE,
        "heading": FontSize.HEADING,
        "title": FontSize.TITLE,
        "figure": FontSize.FIGURE,
        "xs": Space.XS,
        "s": Space.S,
        "m": Space.M,
        "s_focus": Space.S - (Metric.FOCUS - Metric.BORDER),
        "xs_focus": Space.XS - (Metric.FOCUS - Metric.BORDER),
        "field_focus": Metric.FIELD_HEIGHT - 2 * Metric.FOCUS,
        "m_focus": Space.M - (Metric.FOCUS - Metric.BORDER),
        "small_radius": Radius.SMALL,
        "control": Radius.CONTROL,
        "card": Radius.CARD,
        "button_inner": Metric.CONTROL_HEIGHT - 2 * Metric.BORDER,
        "button_focus": Metric.CONTROL_HEIGHT - 2 * Metric.FOCUS,
        "field_inner": Metric.FIELD_HEIGHT - 2 * Metric.BORDER,
        "scroll": Metric.SCROLL_BAR,
    }
    tokens |= {f"image_{name.replace('-', '_')}": path for name, path in images.items()}
    return Template(_LABELS + _BUTTONS + _FIELDS + _SURFACES + _LISTS).substitute(tokens)
