"""Theme, contrast, language, time zone and row height, each in force as soon as it is chosen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from smtpy_desktop.views.appearance import Appearance
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme import Contrast, ThemePreference
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.buttons import Button, on_click
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.texts import tr

_WIDTH = 320


class AppearanceSection(SettingsSection):
    """Needs no *Save*: a choice is seen at once, but for the language. The first one of each is the default.

    ``restart_wanted``: the window is to be opened anew, in the chosen language.
    """

    restart_wanted = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__("appearance", tr("Appearance"), tr("takes effect at once"), "sun", parent)
        self.body.setSpacing(Space.L)
        self._appearance = appearance
        self.resets: dict[QComboBox, Button] = {}
        self.theme = self._add_choice(
            tr("&Theme"),
            {
                ThemePreference.SYSTEM.value: tr("Like the system"),
                ThemePreference.LIGHT.value: tr("Light"),
                ThemePreference.DARK.value: tr("Dark"),
            },
            appearance.theme.value,
            "",
            "dark mode colours",
        )
        self.contrast = self._add_choice(
            tr("&Contrast"),
            {
                Contrast.SYSTEM.value: tr("Like the system"),
                Contrast.NORMAL.value: tr("Normal"),
                Contrast.HIGH.value: tr("High"),
            },
            appearance.contrast.value,
            tr("High: no grey text, stronger colours and edges."),
            "high contrast accessibility black white",
        )
        self.language = self._add_choice(
            tr("&Language"),
            # Each language is written in itself, so that it can be found in any.
            {"": tr("Like the system"), "en": "English", "fr": "Français"},
            appearance.language,
            tr("Takes effect when the window is opened the next time."),
            "english français translation",
        )
        self.restart_button = Button(tr("Restart no&w"), self, kind="link", icon="rotate-clockwise")
        on_click(self.restart_button, self.restart_wanted.emit)
        self.body.addLayout(button_row(self.restart_button))
        self.times = self._add_choice(
            tr("T&imes"),
            {"no": tr("In this computer's time zone"), "yes": tr("In UTC")},
            "yes" if appearance.is_utc else "no",
            tr("Which zone it is stands at the bottom of the window; exact times say it."),
            "time zone date clock utc gmt",
        )
        self.times_item = self.items[-1]
        self.rows = self._add_choice(
            tr("&Rows in lists"),
            {"no": tr("Comfortable"), "yes": tr("Compact")},
            "yes" if appearance.is_compact else "no",
            "",
            "density height compact table",
        )
        self._show_restart()
        self.times.activated.connect(self._on_times)
        self.theme.activated.connect(self._on_theme)
        self.contrast.activated.connect(self._on_contrast)
        self.language.activated.connect(self._on_language)
        self.rows.activated.connect(self._on_rows)

    def _add_choice(
        self, label: str, choices: dict[str, str], current: str, explanation: str, keywords: str
    ) -> QComboBox:
        combo = QComboBox(self)
        combo.setMaximumWidth(_WIDTH)
        for value, words in choices.items():
            combo.addItem(words, value)
        combo.setCurrentIndex(max(0, combo.findData(current)))
        field = FormField(label, combo, explanation, self)
        self.body.addWidget(field)
        self._add_reset(field, combo)
        self.add_item(field, f"{explanation} {keywords} {' '.join(choices.values())}", title=field.label.text())
        return combo

    def _add_reset(self, field: FormField, combo: QComboBox) -> None:
        words = tr("Back to the default: {value}", value=combo.itemText(0))
        reset = Button(tr("Reset"), self, kind="link", action=partial(self._reset, combo))
        reset.setAccessibleName(f"{field.label.text()}: {words}")
        set_tooltip(reset, words)
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        field.add_action(reset)
        self.resets[combo] = reset
        combo.currentIndexChanged.connect(lambda index: reset.setVisible(index != 0))
        reset.setVisible(combo.currentIndex() != 0)

    def _reset(self, combo: QComboBox) -> None:
        combo.setCurrentIndex(0)
        combo.setFocus()
        combo.activated.emit(0)

    def _on_theme(self) -> None:
        self._appearance.set_theme(ThemePreference(self.theme.currentData()))

    def _on_contrast(self) -> None:
        self._appearance.set_contrast(Contrast(self.contrast.currentData()))

    def _on_language(self) -> None:
        self._appearance.set_language(str(self.language.currentData()))
        self._show_restart()

    def _on_times(self) -> None:
        self._appearance.set_utc(utc=self.times.currentData() == "yes")

    def _show_restart(self) -> None:
        self.restart_button.setVisible(self._appearance.needs_restart)

    def _on_rows(self) -> None:
        self._appearance.set_compact(compact=self.rows.currentData() == "yes")
