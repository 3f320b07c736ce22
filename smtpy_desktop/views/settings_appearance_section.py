"""Theme, language and row height, each in force as soon as it is chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QWidget

from smtpy_desktop.views.appearance import Appearance
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme import ThemePreference
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.texts import tr

_WIDTH = 320


class AppearanceSection(SettingsSection):
    """Needs no *Save*: what is chosen is seen at once, but for the language."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__("appearance", tr("Appearance"), tr("takes effect at once"), "sun", parent)
        self.body.setSpacing(Space.L)
        self._appearance = appearance
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
        self.language = self._add_choice(
            tr("&Language"),
            # Each language is written in itself, so that it can be found in any.
            {"": tr("Like the system"), "en": "English", "fr": "Français"},
            appearance.language,
            tr("Takes effect the next time the program starts."),
            "english français translation",
        )
        self.rows = self._add_choice(
            tr("&Rows in lists"),
            {"no": tr("Comfortable"), "yes": tr("Compact")},
            "yes" if appearance.is_compact else "no",
            "",
            "density height compact table",
        )
        self.theme.activated.connect(self._on_theme)
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
        self.add_item(field, f"{field.label.text()} {explanation} {keywords} {' '.join(choices.values())}")
        return combo

    def _on_theme(self) -> None:
        self._appearance.set_theme(ThemePreference(self.theme.currentData()))

    def _on_language(self) -> None:
        self._appearance.set_language(str(self.language.currentData()))

    def _on_rows(self) -> None:
        self._appearance.set_compact(compact=self.rows.currentData() == "yes")
