"""The dialog in which one record of a sandbox zone is added or changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.sandbox.dns_zones import DEFAULT_TTL
from smtpy_desktop.sandbox.zone_editing import RECORD_TYPES, ZoneRecord, read_record
from smtpy_desktop.views.domain_words import short_host
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.texts import tr

_VALUE_HEIGHT = 84


class ZoneRecordDialog(Dialog):
    """``record_given(ZoneRecord)``: the user wants this record; the caller closes the dialog once it is stored."""

    record_given = Signal(object)

    def __init__(self, parent: QWidget | None, apex: str, record: ZoneRecord | None = None) -> None:
        super().__init__(parent, tr("Add a record") if record is None else tr("Change the record"))
        self._apex = apex
        self.form = Form(self)
        self._name, self._ttl = QLineEdit(self), QLineEdit(self)
        self._type, self._value = QComboBox(self), QPlainTextEdit(self)
        self._type.addItems(list(RECORD_TYPES))
        self._value.setFixedHeight(_VALUE_HEIGHT)
        self._value.setProperty("mono", True)
        self._value.setTabChangesFocus(True)
        self._add_fields()
        self._fill(record)
        self.save_button = Button(tr("Save"), self, kind="primary", action=self._on_save)
        self.save_button.setDefault(True)
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), self.save_button)
        self.form.submitted.connect(self._on_save)

    def show_error(self, error: UserFacingError) -> bool:
        """Show why a record was refused; nothing that was typed is lost."""
        self.form.show_error(error)
        self.fit_height()
        return True

    def _add_fields(self) -> None:
        below = tr("@ is {name} itself; other names are taken as being below it.", name=self._apex)
        self.form.add_field("name", tr("&Name"), self._name, below)
        self.form.add_field("type", tr("&Type"), self._type)
        self.form.add_field("ttl", tr("Time to live (seconds)"), self._ttl)
        example = tr("As in a zone file: 10 mx1.example.net. for MX; text without quotes for TXT.")
        self.form.add_field("value", tr("&Value"), self._value, example)
        self.content.addWidget(self.form)

    def _fill(self, record: ZoneRecord | None) -> None:
        self._ttl.setText(str(DEFAULT_TTL if record is None else record.ttl))
        self._name.setText("@" if record is None else short_host(record.name, self._apex))
        if record is not None:
            self._type.setCurrentText(record.type)
            self._value.setPlainText(record.value)
            self._value.setFocus()

    def _on_save(self) -> None:
        self.form.clear_errors()
        typed = self.form.texts()
        try:
            record = read_record(self._apex, typed["name"], typed["type"], typed["ttl"], typed["value"])
        except FieldError as error:
            self.show_error(error)
            return
        self.record_given.emit(record)
