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
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr


class BulkStatusDialog(Dialog):
    """``chosen(MessageStatus, str | None)``: the status and the address were chosen; with a word typed where asked."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget, count: str, which: Sequence[str], type_name: str | None) -> None:
        title = tr("Update the status of {count} messages", count=count)
        words = tr("Their present status is not kept: this cannot be taken back.")
        super().__init__(parent, title, words, Tone.WARN)
        self._type_name = type_name
        for line in which:
            self.content.addWidget(PlainLabel(f"•  {line}", self, wrap=True))
        self.status = QComboBox(self)
        for status in MessageStatus:
            self.status.addItem(message_status_word(status), status)
        self.content.addWidget(FormField(tr("&Status"), self.status, parent=self))
        self.forwarded_to = QLineEdit(self)
        self.forwarded_to.setPlaceholderText("name@example.com")
        explanation = tr("The address that has got the messages; leave it empty to change nothing.")
        self._field = FormField(tr("&Forwarded to"), self.forwarded_to, explanation, parent=self)
        self.content.addWidget(self._field)
        self.save_button = Button(tr("Update {count} messages", count=count), self, kind="primary", action=self._choose)
        self.name_edit = self._add_name_field(type_name) if type_name is not None else None
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.cancel_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.save_button)
        self.status.setFocus()

    def _add_name_field(self, name: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.textChanged.connect(lambda typed: self.save_button.setEnabled(typed.strip().casefold() == name.casefold()))
        self.content.addWidget(FormField(tr("Type {name} to go on", name=name), edit, parent=self))
        self.save_button.setEnabled(False)
        return edit

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
