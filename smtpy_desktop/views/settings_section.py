"""One part of the settings page: a card whose items can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QWidget

from smtpy_desktop.core.folded_text import folded
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.theme_dress import dress
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import without_mnemonic


@dataclass(frozen=True, slots=True)
class SettingItem:
    """Something of the settings that can be found: its ``title`` is empty where it is a whole section."""

    section_id: str
    section: str
    title: str
    words: str
    widget: QWidget


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
        dress(self)  # the page is long: what is out of sight can wait
        self.body.setContentsMargins(0, Space.XS, 0, Space.XS)
        self.section_id, self.icon_name = section_id, icon
        self._words = folded(f"{title} {subtitle} {keywords}")
        self._items: list[SettingItem] = []

    def add_item(self, widget: QWidget, words: str, *, title: str = "") -> None:
        """Add something that is found by its own words and hidden while others are searched.

        What has a ``title`` can be jumped to from the search of the window.
        """
        inside = " ".join(_words_on(child) for child in widget.findChildren(QWidget))
        searched = folded(f"{title} {words} {inside}")
        self._items.append(SettingItem(self.section_id, self.title.text(), title, searched, widget))

    def add_form(self, form: SettingsForm) -> None:
        """Add a form whose fields are found one by one: by label, explanation and setting key."""
        self.body.addWidget(form)
        for key in form.keys:
            field = form.field(key)
            self.add_item(field, f"{key} {field.explanation.text()}", title=field.label.text())

    @property
    def items(self) -> tuple[SettingItem, ...]:
        """Everything here that can be jumped to, the section itself first."""
        whole = SettingItem(self.section_id, self.title.text(), "", self._words, self)
        return (whole, *(item for item in self._items if item.title))

    def search(self, words: Sequence[str]) -> bool:
        """Show what holds every word and hide the rest; say whether anything is left.

        ``words`` are folded. What was added as no item is searched too, by the words that can be read on it.
        """
        whole = _holds(self._words, words)
        found = [item for item in self._items if _holds(f"{item.words} {self._words}", words)]
        is_left = whole or bool(found) or _holds(f"{self._words} {self._other_words()}", words)
        for item in self._items:
            item.widget.setVisible(whole or not found or item in found)
        self.setVisible(is_left)
        return is_left

    def _other_words(self) -> str:
        """What is written on everything here that is no item of its own and can be seen."""
        inside = [item.widget for item in self._items]
        texts = [
            words
            for child in self.findChildren(QWidget)
            if (words := _words_on(child))
            and child.isVisibleTo(self)
            and not any(widget is child or widget.isAncestorOf(child) for widget in inside)
        ]
        return folded(" ".join(texts))


def take_keyboard(widget: QWidget) -> None:
    """Give the keyboard to the first thing in a setting that can be changed."""
    editor = widget.editor if isinstance(widget, FormField) else widget
    able = (each for each in (editor, *editor.findChildren(QWidget)) if each.focusPolicy() & Qt.FocusPolicy.TabFocus)
    target = next((each for each in able if each.isEnabled() and each.isVisibleTo(widget)), editor)
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def _words_on(widget: QWidget) -> str:
    """Return what a widget says; fields are known by what they are called, as their content is data."""
    if isinstance(widget, QLabel | QAbstractButton):
        return without_mnemonic(widget.text()) or widget.accessibleName()
    if isinstance(widget, QComboBox):
        return " ".join([widget.accessibleName(), *(widget.itemText(row) for row in range(widget.count()))])
    return widget.accessibleName()
