"""A dialog that gives a message another status."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from smtpy_desktop.controllers import message_details_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.schemas.messages import DeliveryState, MessageDetails, MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.texts import tr


class MessageStatusDialog(Dialog):
    """``saved(MessageDetails)``: the message as it is now."""

    saved = Signal(object)

    def __init__(self, context: ViewContext, message: MessageDetails, parent: QWidget | None) -> None:
        super().__init__(parent, tr("Update status"), visible_line(message.subject, 120) or tr("(no subject)"))
        self._context, self._message = context, message
        self.status = QComboBox(self)
        for status in MessageStatus:
            self.status.addItem(message_status_word(status), status)
        self.status.setCurrentIndex(list(MessageStatus).index(message.status))
        self.status_field = FormField(tr("&Status"), self.status, self._consequence(), parent=self)
        self.status_field.edited.connect(self._show_consequence)
        self.content.addWidget(self.status_field)
        self.forwarded_to = QLineEdit(message.forwarded_to or "", self)
        self.forwarded_to.setPlaceholderText("name@example.com")
        words = tr("The address that has got the message; leave it empty to change nothing.")
        self._field = FormField(tr("&Forwarded to"), self.forwarded_to, words, parent=self)
        self.content.addWidget(self._field)
        self.save_button = Button(tr("Update status"), self, kind="primary", action=self._save)
        self.save_button.setDefault(True)
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), self.save_button)
        self.status.setFocus()

    @property
    def _chosen(self) -> MessageStatus:
        return list(MessageStatus)[self.status.currentIndex()]

    def _show_consequence(self) -> None:
        self.status_field.explanation.setText(self._consequence())

    def _consequence(self) -> str:
        """Return what becomes of the deliveries with the chosen status."""
        states = {delivery.state for delivery in self._message.deliveries}
        if self._chosen is MessageStatus.PENDING:
            if states <= {DeliveryState.SENT, DeliveryState.SENDING}:
                return tr("Only the status changes: there is nothing left to send.")
            if not self._message.has_content:
                return tr("Only the status changes: the source is not kept any more, so nothing can be sent.")
            return tr("What is not delivered yet is tried again now.")
        if self._chosen is not MessageStatus.PROCESSING and states & {DeliveryState.QUEUED, DeliveryState.DEFERRED}:
            return tr("What is still waiting to be delivered is closed: nothing more is sent.")
        return tr("Only the status changes; nothing is sent.")

    def _save(self) -> None:
        services, message = self._context.services, self._message
        typed = self.forwarded_to.text().strip()
        forwarded_to = typed if typed != (message.forwarded_to or "") else None
        self.save_button.setEnabled(False)
        self._context.runner.run(
            message_details_controller.update_status(
                services.sessions,
                message.id,
                self._chosen,
                forwarded_to,
                actor=services.actor,
                publish=services.publish,
            ),
            owner=self,
            on_success=self._on_saved,
            on_error=self._on_error,
        )

    def _on_saved(self, message: MessageDetails) -> None:
        self.saved.emit(message)
        self.accept()

    def _on_error(self, error: UserFacingError) -> bool:
        self.save_button.setEnabled(True)
        if not isinstance(error, FieldError):
            return False
        self._field.show_error(error)
        self.forwarded_to.setFocus()
        return True
