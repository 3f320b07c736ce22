"""One part of the settings page: a card whose items can be searched."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.card import Card


class SettingsSection(Card):
    """``section_id`` is what others ask for it by; ``keywords`` are further words that it is found by."""

    def __init__(
        self,
        section_id: str,
        title: str,
        subtitle: str,
        icon: str,
        parent: QWidget | None = None,
        *,
        keywords: str = "",
    ) -> None:
        super().__init__(title, subtitle, parent)
        self.set_roomy()
        self.body.setContentsMargins(0, Space.XS, 0, Space.XS)
        self.section_id, self.icon_name = section_id, icon
        self._words = f"{title} {subtitle} {keywords}".casefold()
        self._items: list[tuple[QWidget, str]] = []

    def add_item(self, widget: QWidget, words: str) -> None:
        """Add something that is found by its own words and hidden while others are searched."""
        self._items.append((widget, words.casefold()))

    def add_form(self, form: SettingsForm) -> None:
        """Add a form whose fields are found one by one: by label, explanation and setting key."""
        self.body.addWidget(form)
        for key in form.keys:
            field = form.field(key)
            self.add_item(field, f"{key} {field.label.text()} {field.explanation.text()}")

    def search(self, words: Sequence[str]) -> bool:
        """Show what holds every word and hide the rest; say whether anything is left."""
        whole = all(word in self._words for word in words)
        found = False
        for widget, text in self._items:
            matches = whole or all(word in f"{text} {self._words}" for word in words)
            widget.setVisible(matches)
            found = found or matches
        self.setVisible(whole or found)
        return whole or found
