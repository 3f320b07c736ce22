"""The page of the sandbox's DNS: every domain's zone, to be published, edited and broken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.changes import Topic
from smtpy_desktop.sandbox.stand_in_page import StandInPage
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.sandbox.zone_details_view import ZoneDetails
from smtpy_desktop.sandbox.zone_state import ZoneCondition, ZoneRow
from smtpy_desktop.sandbox.zone_words import zone_columns
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.texts import tr, tr_n

_PAGE = "sandbox-zones"
_LIST_WIDTH, _DETAILS_WIDTH = 520, 720
_CACHES = (0, 60, 300)


class ZonesView(StandInPage[ZoneRow]):
    """Lists the zones of all domains, with the chosen one beside the list."""

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(_PAGE, context, (Topic.DOMAINS, Topic.SETTINGS), parent)
        self._world = world
        self._build_list()
        self.details_view = ZoneDetails(context, world, self)
        self.details_view.changed.connect(self.refresh)
        self.details.addWidget(self.details_view)
        self.details_view.hide()
        self.setStretchFactor(1, 1)  # both have tables that need their room where the window is narrow

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(new=self.details_view.add_record, refresh=self.refresh)

    def refresh(self) -> None:
        """Read the zones again."""
        self._is_stale = False
        self._context.runner.run(
            self._world.zone_rows(self._context.services), owner=self, on_success=self._show, replaces=_PAGE
        )

    def show_row(self, row: ZoneRow) -> None:
        """Show the chosen zone."""
        self.details_view.show_row(row)
        self.details_view.show()

    def hide_row(self) -> None:
        """Show no zone."""
        self.details_view.hide()

    def _build_list(self) -> None:
        sentence = tr(
            "Nothing leaves this machine: a DNS server of the sandbox answers for these domains on 127.0.0.1, "
            "and what you change here is what Verify finds."
        )
        empty = EmptyState("world", tr("No domains yet"), tr("Add a domain, and its zone appears here."))
        titles = (tr("Sandbox zones"), sentence, tr("Sandbox zones"))
        self.build_list(titles, zone_columns(), empty, (_LIST_WIDTH, _DETAILS_WIDTH))
        self.main.addLayout(self._build_caches())

    def _build_caches(self) -> FlowLayout:
        menu = QMenu(self)
        for seconds in _CACHES:
            menu.addAction(_cache_words(seconds), partial(self._set_caches, seconds))
        self._caches = MenuButton(_cache_words(0), menu, self)
        flush = Button(tr("&Flush the caches"), self, icon="rotate-clockwise", action=self._flush)
        return button_row(self._caches, flush)

    def _show(self, rows: Sequence[ZoneRow]) -> None:
        right = sum(row.condition is ZoneCondition.PUBLISHED for row in rows)
        total = tr_n("{n} domain", "{n} domains", len(rows))
        self._count.setText(tr("{total} · {right} published", total=total, right=right))
        self.show_rows(rows)

    def _set_caches(self, seconds: int) -> None:
        self._caches.set_text(_cache_words(seconds))
        self._context.runner.run(self._world.set_cache_seconds(seconds), owner=self)

    def _flush(self) -> None:
        self.play(self._world.flush_caches(), tr("The sandbox's resolvers have forgotten what they knew."))


def _cache_words(seconds: int) -> str:
    if not seconds:
        return tr("Resolver caches: off")
    return tr("Resolver caches: {seconds} s", seconds=seconds)
