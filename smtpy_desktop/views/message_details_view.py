"""The details of the selected message: read, shown, kept up to date."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.controllers import message_details_controller, messages_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.message_search import MessageQuery, Search, SearchKey, Term, Thread
from smtpy_desktop.schemas.messages import MessageDetails, MessageRow
from smtpy_desktop.schemas.paging import Page, Position
from smtpy_desktop.views.log_request import lines_between, log_giver
from smtpy_desktop.views.message_details_body import MessageDetailsBody
from smtpy_desktop.views.message_text_dialog import MessageTextDialog
from smtpy_desktop.views.message_thread_list import MessageThreadList
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.copy_button import CopyButton
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, tr_n

_READ_AFTER_MILLISECONDS = 60
_MOST_IN_THREAD = 50
_LONGEST_SUBJECT = 200


class MessageDetailsView(QObject):
    """Fills the three parts of a details pane: ``head``, ``body`` and ``foot``.

    ``retry_wanted(id)``, ``status_wanted(details)``, ``undo_wanted(id)``, ``domain_wanted(DomainId)``: of what is
    shown. ``thread_wanted(str)``: all messages of a thread; ``message_wanted(id)``: another message.
    """

    retry_wanted = Signal(object)
    status_wanted = Signal(object)
    undo_wanted = Signal(object)
    domain_wanted = Signal(object)
    thread_wanted = Signal(str)
    message_wanted = Signal(object)
    selection_retry_wanted = Signal()
    selection_delete_wanted = Signal()
    selection_status_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._window = parent
        self._shown: MessageId | None = None
        self._details: MessageDetails | None = None
        self._going: frozenset[MessageId] = frozenset()
        self._read_soon = single_shot(self, self._read, _READ_AFTER_MILLISECONDS)
        self.head, self.body, self.foot = QWidget(parent), QWidget(parent), QWidget(parent)
        self._build_head()
        self._build_body()
        self._build_foot()
        self.show_nothing()

    # What is shown

    @property
    def message_id(self) -> MessageId | None:
        """The message that is shown or about to be."""
        return self._shown

    @property
    def details(self) -> MessageDetails | None:
        """What is known of it, once it was read."""
        return self._details

    @property
    def is_waiting(self) -> bool:
        """Whether a message is about to be read."""
        return self._read_soon.isActive()

    def show_message(self, message_id: MessageId) -> None:
        """Show a message a moment later, so that moving through the list stays quick."""
        if message_id != self._shown:
            self._shown = message_id
            self._read_soon.start()

    def show_selection(self, count: int) -> None:
        """Show that several messages are selected, with what can be done with them."""
        self._forget()
        self._several.set_title(tr_n("{n} message selected", "{n} messages selected", count))
        self._show_parts(self._several)

    def show_nothing(self) -> None:
        """Show that no message is selected."""
        self._forget()
        self._show_parts(self._empty)

    def refresh(self) -> None:
        """Read what is shown again."""
        if self._shown is not None:
            self._read()

    def set_going(self, ids: frozenset[MessageId]) -> None:
        """Mark the messages that are about to be deleted."""
        self._going = ids
        if self._details is not None:
            self._show(self._details)

    # Building

    def _build_head(self) -> None:
        self.subject = PlainLabel("", self.head, size="heading", elide=Qt.TextElideMode.ElideRight)
        self._copy_subject = CopyButton(self._subject, tr("Subject"), self.head)
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.subject, 1)
        row.addWidget(self._copy_subject)

    def _build_body(self) -> None:
        self.parts = MessageDetailsBody(self.body)
        self.parts.retry_wanted.connect(lambda: self.retry_wanted.emit(self._shown))
        self.parts.undo_wanted.connect(lambda: self.undo_wanted.emit(self._shown))
        self.parts.status_wanted.connect(lambda: self.status_wanted.emit(self._details))
        self.parts.domain_wanted.connect(self._on_domain_wanted)
        self.thread_list = MessageThreadList(self.body)
        self.thread_list.message_wanted.connect(self.message_wanted)
        self.thread_list.hide()
        words = tr("Select a message to see its way, its headers and what to do when it failed.")
        self._empty = EmptyState("mail", tr("No message selected"), words, parent=self.body)
        self._several = EmptyState(
            "list",
            "",
            tr("What you do here is done with all of them."),
            Button(tr("Retry now"), icon="refresh", action=self.selection_retry_wanted.emit),
            Button(tr("Update status"), icon="pencil", action=self.selection_status_wanted.emit),
            Button(tr("Delete"), icon="trash", action=self.selection_delete_wanted.emit),
            parent=self.body,
        )
        self._several.setDisabled(self._context.services.is_read_only)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.parts)
        column.addWidget(self.thread_list)
        column.addWidget(self._empty, 1)
        column.addWidget(self._several, 1)

    def _build_foot(self) -> None:
        self.thread_button = Button(tr("Thread"), self.foot, kind="link", action=self._toggle_thread)
        self.headers_button = Button(tr("Headers"), self.foot, kind="link", action=self.show_headers)
        self.source_button = Button(tr("Raw source"), self.foot, kind="link", action=self.show_source)
        self.log_button = Button(tr("Show in the log"), self.foot, kind="link", action=self.show_in_log)
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        for button in (self.thread_button, self.headers_button, self.source_button, self.log_button):
            row.addWidget(button)
        row.addStretch(1)

    # Dialogs

    def show_headers(self) -> MessageTextDialog | None:
        """Open the header lines as they were received."""
        if self._details is None:
            return None
        dialog = MessageTextDialog(self._window, tr("Headers"), self.subject.text(), self._details.headers)
        dialog.open()
        return dialog

    def show_in_log(self) -> None:
        """Show what was written down between the message's coming and what happened to it last."""
        giver = log_giver(self._window)
        if giver is not None and self._details is not None:
            giver.log_wanted.emit(lines_between(self._details.created_at, self._details.updated_at))

    def show_source(self) -> None:
        """Read the raw message and open it."""
        if self._shown is None:
            return
        work = message_details_controller.raw_source(self._context.services.sessions, self._shown)
        self._context.runner.run(work, owner=self, on_success=self._open_source, replaces="message-source")

    def _open_source(self, raw: bytes) -> None:
        source = raw.decode("utf-8", "backslashreplace")
        title = tr("{subject} · {size}", subject=self.subject.text(), size=size_words(len(raw)))
        MessageTextDialog(self._window, tr("Raw source"), title, source).open()

    def _toggle_thread(self) -> None:
        if self.thread_list.isHidden():
            self.thread_list.show()
            self.thread_list.setFocus()
        else:
            self.thread_list.hide()

    # Reading

    def _forget(self) -> None:
        self._read_soon.stop()
        self._shown = self._details = None

    def _read(self) -> None:
        if self._shown is None:
            return
        work = message_details_controller.get_message(self._context.services.sessions, self._shown)
        self._context.runner.run(
            work, owner=self, on_success=self._show, on_error=self._on_error, replaces="message-details"
        )

    def _on_error(self, error: UserFacingError) -> bool:
        if isinstance(error, NotFoundError):
            self.show_nothing()
            self._context.tell(Message(tr("This message was deleted meanwhile."), Tone.ACCENT, key="message-gone"))
        return True  # what was shown stays; a lost database has its banner

    def _show(self, details: MessageDetails) -> None:
        if details.id != self._shown:
            return
        is_other = self._details is None or self._details.id != details.id
        self._details = details
        self.subject.setText(visible_line(details.subject, _LONGEST_SUBJECT) or tr("(no subject)"))
        set_tooltip(self.subject, visible_line(details.subject, 1000))
        can_act = not self._context.services.is_read_only
        self.parts.show_message(details, is_going=details.id in self._going, can_act=can_act)
        self.headers_button.setEnabled(bool(details.headers))
        self.source_button.setEnabled(details.has_content)
        set_tooltip(self.source_button, "" if details.has_content else tr("The source is not kept any more."))
        if is_other:
            self.thread_list.hide()
            self.thread_button.setVisible(details.thread_id is not None)
            self.thread_button.set_text(tr("Thread"))
        self._show_parts(self.parts)
        self._read_thread(details)

    def _read_thread(self, details: MessageDetails) -> None:
        if details.thread_id is None:
            return
        term = Term(SearchKey.THREAD, details.thread_id, Thread(details.thread_id))
        query = MessageQuery(Search(((term,),)), descending=False)
        work = messages_controller.list_messages(
            self._context.services.sessions, query, Position.start(), _MOST_IN_THREAD
        )

        def take(page: Page[MessageRow]) -> None:
            if self._details is not None and self._details.id == details.id:
                count = len(page.rows)
                shown = f"{count}+" if count == _MOST_IN_THREAD else str(count)
                self.thread_button.set_text(tr("Thread ({n})", n=shown))
                self.thread_list.show_rows(page.rows, details.id, datetime.now(UTC))

        self._context.runner.run(work, owner=self, on_success=take, on_error=say_nothing, replaces="message-thread")

    def _on_domain_wanted(self) -> None:
        if self._details is not None:
            self.domain_wanted.emit(self._details.domain_id)

    def _subject(self) -> str:
        return self._details.subject if self._details is not None else ""

    def _show_parts(self, shown: Any) -> None:
        for part in (self.parts, self._empty, self._several):
            part.setVisible(part is shown)
        self.head.setVisible(shown is self.parts)
        self.foot.setVisible(shown is self.parts)
        if shown is not self.parts:
            self.parts.clear()
            self.thread_list.hide()
