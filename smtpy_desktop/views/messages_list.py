"""The list of messages: what is asked for, the table, and which rows are meant by an action."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import messages_bulk_controller, messages_controller
from smtpy_desktop.core.message_extent import is_meant
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.identifiers import DomainId, MessageId, OrganizationId
from smtpy_desktop.schemas.message_bulk import MessageSelection, Span
from smtpy_desktop.schemas.message_search import MessageQuery, Search
from smtpy_desktop.schemas.messages import MessageRow, MessageSort
from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position
from smtpy_desktop.views.messages_columns import ADDRESS_WIDTHS, message_columns
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_list import SHAPE_STEP, SortedList
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

RECENT_COUNT = 100
_GIVING_WAY = (MessageSort.SENDER.value, MessageSort.RECIPIENT.value)
_MOST_COUNTED = 200
"""New messages are counted up to here."""


class MessagesList(SortedList[MessageRow]):
    """``news_counted(int, bool)``: so many messages of this search (or more) have come above what was seen."""

    news_counted = Signal(int, bool)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        columns = message_columns(self.is_going)
        super().__init__(context, columns, tr("Messages"), "messages", parent, make_table=MessagesTable)
        self.table: MessagesTable
        self._query: MessageQuery = MessageQuery(organization_id=context.choice.chosen)
        self._going: frozenset[MessageId] = frozenset()
        self._going_selections: tuple[MessageSelection, ...] = ()
        self._newest_id: int | None = None
        self._edges: dict[int, Key] = {}
        self._is_recent = False
        self._recent: Page[MessageRow] = Page((), ())
        self._seen: tuple[datetime, int] | None = None
        self._is_new_list = True
        self.sort_as_remembered(MessageSort.CREATED, descending=True)
        self.model.dataChanged.connect(self._keep_edges)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    # What is listed

    @property
    def query(self) -> MessageQuery:
        """What is asked for now."""
        return self._query

    @property
    def is_recent(self) -> bool:
        """Whether only the newest messages are listed."""
        return self._is_recent

    @property
    def is_newest_first(self) -> bool:
        """Whether new messages come in at the top."""
        return self._query.sort is MessageSort.CREATED and self._query.descending

    @property
    def is_at_top(self) -> bool:
        """Whether nothing is scrolled out at the top."""
        return self.table.verticalScrollBar().value() == 0

    def show_search(
        self, search: Search, organization_id: OrganizationId | None, domain_id: DomainId | None = None
    ) -> None:
        """List other messages, from the top."""
        self._query = replace(self._query, search=search, organization_id=organization_id, domain_id=domain_id)
        self._start_anew()

    def show_recent(self, *, recent: bool) -> None:
        """List the newest messages alone, or all again."""
        self._is_recent = recent
        if recent:
            self.sort_newest_first()
        self._start_anew()

    def sort_newest_first(self) -> None:
        """Sort as lists of messages are sorted at first."""
        self._query = replace(self._query, sort=MessageSort.CREATED, descending=True)
        self.table.show_sort(MessageSort.CREATED.value, descending=True)

    def show_newest(self) -> None:
        """Read the list again and show its top."""
        self.table.clearSelection()
        self._start_anew()
        self.table.scrollToTop()

    def _start_anew(self) -> None:
        self._is_new_list = True
        self._edges.clear()
        self.model.reload(keep=False)

    def set_going(self, ids: frozenset[MessageId]) -> None:
        """Mark the messages that are about to be deleted."""
        self._going = ids
        self.table.viewport().update()

    def set_going_selections(self, selections: tuple[MessageSelection, ...]) -> None:
        """Mark what belongs to selections that are about to be deleted."""
        self._going_selections = selections
        self.table.viewport().update()

    def is_going(self, row: MessageRow) -> bool:
        """Say whether a listed message is about to be deleted."""
        return row.id in self._going or any(
            is_meant(each, row) for each in self._going_selections if is_same_list(each.query, self._query)
        )

    # Which rows are meant

    @property
    def selected_ids(self) -> tuple[MessageId, ...] | None:
        """The selected messages, or None when some of them are not in memory."""
        rows = self.table.selected_rows()
        return tuple(row.id for row in rows) if len(rows) == self.table.selected_count else None

    @property
    def is_held(self) -> bool:
        """Whether more is selected than is in memory: the list then stays as it is, or the selection would slip."""
        return self.table.selected_count > 0 and self.selected_ids is None

    @property
    def selection(self) -> MessageSelection | None:
        """What is selected, however much that is; None while the ends of it are still on their way."""
        if self._newest_id is None:
            return None
        if self.table.all_selected:
            return MessageSelection(self._query, self._newest_id)
        spans = [self._span(first, last) for first, last in self.table.selected_ranges()]
        found = tuple(span for span in spans if span is not None)
        return MessageSelection(self._query, self._newest_id, found) if spans and len(found) == len(spans) else None

    def _span(self, first: int, last: int) -> Span | None:
        is_first, is_last = first == 0, last == self.model.rowCount() - 1
        if not (is_first or first in self._edges) or not (is_last or last in self._edges):
            return None
        return Span(None if is_first else self._edges[first], None if is_last else self._edges[last])

    def _keep_edges(self) -> None:
        """Remember where the selected parts begin and end, for when these rows are not in memory any more."""
        edges = {number for span in self.table.selected_ranges() for number in span}
        keys = {number: self.model.key(number) or self._edges.get(number) for number in edges}
        self._edges = {number: key for number, key in keys.items() if key is not None}

    # New messages

    def count_news(self) -> TaskHandle:
        """Count the messages of this search that came after the newest one that was seen."""
        query = replace(self._query, sort=MessageSort.CREATED, descending=True)
        work = messages_controller.list_messages(
            self._context.services.sessions, query, Position.start(), _MOST_COUNTED
        )
        return self._context.runner.run(
            work, owner=self, on_success=self._take_news, on_error=say_nothing, replaces="messages/news"
        )

    def _take_news(self, page: Page[MessageRow]) -> None:
        places = [_place(row) for row in page.rows]
        if self._is_new_list:
            self._is_new_list = False
            self._seen = places[0] if places else None
        new = sum(self._seen is None or place > self._seen for place in places)
        self.news_counted.emit(new, new == _MOST_COUNTED)

    def _on_scrolled(self, value: int) -> None:
        if value == 0 and self.is_newest_first and not self.model.is_loading:
            self._see_top()

    def _see_top(self) -> None:
        row = self.model.row(0)
        if row is not None:
            self._seen = _place(row)
        self._is_new_list = False
        self.news_counted.emit(0, False)

    # Reading

    def _read_page(self, position: Position, limit: int, deliver: DeliverPage[MessageRow]) -> None:
        if self._is_recent:
            self._read_recent(position, limit, deliver)
            return
        work = messages_controller.list_messages(self._context.services.sessions, self._query, position, limit)
        self.read(work, deliver, f"page/{position}")

    def _read_shape(self, deliver: DeliverShape) -> None:
        if self._is_recent:
            deliver(ListShape(len(self._recent.keys), SHAPE_STEP, self._recent.keys[::SHAPE_STEP]))
            return
        sessions, is_exact = self._context.services.sessions, False

        def take(found: tuple[int, ListShape] | None) -> None:
            nonlocal is_exact
            is_exact = True
            if found is None:
                deliver(None)
                return
            self._newest_id, shape = found
            deliver(shape)

        def take_rough(shape: ListShape | None) -> None:
            if shape is not None and not is_exact:
                deliver(shape)

        # Two at a time: the end of the list can be gone to while the keys in its middle are still being looked for.
        rough = messages_bulk_controller.rough_shape(sessions, self._query, SHAPE_STEP)
        self._context.runner.run(
            rough, owner=self, on_success=take_rough, on_error=say_nothing, replaces="messages/rough shape"
        )
        work = messages_bulk_controller.shape_as_of(sessions, self._query, SHAPE_STEP)
        self.read(work, take, "shape")

    def _read_recent(self, position: Position, limit: int, deliver: DeliverPage[MessageRow]) -> None:
        work = messages_controller.list_messages(
            self._context.services.sessions, self._query, Position.start(), RECENT_COUNT
        )

        def take(page: Page[MessageRow] | None) -> None:
            if page is not None:
                self._recent = page
            deliver(page)

        self.read(work, take, "recent")

    def _on_loaded(self) -> None:
        self._edges.clear()
        self._keep_edges()
        if self.is_newest_first and (self._is_new_list or self.is_at_top):
            self._see_top()
        else:
            self.count_news()
        self.loaded.emit()
        self.selection_changed.emit()

    # Sorting and selection

    def _on_sort(self, column: str, descending: bool) -> None:
        self._take_sort(column, descending)
        self._is_recent = False
        self._start_anew()

    def _on_selection_changed(self) -> None:
        self._keep_edges()
        if not self.model.is_loading or self.table.selected_count:
            self.selection_changed.emit()


class MessagesTable(DataTable[MessageRow]):
    """The table, with addresses that give way where the window is narrow."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_addresses()
        super().resizeEvent(event)

    def _fit_addresses(self) -> None:
        header, columns = self.horizontalHeader(), self._model.columns
        ids = [column.id for column in columns]
        subject = next(column for column in columns if column.stretch)
        shown = [ids.index(name) for name in _GIVING_WAY if not header.isSectionHidden(ids.index(name))]
        if not shown:
            return
        others = header.length() - header.sectionSize(ids.index(subject.id))
        spare = (self.viewport().width() - others - subject.min_width) // len(shown)
        for section in shown:
            width = header.sectionSize(section)
            if width <= ADDRESS_WIDTHS[1]:
                header.resizeSection(section, min(max(width + spare, ADDRESS_WIDTHS[0]), ADDRESS_WIDTHS[1]))


def is_same_list(one: MessageQuery, other: MessageQuery) -> bool:
    """Say whether two queries list the same messages, in whichever order."""
    return replace(one, sort=other.sort, descending=other.descending) == other


def _place(row: MessageRow) -> tuple[datetime, int]:
    return row.created_at, row.id
