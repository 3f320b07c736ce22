"""A dialog that asks for the day with which a period begins."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QWidget

from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.texts import tr


class OverviewDateDialog(Dialog):
    """``chosen(date)`` fires when there is one."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, tr("Statistics since a date"))
        today = QDate.currentDate()
        self.day = QDateEdit(today.addMonths(-2), self)
        self.day.setCalendarPopup(True)
        self.day.setMaximumDate(today)
        self.content.addWidget(FormField(tr("&First day"), self.day, parent=self))
        self.show_button = Button(tr("Show"), self, kind="primary", action=self._choose)
        self.show_button.setDefault(True)
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), self.show_button)
        self.day.setFocus()

    def _choose(self) -> None:
        day = self.day.date()
        self.accept()
        self.chosen.emit(date(day.year(), day.month(), day.day()))
