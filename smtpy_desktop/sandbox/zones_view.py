"""The page of the sandbox's DNS: every domain's zone, to be published, edited and broken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.sandbox.zone_details_view import ZoneDetails
from smtpy_desktop.sandbox.zone_state import ZoneCondition, ZoneRow
from smtpy_desktop.sandbox.zone_words import zone_columns
from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import DeliverPage, DeliverShape, ListReader, fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import tr, tr_n

_PAGE = "sandbox-zones"
_LIST_WIDTH, _DETAILS_WIDTH = 520, 720
_CACHES = (0, 60, 300)
_STEP = 200


class ZonesView(SplitPage):
    """Lists the zones of all domains, with the chosen one beside the list."""

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(_PAGE, context.memory, parent)
        self._context, self._world = context, world
        self._rows: tuple[ZoneRow, ...] = ()
        self._is_stale = True
        self._build_list()
        self.details_view = ZoneDetails(context, world, self)
        self.details_view.changed.connect(self.refresh)
        self.details.addWidget(self.details_view)
        self.details_view.hide()
        if context.memory.value(f"pages/{_PAGE}/splitter") is None:
            self.setSizes([_LIST_WIDTH, _DETAILS_WIDTH])
        self.setStretchFactor(1, 1)  # both have tables that need their room where the window is narrow
        context.bus.changed.connect(self._on_changed)
        self.setFocusProxy(self.table)

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(new=self.details_view.add_record, refresh=self.refresh)

    def refresh(self) -> None:
        """Read the zones again."""
        self._is_stale = False
        self._context.runner.run(
            self._world.zone_rows(self._context.services), owner=self, on_success=self._show_rows, replaces=_PAGE
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def _build_list(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(tr("Sandbox zones"), self, size="title"))
        self._count = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        head.addWidget(self._count, 1)
        self.main.addLayout(head)
        sentence = tr(
            "Nothing leaves this machine: a DNS server of the sandbox answers for these domains on 127.0.0.1, "
            "and what you change here is what Verify finds."
        )
        self.main.addWidget(PlainLabel(sentence, self, tone=Tone.MUTED, wrap=True))
        self._model = KeyedTableModel(zone_columns(), fixed_reader(()), self)
        self.table = DataTable(self._model, tr("Sandbox zones"), _PAGE, self._context.memory, self)
        self.table.selection_changed.connect(self._on_selected)
        self._model.loaded.connect(self._on_loaded)
        self._frame = TableFrame(self.table, self)
        self._empty = EmptyState("world", tr("No domains yet"), tr("Add a domain, and its zone appears here."))
        self.main.addWidget(self._frame, 1)
        self.main.addLayout(self._build_caches())

    def _build_caches(self) -> QHBoxLayout:
        menu = QMenu(self)
        for seconds in _CACHES:
            menu.addAction(_cache_words(seconds), partial(self._set_caches, seconds))
        self._caches = MenuButton(_cache_words(0), menu, self)
        flush = Button(tr("&Flush the caches"), self, icon="rotate-clockwise", action=self._flush)
        return button_row(self._caches, flush)

    def _show_rows(self, rows: Sequence[ZoneRow]) -> None:
        self._rows = tuple(rows)
        right = sum(row.condition is ZoneCondition.PUBLISHED for row in rows)
        total = tr_n("{n} domain", "{n} domains", len(rows))
        self._count.setText(tr("{total} · {right} published", total=total, right=right))
        self._model.set_reader(_reader(self._rows))
        self._model.reload()
        if rows:
            self._frame.show_table()
        else:
            self._frame.show_instead(self._empty)
            self.details_view.hide()

    def _on_loaded(self) -> None:
        shown = self.details_view.row
        if self._rows and not (shown is not None and self.table.select_id(shown.id)):
            self.table.select_id(self._rows[0].id)
        self._on_selected()

    def _on_selected(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.details_view.show_row(row)
            self.details_view.show()

    def _on_changed(self, change: Change) -> None:
        if change.topic not in (Topic.DOMAINS, Topic.SETTINGS):
            return
        if self.isVisible():
            self.refresh()
        else:
            self._is_stale = True

    def _set_caches(self, seconds: int) -> None:
        self._caches.set_text(_cache_words(seconds))
        self._context.runner.run(self._world.set_cache_seconds(seconds), owner=self)

    def _flush(self) -> None:
        told = Message(tr("The sandbox's resolvers have forgotten what they knew."), Tone.OK, key=_PAGE)
        self._context.runner.run(self._world.flush_caches(), owner=self, on_success=lambda _: self._context.tell(told))


def _cache_words(seconds: int) -> str:
    if not seconds:
        return tr("Resolver caches: off")
    return tr("Resolver caches: {seconds} s", seconds=seconds)


def _reader(rows: tuple[ZoneRow, ...]) -> ListReader[ZoneRow]:
    """Return a reader over rows that are here already, by the ids of their domains."""
    keys: tuple[Key, ...] = tuple((number, row.id) for number, row in enumerate(rows))
    numbers = {key: number for number, key in enumerate(keys)}

    def read_page(position: Position, limit: int, deliver: DeliverPage[ZoneRow]) -> None:
        start = 0 if position.key is None else numbers[position.key] + (0 if position.inclusive else 1)
        deliver(Page(rows[start : start + limit], keys[start : start + limit]))

    def read_shape(deliver: DeliverShape) -> None:
        deliver(ListShape(len(rows), _STEP, keys[::_STEP]))

    return ListReader(read_page, read_shape)
