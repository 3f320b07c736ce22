"""What can be done with messages: retry, update the status, delete with a while to take it back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import message_details_controller
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageDetails
from smtpy_desktop.views.message_status_dialog import MessageStatusDialog
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.confirm import confirm, confirm_in_production
from smtpy_desktop.views.widgets.message_bar import UNDO_MILLISECONDS, Message
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import number, tr, tr_n

CONFIRM_ABOVE = 100


class MessagesActions(QObject):
    """``going_changed(frozenset)``: other messages are about to be deleted. ``done``: something was changed."""

    going_changed = Signal(object)
    done = Signal()

    def __init__(self, context: ViewContext, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._going: list[tuple[tuple[MessageId, ...], QTimer]] = []

    @property
    def going(self) -> frozenset[MessageId]:
        """The messages that are about to be deleted."""
        return frozenset(one for ids, _ in self._going for one in ids)

    # Retry and status

    def retry(self, ids: Sequence[MessageId]) -> None:
        """Make everything of these messages that is not delivered due now."""
        services = self._context.services
        if not ids or services.is_read_only:
            return

        def take(due: tuple[MessageId, ...]) -> None:
            self._tell_retried(len(ids), len(due))
            self.done.emit()

        self._context.runner.run(
            message_details_controller.retry_now(
                services.sessions, ids, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=take,
        )

    def open_status(self, message: MessageDetails) -> MessageStatusDialog:
        """Open the dialog that gives a message another status."""
        dialog = MessageStatusDialog(self._context, message, self._window)
        dialog.saved.connect(self._on_status_saved)
        dialog.open()
        return dialog

    # Delete

    def delete(self, ids: Sequence[MessageId]) -> None:
        """Delete messages after a while in which it can be taken back; above a number of them the user is asked."""
        wanted = tuple(one for one in ids if one not in self.going)
        if not wanted or self._context.services.is_read_only:
            return
        # A few are taken back by Undo; nobody is asked before, but in production.
        ask = confirm_in_production if len(wanted) <= CONFIRM_ABOVE else confirm
        ask(
            self._window,
            tr_n("Delete {n} message?", "Delete {n} messages?", len(wanted)),
            tr("Their headers, sources and time lines go with them."),
            tr_n("Delete {n} message", "Delete {n} messages", len(wanted)),
            lambda: self._let_go(wanted),
        )

    def undo(self, message_id: MessageId) -> None:
        """Keep a message that is about to be deleted, and those that were to go with it."""
        for entry in list(self._going):
            if message_id in entry[0]:
                self._keep(entry)

    def finish_deletions(self) -> None:
        """Delete now what is about to be deleted (the window closes)."""
        for entry in list(self._going):
            self._delete_now(entry)

    def copy_addresses(self, addresses: Sequence[str]) -> None:
        """Put addresses on the clipboard, each once, one per line."""
        unique = tuple(dict.fromkeys(filter(None, addresses)))
        if unique:
            QGuiApplication.clipboard().setText("\n".join(unique))
            words = tr_n("Copied {n} address.", "Copied {n} addresses.", len(unique))
            self._context.tell(Message(words, key="copied"))

    def _let_go(self, ids: tuple[MessageId, ...]) -> None:
        timer = single_shot(self, lambda: self._delete_now(entry), UNDO_MILLISECONDS)
        entry = (ids, timer)
        self._going.append(entry)
        timer.start()
        self.going_changed.emit(self.going)
        words = tr_n("{n} message deleted.", "{n} messages deleted.", len(ids))
        undo = Message(words, Tone.OK, tr("Undo"), lambda: self._keep(entry), key=f"delete-{ids[0]}")
        self._context.tell(undo)

    def _keep(self, entry: tuple[tuple[MessageId, ...], QTimer]) -> None:
        if not self._forget(entry):
            return
        words = tr_n("{n} message is kept.", "{n} messages are kept.", len(entry[0]))
        self._context.tell(Message(words, key=f"delete-{entry[0][0]}"))

    def _delete_now(self, entry: tuple[tuple[MessageId, ...], QTimer]) -> None:
        if entry not in self._going:
            return
        entry[1].stop()
        services, ids = self._context.services, entry[0]
        handle = self._context.runner.run(
            message_details_controller.delete_messages(
                services.sessions, ids, actor=services.actor, publish=services.publish
            ),
            owner=self,
            is_promised=True,
            title=tr_n("Deleting {n} message", "Deleting {n} messages", len(ids)) if len(ids) > 1 else None,
            on_success=lambda gone: self.done.emit(),
        )
        handle.ended.connect(lambda: self._forget(entry))

    def _forget(self, entry: tuple[tuple[MessageId, ...], QTimer]) -> bool:
        if entry not in self._going:
            return False
        self._going.remove(entry)
        entry[1].stop()
        entry[1].deleteLater()
        self.going_changed.emit(self.going)
        return True

    def _on_status_saved(self, message: MessageDetails) -> None:
        words = tr("The status is {status} now.", status=message_status_word(message.status))
        self._context.tell(Message(words, key="message-status"))
        self.done.emit()

    def _tell_retried(self, asked: int, due: int) -> None:
        tell = self._context.tell
        if due == 0:
            words = tr("Nothing to retry: it was delivered, or its source is not kept any more.")
            tell(Message(words, Tone.ACCENT, key="retry"))
        elif due < asked:
            words = tr_n(
                "{n} of {total} messages is tried again now.",
                "{n} of {total} messages are tried again now.",
                due,
                total=number(asked),
            )
            tell(Message(words, Tone.ACCENT, key="retry"))
        else:
            words = tr_n("{n} message is tried again now.", "{n} messages are tried again now.", due)
            tell(Message(words, key="retry"))
