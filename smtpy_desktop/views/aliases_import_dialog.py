"""The dialog that takes in a list of aliases: pasted or from a file, with what every line will do before it does it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from smtpy_desktop.controllers import alias_lists_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.aliases import ImportPlan, LineAction, PlannedLine
from smtpy_desktop.views.alias_words import fault_sentence
from smtpy_desktop.views.aliases_columns import preview_columns
from smtpy_desktop.views.domain_choice_button import OneDomain
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.file_choice import choose_file
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_LOOK_AFTER_MILLISECONDS = 300
_SIZE = (860, 640)
_REASON_HEIGHT = 36
_LIST_HEIGHT = 150
_COUNTS = (LineAction.ADD, LineAction.CHANGE, LineAction.SAME, LineAction.REFUSE)


class AliasesImportDialog(Dialog):
    """``imported(int, int, int)``: so many aliases were added and changed, and so many lines left out."""

    imported = Signal(int, int, int)

    def __init__(self, context: ViewContext, parent: QWidget | None = None, *, domain: OneDomain | None = None) -> None:
        super().__init__(
            parent,
            tr("Import aliases"),
            tr("Nothing is changed before you have seen what every line will do."),
        )
        self._context, self._domain = context, domain
        self._plan: ImportPlan | None = None
        self._importing: TaskHandle | None = None
        self._look_soon = single_shot(self, self._look, _LOOK_AFTER_MILLISECONDS)
        self._build_list()
        self._build_preview()
        self._build_buttons()
        self._show_plan(None)
        self.let_content_grow()
        self.resize(*_SIZE)
        self.list_edit.setFocus()

    @property
    def plan(self) -> ImportPlan | None:
        """What the list would do, once it was looked at."""
        return self._plan

    @property
    def is_about_to_look(self) -> bool:
        """Whether what was typed is still to be looked at."""
        return self._look_soon.isActive()

    def choose_file(self) -> QFileDialog:
        """Ask for a file; what is in it takes the place of the list."""
        patterns = (tr("Lists (*.csv *.txt *.tsv)"), tr("All files (*)"))
        return choose_file(self, tr("Choose a list of aliases"), self.read_file, *patterns)

    def read_file(self, path: str) -> None:
        """Put what is in a file into the list."""
        self._context.runner.run(
            alias_lists_controller.read_list(Path(path), files=self._context.services.files),
            owner=self,
            on_success=self.list_edit.setPlainText,
            on_error=self._on_error,
            replaces="alias-import-file",
        )

    # Building

    def _build_list(self) -> None:
        self.list_edit = QPlainTextEdit(self)
        self.list_edit.setFixedHeight(_LIST_HEIGHT)
        self.list_edit.setTabChangesFocus(True)
        self.list_edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        name = self._domain.unicode_name if self._domain is not None else "example.com"
        self.list_edit.setPlaceholderText(f"info@{name}  anna@example.net, bob@example.net")
        words = tr(
            "One alias per line with what it forwards to, or CSV with the columns address, targets, active, note."
        )
        if self._domain is not None:
            words += " " + tr("A name alone belongs to {domain}.", domain=self._domain.unicode_name)
        self._field = FormField(tr("&List"), self.list_edit, words, self)
        self.file_button = Button(tr("&Choose a file…"), self, kind="link", action=self.choose_file)
        self._field.add_action(self.file_button)
        self.content.addWidget(self._field)
        self.list_edit.textChanged.connect(self._on_edited)

    def _build_preview(self) -> None:
        self._counts = PlainLabel("", self, tone=Tone.MUTED)
        row = QHBoxLayout()
        row.addWidget(self._counts, 1)
        self.content.addSpacing(Space.S)
        self.content.addLayout(row)
        self.model: KeyedTableModel[PlannedLine] = KeyedTableModel(preview_columns(), fixed_reader(()), self)
        self.table: DataTable[PlannedLine] = DataTable(
            self.model, tr("What every line will do"), "alias-import", self._context.memory, self
        )
        self._frame = TableFrame(self.table, self, on_surface=True)
        holder = QVBoxLayout()
        holder.addWidget(self._frame)
        self.content.addLayout(holder, 1)
        self.reason = PlainLabel("", self, tone=Tone.BAD, size="small", wrap=True, selectable=True)
        self.reason.setMinimumHeight(_REASON_HEIGHT)  # nothing moves when another line is selected
        self.content.addWidget(self.reason)
        self.table.selection_changed.connect(self._show_reason)

    def _build_buttons(self) -> None:
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.import_button = Button("", self, kind="primary", action=self._on_import)
        self.import_button.setDefault(True)
        self.offer_help("aliases")
        self.set_buttons(self.cancel_button, self.import_button)

    # Looking

    def _on_edited(self) -> None:
        self._plan = None
        self.import_button.setEnabled(False)
        self._look_soon.start()

    def _look(self) -> None:
        content = self.list_edit.toPlainText()
        if not content.strip():
            self._show_plan(None)
            return
        self._context.runner.run(
            alias_lists_controller.preview_import(
                self._context.services.sessions, content, domain=self._domain.name if self._domain else None
            ),
            owner=self,
            on_success=self._show_plan,
            on_error=self._on_error,
            replaces="alias-import",
        )

    def _show_plan(self, plan: ImportPlan | None) -> None:
        self._plan = plan
        lines = () if plan is None else tuple(sorted(plan.lines, key=lambda line: line.fault is None))
        self.model.set_reader(fixed_reader(lines, lambda line: line.line.number))
        self.model.reload(keep=False)
        count = 0 if plan is None else plan.will_write
        self.import_button.setEnabled(count > 0)
        self.import_button.set_text(tr_n("&Import {n} alias", "&Import {n} aliases", count) if count else tr("&Import"))
        self._counts.setText(_summary(plan) if plan is not None else tr("What every line will do is shown here."))

    def _show_reason(self) -> None:
        """Say in full what is wrong with the selected line, for which a cell may be too narrow."""
        row = self.table.current_row()
        fault = row.fault if row is not None else None
        self.reason.setText(fault_sentence(fault) if fault is not None else "")

    # Importing

    def _on_import(self) -> None:
        if self._plan is None or self._importing is not None:
            return
        services = self._context.services
        self.import_button.setEnabled(False)
        self._importing = self._context.runner.run(
            alias_lists_controller.import_aliases(
                services.sessions,
                self.list_edit.toPlainText(),
                domain=self._domain.name if self._domain else None,
                skips_refused=True,
                actor=services.actor,
                publish=services.publish,
            ),
            owner=self,
            on_success=self._on_imported,
            on_error=self._on_error,
            title=tr("Importing aliases"),
        )

    def _on_imported(self, plan: ImportPlan) -> None:
        self._importing = None
        counts = (plan.count(action) for action in (LineAction.ADD, LineAction.CHANGE, LineAction.REFUSE))
        self.imported.emit(*counts)
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        self._importing = None
        self._show_plan(None)
        parts = (error.message, error.detail, error.hint)
        self._counts.setText(" ".join(translated(part) for part in parts if part is not None))
        return True


def _summary(plan: ImportPlan) -> str:
    counts = {action: plan.count(action) for action in _COUNTS}
    words = [
        tr_n("{n} will be added", "{n} will be added", counts[LineAction.ADD]),
        tr_n("{n} will be changed", "{n} will be changed", counts[LineAction.CHANGE]),
        tr_n("{n} stays as it is", "{n} stay as they are", counts[LineAction.SAME]),
        tr_n("{n} is refused and left out", "{n} are refused and left out", counts[LineAction.REFUSE]),
    ]
    shown = [word for word, action in zip(words, _COUNTS, strict=True) if counts[action]]
    return " · ".join(shown)
