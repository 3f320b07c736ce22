"""The form of one profile: its name, its colour, what it is for, and where it has its things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from smtpy_desktop.controllers import profiles_controller
from smtpy_desktop.controllers.profiles_controller import ProfileTools
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.compound_editor import DirectoryEditor
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.profile_mark import color_tone, color_word, kind_word
from smtpy_desktop.views.widgets.texts import tr

_LONGEST_NAME = 40


class ProfileEditDialog(Dialog):
    """For a new profile, or for one that there is, whose folder stays. ``saved(ProfileEntry)``: it is kept."""

    help_topic = "profiles"
    saved = Signal(object)

    def __init__(
        self, runner: TaskRunner, tools: ProfileTools, entry: ProfileEntry | None, parent: QWidget | None = None
    ) -> None:
        words = tr("An installation of its own, with its own database, settings and secrets.")
        super().__init__(parent, tr("Edit profile") if entry is not None else tr("New profile"), words)
        self._runner, self._tools, self._entry = runner, tools, entry
        self.form = Form(self)
        self.name_edit = QLineEdit(entry.name if entry is not None else "", self.form)
        self.name_edit.setMaxLength(_LONGEST_NAME)
        self.form.add_field("name", tr("&Name"), self.name_edit)
        self.kind = _choice(self.form, [(kind.value, kind_word(kind)) for kind in ProfileKind])
        asks = tr("In production, whatever deletes or switches off asks before, by the profile's name.")
        self.form.add_field("kind", tr("&What it is for"), self.kind, asks)
        self.color = _choice(self.form, [(color.value, color_word(color)) for color in ProfileColor])
        for row, color in enumerate(ProfileColor):
            self.color.setItemIcon(row, icon("dot", color_tone(color)))
        self.form.add_field("color", tr("&Colour"), self.color)
        self.directory = DirectoryEditor(tr("Folder"), self.form)
        if entry is None:
            self.form.add_field("directory", tr("&Folder"), self.directory, tr("Made when it is not there yet."))
            self.name_edit.textChanged.connect(self._suggest)
        else:
            self.directory.hide()
            self.kind.setCurrentIndex(self.kind.findData(entry.kind.value))
            self.color.setCurrentIndex(self.color.findData(entry.color.value))
        self.form.submitted.connect(self.save)
        self.content.addWidget(self.form)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.save_button = Button(tr("&Save"), self, kind="primary", action=self.save)
        self.save_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.save_button)
        self.name_edit.setFocus()

    def save(self) -> None:
        """Keep the profile."""
        self.form.clear_errors()
        name = self.name_edit.text().strip()
        color, kind = ProfileColor(self.color.currentData()), ProfileKind(self.kind.currentData())
        if self._entry is not None:
            work = profiles_controller.change_profile(
                self._tools, self._entry.name, new_name=name, color=color, kind=kind
            )
        else:
            place = self._tools.place(self.directory.text().strip() or str(self._suggested(name)))
            work = profiles_controller.add_profile(self._tools, ProfileEntry(name, place, color, kind))
        self.save_button.setEnabled(False)
        self._runner.run(work, owner=self, on_success=self._on_saved, on_error=self._on_refused)

    def _suggest(self, name: str) -> None:
        """Show where it will lie when nothing is chosen."""
        self.directory.line.setPlaceholderText(str(self._suggested(name)) if name.strip() else "")

    def _suggested(self, name: str) -> Path:
        """Return where a profile has its things when nobody says so: beside the default one."""
        plain = re.sub(r"[^\w-]+", "-", name.casefold()).strip("-") or "profile"
        return self._tools.default.with_name(f"{self._tools.default.name}-{plain}")

    def _on_saved(self, entry: ProfileEntry) -> None:
        self.saved.emit(entry)
        self.accept()

    def _on_refused(self, error: UserFacingError) -> bool:
        self.save_button.setEnabled(True)
        return self.form.show_error(error)


def _choice(parent: QWidget, choices: Sequence[tuple[str, str]]) -> QComboBox:
    combo = QComboBox(parent)
    for value, words in choices:
        combo.addItem(words, value)
    combo.setCurrentIndex(len(choices) - 1 if choices[-1][0] == ProfileKind.OTHER.value else 0)
    return combo
