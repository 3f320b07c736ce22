"""A dialog that asks, does one long work with progress and a way to stop, and shows its proof or what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.backups import BackupPhase, Proof
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.backups_progress import WorkProgress
from smtpy_desktop.views.backups_proof import ProofPanel
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr, translated

_LAST_PHASES = (BackupPhase.SWITCHING, BackupPhase.CLEANING_UP)


class WorkDialog(Dialog):
    """Whoever makes it fills ``asked`` with what has to be known before. ``failed`` heads what went wrong.

    While the work runs only *Stop* ends it, and closes nothing; once it switches over it can no longer be stopped.
    """

    help_topic = "backups"

    def __init__(
        self,
        context: ViewContext,
        title: str,
        text: str,
        action: Button,
        parent: QWidget,
        *,
        failed: str,
        tone: Tone | None = None,
    ) -> None:
        super().__init__(parent, title, text, tone)
        self._context, self._title, self._failed, self._asking_tone = context, title, failed, tone
        self._handle: TaskHandle | None = None
        self._progress = Progress()
        self.asking = QWidget(self)
        self.asked = QVBoxLayout(self.asking)
        self.asked.setContentsMargins(0, Space.S, 0, 0)
        self.asked.setSpacing(Space.M)
        self.work = WorkProgress(self)
        self.while_working = PlainLabel("", self, wrap=True)
        self.failure = Notice("", "", Tone.BAD, self)
        self.proof = ProofPanel(context.memory, self)
        self.outcome = Notice("", "", Tone.MUTED, self)
        for widget in (self.asking, self.while_working, self.work, self.failure, self.proof, self.outcome):
            self.content.addWidget(widget)
        self.action_button = action
        action.setParent(self)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.stop_button = Button(tr("&Stop"), self, action=self.stop)
        self.again_button = Button(tr("&Back"), self, action=self.ask_again)
        self.close_button = Button(tr("Close"), self, kind="primary", action=self.accept)
        self._show_only(self.asking)
        self._show_buttons(self.cancel_button, self.action_button)

    @property
    def is_working(self) -> bool:
        """Whether the work is under way."""
        return self._handle is not None

    def fit_soon(self) -> None:
        """Take the height that is needed, once what was just shown or hidden has told its own."""
        QTimer.singleShot(0, self, self.fit_height)

    def ask_again(self) -> None:
        """Show again what was asked before, as after a failure."""
        self.heading.setText(self._title)
        self.text.show()
        self.show_tone(self._asking_tone)
        self._show_only(self.asking)
        self._show_buttons(self.cancel_button, self.action_button)
        self.fit_soon()

    def stop(self) -> None:
        """End the work; nothing has been switched until then."""
        if self._handle is not None and self.stop_button.isEnabled():
            self.stop_button.setEnabled(False)
            self.stop_button.set_text(tr("Stopping"))
            self._handle.cancel()

    def reject(self) -> None:
        """Close, but never while something is under way: Esc is pressed too easily."""
        if not self.is_working:
            super().reject()

    def begin(
        self,
        work: Coroutine[Any, Any, Any],
        progress: Progress,
        *,
        heading: str,
        words: str,
        on_success: Callable[[Any], object],
        on_stopped: Callable[[], object],
    ) -> None:
        """Start the work and show how it gets on; ``on_stopped`` is called when it was stopped while it switched."""
        self._progress = progress
        self.heading.setText(heading)
        self.while_working.setText(words)
        self.text.hide()
        self.show_tone(None)
        self._show_only(self.while_working, self.work)
        self.stop_button.set_text(tr("&Stop"))
        self._show_buttons(self.stop_button)
        handle = self._context.runner.run(
            work, owner=self, on_success=on_success, on_error=self.show_failure, progress=progress
        )
        self._handle = handle
        self.work.follow(handle, progress)
        handle.progressed.connect(self._show_whether_stoppable)

        def end() -> None:
            self._handle = None
            if not handle.is_cancelled:
                return
            words = tr("Nothing was switched: all is as it was.")
            if self._is_switching():
                # It may have come through or not: the database is opened again, as whichever it is.
                words = tr("It was switching over already; the window now shows what came of it.")
                on_stopped()
            self.failure.show_words(tr("Stopped."), words, Tone.ACCENT)
            self._show_failed()

        handle.ended.connect(end)
        self.fit_soon()
        self.stop_button.setFocus()

    def show_done(self, heading: str, proof: Proof, outcome: str, words: str) -> None:
        """Show the proof of what was done, and what it means from now on."""
        self._handle = None
        self.heading.setText(heading)
        self.text.hide()
        self.proof.show_proof(proof)
        notes = " ".join(translated(note) for note in proof.notes)
        self.outcome.show_words(outcome, f"{notes} {words}".strip(), Tone.ACCENT)
        self.show_tone(Tone.OK)
        self._show_only(self.proof, self.outcome)
        self._show_buttons(self.close_button)
        self.close_button.setDefault(True)
        self.close_button.setFocus()
        self.fit_soon()
        announce(self, heading)

    def show_failure(self, error: UserFacingError) -> bool:
        """Show what went wrong, with the way back to what was asked; return True, as it is told by this."""
        self._handle = None
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        code = tr("Code: {code}", code=error.code)
        self.failure.show_words(translated(error.message), f"{rest}\n{code}".strip(), Tone.BAD)
        self._show_failed()
        announce(self, translated(error.message), urgent=True)
        return True

    # Inside

    def _show_failed(self) -> None:
        self.heading.setText(self._failed)
        self.text.hide()
        self.show_tone(None)
        self._show_only(self.failure)
        self._show_buttons(self.again_button, self.close_button)
        self.close_button.setFocus()
        self.fit_soon()

    def _is_switching(self) -> bool:
        return self._progress.note in [phase.note for phase in _LAST_PHASES]

    def _show_whether_stoppable(self) -> None:
        if self._is_switching():
            self.stop_button.setEnabled(False)

    def _show_only(self, *shown: QWidget) -> None:
        for widget in (self.asking, self.while_working, self.work, self.failure, self.proof, self.outcome):
            widget.setVisible(widget in shown)

    def _show_buttons(self, *shown: Button) -> None:
        every = (self.cancel_button, self.action_button, self.stop_button, self.again_button, self.close_button)
        for button in every:
            button.setVisible(button in shown)
        self.stop_button.setEnabled(True)
