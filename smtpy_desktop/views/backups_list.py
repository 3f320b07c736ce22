"""The backups there are: when, how large, and whether each has been proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.backups import BackupFile
from smtpy_desktop.views.backups_words import (
    backup_pill,
    backup_state_sentence,
    file_words,
    kind_words,
    rows_words,
)
from smtpy_desktop.views.icons import icon
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.tables.column_kinds import time_column
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

_MOST_ROWS = 6


class BackupsList(QWidget):
    """``verify_wanted(BackupFile)``, ``restore_wanted(BackupFile)``: a backup is to be checked again, or put back.

    ``may_restore`` False: nothing may be changed here, so that restoring is not offered.
    """

    verify_wanted = Signal(object)
    restore_wanted = Signal(object)

    def __init__(self, store: Store, parent: QWidget | None = None, *, may_restore: bool = True) -> None:
        super().__init__(parent)
        self._backups: tuple[BackupFile, ...] = ()
        self._may_restore = may_restore
        self.model: KeyedTableModel[BackupFile] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[BackupFile] = DataTable(self.model, tr("Backups"), "backups", store, self)
        self.table.row_opened.connect(lambda backup: self._on_restore())
        self.table.selection_changed.connect(self._show_current)
        self.table.set_menu_builder(self._build_menu)
        self.model.loaded.connect(self._on_loaded)
        self.frame = TableFrame(self.table, self, on_surface=True)
        self.state = PlainLabel("", self, tone=Tone.MUTED, size="small", wrap=True)
        self.verify_button = Button(tr("&Verify again"), self, icon="shield-check", action=self._on_verify)
        self.restore_button = Button(tr("&Restore…"), self, icon="rotate-clockwise", action=self._on_restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.frame)
        column.addWidget(self.state)
        column.addLayout(button_row(self.verify_button, self.restore_button))
        self._show_current()
        self.hide()

    @property
    def current(self) -> BackupFile | None:
        """The backup that is selected."""
        rows = self.table.selected_rows()
        return rows[0] if rows else None

    def show_backups(self, backups: Sequence[BackupFile]) -> None:
        """Show these, newest first; the selected one stays selected while it is there."""
        if tuple(backups) == self._backups:
            return
        kept = self.current
        self._backups = tuple(backups)
        self.setVisible(bool(backups))
        self.model.set_reader(fixed_reader(self._backups))
        self.model.reload(keep=False)
        if kept is not None:
            self.select(kept)

    def select(self, backup: BackupFile) -> None:
        """Select the row of a file, where it is listed."""
        number = next((n for n, each in enumerate(self._backups) if each.path == backup.path), None)
        if number is not None:
            self.table.select_id(number)

    def _on_loaded(self) -> None:
        self.frame.fit_rows(_MOST_ROWS)
        if self._backups and not self.table.selected_count:
            self.table.select_id(0)
        self._show_current()

    def _show_current(self) -> None:
        backup = self.current
        self.state.setText(f"{file_words(backup.path)}: {backup_state_sentence(backup)}" if backup is not None else "")
        self.state.set_tone(Tone.BAD if backup is not None and backup.problem is not None else Tone.MUTED)
        self.verify_button.setEnabled(backup is not None)
        self.restore_button.setEnabled(self._may_restore and backup is not None and backup.problem is None)
        name = file_words(backup.path) if backup is not None else ""
        for button in (self.verify_button, self.restore_button):
            button.setAccessibleDescription(name)

    def _build_menu(self, menu: QMenu) -> None:
        offers: tuple[tuple[str, Button, Callable[[], object]], ...] = (
            ("shield-check", self.verify_button, self._on_verify),
            ("rotate-clockwise", self.restore_button, self._on_restore),
        )
        for name, button, action in offers:
            menu.addAction(icon(name, Tone.MUTED), button.text(), action).setEnabled(button.isEnabled())

    def _on_verify(self) -> None:
        if self.current is not None and self.verify_button.isEnabled():
            self.verify_wanted.emit(self.current)

    def _on_restore(self) -> None:
        if self.current is not None and self.restore_button.isEnabled():
            self.restore_wanted.emit(self.current)


def _columns() -> tuple[Column[BackupFile], ...]:
    return (
        time_column(
            "made",
            tr("Made"),
            lambda row: row.made_at,
            width=208,
            words=lambda row: exact_time(row.made_at),
            required=True,
        ),
        time_column("age", tr("Age"), lambda row: row.made_at, width=106),
        Column(
            "size",
            tr("Size"),
            lambda row: size_words(row.size_bytes),
            width=84,
            align_end=True,
            value=lambda r: r.size_bytes,
        ),
        Column("rows", tr("Rows"), lambda row: rows_words(row.rows), width=90, align_end=True, value=lambda r: r.rows),
        Column("kind", tr("Why"), lambda row: kind_words(row.kind), stretch=True, value=lambda row: row.kind),
        Column(
            "state",
            tr("State"),
            lambda row: backup_pill(row).text,
            width=122,
            cell=backup_pill,
            tooltip=backup_state_sentence,
            value=lambda row: row.verified_at.isoformat() if row.verified_at is not None else None,
        ),
        Column(
            "file",
            tr("File"),
            lambda row: file_words(row.path),
            tooltip=lambda row: visible_line(str(row.path), 300),
            value=lambda row: str(row.path),
            width=260,
            mono=True,
            hidden=True,
        ),
        Column("schema", tr("Schema"), lambda row: row.schema_revision, width=120, mono=True, hidden=True),
    )
