"""Restoring a backup: what it replaces and what goes with that, the name typed to agree, and the proof afterwards."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.controllers import restore_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.backups import Proof, RestorePlan
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.backups_words import backup_state_sentence
from smtpy_desktop.views.backups_work_dialog import WorkDialog
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.key_value import Fact, KeyValueList
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.profile_mark import current_profile
from smtpy_desktop.views.widgets.relative_time import exact_time, relative_time
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

_WIDTH = 640
_LONGEST_PATH = 400


class RestoreDialog(WorkDialog):
    """Looks into the file first. After the switch the window goes on with what was restored, below this dialog."""

    def __init__(self, context: ViewContext, tools: BackupsTools, file: Path, parent: QWidget) -> None:
        super().__init__(
            context,
            tr("Restore this backup?"),
            tr("Everything in the database is replaced by what is in the backup."),
            Button(tr("&Restore"), kind="danger", action=self._on_restore),
            parent,
            failed=tr("The backup was not restored"),
            tone=Tone.BAD,
        )
        self.mark_profile(current_profile())
        self._tools, self._file = tools, file
        self.plan: RestorePlan | None = None
        self.ask_for_width(_WIDTH)
        self.facts = KeyValueList(self)
        self.facts.hide()
        self.loss = Notice(tr("Looking into the backup…"), "", Tone.MUTED, self)
        self.warning = Notice("", "", Tone.WARN, self)
        self.warning.hide()
        self.form = Form(self)
        self.name_edit = QLineEdit(self)
        self.name_edit.textChanged.connect(lambda typed: self._show_whether_agreed())
        label = tr("Type {name} to replace this database", name=menu_text(tools.database))
        self.form.add_field("name", label, self.name_edit)
        self.form.submitted.connect(self._on_restore)
        for widget in (self.facts, self.loss, self.warning, self.form):
            self.asked.addWidget(widget)
        self.offer_help("backups")
        self.set_buttons(self.cancel_button, self.stop_button, self.again_button, self.action_button, self.close_button)
        self.cancel_button.setDefault(True)
        self._show_whether_agreed()
        self.name_edit.setFocus()
        self._read()

    def ask_again(self) -> None:
        """Look into the file once more and ask again."""
        super().ask_again()
        self._read()

    def _read(self) -> None:
        services = self._context.services
        self._context.runner.run(
            restore_controller.plan_restore(services.backup_tools, services.sessions, self._file, keys=services.keys),
            owner=self,
            on_success=self._show_plan,
            on_error=self._on_unreadable,
            replaces="backups/plan",
        )

    def _show_plan(self, plan: RestorePlan) -> None:
        self.plan = plan
        backup = plan.file
        size = size_words(backup.size_bytes)
        rows = tr_n("{n} row", "{n} rows", backup.rows) if backup.rows is not None else tr("rows not known")
        now = tr_n("{n} row", "{n} rows", plan.current_rows)
        self.facts.show_facts(
            (
                Fact(tr("Made"), f"{exact_time(backup.made_at)} ({relative_time(backup.made_at)})", copy=False),
                Fact(tr("Holds"), f"{rows}, {size}", copy=False),
                Fact(tr("State"), backup_state_sentence(backup), copy=False),
                Fact(tr("File"), visible_line(str(backup.path), _LONGEST_PATH), mono=True),
                Fact(
                    tr("Replaces"),
                    tr("{database}, now with {rows}", database=self._database(), rows=now),
                    copy=False,
                ),
            )
        )
        self.facts.show()
        self._show_loss(plan)
        self._show_whether_agreed()
        self.fit_soon()

    def _show_loss(self, plan: RestorePlan) -> None:
        hint = plan.newer_rows_lost_hint
        newer = translated(hint) if hint is not None else tr("No message has come in since.")
        kept = tr("What is replaced is put aside on the same server, until you remove it.")
        self.loss.show_words(tr("What was changed since then is lost"), f"{newer} {kept}", Tone.WARN)
        words = [translated(plan.key_problem)] if plan.key_problem is not None else []
        if plan.pending:
            words.append(
                tr_n(
                    "It was made by an older version: {n} step brings it up to date afterwards.",
                    "It was made by an older version: {n} steps bring it up to date afterwards.",
                    len(plan.pending),
                )
            )
        self.warning.show_words(" ".join(words), "", Tone.BAD if plan.key_problem is not None else Tone.MUTED)
        self.warning.setVisible(bool(words))

    def _database(self) -> str:
        server = self._tools.server
        return self._tools.database if server is None else f"{self._tools.database} ({server.host}:{server.port})"

    def _on_unreadable(self, error: UserFacingError) -> bool:
        self.plan = None
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        self.loss.show_words(translated(error.message), rest, Tone.BAD)
        self._show_whether_agreed()
        self.fit_soon()
        return True

    def _show_whether_agreed(self) -> None:
        is_named = self.name_edit.text().strip() == self._tools.database
        self.name_edit.setEnabled(self.plan is not None)
        self.action_button.setEnabled(self.plan is not None and is_named)
        if self.plan is not None and not self.name_edit.hasFocus() and not is_named:
            self.name_edit.setFocus()

    def _on_restore(self) -> None:
        if not self.action_button.isEnabled() or self.is_working:
            return
        progress = Progress()
        self.begin(
            self._tools.restore(self._file, progress),
            progress,
            heading=tr("Restoring the backup"),
            words=tr("Into a new database beside the present one. Until it has been proved nothing is replaced."),
            on_success=self._on_restored,
            on_stopped=self._tools.open_again,
        )

    def _on_restored(self, proof: Proof) -> None:
        self.show_done(
            tr("The backup is restored"),
            proof,
            tr("The window goes on with the restored database."),
            tr("Settings, Backups puts back what was replaced, or removes it."),
        )
        words = tr("The backup was restored: {rows} rows.", rows=number(proof.rows))
        self._tools.open_again()
        self._context.tell(Message(words, key="backups"))
