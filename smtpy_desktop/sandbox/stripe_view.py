"""The page of the sandbox's Stripe: customers at a glance, what can be played with them, and what goes wrong."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.sandbox.stripe_details_view import StripeDetails
from smtpy_desktop.sandbox.stripe_faults_view import StripeFaultsCard
from smtpy_desktop.sandbox.stripe_playing import StripePlay, StripeRow, StripeSight
from smtpy_desktop.sandbox.stripe_view_words import DAYS, customer_columns, done_words
from smtpy_desktop.sandbox.stripe_words import date_words
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import MenuButton
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.split_page import SplitPage
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated

_PAGE = "sandbox-stripe"
_LIST_WIDTH, _DETAILS_WIDTH = 620, 520


class StripeView(SplitPage):
    """Lists the customers of the sandbox's Stripe, with the chosen one and the faults beside the list."""

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(_PAGE, context.memory, parent)
        self._context, self._play = context, StripePlay(world)
        self._rows: tuple[StripeRow, ...] = ()
        self._is_stale = True
        self._build_list()
        self.details_view = StripeDetails(self)
        self.details_view.wanted.connect(self._act)
        self.details_view.hide()
        self.faults_card = StripeFaultsCard(self)
        self.faults_card.wanted.connect(lambda values: self._run(self._play.change_faults(values), ""))
        self.faults_card.heal_wanted.connect(self._heal)
        self.details.setSpacing(Space.L)
        self.details.addWidget(self.details_view)
        self.details.addWidget(self.faults_card)
        self.details.addStretch(1)
        if context.memory.value(f"pages/{_PAGE}/splitter") is None:
            self.setSizes([_LIST_WIDTH, _DETAILS_WIDTH])
        context.bus.changed.connect(self._on_changed)
        self.setFocusProxy(self.table)

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh)

    def refresh(self) -> None:
        """Look at the sandbox's Stripe again."""
        self._is_stale = False
        self._context.runner.run(self._play.sight(), owner=self, on_success=self._show, replaces=_PAGE)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def hideEvent(self, event: Any) -> None:
        super().hideEvent(event)
        self._is_stale = True  # the hosted pages change things without telling

    def _build_list(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(PlainLabel(tr("Sandbox Stripe"), self, size="title"))
        self._count = PlainLabel("", self, tone=Tone.MUTED, elide=Qt.TextElideMode.ElideRight)
        head.addWidget(self._count, 1)
        self.main.addLayout(head)
        sentence = tr(
            "No money is moved: a Stripe of the sandbox answers on 127.0.0.1, "
            "and what you play here reaches the program as Stripe's own events would."
        )
        self.main.addWidget(PlainLabel(sentence, self, tone=Tone.MUTED, wrap=True))
        self._model = KeyedTableModel(customer_columns(), fixed_reader(()), self)
        self.table = DataTable(self._model, tr("Customers of the sandbox's Stripe"), _PAGE, self._context.memory, self)
        self.table.selection_changed.connect(self._on_selected)
        self._model.loaded.connect(self._on_loaded)
        self._frame = TableFrame(self.table, self)
        self._empty = EmptyState(
            "credit-card", tr("No customers yet"), tr("Subscribe an organization in Billing, and its customer is here.")
        )
        self.main.addWidget(self._frame, 1)
        self.main.addLayout(self._build_time())

    def _build_time(self) -> QHBoxLayout:
        menu = QMenu(self)
        for days in DAYS:
            menu.addAction(tr_n("{n} day", "{n} days", days), partial(self._pass_time, days))
        self._time = MenuButton(tr("Let &time pass"), menu, self)
        self._clock = PlainLabel("", self, tone=Tone.MUTED, size="small")
        row = button_row(self._time)
        row.insertWidget(1, self._clock)
        return row

    def _show(self, sight: StripeSight) -> None:
        self._rows = sight.rows
        count = tr_n("{n} customer", "{n} customers", len(sight.rows))
        waiting = tr_n("{n} webhook on its way", "{n} webhooks on their way", sight.waiting_webhooks)
        self._count.setText(f"{count} · {waiting}" if sight.waiting_webhooks else count)
        ahead = tr_n("{n} day ahead", "{n} days ahead", sight.days_ahead)
        today = tr("At Stripe it is {day}", day=date_words(sight.now))
        self._clock.setText(f"{today} · {ahead}" if sight.days_ahead else today)
        self.faults_card.show_faults(sight.faults)
        self._model.set_reader(fixed_reader(self._rows, lambda row: row.id))
        self._model.reload()
        if self._rows:
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
        if change.topic not in (Topic.BILLING, Topic.EVENTS):
            return
        if self.isVisible():
            self.refresh()
        else:
            self._is_stale = True

    def _act(self, name: str, row: StripeRow) -> None:
        self._run(self._play.act(name, row), done_words(name, row))

    def _pass_time(self, days: int) -> None:
        told = tr_n(
            "{n} day has passed at the sandbox's Stripe.", "{n} days have passed at the sandbox's Stripe.", days
        )
        self._run(self._play.pass_time(days), told)

    def _heal(self) -> None:
        self._run(self._play.heal(), tr("Everything works again at the sandbox's Stripe."))

    def _run(self, work: Coroutine[Any, Any, None], told: str) -> None:
        def done(_: None) -> None:
            self.refresh()
            if told:
                self._context.tell(Message(told, Tone.OK, key=_PAGE))

        self._context.runner.run(work, owner=self, on_success=done, on_error=self._tell_refusal)

    def _tell_refusal(self, error: UserFacingError) -> bool:
        self.refresh()
        self._context.tell(Message(translated(error.message), Tone.WARN, key=_PAGE))
        return True
