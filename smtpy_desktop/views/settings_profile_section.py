"""Which installation this window shows, and the way to the others."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.views.settings_actions import SettingsActions
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.profile_mark import color_word, current_profile, kind_word
from smtpy_desktop.views.widgets.texts import tr


class ProfileSection(SettingsSection):
    """Facts; name, colour and kind are changed in the list of profiles."""

    def __init__(self, actions: SettingsActions, parent: QWidget | None = None) -> None:
        keywords = "installation production test environment colour name directory folder window"
        subtitle = tr("which installation this is")
        super().__init__("profile", tr("Profile"), subtitle, "server-2", parent, keywords=keywords)
        self._actions = actions
        self.facts = KeyValueList(self)
        self.body.addWidget(self.facts)
        self.profiles_button = Button(tr("Pro&files…"), self, action=actions.show_profiles)
        self.body.addLayout(button_row(self.profiles_button))
        self.refresh()

    def refresh(self) -> None:
        """Show what is known of this profile now."""
        entry = current_profile()
        self.facts.clear()
        self.facts.add(tr("Name"), entry.name if entry is not None else tr("none"), copy=False)
        if entry is not None:
            self.facts.add(tr("What it is for"), kind_word(entry.kind), copy=False)
            self.facts.add(tr("Colour"), color_word(entry.color), copy=False)
        self.facts.add(tr("Folder"), self._actions.profile_directory, mono=True)
