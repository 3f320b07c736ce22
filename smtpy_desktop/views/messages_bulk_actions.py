"""What can be done with everything that a search finds: asked first, taken back for a while, followed in the tasks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import messages_bulk_controller
from smtpy_desktop.controllers.messages_bulk_controller import BulkProgress
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.message_bulk import BulkPreview, BulkResult, MessageSelection
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.messages_bulk_status_dialog import BulkStatusDialog
from smtpy_desktop.views.messages_bulk_words import count_words, done_words, which_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import ConfirmDialog, confirm
from smtpy_desktop.views.widgets.kept_answers import RETRY_MANY, confirm_until_kept
from smtpy_desktop.views.widgets.message_bar import UNDO_MILLISECONDS, Message
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated

TYPE_ABOVE = 10_000
"""Messages from which on a word has to be typed before they are deleted."""
_KEY = "messages-bulk"

Work = Callable[[BulkProgress], Coroutine[Any, Any, BulkResult]]
Ask = Callable[[BulkPreview], object]


class MessagesBulkActions(QObject):
    """``going_changed(tuple)``: other selections are about to be deleted. ``begun``: a selection is worked on now."""

    going_changed = Signal(object)
    begun = Signal()

    def __init__(self, context: ViewContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._going: list[tuple[MessageSelection, QTimer]] = []
        self._running: list[TaskHandle] = []

    @property
    def going(self) -> tuple[MessageSelection, ...]:
        """What is about to be deleted."""
        return tuple(selection for selection, _ in self._going)

    # Asking

    def retry(self, selection: MessageSelection) -> None:
        """Ask whether everything of a selection is to be tried again, and do it."""
        self._count(selection, self._ask_to_retry)

    def delete(self, selection: MessageSelection) -> None:
        """Ask whether a selection is to be deleted, and do it after a while in which it can be taken back."""
        self._count(selection, self._ask_to_delete)

    def update_status(self, selection: MessageSelection) -> None:
        """Ask which status a selection is to have, and give it to all of it."""
        self._count(selection, self._ask_for_status)

    def _count(self, selection: MessageSelection, ask: Ask) -> None:
        services = self._context.services
        if services.is_read_only:
            return

        def take(preview: BulkPreview) -> None:
            if preview.count.count or not preview.count.is_exact:
                ask(preview)
            else:
                self._tell(tr("None of these messages is there any more."), Tone.ACCENT)

        work = messages_bulk_controller.preview(services.sessions, selection)
        self._context.runner.run(
            work, owner=self, on_success=take, on_error=self._on_refused, replaces="messages/bulk/preview"
        )

    def _ask_to_retry(self, preview: BulkPreview) -> None:
        count = count_words(preview)
        words = (
            tr("Try {count} messages again?", count=count),
            tr("What is not delivered of them is due at once, as far as its source is still kept."),
            tr("Retry {count} messages", count=count),
        )
        retry, which = partial(self._retry, preview.selection), tuple(which_words(preview))
        confirm_until_kept(self._window, self._context.memory, RETRY_MANY, words, retry, consequences=which)

    def _ask_to_delete(self, preview: BulkPreview) -> None:
        count = count_words(preview)
        lost = tr("Their headers, sources and time lines go with them.")
        waiting = preview.under_way
        if waiting is None:
            under_way = [tr("Those that still wait to be delivered will not be.")]
        else:
            words = tr_n(
                "{n} of them still waits to be delivered and will not be.",
                "{n} of them still wait to be delivered and will not be.",
                waiting,
            )
            under_way = [words] if waiting else []
        seconds = number(UNDO_MILLISECONDS // 1000)
        undo = tr("You can take it back for {n} seconds; then they are gone.", n=seconds)
        confirm(
            self._window,
            tr("Delete {count} messages?", count=count),
            lost,
            tr("Delete {count} messages", count=count),
            partial(self._let_go, preview),
            consequences=[*which_words(preview), *under_way, undo],
            type_name=tr("delete") if preview.count.count >= TYPE_ABOVE else None,
        )

    def _ask_for_status(self, preview: BulkPreview) -> None:
        count = count_words(preview)
        type_name = tr("change") if preview.count.count >= TYPE_ABOVE else None
        dialog = BulkStatusDialog(self._window, count, which_words(preview), type_name)
        dialog.chosen.connect(partial(self._update, preview.selection))
        dialog.open()

    # Doing

    def _retry(self, selection: MessageSelection) -> None:
        services = self._context.services

        def work(progress: BulkProgress) -> Coroutine[Any, Any, BulkResult]:
            return messages_bulk_controller.retry_selected(
                services.sessions, selection, actor=services.actor, publish=services.publish, progress=progress
            )

        def tell(result: BulkResult) -> None:
            words = tr_n(
                "{n} of {total} messages is tried again now.",
                "{n} of {total} messages are tried again now.",
                result.changed,
                total=number(result.matching),
            )
            self._tell(words)

        self._start(tr("Retrying messages"), work, tell)

    def _update(self, selection: MessageSelection, status: MessageStatus, forwarded_to: str | None) -> None:
        services = self._context.services

        def work(progress: BulkProgress) -> Coroutine[Any, Any, BulkResult]:
            return messages_bulk_controller.update_selected(
                services.sessions,
                selection,
                status,
                forwarded_to,
                actor=services.actor,
                publish=services.publish,
                progress=progress,
            )

        def tell(result: BulkResult) -> None:
            word = message_status_word(status)
            words = tr_n(
                "The status of {n} message is {status} now.",
                "The status of {n} messages is {status} now.",
                result.changed,
                status=word,
            )
            self._tell(words)

        self._start(tr("Updating the status of messages"), work, tell)

    def _delete(self, selection: MessageSelection, *, is_promised: bool = False) -> None:
        services = self._context.services

        def work(progress: BulkProgress) -> Coroutine[Any, Any, BulkResult]:
            return messages_bulk_controller.delete_selected(
                services.sessions, selection, actor=services.actor, publish=services.publish, progress=progress
            )

        def tell(result: BulkResult) -> None:
            self._tell(tr_n("{n} message is deleted.", "{n} messages are deleted.", result.changed))

        self._start(tr("Deleting messages"), work, tell, is_promised=is_promised)

    def _start(
        self, title: str, work: Work, tell: Callable[[BulkResult], object], *, is_promised: bool = False
    ) -> None:
        progress = BulkProgress()

        def fail(error: UserFacingError) -> bool:
            if not progress.done:
                return self._on_refused(error)
            again = partial(self._start, title, work, tell)
            words = tr("{title} ended early: {reason}", title=title, reason=translated(error.message))
            message = Message(f"{words} {done_words(progress)}", Tone.BAD, tr("Go on"), again, key=_KEY)
            self._context.tell(message)
            return True

        handle = self._context.runner.run(
            work(progress),
            owner=self,
            on_success=tell,
            on_error=fail,
            progress=progress,
            title=title,
            is_promised=is_promised,
        )

        self._running.append(handle)

        def end() -> None:
            if handle in self._running:
                self._running.remove(handle)
            if handle.is_cancelled:
                self._tell_stopped(progress)

        handle.ended.connect(end)

    def _tell_stopped(self, progress: BulkProgress) -> None:
        """Tell how far it has come, once the last batch is at its end."""

        def tell(nothing: None) -> None:
            words = tr("Stopped.")
            self._tell(f"{words} {done_words(progress)}", Tone.ACCENT)

        self._context.runner.run(messages_bulk_controller.settled(progress), owner=self, on_success=tell)

    # Deleting after a while

    def undo(self) -> None:
        """Keep what is about to be deleted."""
        for entry in list(self._going):
            self._keep(entry)

    def finish_deletions(self) -> None:
        """Begin at once to delete what is about to be deleted (the window closes)."""
        for entry in list(self._going):
            self._delete_now(entry, is_promised=True)

    def may_close(self, close: Callable[[], object]) -> bool:
        """Say whether nothing is under way; otherwise ask, and call ``close`` when it is done or is to be stopped."""
        self.finish_deletions()
        if not self._running:
            return True
        dialog = confirm(
            self._window,
            tr("Messages are still being worked on"),
            tr("The window closes when that is done. If you close it now, what is not done yet stays as it is."),
            tr("Close now"),
            partial(self._give_up, close),
        )
        for handle in self._running:
            handle.ended.connect(partial(self._close_when_done, dialog, close))
        return False

    def _give_up(self, close: Callable[[], object]) -> None:
        for handle in list(self._running):
            handle.cancel()
        self._running.clear()
        close()

    def _close_when_done(self, dialog: ConfirmDialog, close: Callable[[], object]) -> None:
        if not self._running and shiboken6.isValid(dialog) and dialog.isVisible():
            dialog.reject()
            close()

    def _let_go(self, preview: BulkPreview) -> None:
        timer = single_shot(self, lambda: self._delete_now(entry), UNDO_MILLISECONDS)
        entry = (preview.selection, timer)
        self._going.append(entry)
        timer.start()
        self.going_changed.emit(self.going)
        words = tr("{count} messages are about to be deleted.", count=count_words(preview))
        self._context.tell(Message(words, Tone.OK, tr("Undo"), lambda: self._keep(entry), key=_KEY))
        self.begun.emit()

    def _keep(self, entry: tuple[MessageSelection, QTimer]) -> None:
        if self._forget(entry):
            self._tell(tr("The messages are kept."))

    def _delete_now(self, entry: tuple[MessageSelection, QTimer], *, is_promised: bool = False) -> None:
        if self._forget(entry):
            self._delete(entry[0], is_promised=is_promised)

    def _forget(self, entry: tuple[MessageSelection, QTimer]) -> bool:
        if entry not in self._going:
            return False
        self._going.remove(entry)
        entry[1].stop()
        entry[1].deleteLater()
        self.going_changed.emit(self.going)
        return True

    # Telling

    def _on_refused(self, error: UserFacingError) -> bool:
        if not isinstance(error, FieldError):
            return False
        parts = (error.message, error.detail, error.hint)
        self._tell(" ".join(translated(part) for part in parts if part is not None), Tone.WARN)
        return True

    def _tell(self, words: str, tone: Tone = Tone.OK) -> None:
        self._context.tell(Message(words, tone, key=_KEY))
