"""A dialog that asks which status many messages are to have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from smtpy_desktop.controllers.messages_bulk_controller import forwarding_address
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.bullets import bullet_line
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.profile_mark import current_profile
from smtpy_desktop.views.widgets.texts import tr


class BulkStatusDialog(Dialog):
    """``chosen(MessageStatus, str | None)``: the status and the address were chosen; with a word typed where asked."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget, count: str, which: Sequence[str], type_name: str | None) -> None:
        title = tr("Update the status of {count} messages", count=count)
        words = tr("Their present status is not kept: this cannot be taken back.")
        super().__init__(parent, title, words, Tone.WARN)
        self.mark_profile(current_profile())
        self._type_name = type_name
        for line in which:
            self.content.addLayout(bullet_line(line, self))
        self.status = QComboBox(self)
        for status in MessageStatus:
            self.status.addItem(message_status_word(status), status)
        self.status.setPlaceholderText(tr("Choose a status"))
        self.status.setCurrentIndex(-1)  # no status is harmless enough to be there already
        self.status_field = FormField(tr("&Status"), self.status, tr("Choose what all of them get."), parent=self)
        self.status.currentIndexChanged.connect(self._on_changed)
        self.content.addWidget(self.status_field)
        self.forwarded_to = QLineEdit(self)
        self.forwarded_to.setPlaceholderText("name@example.com")
        explanation = tr("The address that has got the messages; leave it empty to change nothing.")
        self._field = FormField(tr("&Forwarded to"), self.forwarded_to, explanation, parent=self)
        self.content.addWidget(self._field)
        self.save_button = Button(tr("Update {count} messages", count=count), self, kind="primary", action=self._choose)
        self.name_edit = self._add_name_field(type_name) if type_name is not None else None
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.cancel_button.setDefault(True)
        self.offer_help("messages-bulk")
        self.set_buttons(self.cancel_button, self.save_button)
        self._on_changed()
        self.status.setFocus()

    def _add_name_field(self, name: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.textChanged.connect(self._on_changed)
        self.content.addWidget(FormField(tr("Type {name} to go on", name=name), edit, parent=self))
        return edit

    def _on_changed(self) -> None:
        typed = self.name_edit.text().strip().casefold() if self.name_edit is not None else None
        is_typed = self._type_name is None or typed == self._type_name.casefold()
        self.save_button.setEnabled(is_typed and self.status.currentIndex() >= 0)
        if self.status.currentIndex() >= 0:
            self.status_field.explanation.setText(_consequence(list(MessageStatus)[self.status.currentIndex()]))

    def _choose(self) -> None:
        try:
            forwarding_address(self.forwarded_to.text())
        except FieldError as error:
            self._field.show_error(error)
            self.forwarded_to.setFocus()
            return
        status = list(MessageStatus)[self.status.currentIndex()]
        self.chosen.emit(status, self.forwarded_to.text().strip() or None)
        self.accept()


def _consequence(status: MessageStatus) -> str:
    """Return what becomes of the deliveries with a status."""
    if status is MessageStatus.PENDING:
        return tr("What is not delivered yet is tried again now.")
    if status is MessageStatus.PROCESSING:
        return tr("Only the status changes; nothing is sent.")
    return tr("What is still waiting to be delivered is closed: nothing more is sent.")
