"""The scrolling part of a message's details: results, addresses, advice, time line, attachments, preview."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.core.bounce_advice import Remedy, advice_for, bounce_class_of
from smtpy_desktop.core.visible_text import visible_line, visible_text
from smtpy_desktop.schemas.messages import Attempt, DeliveryState, MessageDetails, MessageStatus
from smtpy_desktop.views.message_timeline import MessageTimeline
from smtpy_desktop.views.message_words import authentication_pills, message_status_pill, size_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, clear_layout
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_UNFINISHED = (MessageStatus.PENDING, MessageStatus.PROCESSING, MessageStatus.FAILED, MessageStatus.BOUNCED)
_LONGEST_VALUE = 1000


class MessageDetailsBody(QWidget):
    """``retry_wanted``, ``status_wanted``, ``domain_wanted``, ``undo_wanted``: a button of the advice was pressed."""

    retry_wanted = Signal()
    status_wanted = Signal()
    domain_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: MessageDetails | None = None
        pills = QWidget(self)
        self._pills = FlowLayout(pills, spacing=Space.S)
        self.fields = KeyValueList(self)
        self.advice = Notice("", "", Tone.BAD, self)
        self.retry_button = Button(tr("Retry now"), self, kind="primary", icon="refresh", action=self.retry_wanted.emit)
        self.status_button = Button(tr("Update status…"), self, action=self.status_wanted.emit)
        self.domain_button = Button(tr("Show the domain"), self, action=self.domain_wanted.emit)
        self.advice.add_actions(self.retry_button, self.status_button, self.domain_button)
        self.going = Notice(tr("About to be deleted"), "", Tone.WARN, self)
        self.going.add_actions(Button(tr("Undo"), self, icon="arrow-back-up", action=self.undo_wanted.emit))
        self.timeline = MessageTimeline(self)
        self._attachments_title = PlainLabel(tr("Attachments"), self, size="section")
        self.attachments = KeyValueList(self)
        self._preview_title = PlainLabel(tr("Preview"), self, size="section")
        self.preview = WrappedText("", self, tone=Tone.MUTED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(pills)
        column.addWidget(self.going)
        column.addWidget(self.fields)
        column.addWidget(self.advice)
        column.addSpacing(Space.XS)
        column.addWidget(PlainLabel(tr("Time line"), self, size="section"))
        column.addWidget(self.timeline)
        for title, part in ((self._attachments_title, self.attachments), (self._preview_title, self.preview)):
            column.addSpacing(Space.XS)
            column.addWidget(title)
            column.addWidget(part)
        column.addStretch(1)

    def show_message(self, message: MessageDetails, *, is_going: bool, can_act: bool) -> None:
        """Show a message."""
        self.going.setVisible(is_going)
        for button in (self.retry_button, self.status_button):
            button.setEnabled(can_act and not is_going)
        if message == self._shown:
            return
        self._shown = message
        self._show_pills(message)
        self._show_fields(message)
        self._show_advice(message)
        self.timeline.show_message(message)
        self._show_attachments(message)
        self._preview_title.setVisible(bool(message.body_preview.strip()))
        self.preview.setVisible(bool(message.body_preview.strip()))
        self.preview.set_text(visible_text(message.body_preview[:_LONGEST_VALUE]))

    def clear(self) -> None:
        """Forget what was shown."""
        self._shown = None

    def _show_pills(self, message: MessageDetails) -> None:
        clear_layout(self._pills)
        for cell in (message_status_pill(message.status), *authentication_pills(message.authentication)):
            pill = Pill(cell.text, cell.tone, icon=cell.icon)
            self._pills.addWidget(pill)
            pill.show()

    def _show_fields(self, message: MessageDetails) -> None:
        self.fields.clear()
        for name, value, copied in _fields(message):
            self.fields.add(name, visible_line(value, _LONGEST_VALUE), copied=copied)

    def _show_advice(self, message: MessageDetails) -> None:
        attempts: list[Attempt] = [attempt for delivery in message.deliveries for attempt in delivery.attempts]
        is_open = message.status in _UNFINISHED
        bounce = bounce_class_of(message.bounce_class, attempts, message.error_message)
        self.advice.setVisible(bounce is not None and message.status is not MessageStatus.DELIVERED)
        if bounce is None:
            return
        advice = advice_for(bounce)
        tone = Tone.WARN if advice.gets_better or message.status is MessageStatus.BOUNCED else Tone.BAD
        words = " ".join(filter(None, (_answer(message, attempts), translated(advice.words))))
        self.advice.show_words(translated(advice.heading), words, tone)
        for remedy, button in (
            (Remedy.RETRY, self.retry_button),
            (Remedy.UPDATE_STATUS, self.status_button),
            (Remedy.SHOW_DOMAIN, self.domain_button),
        ):
            needs_delivery = remedy is Remedy.RETRY and not (is_open and message.deliveries)
            button.setVisible(remedy in advice.remedies and not needs_delivery)

    def _show_attachments(self, message: MessageDetails) -> None:
        self.attachments.clear()
        shown = bool(message.attachments)
        self._attachments_title.setVisible(shown)
        self.attachments.setVisible(shown)
        for number, attachment in enumerate(message.attachments[:50]):
            name = visible_line(attachment.name, 120) or tr("(no name)")
            kind = f"{visible_line(attachment.type, 80)} · {size_words(attachment.size_bytes)}"
            self.attachments.add(str(number + 1), f"{name}\n{kind}", copied=attachment.name)


def _fields(message: MessageDetails) -> list[tuple[str, str, str]]:
    """Return name, shown value and copied value of each field."""
    size = size_words(message.size_bytes)
    if message.attachments:
        count = tr_n("{n} attachment", "{n} attachments", len(message.attachments))
        size = f"{size} · {count} ({', '.join(one.name for one in message.attachments[:3])})"
    elif message.has_attachments:
        size = tr("{size} · with attachments", size=size)
    received = exact_time(message.created_at)
    fields = [
        (tr("From"), message.sender_email or tr("(empty sender)"), message.sender_email),
        (tr("To"), message.recipient_email, message.recipient_email),
        (tr("Forwarded to"), message.forwarded_to or "—", message.forwarded_to or ""),
        (tr("Message-ID"), message.message_id, message.message_id),
        (tr("Received"), received, message.created_at.isoformat()),
        (tr("Size"), size, str(message.size_bytes)),
    ]
    if message.error_message:
        fields.append((tr("Error"), message.error_message, message.error_message))
    return fields


def _answer(message: MessageDetails, attempts: list[Attempt]) -> str:
    """Return who refused and with which code."""
    failed = [one for one in attempts if one.outcome in (DeliveryState.FAILED, DeliveryState.DEFERRED) and one.code]
    if not failed:
        return ""
    last = max(failed, key=lambda one: one.at)
    code = " ".join(str(part) for part in (last.code, last.enhanced) if part)
    return tr("{host} answered {code}.", host=visible_line(last.host, 120), code=code)
