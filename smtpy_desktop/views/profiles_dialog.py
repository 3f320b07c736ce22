"""The list of installations: opened in windows of their own, named, coloured, forgotten, or deleted with their data."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers import profiles_controller
from smtpy_desktop.controllers.profiles_controller import ProfileTools
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.profiles import ProfileEntry, ProfileRow, RemovedProfile
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.profile_edit_dialog import ProfileEditDialog
from smtpy_desktop.views.profiles_columns import is_current, profile_columns
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row
from smtpy_desktop.views.widgets.confirm import ConfirmDialog, confirm
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr, translated

_SIZE = (800, 460)

OpenProfile = Callable[[ProfileEntry], object]


class ProfilesDialog(Dialog):
    """``open_profile`` opens one in a window of its own. ``changed(ProfileEntry)``: it is called otherwise now."""

    changed = Signal(object)

    help_topic = "profiles"

    def __init__(
        self, runner: TaskRunner, tools: ProfileTools, memory: Store, open_profile: OpenProfile, parent: QWidget
    ) -> None:
        words = tr("Each is an installation of its own, in a window of its own; nothing is shared between two of them.")
        super().__init__(parent, tr("Profiles"), words)
        self._runner, self._tools, self._memory, self._open_profile = runner, tools, memory, open_profile
        self._saved: Path | None = None
        self.notice = Notice("", "", Tone.WARN, self)
        self.notice.hide()
        self.content.addWidget(self.notice)
        self._build_table()
        self._build_buttons()
        self.let_content_grow()
        self.resize(*_SIZE)
        self.table.setFocus()
        self.refresh()

    @property
    def rows(self) -> tuple[ProfileRow, ...]:
        """What is listed."""
        return self._rows

    def refresh(self) -> None:
        """Read the list again."""
        work = profiles_controller.list_profiles(self._tools)
        self._runner.run(work, owner=self, on_success=self._show, on_error=self._on_failed, replaces="profiles")

    def add(self) -> ProfileEditDialog:
        """Open the form of a new profile."""
        return self._edit(None)

    def edit(self) -> ProfileEditDialog | None:
        """Open the form of the chosen profile."""
        row = self.table.current_row()
        return self._edit(row.entry) if row is not None else None

    def open_chosen(self) -> None:
        """Open the chosen profile in a window of its own."""
        row = self.table.current_row()
        if row is not None and not is_current(row.entry):
            self._open_profile(row.entry)
            self.accept()

    def forget(self) -> ConfirmDialog | None:
        """Ask whether the chosen profile is to leave the list."""
        row = self.table.current_row()
        if row is None:
            return None
        name, place = visible_line(row.entry.name), visible_line(str(row.entry.directory))
        return confirm(
            self,
            tr("Remove {name} from the list?", name=name),
            tr("Its data stays where it is: {place}. Adding that folder brings the profile back.", place=place),
            tr("Remove from the list"),
            lambda: self._run_removal(profiles_controller.remove_profile(self._tools, row.entry.name)),
            dangerous=False,
            about=row.entry,
        )

    def delete(self) -> ConfirmDialog | None:
        """Ask, by its typed name, whether the chosen profile is to be deleted with its data."""
        row = self.table.current_row()
        if row is None:
            return None
        entry = row.entry
        return confirm(
            self,
            tr("Delete {name} with its data?", name=visible_line(entry.name)),
            tr("Its built-in database, settings, logs and secrets go for good. Nothing brings them back."),
            tr("Delete the data"),
            lambda: self._run_removal(profiles_controller.delete_profile(self._tools, entry.name, entry.name)),
            consequences=(
                tr("Folder: {place}", place=visible_line(str(entry.directory))),
                tr("Backups in it stay, and so does a database on a server."),
            ),
            type_name=entry.name,
            about=entry,
        )

    def _build_table(self) -> None:
        self._rows: tuple[ProfileRow, ...] = ()
        self.model: KeyedTableModel[ProfileRow] = KeyedTableModel(profile_columns(), fixed_reader(()), self)
        self.table: DataTable[ProfileRow] = DataTable(self.model, tr("Profiles"), "profiles", self._memory, self)
        self.table.selection_changed.connect(self._show_possible)
        self.table.row_opened.connect(lambda row: self.open_chosen())
        self.add_button = Button(tr("&New…"), self, icon="plus", action=self.add)
        self.edit_button = Button(tr("&Edit…"), self, icon="pencil", action=self.edit)
        self.forget_button = Button(tr("&Remove from the list…"), self, action=self.forget)
        self.delete_button = Button(tr("&Delete with data…"), self, icon="trash", action=self.delete)
        holder = QVBoxLayout()
        holder.setSpacing(Space.M)
        holder.addWidget(TableFrame(self.table, self, on_surface=True))
        holder.addLayout(button_row(self.add_button, self.edit_button, self.forget_button, self.delete_button))
        self.content.addLayout(holder, 1)

    def _build_buttons(self) -> None:
        self.close_button = Button(tr("Close"), self, action=self.reject)
        self.open_button = Button(tr("&Open in a window of its own"), self, kind="primary", action=self.open_chosen)
        self.open_button.setDefault(True)
        self.set_buttons(self.close_button, self.open_button)
        self._show_possible()

    def _show(self, listed: tuple[tuple[ProfileRow, ...], Text | None]) -> None:
        self._rows, problem = listed
        chosen = next((n for n, row in enumerate(self._rows) if row.entry.directory == self._saved), 0)
        self.notice.setVisible(problem is not None)
        if problem is not None:
            self.notice.show_words(translated(problem), "", Tone.WARN)
        self.model.set_reader(fixed_reader(self._rows))
        self.model.reload(keep=False)
        if self._rows:
            self.table.select_id(chosen)
        self._show_possible()

    def _show_possible(self) -> None:
        row = self.table.current_row()
        other = row is not None and not is_current(row.entry)
        self.open_button.setEnabled(other)
        self.edit_button.setEnabled(row is not None)
        may_go = row is not None and row.is_registered
        self.forget_button.setEnabled(may_go)
        self.delete_button.setEnabled(may_go and other)

    def _edit(self, entry: ProfileEntry | None) -> ProfileEditDialog:
        dialog = ProfileEditDialog(self._runner, self._tools, entry, self)
        dialog.saved.connect(self._on_saved)
        dialog.open()
        return dialog

    def _on_saved(self, entry: ProfileEntry) -> None:
        self._saved = entry.directory
        self.changed.emit(entry)
        self.refresh()

    def _run_removal(self, work: Coroutine[Any, Any, RemovedProfile]) -> None:
        self._runner.run(work, owner=self, on_success=self._on_removed, on_error=self._on_failed)

    def _on_removed(self, removed: RemovedProfile) -> None:
        self.changed.emit(removed.entry)
        self.refresh()
        if removed.left:
            names = visible_line(", ".join(removed.left))
            words = tr("Left in {place}: {names}", place=str(removed.entry.directory), names=names)
            self.notice.show_words(tr("The data was deleted, but for what stays."), words, Tone.ACCENT)
            self.notice.show()

    def _on_failed(self, error: UserFacingError) -> bool:
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        self.notice.show_words(translated(error.message), rest, Tone.BAD)
        self.notice.show()
        return True
