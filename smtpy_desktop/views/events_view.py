"""The page of Stripe's events: how each came, whether it is genuine, what became of it; live."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import stripe_events_controller
from smtpy_desktop.controllers.stripe_events_controller import EventsOverview
from smtpy_desktop.controllers.test_event_controller import TEST_TYPES
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.webhook_events import EventOutcome, RefusedDelivery
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.copied_rows import tell_copied
from smtpy_desktop.views.events_actions import EventsActions, EventTools
from smtpy_desktop.views.events_details import EventDetailsView
from smtpy_desktop.views.events_empty_states import FORWARD_COMMAND, EventsEmptyStates
from smtpy_desktop.views.events_filters import EventFilters, EventsFilterBar
from smtpy_desktop.views.events_list import EventsList
from smtpy_desktop.views.events_refused import EventsRefused
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.row_menu import add_entry
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.label import PlainLabel, menu_text, set_tooltip
from smtpy_desktop.views.widgets.list_line import ListLine
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.relative_time import exact_time, relative_time
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import number, tr, tr_n
from smtpy_desktop.views.widgets.title_row import TitleRow

_TOPICS = (Topic.EVENTS, Topic.ORGANIZATIONS, Topic.SETTINGS, Topic.CONNECTION)
_CLOCK_MILLISECONDS = 30_000
_DEFAULT_PORT = 4242
_SETTINGS_SECTION = "billing"
_DETAILS_WIDTH = 400


class EventsView(QWidget):
    """``settings_wanted(str)``: a part of the settings. ``page_wanted``: this page is to be shown.

    ``line_changed(str)``: the bottom line.
    """

    settings_wanted = Signal(str)
    page_wanted = Signal()
    line_changed = Signal(str)

    def __init__(self, context: ViewContext, tools: EventTools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._overview: EventsOverview | None = None
        self._error: UserFacingError | None = None
        self._is_stale = True
        self._tools = tools
        self.commands = EventsActions(context, tools, self)
        self.split = SplitPage("events", context.memory, self, details_width=_DETAILS_WIDTH)
        self.details = EventDetailsView(context, self.split)
        self.filters = EventsFilterBar(self)
        self.list = EventsList(context, self)
        self.refused = EventsRefused(context, self)
        self.empty_states = EventsEmptyStates(self)
        self._reading = CalmReading(self._read, self)
        self._build()
        self._connect()
        bind(self, Shortcut.VERIFY.keys, self.replay_selected)
        clock = QTimer(self)
        clock.setInterval(_CLOCK_MILLISECONDS)
        clock.timeout.connect(self._show_line)
        clock.start()

    # For the window

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh, find=self.filters.focus_box, back=self.go_back)

    @property
    def is_calm(self) -> bool:
        """Whether nothing is about to be read."""
        return not (
            self._reading.is_waiting
            or self.filters.is_about_to_change
            or self.details.is_about_to_read
            or self.list.model.is_loading
        )

    def refresh(self) -> None:
        """Read everything on the page again."""
        self._reading.now()

    def show_failed(self) -> None:
        """Show the page with the events that failed."""
        self.page_wanted.emit()
        self.filters.set_filters(EventFilters(outcomes=frozenset({EventOutcome.FAILED})))

    def show_event(self, stripe_id: str) -> None:
        """Show the page with one event."""
        self.page_wanted.emit()
        self.filters.set_filters(EventFilters(text=stripe_id))
        self.split.show_details(True)

    def go_back(self) -> bool:
        """Clear the filters and go to the list; False when there was nothing to do."""
        table = self._table()
        if self.filters.is_applied:
            self.filters.clear()
        elif table.hasFocus():
            return False
        table.setFocus()
        return True

    def replay_selected(self) -> None:
        """Work on the selected events again."""
        if not self.filters.filters.refused and self.list.table.selected_count:
            self.list.with_selected_numbers(self.commands.replay)

    # Building

    def _build(self) -> None:
        self._lists = QStackedWidget(self)
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.refused)
        self.line = ListLine(self.filters.clear, self)
        self.split.fill(self, self._build_title(), self.filters, self.line, self._lists)
        self.split.fill_details(self.details.head, self.details.body)
        self.setFocusProxy(self.list.table)

    def _build_title(self) -> TitleRow:
        self._counts = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        self.compare_button = Button(tr("Compare with Stripe…"), self, action=self.commands.compare)
        set_tooltip(self.compare_button, tr("Hold what is kept of every customer against Stripe, field by field"))
        menu = QMenu(self)
        menu.setAccessibleName(tr("Type"))
        for event_type in TEST_TYPES:
            menu.addAction(menu_text(event_type), partial(self.commands.send_test, event_type))
        self.test_button = MenuButton(tr("Send test event"), menu, self)
        set_tooltip(self.test_button, tr("Sign an event here and bring it to the own listener; it changes nothing"))
        self.catch_up_button = Button(tr("Catch up now"), self, icon="refresh", action=self.commands.catch_up)
        set_tooltip(self.catch_up_button, tr("Read from Stripe what was missed; it happens by itself, too"))
        title = PlainLabel(tr("Events"), self, size="title")
        return TitleRow(title, self._counts, self.compare_button, self.test_button, self.catch_up_button)

    def _connect(self) -> None:
        context, table = self._context, self.list.table
        context.bus.changed.connect(self._on_changed)
        context.choice.chosen_changed.connect(self._on_choice_changed)
        self.filters.changed.connect(self._on_filters_changed)
        self.filters.left.connect(table.setFocus)
        self.list.selection_changed.connect(self._on_selection_changed)
        self.refused.selection_changed.connect(self._on_selection_changed)
        self.list.loaded.connect(self._on_loaded)
        self.list.failed.connect(self._on_failed)
        table.set_menu_builder(self._build_menu)
        table.find_typed.connect(self.filters.focus_box)
        for one in (table, self.refused.table):
            one.details_wanted.connect(self.split.toggle_details)
            one.row_opened.connect(lambda row: self.split.show_details(True))
            one.copied.connect(partial(tell_copied, context))
        self.details.replay_wanted.connect(self.replay_selected)
        self.commands.catching_up.connect(lambda busy: self.catch_up_button.setEnabled(not busy and self._has_key()))
        self.commands.failed_wanted.connect(self.show_failed)
        self.commands.event_wanted.connect(self.show_event)
        self.empty_states.settings_wanted.connect(partial(self.settings_wanted.emit, _SETTINGS_SECTION))
        self.empty_states.catch_up_wanted.connect(self.commands.catch_up)
        self.empty_states.copy_wanted.connect(self._copy_command)
        self.empty_states.clear_wanted.connect(self.filters.clear)
        self.empty_states.retry_wanted.connect(self.refresh)

    def _build_menu(self, menu: QMenu) -> None:
        count = self.list.table.selected_count
        if not count:
            return
        title = tr("&Replay") if count == 1 else tr_n("&Replay {n} event", "&Replay {n} events", count)
        can_write = not self._context.services.is_read_only
        add_entry(menu, "refresh", title, self.replay_selected, Shortcut.VERIFY.keys, enabled=can_write)
        add_entry(menu, "copy", tr("Copy &ids"), self._copy_ids)

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
        self._on_filters_changed()
        self._reading.soon()

    def _read(self) -> TaskHandle:
        services, runner, organization = self._context.services, self._context.runner, self._context.choice.chosen
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.list.refresh()
            runner.run(
                stripe_events_controller.list_refused(services.sessions),
                owner=self,
                on_success=self._take_refused,
                on_error=say_nothing,
                replaces="events/refused",
            )
        return runner.run(
            stripe_events_controller.events_overview(services.sessions, services.stripe, organization),
            owner=self,
            on_success=self._take_overview,
            on_error=say_nothing,  # the list says that the database is away
            replaces="events/overview",
        )

    def _take_overview(self, overview: EventsOverview) -> None:
        self._overview = overview
        totals = overview.totals
        words = [tr_n("{n} event", "{n} events", totals.total)]
        if totals.failed:
            words.append(tr_n("{n} failed", "{n} failed", totals.failed))
        self._counts.setText(" · ".join(words) if totals.total else "")
        self.filters.set_counts(failed=totals.failed, refused=overview.refused)
        self._show_state()

    def _take_refused(self, rows: Sequence[RefusedDelivery]) -> None:
        self.refused.show_rows(rows)
        self._show_state()

    def _on_filters_changed(self) -> None:
        filters = self.filters.filters
        self._lists.setCurrentWidget(self.refused if filters.refused else self.list)
        query = filters.query(self._context.choice.chosen)
        if not filters.refused and query != self.list.query:
            self.list.show_query(query)
        self._show_state()
        self._on_selection_changed()

    def _on_loaded(self) -> None:
        self._error = None
        self._show_state()

    def _on_failed(self, error: UserFacingError) -> None:
        self._error = error
        self._is_stale = True
        self._show_state()

    def _show_state(self) -> None:
        """Show the list, or why it is empty and what to do about it."""
        overview = self._overview
        has_key = self._has_key()
        self.catch_up_button.setEnabled(has_key and not self._context.services.is_read_only)
        self.compare_button.setEnabled(has_key)
        is_empty = overview is not None and not overview.totals.total and not overview.refused
        self.filters.setVisible(not is_empty or self.filters.is_applied)
        self._show_line()
        frame = self.refused.frame if self.filters.filters.refused else self.list.frame
        if self.filters.filters.refused:
            if self.refused.model.rowCount():
                frame.show_table()
            else:
                frame.show_instead(self.empty_states.nothing_refused())
        elif self.list.model.rowCount():
            frame.show_table()
        elif self._error is not None:
            frame.show_instead(self.empty_states.unreachable(self._error))
        elif overview is not None and not overview.totals.total and not self.filters.is_applied:
            frame.show_instead(self.empty_states.no_event(self._port) if has_key else self.empty_states.no_key())
        elif overview is not None and self.filters.is_applied:
            frame.show_instead(self.empty_states.no_match())

    def _show_line(self) -> None:
        """Say how far Stripe was followed, or how many events match."""
        overview, count = self._overview, self.list.model.rowCount()
        self.line.clear_button.setVisible(self.filters.is_applied)
        if overview is None:
            return
        followed = overview.followed
        if self.filters.filters.refused:
            words = tr("Requests that Stripe did not sign; nothing was changed by them.")
        elif self.filters.is_applied:
            words = tr("{n} of {total} events match.", n=number(count), total=number(overview.totals.total))
        elif followed.checked_at is None:
            words = tr("Stripe was not caught up with yet.") if self._has_key() else ""
        else:
            words = tr(
                "Followed until {until}, looked {checked}.",
                until=exact_time(followed.followed_until),
                checked=relative_time(followed.checked_at),
            )
        self.line.label.setText(words)

    def _on_selection_changed(self) -> None:
        if self.filters.filters.refused:
            self._show_refused()
            return
        table = self.list.table
        count = table.selected_count
        row = table.current_row() if count == 1 else None
        if count > 1:
            self.details.show_selection(count)
        elif row is not None:
            self.details.show_event(row)
        elif not count and not self.list.model.is_loading:
            self.details.show_nothing(has_rows=self.list.model.rowCount() > 0)
        chosen = tr("{n} of {total} selected", n=number(count), total=number(self.list.model.rowCount()))
        self.line_changed.emit(chosen if count > 1 else "")

    def _show_refused(self) -> None:
        row = self.refused.current
        if row is None:
            self.details.show_nothing(has_rows=self.refused.model.rowCount() > 0)
        else:
            self.details.show_refused(row)
        self.line_changed.emit("")

    def _has_key(self) -> bool:
        mode = self._overview.mode if self._overview is not None else None
        return mode is not None and mode.has_key

    @property
    def _port(self) -> int:
        return self._tools.listener().port or _DEFAULT_PORT

    def _table(self) -> QWidget:
        return self.refused.table if self.filters.filters.refused else self.list.table

    def _copy_ids(self) -> None:
        rows = self.list.table.selected_rows()
        QGuiApplication.clipboard().setText("\n".join(row.id for row in rows))
        tell_copied(self._context, len(rows), self.list.table.selected_count)

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(FORWARD_COMMAND.format(port=self._port))
        self._context.tell(Message(tr("Copied the command. Run it where Stripe's command line is."), key="copied"))
