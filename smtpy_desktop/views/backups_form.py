"""The form that says where backups go, how often they are made, and how many are kept."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.core.backup_setting_keys import AT_KEY, DIRECTORY_KEY, EVERY_KEY, KEEP_KEY, VERIFY_KEY
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_forms import NUMBER_WIDTH
from smtpy_desktop.views.widgets.compound_editor import CompoundEditor, DirectoryEditor
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.setting_boxes import ChoiceBox, TimeOfDayBox, YesNoBox
from smtpy_desktop.views.widgets.texts import tr

_MOST_KEPT = 1000


class BackupsForm(SettingsForm):
    """``default_directory``: where backups go while none is named. The time asks for a schedule to count from."""

    def __init__(self, default_directory: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._add_schedule()
        words = tr("On Sundays when weekly; one that was missed is made as soon as the program runs again.")
        self.field(EVERY_KEY).explanation.setText(words)
        self.field(EVERY_KEY).explanation.show()
        directory = DirectoryEditor(tr("Folder of the backups"), self)
        directory.line.setProperty("mono", True)
        directory.line.setPlaceholderText(default_directory)
        self._add(
            DIRECTORY_KEY,
            tr("Fold&er"),
            directory,
            tr("On the machine that makes them; best on another disk than the database. Empty: inside the profile."),
        )
        self._add(
            VERIFY_KEY,
            tr("Proo&f"),
            YesNoBox(tr("Restore each one for a trial at once, and compare every table"), self),
            tr("Only a backup that has been restored once is sure to be one. It takes as long as the backup again."),
        )
        self.edited.connect(self._show_schedule)
        self._show_schedule()

    def _add_schedule(self) -> None:
        every = ChoiceBox(
            {"off": tr("only by hand"), "daily": tr("every day"), "weekly": tr("every week")},
            self,
        )
        keep = NumberBox(1, _MOST_KEPT, int(SETTINGS[KEEP_KEY].default), self)
        keep.setMaximumWidth(NUMBER_WIDTH)
        self._add(EVERY_KEY, tr("Sche&dule"), every, "")
        row = self.add_row()
        at = TimeOfDayBox(self)
        at.set_text(SETTINGS[AT_KEY].default)
        self.add_setting(AT_KEY, tr("&Time of day"), at, tr("By the clock of that machine."), row=row)
        words = tr("Of those made by schedule; others are never removed.")
        self.add_setting(KEEP_KEY, tr("Backups to &keep"), keep, words, row=row)
        row.addStretch(1)

    def _add(self, key: str, label: str, editor: QWidget, explanation: str) -> None:
        field = self.add_setting(key, label, editor, explanation)
        if isinstance(editor, CompoundEditor):
            field.set_text(SETTINGS[key].default)  # what such an editor shows at first is no change

    def _values_loaded(self) -> None:
        self._show_schedule()

    def _show_schedule(self) -> None:
        is_scheduled = self.field(EVERY_KEY).text() != "off"
        for key in (AT_KEY, KEEP_KEY):
            self.field(key).setEnabled(is_scheduled)
