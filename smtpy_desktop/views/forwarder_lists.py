"""The three lists of the Forwarder page, one at a time: the queue by destination, the books, the processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.books import Books
from smtpy_desktop.schemas.forwarder import BookLine, ForwarderProcess, ForwarderState, QueueLine
from smtpy_desktop.schemas.queue import ForwarderPicture, QueueAction
from smtpy_desktop.views.forwarder_columns import book_columns, process_columns, queue_columns
from smtpy_desktop.views.forwarder_empty_states import ForwarderEmptyStates
from smtpy_desktop.views.forwarder_words import action_icon, action_title
from smtpy_desktop.views.row_menu import add_entry
from smtpy_desktop.views.shortcuts import Shortcut, bind
from smtpy_desktop.views.tables.live_list import LiveList
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import number, tr, tr_n

QUEUE, BOOKS, PROCESSES = range(3)
"""The places of the lists."""

ACTION_KEYS = {
    QueueAction.RETRY: Shortcut.VERIFY,
    QueueAction.HOLD: Shortcut.HOLD,
    QueueAction.RELEASE: Shortcut.RELEASE,
    QueueAction.GIVE_UP: Shortcut.DELETE,
}
"""The keys of the actions, wherever deliveries are listed."""


class ForwarderLists(QWidget):
    """``selection_changed``: something else is selected. ``action_wanted(QueueAction)``: for selected destinations.

    ``opened``: the details of a line are wanted. ``toggled``: they are to be shown or hidden.
    ``copied(int, int)``: so many of so many selected rows.
    """

    selection_changed = Signal()
    action_wanted = Signal(object)
    opened = Signal()
    toggled = Signal()
    copied = Signal(int, int)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._picture: ForwarderPicture | None = None
        self._books: Books | None = None
        self._error: UserFacingError | None = None
        self._runs_here = False
        self.empty_states = ForwarderEmptyStates(self, may_run=not context.services.is_read_only)
        self._build_lists()
        self._build()
        self._connect()

    @property
    def current(self) -> LiveList[Any]:
        """The list that is seen."""
        lists: tuple[LiveList[Any], ...] = (self.queue, self.books, self.processes)
        return lists[self.tabs.currentIndex()]

    @property
    def chosen_destinations(self) -> tuple[str, ...]:
        """The selected destinations, while the queue is seen."""
        if self.tabs.currentIndex() != QUEUE:
            return ()
        return tuple(line.destination for line in self.queue.selected)

    @property
    def shown_books(self) -> Books | None:
        """The books that are listed."""
        return self._books

    def show_picture(self, picture: ForwarderPicture, *, runs_here: bool) -> None:
        """List another state of queue and processes."""
        self._picture, self._error, self._runs_here = picture, None, runs_here
        self.queue.show_rows(picture.queue.lines)
        self.processes.show_rows(picture.processes)
        self._set_count(QUEUE, tr("Queue"), picture.queue.destinations)
        running = sum(one.state is ForwarderState.RUNNING for one in picture.processes)
        self._set_count(PROCESSES, tr("Processes"), running)
        self._show()

    def show_books(self, books: Books) -> None:
        """List another state of the books."""
        self._books = books
        self.books.show_rows(books.lines)
        self.difference.setVisible(books.difference > 0)
        self.difference.set_label(
            tr_n("{n} message is not accounted for", "{n} messages are not accounted for", books.difference)
        )
        self._show()

    def show_error(self, error: UserFacingError) -> None:
        """Show that nothing could be read; what was read before stays."""
        self._error = error
        self._show()

    def open_destination(self, destination: str) -> None:
        """Show the queue with one destination."""
        self.tabs.setCurrentIndex(QUEUE)
        self.queue.select(destination)

    def open_difference(self) -> None:
        """Show the books with the first hour that does not balance."""
        self.tabs.setCurrentIndex(BOOKS)
        line = next((line for line in self.books.rows if line.difference), None)
        if line is not None:
            self.books.select(line.hour)
        self.opened.emit()

    # Building

    def _build_lists(self) -> None:
        memory = self._context.memory
        self.queue: LiveList[QueueLine] = LiveList(
            queue_columns(), tr("Queue by destination"), "forwarder-queue", memory, lambda row: row.destination, self
        )
        self.books: LiveList[BookLine] = LiveList(
            book_columns(), tr("Books of accepted mail"), "forwarder-books", memory, lambda row: row.hour, self
        )
        self.processes: LiveList[ForwarderProcess] = LiveList(
            process_columns(), tr("Forwarder processes"), "forwarder-processes", memory, lambda row: row.name, self
        )

    def _build(self) -> None:
        self.tabs = QTabBar(self)
        self.tabs.setAccessibleName(tr("Parts of the page"))
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for title in (tr("Queue"), tr("Books"), tr("Processes")):
            self.tabs.addTab(title)
        self.difference = Chip("", self, tone=Tone.BAD, icon="alert-triangle", action=self.open_difference)
        self.difference.hide()
        self._note = PlainLabel("", self, tone=Tone.MUTED, size="small", elide=Qt.TextElideMode.ElideRight)
        self._stack = QStackedWidget(self)
        for one in (self.queue, self.books, self.processes):
            self._stack.addWidget(one)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.tabs)
        row.addWidget(self._note, 1)
        row.addWidget(self.difference)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.setFocusProxy(self.queue.table)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        for one in (self.queue, self.books, self.processes):
            one.selection_changed.connect(self.selection_changed)
            one.table.details_wanted.connect(self.toggled)
            one.table.row_opened.connect(self.opened)
            one.table.copied.connect(self.copied)
        self.queue.table.set_menu_builder(self._build_menu)
        for action, shortcut in ACTION_KEYS.items():
            wanted = partial(self.action_wanted.emit, action)
            bind(self.queue, shortcut.keys, wanted, Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _build_menu(self, menu: QMenu) -> None:
        lines = self.queue.selected
        waits, held = any(line.waiting for line in lines), any(line.held for line in lines)
        add_actions(
            menu,
            {
                QueueAction.RETRY: waits,
                QueueAction.HOLD: waits,
                QueueAction.RELEASE: held,
                QueueAction.GIVE_UP: waits or held,
            },
            self.action_wanted.emit,
            is_read_only=self._context.services.is_read_only,
        )

    # Showing

    def _on_tab(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        self.setFocusProxy(self.current.table)
        self._show()

    def _show(self) -> None:
        self._note.setText(self._note_words())
        self._show_frames()
        self.current.select_something()
        self.selection_changed.emit()

    def _set_count(self, place: int, title: str, count: int) -> None:
        words = f"{title} ({number(count)})" if count else title
        if self.tabs.tabText(place) != words:
            self.tabs.setTabText(place, words)

    def _note_words(self) -> str:
        place, picture = self.tabs.currentIndex(), self._picture
        if self._error is not None and picture is not None:
            return tr("Could not be read just now; it is tried again.")
        if place == QUEUE and picture is not None and len(picture.queue.lines) < picture.queue.destinations:
            shown, total = number(len(picture.queue.lines)), number(picture.queue.destinations)
            return tr("The {n} busiest of {total} destinations.", n=shown, total=total)
        if place == BOOKS and self._books is not None and self._books.lines:
            return tr("Accepted = delivered + bounced + failed + rejected + in queue + removed")
        return ""

    def _show_frames(self) -> None:
        states, picture = self.empty_states, self._picture
        if picture is None:
            if self._error is not None:
                self.current.frame.show_instead(states.unreachable(self._error))
            return
        never_seen = not picture.processes and not self._runs_here
        self._frame(self.queue, states.never_seen if never_seen else states.nothing_waits)
        self._frame(self.processes, states.no_process)
        if self._books is not None:
            self._frame(self.books, states.nothing_accepted)

    def _frame(self, listed: LiveList[Any], empty: Callable[[], QWidget]) -> None:
        if listed.rows:
            listed.frame.show_table()
        elif self.current is listed:
            listed.frame.show_instead(empty())


def add_actions(
    menu: QMenu, possible: dict[QueueAction, bool], act: Callable[[QueueAction], object], *, is_read_only: bool
) -> None:
    """Put the actions of the queue into a context menu."""
    if not any(possible.values()):
        return
    for action, is_possible in possible.items():
        title, keys = action_title(action), ACTION_KEYS[action].keys
        enabled = is_possible and not is_read_only
        add_entry(menu, action_icon(action), title, partial(act, action), keys, enabled=enabled)


def selected_words(chosen: Sequence[object], total: int) -> str:
    """Return the bottom line: how many are selected, where that is more than one."""
    if len(chosen) < 2:
        return ""
    return tr("{n} of {total} selected", n=number(len(chosen)), total=number(total))
