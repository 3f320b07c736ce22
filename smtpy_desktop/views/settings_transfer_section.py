"""Settings carried to another installation: written to a file, and read from one after it was looked at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from smtpy_desktop.controllers import settings_file_controller
from smtpy_desktop.schemas.settings import SettingsPlan
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.file_choice import choose_file, choose_new_file
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

_FILE_NAME = "smtpy-settings.json"


class TransferSection(SettingsSection):
    """Two buttons; what a file would change is shown before anything is changed."""

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        keywords = "export import json file copy transfer backup move save load"
        subtitle = tr("the settings as a file")
        super().__init__("transfer", tr("Export and import"), subtitle, "file-export", parent, keywords=keywords)
        self._context = context
        words = tr(
            "The file holds every setting that installations share, and no password or key. How the window looks "
            "belongs to this computer and is not in it."
        )
        self.body.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True))
        self.export_button = Button(tr("E&xport settings…"), self, icon="file-export", action=self.export)
        self.import_button = Button(tr("&Import settings…"), self, icon="upload", action=self.choose)
        self.import_button.setEnabled(not context.services.is_read_only)
        self.body.addLayout(button_row(self.export_button, self.import_button))

    def export(self) -> QFileDialog:
        """Ask where to, and write the settings that hold (not what is typed and not saved)."""
        dialog = choose_new_file(self.window(), _FILE_NAME)
        dialog.fileSelected.connect(self._export)
        return dialog

    def choose(self) -> QFileDialog:
        """Ask for a file, and show what it would change."""
        patterns = (tr("Settings (*.json)"), tr("All files (*)"))
        return choose_file(self.window(), tr("Choose a file with settings"), self.look_at, *patterns)

    def look_at(self, path: str) -> None:
        """Open the dialog that shows what a file would change."""
        self._context.runner.run(
            settings_file_controller.read_file(Path(path), files=self._context.services.files),
            owner=self,
            on_success=partial(self._plan, path),
            replaces="settings/import",
        )

    def _plan(self, path: str, content: bytes) -> None:
        self._context.runner.run(
            settings_file_controller.plan_import(self._context.services.sessions, content),
            owner=self,
            on_success=partial(self._show, path, content),
            replaces="settings/import",
        )

    def _show(self, path: str, content: bytes, plan: SettingsPlan) -> None:
        # Loaded when it is needed: few people ever import settings.
        from smtpy_desktop.views.settings_import_dialog import SettingsImportDialog

        dialog = SettingsImportDialog(self._context, Path(path).name, content, plan, self.window())
        dialog.imported.connect(self._on_imported)
        dialog.open()

    def _export(self, path: str) -> None:
        services = self._context.services
        self._context.runner.run(
            settings_file_controller.save_settings(services.sessions, Path(path), files=services.files),
            owner=self,
            on_success=partial(self._on_exported, path),
        )

    def _on_exported(self, path: str, count: int) -> None:
        words = tr_n("Wrote {n} setting to {name}.", "Wrote {n} settings to {name}.", count, name=Path(path).name)
        self._context.tell(Message(words, key="settings-file"))

    def _on_imported(self, count: int) -> None:
        words = tr_n("{n} setting was changed.", "{n} settings were changed.", count)
        self._context.tell(Message(words, key="settings-file"))
