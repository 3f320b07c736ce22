"""The menu that adds filters to a search by mouse: status, domain, date, sender, recipient, thread and more."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import QDate, QObject, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QLineEdit, QMenu, QWidget

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.domains import DomainQuery, DomainRow, DomainSort
from smtpy_desktop.schemas.message_search import SearchKey, Statuses
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.paging import Page, Position
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.messages_search_bar import MessagesSearchBar
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import menu_text
from smtpy_desktop.views.widgets.moments import typed_date_format
from smtpy_desktop.views.widgets.texts import tr

_MOST_DOMAINS = 20
_SIZES = ("100k", "1M", "10M")


class MessagesFilterMenu(QObject):
    """Fills the menu of the bar's filter chip each time that it opens."""

    def __init__(self, context: ViewContext, bar: MessagesSearchBar) -> None:
        super().__init__(bar)
        self._context, self._bar = context, bar
        self.menu = QMenu(bar)
        self.menu.setAccessibleName(tr("Add a filter"))
        self.menu.aboutToShow.connect(self.fill)
        bar.filter_chip.set_menu(self.menu)
        self._domains = QMenu(tr("&Domain"), bar)

    def fill(self) -> None:
        """Build the menu anew for the search that holds now."""
        self.menu.clear()
        self._add_statuses(self.menu.addMenu(tr("&Status")))
        self._domains = self.menu.addMenu(tr("&Domain"))
        self._domains.aboutToShow.connect(self._read_domains)
        self._add_domain_choice(())
        self._add_dates(self.menu.addMenu(tr("Da&te")))
        self.menu.addSeparator()
        self._add_value(tr("S&ender…"), SearchKey.FROM, tr("An address, a domain or a part of them"))
        self._add_value(tr("&Recipient…"), SearchKey.TO, tr("An address, a domain or a part of them"))
        self._add_value(tr("S&ubject…"), SearchKey.SUBJECT, tr("Words of the subject"))
        self._add_value(tr("T&hread…"), SearchKey.THREAD, tr("The thread's id, as the details show it"))
        self._add_value(tr("&Error…"), SearchKey.ERROR, tr("Words of the error"))
        self.menu.addSeparator()
        self.menu.addAction(tr("With &attachments"), partial(self._bar.set_only, SearchKey.HAS, "attachment"))
        sizes = self.menu.addMenu(tr("&Larger than"))
        for size in _SIZES:
            sizes.addAction(size, partial(self._bar.set_only, SearchKey.LARGER, size))
        if self._bar.text.strip():
            self.menu.addSeparator()
            self.menu.addAction(tr("&Clear the search"), partial(self._bar.set_text, ""))

    def ask_for_value(self, key: SearchKey, title: str, explanation: str) -> ValueDialog:
        """Open a dialog that asks for the value of a key."""
        dialog = ValueDialog(self._bar.window(), title, explanation)
        dialog.chosen.connect(lambda value: self._bar.set_only(key, value))
        dialog.open()
        return dialog

    def ask_for_dates(self) -> DatesDialog:
        """Open a dialog that asks for the first and the last day."""
        dialog = DatesDialog(self._bar.window())
        dialog.chosen.connect(self._set_dates)
        dialog.open()
        return dialog

    def _add_statuses(self, menu: QMenu) -> None:
        chosen = {
            status
            for group in self._bar.parsed().groups
            for term in group
            if isinstance(term.meaning, Statuses) and not term.is_excluded
            for status in term.meaning.statuses
        }
        for status in MessageStatus:
            action = menu.addAction(message_status_word(status))
            action.setCheckable(True)
            action.setChecked(status in chosen)
            action.triggered.connect(partial(self._toggle_status, status, frozenset(chosen)))
        menu.addSeparator()
        menu.addAction(tr("Any status"), partial(self._bar.set_only, SearchKey.STATUS, None))

    def _toggle_status(self, status: MessageStatus, chosen: frozenset[MessageStatus], checked: bool) -> None:
        statuses = chosen | {status} if checked else chosen - {status}
        value = ",".join(one.value for one in MessageStatus if one in statuses)
        self._bar.set_only(SearchKey.STATUS, value or None)

    def _read_domains(self) -> None:
        query = DomainQuery(self._context.choice.chosen, sort=DomainSort.NAME)
        work = domains_controller.list_domains(self._context.services.sessions, query, Position.start(), _MOST_DOMAINS)

        def take(page: Page[DomainRow]) -> None:
            self._add_domain_choice(page.rows)

        self._context.runner.run(work, owner=self, on_success=take, on_error=say_nothing, replaces="messages/domains")

    def _add_domain_choice(self, rows: tuple[DomainRow, ...]) -> None:
        menu = self._domains
        menu.clear()
        for row in rows:
            choose = partial(self._bar.set_only, SearchKey.DOMAIN, row.name, is_exact=True)
            menu.addAction(menu_text(row.unicode_name), choose)
        menu.addSeparator()
        title, explanation = tr("Messages of a domain"), tr("The domain's name or the beginning of it")
        menu.addAction(tr("&Other…"), partial(self.ask_for_value, SearchKey.DOMAIN, title, explanation))
        menu.addAction(tr("Any domain"), partial(self._bar.set_only, SearchKey.DOMAIN, None))

    def _add_dates(self, menu: QMenu) -> None:
        choices: tuple[tuple[str, str], ...] = (
            (tr("Last 24 hours"), "24h"),
            (tr("Last 7 days"), "7d"),
            (tr("Last 30 days"), "30d"),
            (tr("Last 12 months"), "12m"),
        )
        menu.addAction(tr("Today"), partial(self._set_day, "today"))
        menu.addAction(tr("Yesterday"), partial(self._set_day, "yesterday"))
        for title, value in choices:
            menu.addAction(title, partial(self._set_after, value))
        menu.addSeparator()
        menu.addAction(tr("&From … to …"), self.ask_for_dates)
        menu.addAction(tr("Any date"), self._clear_dates)

    def _add_value(self, title: str, key: SearchKey, explanation: str) -> None:
        plain = title.replace("&", "").rstrip("…")
        self.menu.addAction(title, partial(self.ask_for_value, key, plain, explanation))

    def _clear_dates(self) -> None:
        for key in (SearchKey.AFTER, SearchKey.BEFORE, SearchKey.ON):
            self._bar.set_only(key, None)

    def _set_day(self, value: str) -> None:
        self._clear_dates()
        self._bar.add(SearchKey.ON, value)

    def _set_after(self, value: str) -> None:
        self._clear_dates()
        self._bar.add(SearchKey.AFTER, value)

    def _set_dates(self, first: date, last: date) -> None:
        self._clear_dates()
        self._bar.add(SearchKey.ON, f"{first.isoformat()}..{last.isoformat()}")


class ValueDialog(Dialog):
    """Asks for one value; ``chosen(str)`` fires when there is one."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None, title: str, explanation: str) -> None:
        super().__init__(parent, title)
        self.edit = QLineEdit(self)
        self.content.addWidget(FormField(title, self.edit, explanation, parent=self))
        self.search_button = Button(tr("Search"), self, kind="primary", action=self._choose)
        self.search_button.setDefault(True)
        self.search_button.setEnabled(False)
        self.edit.textChanged.connect(lambda text: self.search_button.setEnabled(bool(text.strip())))
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), self.search_button)
        self.edit.setFocus()

    def _choose(self) -> None:
        self.accept()
        self.chosen.emit(self.edit.text().strip())


class DatesDialog(Dialog):
    """Asks for two days; ``chosen(date, date)`` gives both, included."""

    chosen = Signal(object, object)

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, tr("Received between"))
        today = QDate.currentDate()
        self.first, self.last = _date_edit(self, today.addMonths(-1)), _date_edit(self, today)
        self.content.addWidget(FormField(tr("&First day"), self.first, parent=self))
        self.content.addWidget(FormField(tr("&Last day"), self.last, parent=self))
        search = Button(tr("Search"), self, kind="primary", action=self._choose)
        search.setDefault(True)
        self.set_buttons(Button(tr("Cancel"), self, action=self.reject), search)

    def _choose(self) -> None:
        days = sorted((_python_date(self.first.date()), _python_date(self.last.date())))
        self.accept()
        self.chosen.emit(*days)


def _date_edit(parent: QWidget, day: QDate) -> QDateEdit:
    edit = QDateEdit(day, parent)
    edit.setDisplayFormat(typed_date_format())
    edit.setCalendarPopup(True)
    edit.setMaximumDate(QDate.currentDate())
    edit.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return edit


def _python_date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
