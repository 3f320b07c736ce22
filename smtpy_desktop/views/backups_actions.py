"""What can be done with backups, told at its end: made, checked again, restored, moved to a server, put away."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from smtpy_desktop.controllers import backup_controller, restore_controller
from smtpy_desktop.core.backup_manifest import SUFFIX, file_name
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.backups import MANUAL, BackupFile, PreviousDatabase, Proof
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.backups_proof import ProofDialog
from smtpy_desktop.views.backups_tools import BackupsTools
from smtpy_desktop.views.backups_words import file_words
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import ConfirmDialog, confirm
from smtpy_desktop.views.widgets.file_choice import choose_file, choose_new_file
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.texts import tr, translated

if TYPE_CHECKING:
    from smtpy_desktop.views.move_dialog import MoveDialog
    from smtpy_desktop.views.restore_dialog import RestoreDialog

_KEY = "backups"


class BackupsActions(QObject):
    """``changed``: something has begun or ended, so that the files are to be listed again.

    ``failed(UserFacingError | None)``: what was begun last did not work; None: it has begun.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, context: ViewContext, tools: BackupsTools, page: QWidget) -> None:
        super().__init__(page)
        self._context, self._tools, self._page = context, tools, page
        self._handle: TaskHandle | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a backup is being made or checked."""
        return self._handle is not None

    def back_up(self, file: Path | None = None) -> None:
        """Make a backup in the Tasks panel: in the folder of the settings, or as a file of one's own."""
        services, progress = self._context.services, Progress()
        work = backup_controller.make_backup(
            services.backup_tools,
            services.sessions,
            file=file,
            actor=services.actor,
            publish=services.publish,
            progress=progress,
        )
        self._run(
            work,
            progress,
            tr("Backing up the database"),
            on_success=self._tell_made,
            again=partial(self.back_up, file),
            stopped=tr("The backup was stopped; nothing was written."),
        )

    def back_up_to(self) -> QFileDialog:
        """Ask for a file and make a backup there; the dialog is open when this returns."""
        suggested = file_name(self._tools.database, datetime.now(UTC), MANUAL)
        chooser = choose_new_file(self._page.window(), suggested)
        chooser.fileSelected.connect(lambda path: self.back_up(Path(path)))
        return chooser

    def verify(self, backup: BackupFile) -> None:
        """Restore a backup for a trial and compare it, in the Tasks panel."""
        services, progress = self._context.services, Progress()
        work = backup_controller.verify_backup(services.backup_tools, services.sessions, backup.path, progress=progress)
        self._run(
            work,
            progress,
            tr("Checking {name}", name=file_words(backup.path)),
            on_success=partial(self._tell_proof, backup),
            again=partial(self.verify, backup),
            stopped=tr("The check was stopped; the backup is as it was."),
        )

    def restore(self, file: Path) -> RestoreDialog:
        """Open the dialog that says what a restore replaces, and does it."""
        from smtpy_desktop.views.restore_dialog import RestoreDialog

        dialog = RestoreDialog(self._context, self._tools, file, self._page.window())
        dialog.open()
        return dialog

    def restore_from(self) -> QFileDialog:
        """Ask for the file of a backup, and go on with what a restore of it would replace."""
        return choose_file(
            self._page.window(),
            tr("Restore from a file"),
            lambda path: self.restore(Path(path)),
            tr("Backups (*{suffix});;All files (*)", suffix=SUFFIX),
            start=str(self._context.services.backup_tools.default_directory),
        )

    def move_to_server(self) -> MoveDialog | None:
        """Open the dialog that moves everything to a server; None where there is nothing to move from."""
        from smtpy_desktop.views.move_dialog import MoveDialog

        if self._tools.no_move is not None:
            self._context.tell(Message(translated(self._tools.no_move), Tone.ACCENT, key=_KEY))
            return None
        dialog = MoveDialog(self._context, self._tools, self._page.window())
        dialog.open()
        return dialog

    def go_back(self, database: PreviousDatabase) -> ConfirmDialog:
        """Ask, and then put a database that a restore has put aside in its place again."""
        when = exact_time(database.replaced_at)

        def go() -> None:
            progress = Progress()
            self._run(
                self._tools.go_back(database.name),
                progress,
                tr("Putting {name} back", name=database.name),
                on_success=self._tell_gone_back,
                again=partial(self.go_back, database),
                stopped=tr("Stopped: the database is the one before."),
            )

        return confirm(
            self._page.window(),
            tr("Put back what the restore replaced?"),
            tr(
                "Everything is again as it was at {when}. What has come in since goes out of use; it is put aside in "
                "its turn and can be put back, too.",
                when=when,
            ),
            tr("&Put back"),
            go,
            dangerous=False,
        )

    def drop_previous(self, database: PreviousDatabase) -> ConfirmDialog:
        """Ask, and then remove a database that a restore has put aside."""
        services = self._context.services
        when = exact_time(database.replaced_at)

        def drop() -> None:
            self._context.runner.run(
                restore_controller.drop_previous(
                    services.backup_tools, services.sessions, database.name, actor=services.actor
                ),
                owner=self,
                on_success=lambda done: self._tell_dropped(database),
                replaces="backups/previous",
            )

        return confirm(
            self._page.window(),
            tr("Remove the database from before the restore?"),
            tr(
                "{name} holds everything as it was until {when} ({size}). Nothing brings it back.",
                name=database.name,
                when=when,
                size=size_words(database.size_bytes),
            ),
            tr("&Remove for good"),
            drop,
        )

    def _run(
        self,
        work: Coroutine[Any, Any, Any],
        progress: Progress,
        title: str,
        *,
        on_success: Callable[[Any], object],
        again: Callable[[], object],
        stopped: str,
    ) -> None:
        if self.is_busy:
            work.close()
            self._context.tell(Message(tr("A backup is under way already."), Tone.ACCENT, key=_KEY))
            return

        def fail(error: UserFacingError) -> bool:
            parts = (error.message, error.detail, error.hint)
            words = " ".join(translated(part) for part in parts if part is not None)
            self._context.tell(Message(words, Tone.BAD, tr("Try again"), again, key=_KEY))
            self.failed.emit(error)
            return True

        handle = self._context.runner.run(
            work, owner=self, on_success=on_success, on_error=fail, progress=progress, title=title
        )
        self._handle = handle
        self.failed.emit(None)

        def end() -> None:
            self._handle = None
            if handle.is_cancelled:
                self._context.tell(Message(stopped, Tone.ACCENT, key=_KEY))
            self.changed.emit()

        handle.ended.connect(end)
        self.changed.emit()

    def _tell_made(self, backup: BackupFile) -> None:
        name, size = file_words(backup.path), size_words(backup.size_bytes)
        if backup.verified_at is not None:
            words = tr("Backed up and verified: {name}, {size}.", name=name, size=size)
            self._context.tell(Message(words, key=_KEY))
        else:
            words = tr("Backed up, not verified: {name}, {size}.", name=name, size=size)
            self._context.tell(Message(words, Tone.WARN, tr("Verify"), partial(self.verify, backup), key=_KEY))

    def _tell_proof(self, backup: BackupFile, proof: Proof) -> None:
        name = file_words(backup.path)
        show = partial(self._show_proof, backup, proof)
        if proof.holds:
            self._context.tell(Message(tr("{name} is a good backup.", name=name), Tone.OK, tr("Show"), show, key=_KEY))
        else:
            words = tr("{name} does not hold what was backed up.", name=name)
            self._context.tell(Message(words, Tone.BAD, tr("Show"), show, key=_KEY))

    def _show_proof(self, backup: BackupFile, proof: Proof) -> None:
        ProofDialog(self._context.memory, file_words(backup.path), proof, self._page.window()).open()

    def _tell_gone_back(self, kept_as: str) -> None:
        self._context.tell(Message(tr("Put back. What was in use is kept as {name}.", name=kept_as), key=_KEY))
        self._tools.open_again()

    def _tell_dropped(self, database: PreviousDatabase) -> None:
        self._context.tell(Message(tr("{name} was removed.", name=database.name), key=_KEY))
        self.changed.emit()
