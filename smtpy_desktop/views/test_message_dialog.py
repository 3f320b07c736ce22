"""The dialog that sends a test message through the real chain and shows its time line until the end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import test_message_controller
from smtpy_desktop.core.bounce_advice import advice_for, bounce_class_of
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.messages import MessageDetails, MessageStatus
from smtpy_desktop.schemas.test_message import SentTestMessage
from smtpy_desktop.views.message_timeline import MessageTimeline
from smtpy_desktop.views.message_words import message_status_pill
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.texts import tr, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_LOOK_MILLISECONDS = 1000
_WIDTH = 560


class TestMessageDialog(Dialog):
    """``message_wanted(MessageId)``: the message is to be seen among the messages."""

    __test__ = False  # for pytest: no test in spite of the name

    message_wanted = Signal(int)

    def __init__(self, context: ViewContext, parent: QWidget | None = None, *, recipient: str = "") -> None:
        text = tr("It takes the way of every other mail: through the rules, the queue and the target's server.")
        super().__init__(parent, tr("Send a test message"), text)
        self._context = context
        self._sent: SentTestMessage | None = None
        self._messages: tuple[MessageDetails, ...] = ()
        self._reading: TaskHandle | None = None
        self._look_soon = single_shot(self, self._look, _LOOK_MILLISECONDS)
        self._fit_soon = single_shot(self, self.fit_height)
        self._build(recipient)
        self.offer_help("trying")
        self.draft = DialogDraft(self, self.form, context.memory, f"test-message/{recipient}")
        context.bus.changed.connect(self._on_changed)
        self.ask_for_width(_WIDTH)
        self._show_course()

    @property
    def sent(self) -> SentTestMessage | None:
        """What was handed over last."""
        return self._sent

    @property
    def is_over(self) -> bool:
        """Whether nothing more is awaited."""
        is_refused = self._sent is not None and not self._sent.is_accepted
        return is_refused or test_message_controller.is_over(self._messages)

    def event(self, event: QEvent) -> bool:
        """Take the height that the content needs whenever that has changed."""
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self._fit_soon.start()
        return super().event(event)

    def send(self) -> None:
        """Send a test message to the address that is typed."""
        if not self.send_button.isEnabled():
            return
        self.form.clear_errors()
        self.send_button.setEnabled(False)
        self._sent, self._messages = None, ()
        self._show_course()
        services = self._context.services
        self._context.runner.run(
            test_message_controller.send_test_message(
                services.sessions,
                self.recipient_edit.text(),
                keys=services.keys,
                tools=services.mail_tools,
                publish=services.publish,
            ),
            owner=self,
            on_success=self._take_sent,
            on_error=self._on_error,
            replaces="test-message",
        )

    def _build(self, recipient: str) -> None:
        self.form = Form(self)
        self.content.addSpacing(Space.S)
        self.content.addWidget(self.form)
        self.recipient_edit = QLineEdit(recipient, self)
        self.recipient_edit.setPlaceholderText("info@example.com")
        self.form.add_field("recipient", tr("&To"), self.recipient_edit, tr("An address of one of your domains."))
        self.form.submitted.connect(self.send)
        self.state = Pill("", Tone.MUTED, self)
        self.where = WrappedText("", self, tone=Tone.MUTED)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.state)
        row.addWidget(self.where, 1)
        self.notice = Notice("", "", Tone.WARN, self)
        self.timeline = MessageTimeline(self)
        self.content.addSpacing(Space.S)
        self.content.addLayout(row)
        self.content.addWidget(self.notice)
        self.content.addWidget(self.timeline)
        self.open_button = Button(tr("Open the message"), self, kind="link", action=self._on_open)
        self.close_button = Button(tr("Close"), self, action=self.reject)
        self.send_button = Button(tr("&Send"), self, kind="primary", icon="mail-forward", action=self.send)
        self.send_button.setDefault(True)
        self.set_buttons(self.close_button, self.send_button, leading=(self.open_button,))

    def _take_sent(self, sent: SentTestMessage) -> None:
        self._sent = sent
        self.send_button.setEnabled(True)
        self.send_button.set_text(tr("&Send another"))
        self._show_course()
        if sent.is_accepted:
            self._look()

    def _on_error(self, error: UserFacingError) -> bool:
        self.send_button.setEnabled(True)
        self.form.show_error(error)
        self.fit_height()
        return True

    def _on_changed(self, change: Change) -> None:
        if change.topic is Topic.MESSAGES and self._sent is not None and not self.is_over:
            self._look()

    def _look(self) -> None:
        sent = self._sent
        is_reading = self._reading is not None and not self._reading.is_done
        if sent is None or self.is_over:
            return
        self._look_soon.start()
        if is_reading:
            return

        def take(messages: tuple[MessageDetails, ...]) -> None:
            if sent is self._sent and messages != self._messages:
                self._messages = messages
                self._show_course()

        self._reading = self._context.runner.run(
            test_message_controller.follow(self._context.services.sessions, sent),
            owner=self,
            on_success=take,
            on_error=say_nothing,  # the next look may go well; a lost database has its banner
            replaces="test-message-course",
        )

    def _show_course(self) -> None:
        """Show how far it has come."""
        sent, message = self._sent, self._messages[0] if self._messages else None
        self.state.setVisible(sent is not None)
        self.where.setVisible(sent is not None)
        self.open_button.setVisible(message is not None)
        self.timeline.setVisible(message is not None)
        if message is not None:
            self.timeline.show_message(message)
        if sent is not None:
            self._show_state(sent, message)
        self._show_notice(sent, message)

    def _show_state(self, sent: SentTestMessage, message: MessageDetails | None) -> None:
        if message is not None:
            pill = message_status_pill(message.status)
            self.state.set_state(pill.text, pill.tone, icon=pill.icon)
        elif sent.is_accepted:
            self.state.set_state(tr("Accepted"), Tone.ACCENT)
        elif _is_put_off(sent):
            self.state.set_state(tr("Put off"), Tone.WARN)
        else:
            self.state.set_state(tr("Refused"), Tone.BAD)
        who = tr("Forwarder at {place}", place=sent.forwarder) if sent.forwarder else tr("the queue")
        self.where.set_text(tr("{who}: {reply}", who=who, reply=visible_line(sent.reply)))
        if self.is_over:
            announce(self, self.state.state.text)

    def _show_notice(self, sent: SentTestMessage | None, message: MessageDetails | None) -> None:
        """Say what to do: about a refusal, a failure, or a forwarder that is not there."""
        words = "\n".join(translated(note) for note in sent.notes) if sent is not None else ""
        heading, tone = (tr("Worth knowing"), Tone.WARN) if words else ("", Tone.WARN)
        if sent is not None and not sent.is_accepted:
            heading, tone, words = _refusal(sent)
        elif message is not None and message.status is MessageStatus.DELIVERED:
            heading = words = ""
        elif message is not None:
            advice = _advice(message)
            heading, tone = (advice[0], Tone.WARN) if advice is not None else (heading, tone)
            words = advice[1] if advice is not None else words
        self.notice.setVisible(bool(words))
        self.notice.show_words(heading, words, tone)

    def _on_open(self) -> None:
        if self._messages:
            self.message_wanted.emit(self._messages[0].id)
            self.accept()


def _is_put_off(sent: SentTestMessage) -> bool:
    return not sent.is_accepted and sent.reply.startswith("4")


def _refusal(sent: SentTestMessage) -> tuple[str, Tone, str]:
    """Return heading, tone and advice for a message that was not accepted."""
    if _is_put_off(sent):
        words = tr(
            "Another server would try again by itself; send another one in a moment. The forwarder's log says why."
        )
        return tr("It cannot be taken at this moment"), Tone.WARN, words
    words = tr("Simulate the message to see which rule or setting refuses it.")
    return tr("It was not accepted"), Tone.BAD, words


def _advice(message: MessageDetails) -> tuple[str, str] | None:
    """Return what the last reply means and what helps; None while nothing has gone wrong."""
    attempts = [attempt for delivery in message.deliveries for attempt in delivery.attempts]
    bounce = bounce_class_of(message.bounce_class, attempts, message.error_message)
    if bounce is None:
        return None
    advice = advice_for(bounce)
    return translated(advice.heading), translated(advice.words)
