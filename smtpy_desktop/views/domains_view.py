"""The page of the domains: what needs attention, the list, and the records of the selected one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import domains_controller, settings_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.domains import DomainDetails, DomainRow, DomainTotals
from smtpy_desktop.schemas.identifiers import DomainId
from smtpy_desktop.schemas.mail_identity import DnsSettings, MailIdentity
from smtpy_desktop.views.add_domain_dialog import AddDomainDialog
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.command_palette import PaletteEntry
from smtpy_desktop.views.domain_details_view import DomainDetailsView
from smtpy_desktop.views.domains_actions import DomainsActions
from smtpy_desktop.views.domains_empty_states import DomainsEmptyStates
from smtpy_desktop.views.domains_filters import DomainFilters, DomainsFilterBar
from smtpy_desktop.views.domains_list import DomainsList
from smtpy_desktop.views.domains_palette import DomainsPalette
from smtpy_desktop.views.domains_selection import DomainsSelection
from smtpy_desktop.views.mail_identity_words import why_not_verified
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.shortcuts import Shortcut, bind, key_text
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.list_line import ListLine
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import number, tr, tr_n
from smtpy_desktop.views.widgets.title_row import TitleRow

MAIL_IDENTITY = "mail-identity"


class DomainsView(QWidget):
    """``settings_wanted(str)``: a part of the settings. ``page_wanted``: this page is to be shown.

    ``aliases_wanted(DomainId)``: those of a domain are to be shown. ``simulate_wanted(str)``, ``test_wanted(str)``:
    mail to an address is to be tried out.

    ``totals_changed(DomainTotals)``: how many there are and need attention. ``line_changed(str)``: the bottom line.
    """

    settings_wanted = Signal(str)
    page_wanted = Signal()
    aliases_wanted = Signal(int)
    simulate_wanted = Signal(str)
    test_wanted = Signal(str)
    totals_changed = Signal(object)
    line_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._totals: DomainTotals | None = None
        self._missing: tuple[str, ...] = ()
        self._is_stale = True
        self._details_changed = False
        self._shows_organizations: bool | None = None
        self._error: UserFacingError | None = None
        self.commands = DomainsActions(context, self)
        self.split = SplitPage("domains", context.memory, self)
        self.details = DomainDetailsView(context, self.split)
        self.filters = DomainsFilterBar(self)
        self.list = DomainsList(context, self)
        self.selection = DomainsSelection(context, self.list, self.commands)
        self.empty_states = DomainsEmptyStates(self)
        self.palette_provider = DomainsPalette(context, self.show_domain, self._palette_commands(), self)
        self._reading = CalmReading(self._read, self)
        self._build()
        self._connect()
        self._bind_keys()
        self._show_organizations()

    # For the window

    def add_domain(self) -> AddDomainDialog:
        """Open the dialog that adds a domain."""
        dialog = AddDomainDialog(self._context, self)
        dialog.added.connect(self._on_added)
        dialog.several_added.connect(self._on_several_added)
        dialog.open()
        return dialog

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(new=self.add_domain, refresh=self.refresh, find=self.focus_filter, back=self.go_back)

    def refresh(self) -> None:
        """Read everything on the page again."""
        self._reading.now()

    def focus_filter(self) -> None:
        """Give the text filter the keyboard."""
        self.filters.focus_box()

    def go_back(self) -> bool:
        """Clear the filters and go to the list; False when there was nothing to do."""
        had_focus = self.list.table.hasFocus()
        if self.filters.is_applied:
            self.clear_filters()
        elif had_focus:
            return False
        self.list.table.setFocus()
        return True

    def show_domain(self, domain_id: DomainId) -> None:
        """Show the page with a domain selected."""
        self.page_wanted.emit()
        self.filters.clear()
        self.list.reveal(domain_id)
        self.split.show_details(True)

    def verify_all(self) -> None:
        """Verify every domain that is listed."""
        self.list.with_listed_ids(self.commands.verify)

    # Building

    def _build(self) -> None:
        self.line = ListLine(self.clear_filters, self)
        self.split.fill(self, self._build_title(), self.filters, self.line, self.list)
        self.split.fill_details(self.details.head, self.details.body, self.details.foot)
        self.setFocusProxy(self.list.table)

    def _palette_commands(self) -> tuple[PaletteEntry, ...]:
        command = tr("Action")
        return (
            PaletteEntry(tr("Add a domain"), partial(self._on_page, self.add_domain), "plus", command),
            PaletteEntry(tr("Verify all domains"), partial(self._on_page, self.verify_all), "refresh", command),
            PaletteEntry(tr("Show domains that need attention"), self.show_attention, "alert-triangle", command),
        )

    def _on_page(self, run: Callable[[], object]) -> None:
        self.page_wanted.emit()
        run()

    def _build_title(self) -> TitleRow:
        self._counts = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        self.verify_all_button = Button(tr("Verify all"), self, icon="refresh", action=self.verify_all)
        set_tooltip(self.verify_all_button, _verify_all_words())
        self.add_button = Button(tr("Add domain"), self, kind="primary", icon="plus", action=self.add_domain)
        set_tooltip(self.add_button, tr("Add a domain ({key})", key=key_text(Shortcut.NEW.keys)))
        title = PlainLabel(tr("Domains"), self, size="title")
        return TitleRow(title, self._counts, self.verify_all_button, self.add_button)

    def _connect(self) -> None:
        context = self._context
        context.bus.changed.connect(self._on_changed)
        context.choice.chosen_changed.connect(self._on_choice_changed)
        context.choice.changed.connect(self._show_organizations)
        self.filters.changed.connect(self._on_filters_changed)
        self.filters.left.connect(self.list.table.setFocus)
        self.list.selection_changed.connect(self._on_selection_changed)
        self.list.loaded.connect(self._on_loaded)
        self.list.failed.connect(self._on_failed)
        self.list.sorted.connect(self._show_line)
        self.list.not_listed.connect(self._on_not_listed)
        table = self.list.table
        table.details_wanted.connect(self.split.toggle_details)
        table.row_opened.connect(self._on_row_opened)
        table.find_typed.connect(self.filters.focus_box)
        details = self.details
        details.verify_wanted.connect(lambda: self._on_shown(lambda shown: self.commands.verify([shown])))
        details.settings_wanted.connect(lambda: self._on_shown(self.commands.open_settings))
        details.history_wanted.connect(lambda: self._on_shown(self.commands.open_history))
        details.simulate_wanted.connect(self.simulate_wanted)
        details.test_wanted.connect(self.test_wanted)
        details.aliases_wanted.connect(lambda: self._on_shown(self.aliases_wanted.emit))
        details.selection_verify_wanted.connect(self.selection.verify)
        details.selection_active_wanted.connect(self.selection.set_active)
        details.another_shown.connect(self.split.show_top)
        details.gone.connect(self.list.refresh)
        self.commands.reported.connect(details.show_report)
        self.commands.verifying.connect(lambda ids, running: details.set_verifying(ids, running=running))
        self.commands.attention_wanted.connect(self.show_attention)
        for source in (details.identity_wanted, self.commands.identity_wanted, self.empty_states.identity_wanted):
            source.connect(partial(self.settings_wanted.emit, MAIL_IDENTITY))
        self.empty_states.add_wanted.connect(self.add_domain)
        self.empty_states.clear_wanted.connect(self.clear_filters)
        self.empty_states.retry_wanted.connect(self.refresh)

    def _bind_keys(self) -> None:
        # In the whole window: a shortcut of a page that is not seen sleeps by itself.
        bind(self, Shortcut.VERIFY.keys, self.selection.verify)
        bind(self, Shortcut.VERIFY_ALL.keys, self.verify_all)

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        """Read what has changed while the page was not seen."""
        super().showEvent(event)
        if self._is_stale:
            self._reading.now()

    def _on_changed(self, change: Change) -> None:
        match change.topic:
            case Topic.DOMAINS | Topic.ORGANIZATIONS | Topic.SETTINGS | Topic.CONNECTION:
                shown = self.details.domain_id
                if change.topic is not Topic.DOMAINS or not change.ids or shown in change.ids:
                    self._details_changed = True
                self._reading.soon()
            case _:
                return

    def _read(self) -> TaskHandle:
        """Read the counts, and the list and the details where they are seen."""
        sessions, runner = self._context.services.sessions, self._context.runner
        self._is_stale = not self.isVisible()
        reading = runner.run(
            domains_controller.domain_totals(sessions, self._context.choice.chosen),
            owner=self,
            on_success=self._show_totals,
            on_error=say_nothing,  # the list says that the database is away
            replaces="domains/totals",
        )
        if self._is_stale:
            return reading
        runner.run(
            settings_controller.mail_settings(sessions),
            owner=self,
            on_success=self._take_identity,
            on_error=say_nothing,
            replaces="domains/identity",
        )
        self.list.refresh()
        if self._details_changed:
            self._details_changed = False
            self.details.refresh()
        return reading

    def _show_totals(self, totals: DomainTotals) -> None:
        self._totals = totals
        words = [tr_n("{n} domain", "{n} domains", totals.total)]
        if totals.needs_attention:
            words.append(tr_n("{n} needs attention", "{n} need attention", totals.needs_attention))
        self._counts.setText(" · ".join(words) if totals.total else "")
        self.filters.set_attention_count(totals.needs_attention)
        self.totals_changed.emit(totals)
        self._show_state()

    def _take_identity(self, settings: tuple[MailIdentity, DnsSettings]) -> None:
        self._missing = settings[0].missing
        self._show_state()

    def _on_loaded(self) -> None:
        self._error = None
        self._show_state()
        self._show_line()

    def _on_failed(self, error: UserFacingError) -> None:
        self._error = error
        self._show_state()

    def _show_state(self) -> None:
        """Show the list, or why it is empty and what to do about it."""
        totals, frame = self._totals, self.list.frame
        has_rows = self.list.model.rowCount() > 0
        can_act = not self._context.services.is_read_only
        self.add_button.setEnabled(can_act)
        self.verify_all_button.setEnabled(has_rows and can_act and not self._missing)
        set_tooltip(self.verify_all_button, why_not_verified(self._missing) if self._missing else _verify_all_words())
        self.filters.setVisible(totals is None or totals.total > 0 or self.filters.is_applied)
        if has_rows:
            frame.show_table()
        elif self._error is not None:
            frame.show_instead(self.empty_states.unreachable(self._error))
        elif self.filters.is_applied:
            frame.show_instead(self.empty_states.no_match())
        elif totals is not None and totals.total == 0:
            frame.show_instead(self.empty_states.first_domain(missing=self._missing, can_act=can_act))
            self.details.show_nothing(has_domains=False)

    def _show_line(self) -> None:
        """Say how many match and how they are sorted."""
        query, column = self.list.query, self.list.sort_title.lower()
        words = tr("Sorted by {column}", column=column)
        if query.descending:
            words = tr("Sorted by {column}, descending", column=column)
        if self.filters.is_applied and self._totals is not None:
            count, total = number(self.list.model.rowCount()), number(self._totals.total)
            words = tr("{n} of {total} domains match. {order}", n=count, total=total, order=words)
        self.line.label.setText(words if self.list.model.rowCount() or self.filters.is_applied else "")
        self.line.clear_button.setVisible(self.filters.is_applied)
        self.verify_all_button.set_text(tr("Verify these") if self.filters.is_applied else tr("Verify all"))

    def _on_selection_changed(self) -> None:
        table = self.list.table
        count = table.selected_count
        row = table.current_row() if count == 1 else None
        if count > 1:
            self.details.show_selection(count)
        elif row is not None:
            self.details.show_domain(row.id)
        elif not count and not self.list.model.is_loading:
            self.details.show_nothing(has_domains=bool(self._totals and self._totals.total))
        chosen = tr("{n} of {total} selected", n=number(count), total=number(self.list.model.rowCount()))
        self.line_changed.emit(chosen if count > 1 else "")

    def _on_row_opened(self, row: DomainRow) -> None:
        self.details.show_domain(row.id)
        self.split.show_details(True)
        self.details.verify_button.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_filters_changed(self) -> None:
        self.list.show_filtered(self.filters.filters, self._context.choice.chosen)

    def clear_filters(self) -> None:
        """Let every domain through; the message that says so offers to take it back."""
        before = self.filters.filters
        self.filters.clear()
        if before != self.filters.filters:
            undo = partial(self.filters.set_filters, before)
            message = Message(tr("Filters cleared."), Tone.ACCENT, tr("Undo"), undo, key="filters")
            self._context.tell(message)

    def show_attention(self) -> None:
        """List what needs attention and nothing else."""
        self.page_wanted.emit()
        self.filters.set_filters(DomainFilters(needs_attention=True))

    def _on_choice_changed(self) -> None:
        self._on_filters_changed()
        self.refresh()

    def _show_organizations(self) -> None:
        choice = self._context.choice
        shown = choice.chosen is None and len(choice.organizations) > 1
        if shown != self._shows_organizations:
            self._shows_organizations = shown
            self.list.show_organizations(shown=shown)

    def _on_added(self, domain: DomainDetails) -> None:
        self.show_domain(domain.id)
        words = tr("{name} was added. Publish its records, then verify it.", name=domain.unicode_name)
        self._context.tell(Message(words, key="added"))

    def _on_several_added(self, count: int) -> None:
        words = tr_n("{n} domain was added.", "{n} domains were added.", count)
        self._context.tell(Message(words, key="added"))

    def _on_not_listed(self, domain_id: int) -> None:
        """Look among the domains of all organizations for one that is to be shown."""
        if self._context.choice.chosen is not None:
            self._context.choice.choose(None)
            self.list.reveal(DomainId(domain_id))

    def _on_shown(self, act: Callable[[DomainId], object]) -> None:
        if self.details.domain_id is not None:
            act(self.details.domain_id)


def _verify_all_words() -> str:
    return tr("Verify every domain listed ({key})", key=key_text(Shortcut.VERIFY_ALL.keys))
