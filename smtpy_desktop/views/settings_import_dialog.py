"""What a file of settings would change and what is wrong with it, before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers import settings_file_controller
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.settings import SettingChange, SettingLine, SettingsPlan
from smtpy_desktop.views.retention_form import expired_words
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

_SIZE = (820, 520)
_REASON_HEIGHT = 36


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the file: what it changes, or why it is refused."""

    line: int
    key: str
    before: str
    after: str
    fault: str = ""


class SettingsImportDialog(Dialog):
    """Opened with what was found out about a file. ``imported(int)``: so many settings were changed."""

    help_topic = "settings"
    imported = Signal(int)

    def __init__(
        self, context: ViewContext, name: str, content: bytes, plan: SettingsPlan, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, tr("Import settings"), tr("From {name}", name=visible_line(name)))
        self._context, self._content = context, content
        self.plan = plan
        self.notice = Notice("", "", Tone.WARN, self)
        self.content.addWidget(self.notice)
        self._build_table()
        self.reason = PlainLabel("", self, tone=Tone.BAD, size="small", wrap=True, selectable=True)
        self.reason.setMinimumHeight(_REASON_HEIGHT)  # nothing moves when another line is selected
        self.content.addWidget(self.reason)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.import_button = Button("", self, kind="primary", action=self._on_import)
        self.set_buttons(self.cancel_button, self.import_button)
        self._show_plan()
        self.let_content_grow()
        self.resize(*_SIZE)

    def _build_table(self) -> None:
        self.model: KeyedTableModel[_Row] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[_Row] = DataTable(
            self.model, tr("What the file changes"), "settings-import", self._context.memory, self
        )
        holder = QVBoxLayout()
        holder.addSpacing(Space.S)
        holder.addWidget(TableFrame(self.table, self, on_surface=True))
        self.content.addLayout(holder, 1)
        self.table.selection_changed.connect(self._show_reason)

    def _show_plan(self) -> None:
        plan = self.plan
        refused, changes = [_refused(line) for line in plan.refused], [_changed(one) for one in plan.changes]
        self.model.set_reader(fixed_reader((*refused, *changes), lambda row: row.line))
        self.model.reload(keep=False)
        may_import = bool(changes) and not refused
        self.import_button.setEnabled(may_import)
        words = tr_n("&Change {n} setting", "&Change {n} settings", len(changes)) if may_import else tr("&Import")
        self.import_button.set_text(words)
        (self.import_button if may_import else self.cancel_button).setDefault(True)
        (self.table if refused else self.import_button if may_import else self.cancel_button).setFocus()
        self._show_notice()
        if refused:
            self.reason.setText(refused[0].fault)

    def _show_notice(self) -> None:
        plan = self.plan
        same = tr_n("{n} setting stays as it is.", "{n} settings stay as they are.", plan.unchanged)
        same = same if plan.unchanged else ""
        if plan.refused:
            heading = tr_n("{n} line is refused", "{n} lines are refused", len(plan.refused))
            self.notice.show_words(heading, tr("Nothing is changed before every line is right."), Tone.BAD)
        elif not plan.removed.is_nothing:
            words = tr("Removed for good once this is imported: {what}.", what=expired_words(plan.removed))
            self.notice.show_words(words, same, Tone.WARN)
        elif plan.changes:
            self.notice.show_words(tr("Every line is right."), same, Tone.OK)
        else:
            self.notice.show_words(tr("There is nothing to change."), same, Tone.ACCENT)

    def _show_reason(self) -> None:
        """Say in full what is wrong with the selected line, for which a cell may be too narrow."""
        row = self.table.current_row()
        self.reason.setText(row.fault if row is not None else "")

    def _on_import(self) -> None:
        services = self._context.services
        self.import_button.setEnabled(False)
        self._context.runner.run(
            settings_file_controller.import_settings(
                services.sessions, self._content, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=self._on_imported,
            on_error=self._on_failed,
        )

    def _on_imported(self, plan: SettingsPlan) -> None:
        if plan.refused:  # the program has learnt otherwise since it was looked at
            self.plan = plan
            self._show_plan()
            return
        self.imported.emit(len(plan.changes))
        self.accept()

    def _on_failed(self, error: UserFacingError) -> bool:
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        self.notice.show_words(translated(error.message), rest, Tone.BAD)
        self.import_button.setEnabled(True)
        return True


def _refused(line: SettingLine) -> _Row:
    return _Row(line.line, line.key, "", "", translated(line.fault) if line.fault is not None else "")


def _changed(change: SettingChange) -> _Row:
    return _Row(change.line, change.key, change.before, change.after)


def _columns() -> tuple[Column[_Row], ...]:
    return (
        Column("line", tr("Line"), lambda row: number(row.line), width=56, align_end=True, required=True),
        Column("key", tr("Setting"), lambda row: row.key, width=220, mono=True, tooltip=_purpose, required=True),
        Column("before", tr("Now"), lambda row: _value(row, row.before), width=190, tone=_muted, tooltip=_before),
        Column("after", tr("In the file"), _outcome, tone=_tone, tooltip=_outcome, stretch=True, required=True),
    )


def _purpose(row: _Row) -> str:
    return translated(SETTINGS[row.key].explanation) if row.key in SETTINGS else row.key


def _value(row: _Row, value: str) -> str:
    return "" if row.fault else visible_line(value) or tr("empty")


def _before(row: _Row) -> str:
    return _value(row, row.before)


def _outcome(row: _Row) -> str:
    return row.fault or _value(row, row.after)


def _muted(row: _Row) -> Tone:
    return Tone.MUTED


def _tone(row: _Row) -> Tone:
    return Tone.BAD if row.fault else Tone.TEXT
