"""The Forwarder page: who forwards, what waits for whom, what comes and goes, and whether the books balance; live."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QElapsedTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import forwarder_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.books import Books
from smtpy_desktop.schemas.forwarder import BookLine, ForwarderProcess, QueueLine
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.queue import ForwarderPicture, QueueAction
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.copied_rows import tell_copied
from smtpy_desktop.views.forwarder_actions import ForwarderActions, QueueTarget, destinations_target
from smtpy_desktop.views.forwarder_details import ForwarderDetails
from smtpy_desktop.views.forwarder_flow import FlowCard
from smtpy_desktop.views.forwarder_head import RUNNING_HERE, ForwarderHead
from smtpy_desktop.views.forwarder_lists import ForwarderLists, selected_words
from smtpy_desktop.views.forwarder_words import COMMAND
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.single_shot import single_shot
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.tab_order import follow
from smtpy_desktop.views.widgets.texts import tr

_LIVE_MILLISECONDS = 2_000
_PATIENCE = 15
"""What takes long to read is read less often: at most a fifteenth of the time is spent with it."""
_BOOKS_MILLISECONDS = 60_000
_DETAILS_WIDTH = 372


@dataclass(frozen=True, slots=True)
class ForwarderTools:
    """What the page needs besides the services: a forwarder that can run in this window, for a trial."""

    start: Callable[[], object]
    stop: Callable[[], object]
    state: Callable[[], ForwardingState]


class ForwarderView(QWidget):
    """``search_wanted(str)``: messages are to be shown. ``page_wanted``: this page is. ``line_changed(str)``.

    ``seen(tuple)``: the processes were read.
    """

    search_wanted = Signal(str)
    page_wanted = Signal()
    line_changed = Signal(str)
    seen = Signal(object)

    def __init__(self, context: ViewContext, tools: ForwarderTools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._tools = context, tools
        self._picture: ForwarderPicture | None = None
        self.commands = ForwarderActions(context, self)
        self.split = SplitPage("forwarder", context.memory, self, details_width=_DETAILS_WIDTH)
        self.head = ForwarderHead(self)
        self.flow = FlowCard(self, lambda: self._tell(tr("Copied the chart as a picture.")))
        self.lists = ForwarderLists(context, self)
        self.details = ForwarderDetails(context, self.split)
        self._live = single_shot(self, self._read_when_seen)
        self._books_soon = single_shot(self, self._read_books_when_seen)
        self._reading = CalmReading(self._read, self)
        self._books_handle: TaskHandle | None = None
        self._reading_books = QElapsedTimer()
        self._build()
        self._connect()
        self._show_here()

    # For the window

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh, back=self.go_back)

    @property
    def is_calm(self) -> bool:
        """Whether nothing is being read but what is read again and again."""
        is_reading_books = self._books_handle is not None and not self._books_handle.is_done
        return not (self._reading.is_waiting or is_reading_books or self.lists.current.model.is_loading)

    def refresh(self) -> None:
        """Read everything on the page again."""
        self._reading.now()
        self._read_books()

    def go_back(self) -> bool:
        """Give the list the keyboard; False when it has it already."""
        table = self.lists.current.table
        if table.hasFocus():
            return False
        table.setFocus()
        return True

    def follow_here(self) -> None:
        """Show that the forwarder in this window is in another state."""
        self._show_here()
        if self.isVisible():
            self._reading.soon()

    def show_destination(self, destination: str) -> None:
        """Show the page with one destination."""
        self.page_wanted.emit()
        self.lists.open_destination(destination)
        self.split.show_details(True)

    def show_books(self) -> None:
        """Show the page with the books, and the first hour that does not balance."""
        self.page_wanted.emit()
        self.lists.open_difference()

    def act(self, action: QueueAction, target: QueueTarget | None = None) -> None:
        """Do something with what is given, or with the selected destinations."""
        chosen = self.lists.chosen_destinations
        if target is None and chosen:
            target = destinations_target(chosen)
        if target is not None:
            self.commands.run(action, target)

    def toggle_here(self) -> None:
        """Start the forwarder in this window, or stop it."""
        phase = self._tools.state().phase
        if phase not in RUNNING_HERE:
            if not self._context.services.is_read_only:
                self._tools.start()
        elif phase is not ForwardingPhase.STOPPING:
            self._tools.stop()
        self._show_here()

    # Building

    def _build(self) -> None:
        self.split.fill(self, self.head, self.flow, self.lists)
        self.split.fill_details(self.details.head, self.details.body)
        self.setFocusProxy(self.lists)

    def _connect(self) -> None:
        self._context.bus.changed.connect(self._on_changed)
        self.head.toggled.connect(self.toggle_here)
        self.commands.done.connect(self._reading.soon)
        self.details.action_wanted.connect(self.act)
        self.details.search_wanted.connect(self.search_wanted)
        self.lists.action_wanted.connect(self.act)
        self.lists.selection_changed.connect(self._on_selection_changed)
        self.lists.opened.connect(lambda: self.split.show_details(True))
        self.lists.toggled.connect(self.split.toggle_details)
        self.lists.copied.connect(partial(tell_copied, self._context))
        states = self.lists.empty_states
        states.run_wanted.connect(self.toggle_here)
        states.copy_wanted.connect(self._copy_command)
        states.retry_wanted.connect(self.refresh)

    # Reading

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what happens while the page is seen."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing while nobody looks."""
        super().hideEvent(event)
        self._live.stop()
        self._books_soon.stop()

    def _read(self) -> TaskHandle:
        self._live.stop()
        known = self._picture.minutes if self._picture is not None else ()
        return self._context.runner.run(
            forwarder_controller.picture(self._context.services.sessions, known),
            owner=self,
            on_success=self._take_picture,
            on_error=self._on_failed,
            replaces="forwarder/picture",
        )

    def _read_books(self) -> None:
        self._books_soon.stop()
        self._reading_books.start()
        self._books_handle = self._context.runner.run(
            forwarder_controller.books(self._context.services.sessions),
            owner=self,
            on_success=self._take_books,
            on_error=say_nothing,  # the picture says that the database is away
            replaces="forwarder/books",
        )

    def _read_when_seen(self) -> None:
        if self.isVisible():
            self._reading.now()

    def _read_books_when_seen(self) -> None:
        if self.isVisible():
            self._read_books()

    def _take_picture(self, picture: ForwarderPicture) -> None:
        self._picture = picture
        self.flow.show_minutes(picture.minutes)
        self.flow.setVisible(bool(picture.processes) or self.flow.has_flow)
        self.seen.emit(picture.processes)
        self._show_here()
        self._go_on(max(_LIVE_MILLISECONDS, int(picture.seconds * 1000) * _PATIENCE))

    def _take_books(self, books: Books) -> None:
        self.lists.show_books(books)
        if self.isVisible():
            self._books_soon.start(max(_BOOKS_MILLISECONDS, self._reading_books.elapsed() * _PATIENCE))

    def _on_failed(self, error: UserFacingError) -> bool:
        self.lists.show_error(error)
        self._go_on(_LIVE_MILLISECONDS)
        return True

    def _go_on(self, milliseconds: int) -> None:
        if self.isVisible():
            self._live.start(milliseconds)

    def _on_changed(self, change: Change) -> None:
        if change.topic in (Topic.CONNECTION, Topic.SETTINGS) and self.isVisible():
            self._reading.soon()

    # Showing

    def _show_here(self) -> None:
        here = self._tools.state()
        self.head.show_here(here, is_read_only=self._context.services.is_read_only)
        if self._picture is not None:
            self.head.show_picture(self._picture, here)
            self.lists.show_picture(self._picture, runs_here=here.phase in RUNNING_HERE)

    def _on_selection_changed(self) -> None:
        listed = self.lists.current
        chosen, books = listed.selected, self.lists.shown_books
        first = chosen[0] if chosen else None
        if isinstance(first, QueueLine):
            self.details.show_destinations(chosen)
        elif isinstance(first, BookLine) and books is not None:
            self.details.show_hour(first, books)
        elif isinstance(first, ForwarderProcess):
            self.details.show_process(first)
        else:
            self.details.show_nothing(has_rows=bool(listed.rows))
        follow(listed.table, self.details.head, self.details.body)
        self.line_changed.emit(selected_words(chosen, len(listed.rows)))

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(COMMAND)
        self._tell(tr("Copied the command. Run it on your mail server."))

    def _tell(self, words: str) -> None:
        self._context.tell(Message(words, key="copied"))
