"""The page of the messages: search, list, and the details of the selected one; live."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers.saved_views_controller import VIEWS_CHANGED
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageRow, SavedView
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.export_dialog import open_export_dialog
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.message_details_view import MessageDetailsView
from smtpy_desktop.views.messages_actions import MessagesActions
from smtpy_desktop.views.messages_bulk_actions import MessagesBulkActions
from smtpy_desktop.views.messages_completion import MessagesCompletion
from smtpy_desktop.views.messages_counts import MessagesCounts
from smtpy_desktop.views.messages_empty_states import MessagesEmptyStates
from smtpy_desktop.views.messages_filter_menu import MessagesFilterMenu
from smtpy_desktop.views.messages_list import RECENT_COUNT, MessagesList
from smtpy_desktop.views.messages_search_bar import MessagesSearchBar
from smtpy_desktop.views.messages_selection import MessagesSelection
from smtpy_desktop.views.report_dialog import open_report
from smtpy_desktop.views.saved_views_menu import SavedViewsMenu
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.label import PlainLabel, set_tooltip
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import number, tr, tr_n, translated
from smtpy_desktop.views.widgets.title_row import TitleRow


class MessagesView(QWidget):
    """``page_wanted``: this page is to be shown. ``line_changed(str)``: the bottom line.

    ``domain_wanted(DomainId)``: a domain is to be shown on its own page.
    """

    page_wanted = Signal()
    line_changed = Signal(str)
    domain_wanted = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._is_stale = True
        self._is_paused = False
        self._was_held = False
        self._wanted: MessageId | None = None
        self._details_changed = False
        self._views_were_read = False
        self._error: UserFacingError | None = None
        self.split = SplitPage("messages", context.memory, self)
        self.details = MessageDetailsView(context, self.split)
        self.bar = MessagesSearchBar(self)
        self.filter_menu = MessagesFilterMenu(context, self.bar)
        self.list = MessagesList(context, self)
        self.commands = MessagesActions(context, self)
        self.bulk = MessagesBulkActions(context, self)
        self.selection = MessagesSelection(context, self.list, self.bar, self.commands, self.bulk, self.export)
        self.views = SavedViewsMenu(context, self)
        self.counts = MessagesCounts(context, lambda: self.list.model.is_loading, self)
        self.completion = MessagesCompletion(context, self.bar.box)
        self.empty_states = MessagesEmptyStates(self)
        self._reading = CalmReading(self._read, self)
        self._build()
        self._connect()
        bind(self, Shortcut.DELETE.keys, self.selection.delete)

    # For the window

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh, find=self.bar.focus_box, back=self.go_back)

    def run_on_page(self, run: Callable[[], object]) -> None:
        """Show the page and do something there."""
        self.page_wanted.emit()
        run()

    def show_recent(self) -> None:
        """List the newest messages alone."""
        self.bar.set_text("")
        self.recent_button.setChecked(True)
        self._on_recent()

    def show_search(self, text: str) -> None:
        """Show the page with a search."""
        self._views_were_read = True  # the default view must not take its place
        self.page_wanted.emit()
        self._leave_recent()
        self.bar.set_text(text)

    def show_message(self, message_id: MessageId) -> None:
        """Show the details of a message, listed or not; a list that is just being read leaves them."""
        self._wanted = message_id
        if not self.list.table.select_id(message_id):
            self.list.table.clearSelection()
        self.details.show_message(message_id)
        self.split.show_details(True)

    def refresh(self) -> None:
        """Read everything on the page again."""
        self._let_go_of_list()
        self.list.refresh()
        self.counts.read(self.list.query)
        self.details.refresh()

    def go_back(self) -> bool:
        """Clear the search and go to the list; False when there was nothing to do."""
        had_focus = self.list.table.hasFocus()
        if self.bar.text.strip():
            self.clear_search()
        elif self.list.is_recent:
            self.recent_button.click()
        elif had_focus:
            return False
        self.list.table.setFocus()
        return True

    def clear_search(self) -> None:
        """List everything; the message that says so offers to take it back."""
        before = self.bar.text
        self.bar.set_text("")
        if before.strip():
            undo = partial(self.bar.set_text, before)
            self._context.tell(Message(tr("Search cleared."), Tone.ACCENT, tr("Undo"), undo, key="search"))

    def export(self) -> None:
        """Ask how to export exactly the messages that are listed."""
        limit = RECENT_COUNT if self.list.is_recent else None
        open_export_dialog(self._context, self.list.query, self, limit=limit)

    def report(self) -> None:
        """Show a report on exactly the messages of the search."""
        open_report(self._context, self.list.query, self)

    def finish_deletions(self) -> None:
        """Delete now what is about to be deleted (the window closes)."""
        self.commands.finish_deletions()
        self.bulk.finish_deletions()

    # Building

    def _build(self) -> None:
        self.news_button = Button("", self, kind="link", action=self.show_news)
        self.news_button.hide()
        self.bar.line.addWidget(self.news_button, 0, Qt.AlignmentFlag.AlignTop)
        self.split.fill(self, self._build_title(), self.bar, self.list)
        self.split.fill_details(self.details.head, self.details.body, self.details.foot)
        self.setFocusProxy(self.list.table)

    def _build_title(self) -> TitleRow:
        self.recent_button = Button(tr("Recent"), self, icon="history", action=self._on_recent)
        self.recent_button.setCheckable(True)
        set_tooltip(self.recent_button, tr("List only the newest {n} messages", n=number(RECENT_COUNT)))
        self.pause_button = Button(tr("Pause"), self, icon="player-pause", action=self._on_pause)
        self.pause_button.setCheckable(True)
        set_tooltip(self.pause_button, tr("Leave the list as it is while new messages come"))
        self.views_button = MenuButton(tr("Views"), self.views.menu, self)
        self.export_button = MenuButton(tr("Export"), self._export_menu(), self)
        title = PlainLabel(tr("Messages"), self, size="title")
        buttons = (self.recent_button, self.pause_button, self.views_button, self.export_button)
        return TitleRow(title, self.counts.label, *buttons)

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(tr("Export"))
        menu.addAction(tr("Messages of this search…"), self.export)
        menu.addAction(tr("Report on this search (PDF)…"), self.report)
        return menu

    def _connect(self) -> None:
        context, table, details = self._context, self.list.table, self.details
        context.bus.changed.connect(self._on_changed)
        context.choice.chosen_changed.connect(self._on_search_changed)
        self.bar.changed.connect(self._on_search_changed)
        self.bar.left.connect(table.setFocus)
        self.list.selection_changed.connect(self._on_selection_changed)
        self.list.loaded.connect(self._on_loaded)
        self.list.failed.connect(self._on_failed)
        self.list.news_counted.connect(self._show_news)
        self.list.model.sort_requested.connect(lambda *order: self.recent_button.setChecked(False))
        table.details_wanted.connect(self.split.toggle_details)
        table.row_opened.connect(self._on_row_opened)
        table.find_typed.connect(self.bar.focus_box)
        table.set_menu_builder(self.selection.build_menu)
        details.retry_wanted.connect(lambda message_id: self.commands.retry([message_id]))
        details.status_wanted.connect(self.commands.open_status)
        details.undo_wanted.connect(self.commands.undo)
        details.domain_wanted.connect(self.domain_wanted)
        details.message_wanted.connect(self.show_message)
        details.selection_retry_wanted.connect(self.selection.retry)
        details.selection_delete_wanted.connect(self.selection.delete)
        details.selection_status_wanted.connect(self.selection.update_status)
        self.bulk.going_changed.connect(self.list.set_going_selections)
        self.bulk.begun.connect(self._let_go_of_list)
        self.commands.going_changed.connect(self.list.set_going)
        self.commands.going_changed.connect(details.set_going)
        self.views.chosen.connect(self.bar.set_text)
        self.views.default_read.connect(self._on_default_read)
        self.counts.changed.connect(self._show_line)
        self.empty_states.clear_wanted.connect(self.clear_search)
        self.empty_states.retry_wanted.connect(self.refresh)

    # What happens

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._views_were_read:
            self.views.read()  # the list begins with the default view
        elif self._is_stale:
            self._reading.now()

    def _on_default_read(self, view: SavedView | None) -> None:
        if self._views_were_read:
            return
        self._views_were_read = True
        if view is not None and not self.bar.text.strip():
            self.bar.set_text(view.query)
        else:
            self._reading.now()

    def _on_changed(self, change: Change) -> None:
        match change.topic:
            case Topic.MESSAGES if change == VIEWS_CHANGED:
                self.views.read()
            case Topic.MESSAGES | Topic.DOMAINS | Topic.CONNECTION:
                shown = self.details.message_id
                if change.topic is not Topic.MESSAGES or not change.ids or shown in change.ids:
                    self._details_changed = True
                self._is_stale = True
                self._reading.soon()
            case _:
                return

    def _read(self) -> TaskHandle:
        """Read what is seen again; while paused, only how many messages are new."""
        if not self.isVisible():
            return self.counts.read(self.list.query)
        if self._details_changed:
            self._details_changed = False
            self.details.refresh()
        self._is_stale = False
        self._was_held = self.list.is_held
        if self._is_paused or self._was_held:
            return self.list.count_news()
        self.list.refresh()
        return self.counts.read(self.list.query)

    def _on_search_changed(self) -> None:
        self._leave_recent()
        self.views.set_query(self.bar.text)
        self.list.show_search(self.bar.search, self._context.choice.chosen)
        self.counts.read(self.list.query)

    def _on_loaded(self) -> None:
        self._error = None
        if self._wanted is not None and self.list.table.current_row() is None:
            self.show_message(self._wanted)
        self.counts.take_length(None if self.list.is_recent else self.list.model.rowCount())
        self._show_state()
        self._show_line()

    def _on_failed(self, error: UserFacingError) -> None:
        is_told = self._error is not None
        self._error = error
        self._is_stale = True
        self._show_state()
        if self.list.model.rowCount() and not is_told:
            words = translated(error.message)
            self._context.tell(Message(words, Tone.BAD, tr("Try again"), self.refresh, key=error.code))

    def _show_state(self) -> None:
        """Show the list, or why it is empty and what to do about it."""
        frame = self.list.frame
        if self.list.model.rowCount():
            frame.show_table()
        elif self._error is not None:
            frame.show_instead(self.empty_states.unreachable(self._error))
        elif self.bar.search.groups:
            frame.show_instead(self.empty_states.no_match)
        else:
            frame.show_instead(self.empty_states.nothing_yet)

    def _show_line(self) -> None:
        count = self.list.table.selected_count
        total = number(self.counts.matching if self.counts.matching is not None else self.list.model.rowCount())
        left = tr_n("{n} of {total} selected", "{n} of {total} selected", count, total=total) if count else ""
        self.line_changed.emit(left)

    def _on_selection_changed(self) -> None:
        table = self.list.table
        count = table.selected_count
        row = table.current_row() if count == 1 else None
        if count > 1:
            self.details.show_selection(count)
        elif row is not None:
            self._wanted = None
            self.details.show_message(row.id)
        elif not count and not self.list.model.is_loading and self._wanted is None:
            self.details.show_nothing()
        table.keeps_top = count > 0
        self._show_line()
        if self._was_held and not self.list.is_held:
            self._was_held = False
            self._reading.soon()

    def _let_go_of_list(self) -> None:
        """Give up a selection for which the list stays as it is."""
        if self.list.is_held:
            self.list.table.clearSelection()

    def _on_row_opened(self, row: MessageRow) -> None:
        self.show_message(row.id)

    # New messages, pause, recent

    def show_news(self) -> None:
        """Show the newest messages at the top of the list."""
        self.news_button.hide()
        if not self.list.is_newest_first:
            self.list.sort_newest_first()
        self.list.show_newest()
        self.counts.read(self.list.query)

    def _show_news(self, count: int, more: bool) -> None:
        words = tr_n("{n} new — show", "{n} new — show", count)
        self.news_button.set_text(tr("More than {n} new — show", n=number(count)) if more else words)
        self.news_button.setVisible(count > 0)

    def _on_pause(self) -> None:
        self._is_paused = self.pause_button.isChecked()
        self.pause_button.set_text(tr("Go on") if self._is_paused else tr("Pause"))
        self.pause_button.set_icon("player-play" if self._is_paused else "player-pause")
        if not self._is_paused:
            self._reading.now()

    def _on_recent(self) -> None:
        self.list.show_recent(recent=self.recent_button.isChecked())

    def _leave_recent(self) -> None:
        if self.recent_button.isChecked():
            self.recent_button.setChecked(False)
            self.list.show_recent(recent=False)
