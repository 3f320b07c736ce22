"""The page of the aliases: the list, its filters, and where the mail of the selected one ends."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import aliases_controller, domains_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.aliases import AliasQuery, AliasRow, AliasTotals, Destination, MatchKind
from smtpy_desktop.schemas.domains import DomainDetails, DomainTotals
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.views.alias_details import AliasDetailsView
from smtpy_desktop.views.alias_dialog import AliasDialog
from smtpy_desktop.views.aliases_actions import AliasesActions
from smtpy_desktop.views.aliases_empty_states import AliasesEmptyStates
from smtpy_desktop.views.aliases_filters import AliasesFilterBar
from smtpy_desktop.views.aliases_import_dialog import AliasesImportDialog
from smtpy_desktop.views.aliases_list import AliasesList
from smtpy_desktop.views.aliases_selection import AliasesSelection
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.shortcuts import Shortcut, key_text
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.list_line import ListLine
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated
from smtpy_desktop.views.widgets.title_row import TitleRow

_TOPICS = (Topic.ALIASES, Topic.DOMAINS, Topic.ORGANIZATIONS, Topic.CONNECTION)
_DETAILS_WIDTH = 380


class AliasesView(QWidget):
    """``page_wanted``: this page is to be shown. ``domain_wanted(DomainId)``: a domain, or with 0 the domains' page.

    ``simulate_wanted(str)``, ``test_wanted(str)``: mail to an address is to be tried out. ``line_changed(str)``: the
    bottom line.
    """

    page_wanted = Signal()
    domain_wanted = Signal(int)
    simulate_wanted = Signal(str)
    test_wanted = Signal(str)
    line_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._totals: AliasTotals | None = None
        self._domains = 0
        self._error: UserFacingError | None = None
        self._route: Destination | None = None
        self._is_stale = True
        self.commands = AliasesActions(context, self)
        self.split = SplitPage("aliases", context.memory, self, details_width=_DETAILS_WIDTH)
        self.details = AliasDetailsView(context, self.split)
        self.filters = AliasesFilterBar(context, self)
        self.list = AliasesList(context, self)
        self.selection = AliasesSelection(context, self.list, self.commands)
        self.empty_states = AliasesEmptyStates(self)
        self._reading = CalmReading(self._read, self)
        self._build()
        self._connect()

    # For the window

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(new=self.add, refresh=self.refresh, find=self.filters.focus_box, back=self.go_back)

    @property
    def is_calm(self) -> bool:
        """Whether nothing is about to be read."""
        waits = self._reading.is_waiting or self.filters.is_about_to_change or self.details.is_about_to_read
        return not (waits or self.list.model.is_loading)

    def refresh(self) -> None:
        """Read everything on the page again."""
        self._reading.now()

    def add(self) -> AliasDialog:
        """Open the dialog that adds an alias, with what was looked for in vain."""
        typed = self.filters.filters.text.strip() if not self.list.model.rowCount() else ""
        return self.commands.add(self.filters.domain, typed)

    def import_list(self, *, from_file: bool) -> AliasesImportDialog:
        """Open the dialog that takes a whole list in."""
        return self.commands.import_list(self.filters.domain, from_file=from_file)

    def show_domain(self, domain_id: DomainId) -> None:
        """Show the page with the aliases of one domain."""
        self.page_wanted.emit()
        self._context.runner.run(
            domains_controller.get_domain(self._context.services.sessions, domain_id),
            owner=self,
            on_success=self._on_domain_read,
            replaces="aliases/domain",
        )

    def go_back(self) -> bool:
        """Clear the filters and go to the list; False when there was nothing to do."""
        if self.filters.is_applied:
            self.filters.clear()
        elif self.list.table.hasFocus():
            return False
        self.list.table.setFocus()
        return True

    # Building

    def _build(self) -> None:
        self.line = ListLine(self.filters.clear, self)
        self.split.fill(self, self._build_title(), self.filters, self.line, self.list)
        self.split.fill_details(self.details.head, self.details.body, self.details.foot)
        self.setFocusProxy(self.list.table)

    def _build_title(self) -> TitleRow:
        self._counts = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        menu = QMenu(self)
        menu.setAccessibleName(tr("Import"))
        menu.addAction(tr("&Paste a list…"), partial(self.import_list, from_file=False))
        menu.addAction(tr("From a &file…"), partial(self.import_list, from_file=True))
        self.import_button = MenuButton(tr("Import"), menu, self)
        self.export_button = Button(tr("Export…"), self, icon="file-export", action=self._export)
        set_tooltip(self.export_button, tr("Write what is listed as CSV, which can be imported again"))
        self.add_button = Button(tr("Add alias"), self, kind="primary", icon="plus", action=self.add)
        set_tooltip(self.add_button, tr("Add an alias ({key})", key=key_text(Shortcut.NEW.keys)))
        title = PlainLabel(tr("Aliases"), self, size="title")
        return TitleRow(title, self._counts, self.import_button, self.export_button, self.add_button)

    def _connect(self) -> None:
        context, table, details = self._context, self.list.table, self.details
        context.bus.changed.connect(self._on_changed)
        context.choice.chosen_changed.connect(self._on_choice_changed)
        self.filters.changed.connect(self._on_filters_changed)
        self.filters.left.connect(table.setFocus)
        self.list.selection_changed.connect(self._on_selection_changed)
        self.list.loaded.connect(self._on_loaded)
        self.list.failed.connect(self._on_failed)
        self.list.sorted.connect(self._show_line)
        table.find_typed.connect(self.filters.focus_box)
        table.details_wanted.connect(self.split.toggle_details)
        table.row_opened.connect(self.selection.edit_row)
        details.edit_wanted.connect(self.selection.edit)
        details.active_wanted.connect(self.selection.set_active)
        details.delete_wanted.connect(self.selection.delete)
        details.postmaster_wanted.connect(lambda address: self.commands.add(None, address))
        details.domain_wanted.connect(self.domain_wanted)
        details.simulate_wanted.connect(self.simulate_wanted)
        details.test_wanted.connect(self.test_wanted)
        self.commands.saved.connect(self._on_saved)
        self.empty_states.add_wanted.connect(self.add)
        self.empty_states.paste_wanted.connect(partial(self.import_list, from_file=False))
        self.empty_states.domain_wanted.connect(partial(self.domain_wanted.emit, 0))
        self.empty_states.clear_wanted.connect(self.filters.clear)
        self.empty_states.retry_wanted.connect(self.refresh)

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has changed while the page was not seen."""
        super().showEvent(event)
        if self._is_stale:
            self._reading.now()

    def _on_changed(self, change: Change) -> None:
        if change.topic not in _TOPICS:
            return
        self._is_stale = True
        if self.isVisible():
            self._reading.soon()

    def _on_choice_changed(self) -> None:
        self.filters.clear()
        self._on_filters_changed()
        self._reading.soon()

    def _read(self) -> TaskHandle:
        sessions, runner = self._context.services.sessions, self._context.runner
        organization = self._context.choice.chosen
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.list.refresh()
            self.details.refresh()
            self._read_route()
        runner.run(
            domains_controller.domain_totals(sessions, organization),
            owner=self,
            on_success=self._take_domains,
            on_error=say_nothing,
            replaces="aliases/domains",
        )
        return runner.run(
            aliases_controller.alias_totals(sessions, AliasQuery(organization_id=organization)),
            owner=self,
            on_success=self._take_totals,
            on_error=say_nothing,  # the list says that the database is away
            replaces="aliases/totals",
        )

    def _read_route(self) -> None:
        """Find out where mail to the address that was typed goes, when it is a whole one."""
        self._route = None
        typed = self.filters.filters.text.strip()
        if "@" in typed.strip("@"):
            self._context.runner.run(
                aliases_controller.find_route(self._context.services.sessions, typed),
                owner=self,
                on_success=self._take_route,
                on_error=say_nothing,
                replaces="aliases/route",
            )

    def _take_route(self, route: Destination) -> None:
        self._route = None if route.match.kind is MatchKind.ELSEWHERE else route
        self._show_state()

    def _take_domains(self, totals: DomainTotals) -> None:
        self._domains = totals.total
        self._show_state()

    def _take_totals(self, totals: AliasTotals) -> None:
        self._totals = totals
        words = [tr_n("{n} alias", "{n} aliases", totals.total)]
        if totals.inactive:
            words.append(tr_n("{n} inactive", "{n} inactive", totals.inactive))
        self._counts.setText(" · ".join(words) if totals.total else "")
        self._show_state()

    def _on_domain_read(self, domain: DomainDetails) -> None:
        choice = self._context.choice
        if choice.chosen not in (None, domain.organization_id):
            choice.choose(domain.organization_id)
        self.filters.show_domain(domain)

    def _on_filters_changed(self) -> None:
        self._route = None
        self.list.show_query(self.filters.filters.query(self._context.choice.chosen))
        self._read_route()
        self._show_state()

    def _on_saved(self, alias: AliasRow) -> None:
        self.list.reveal(alias.id)
        self._reading.soon()

    def _on_loaded(self) -> None:
        self._error = None
        self._show_state()

    def _on_failed(self, error: UserFacingError) -> None:
        self._error = error
        self._is_stale = True
        self._show_state()

    def _show_state(self) -> None:
        """Show the list, or why it is empty and what to do about it."""
        totals, frame = self._totals, self.list.frame
        can_act = not self._context.services.is_read_only
        has_rows = self.list.model.rowCount() > 0
        self.add_button.setEnabled(can_act and self._domains > 0)
        self.import_button.setEnabled(can_act and self._domains > 0)
        self.export_button.setEnabled(has_rows)
        is_empty = totals is not None and not totals.total
        self.filters.setVisible(not is_empty or self.filters.is_applied)
        self._show_line()
        if has_rows:
            frame.show_table()
        elif self._error is not None:
            frame.show_instead(self.empty_states.unreachable(self._error))
        elif self.filters.is_applied:
            frame.show_instead(self.empty_states.no_match(self._route_words()))
        elif is_empty and not self._domains:
            frame.show_instead(self.empty_states.no_domain())
        elif is_empty:
            frame.show_instead(self.empty_states.first_alias(can_act=can_act))

    def _show_line(self) -> None:
        """Say how many match and how they are sorted, or where mail to a typed address goes."""
        query, count = self.list.query, self.list.model.rowCount()
        words = tr("Sorted by {column}", column=self.list.sort_title.lower())
        if query.descending:
            words = tr("Sorted by {column}, descending", column=self.list.sort_title.lower())
        if self.filters.is_applied and self._totals is not None:
            words = tr("{n} of {total} aliases match.", n=number(count), total=number(self._totals.total))
            words = f"{words} {self._route_words()}".strip()
        self.line.label.setText(words if count or self.filters.is_applied else "")
        self.line.clear_button.setVisible(self.filters.is_applied)

    def _route_words(self) -> str:
        route = self._route
        if route is None:
            return ""
        if not route.targets:
            return tr("Mail to {address}: {reason}", address=route.address, reason=translated(route.reason))
        return tr(
            "Mail to {address} goes to {targets}. {reason}",
            address=route.address,
            targets=", ".join(target.address for target in route.targets),
            reason=translated(route.reason),
        )

    def _on_selection_changed(self) -> None:
        table = self.list.table
        count = table.selected_count
        row = table.current_row() if count == 1 else None
        if count > 1:
            self.details.show_selection(count)
        elif row is not None:
            self.details.show_alias(row)
        elif not count and not self.list.model.is_loading:
            self.details.show_nothing(has_rows=self.list.model.rowCount() > 0)
        chosen = tr("{n} of {total} selected", n=number(count), total=number(self.list.model.rowCount()))
        self.line_changed.emit(chosen if count > 1 else "")

    def _export(self) -> None:
        self.commands.export(self.list.query)
