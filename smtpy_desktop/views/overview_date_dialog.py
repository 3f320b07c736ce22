"""A dialog that asks for the day with which a period begins, and for the one with which it ends."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QWidget

from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.moments import typed_date_format
from smtpy_desktop.views.widgets.texts import tr


class OverviewDateDialog(Dialog):
    """``chosen(date, date or None)``: the first day, and the last one where it was asked for."""

    chosen = Signal(object, object)

    def __init__(
        self, parent: QWidget | None, today: date, first: date | None = None, *, last: date | None = None, until: bool
    ) -> None:
        """``until`` asks for the last day as well."""
        super().__init__(parent, tr("Statistics from … to …") if until else tr("Statistics since a date"))
        self._today = QDate(today.year, today.month, today.day)
        self.day = self._add_day(tr("&First day"), first, self._today.addMonths(-2))
        self.last_day = self._add_day(tr("&Last day"), last, self._today) if until else None
        self.show_button = Button(tr("Show"), self, kind="primary", action=self._choose)
        self.show_button.setDefault(True)
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), self.show_button)
        self.day.setFocus()

    def _add_day(self, title: str, day: date | None, otherwise: QDate) -> QDateEdit:
        edit = QDateEdit(otherwise if day is None else QDate(day.year, day.month, day.day), self)
        edit.setDisplayFormat(typed_date_format())
        edit.setCalendarPopup(True)
        edit.setMaximumDate(self._today)
        edit.setMinimumDate(QDate(1970, 1, 1))
        edit.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.content.addWidget(FormField(title, edit, parent=self))
        return edit

    def _choose(self) -> None:
        first = _python_date(self.day.date())
        last = None if self.last_day is None else _python_date(self.last_day.date())
        if last is not None:
            first, last = min(first, last), max(first, last)
        self.accept()
        self.chosen.emit(first, last)


def _python_date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
