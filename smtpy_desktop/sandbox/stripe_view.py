"""The page of the sandbox's Stripe: customers at a glance, what can be played with them, and what goes wrong."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.changes import Topic
from smtpy_desktop.sandbox.stand_in_page import StandInPage
from smtpy_desktop.sandbox.stripe_details_view import StripeDetails
from smtpy_desktop.sandbox.stripe_faults_view import StripeFaultsCard
from smtpy_desktop.sandbox.stripe_playing import StripePlay, StripeRow, StripeSight
from smtpy_desktop.sandbox.stripe_view_words import DAYS, customer_columns, done_words
from smtpy_desktop.sandbox.stripe_words import date_words
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import MenuButton
from smtpy_desktop.views.widgets.card import button_row
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr, tr_n

_PAGE = "sandbox-stripe"
_LIST_WIDTH, _DETAILS_WIDTH = 620, 520


class StripeView(StandInPage[StripeRow]):
    """Lists the customers of the sandbox's Stripe, with the chosen one and the faults beside the list."""

    def __init__(self, context: ViewContext, world: SandboxWorld, parent: QWidget | None = None) -> None:
        super().__init__(_PAGE, context, (Topic.BILLING, Topic.EVENTS), parent)
        self._play = StripePlay(world)
        self._build_list()
        self.details_view = StripeDetails(self)
        self.details_view.wanted.connect(self._act)
        self.details_view.hide()
        self.faults_card = StripeFaultsCard(self)
        self.faults_card.wanted.connect(lambda values: self.play(self._play.change_faults(values)))
        self.faults_card.heal_wanted.connect(self._heal)
        self.details.setSpacing(Space.L)
        self.details.addWidget(self.details_view)
        self.details.addWidget(self.faults_card)
        self.details.addStretch(1)

    def refresh(self) -> None:
        """Look at the sandbox's Stripe again."""
        self._is_stale = False
        self._context.runner.run(self._play.sight(), owner=self, on_success=self._show, replaces=_PAGE)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._is_stale = True  # the hosted pages change things without telling

    def show_row(self, row: StripeRow) -> None:
        """Show the chosen customer."""
        self.details_view.show_row(row)
        self.details_view.show()

    def hide_row(self) -> None:
        """Show no customer."""
        self.details_view.hide()

    def _build_list(self) -> None:
        sentence = tr(
            "No money is moved: a Stripe of the sandbox answers on 127.0.0.1, "
            "and what you play here reaches the program as Stripe's own events would."
        )
        empty = EmptyState(
            "credit-card", tr("No customers yet"), tr("Subscribe an organization in Billing, and its customer is here.")
        )
        titles = (tr("Sandbox Stripe"), sentence, tr("Customers of the sandbox's Stripe"))
        self.build_list(titles, customer_columns(), empty, (_LIST_WIDTH, _DETAILS_WIDTH))
        self.main.addLayout(self._build_time())

    def _build_time(self) -> FlowLayout:
        menu = QMenu(self)
        for days in DAYS:
            menu.addAction(tr_n("{n} day", "{n} days", days), partial(self._pass_time, days))
        self._time = MenuButton(tr("Let &time pass"), menu, self)
        self._clock = PlainLabel("", self, tone=Tone.MUTED, size="small")
        return button_row(self._time, self._clock)

    def _show(self, sight: StripeSight) -> None:
        count = tr_n("{n} customer", "{n} customers", len(sight.rows))
        waiting = tr_n("{n} webhook on its way", "{n} webhooks on their way", sight.waiting_webhooks)
        self._count.setText(f"{count} · {waiting}" if sight.waiting_webhooks else count)
        ahead = tr_n("{n} day ahead", "{n} days ahead", sight.days_ahead)
        today = tr("At Stripe it is {day}", day=date_words(sight.now))
        self._clock.setText(f"{today} · {ahead}" if sight.days_ahead else today)
        self.faults_card.show_faults(sight.faults)
        self.show_rows(sight.rows)

    def _act(self, name: str, row: StripeRow) -> None:
        self.play(self._play.act(name, row), done_words(name, row))

    def _pass_time(self, days: int) -> None:
        told = tr_n(
            "{n} day has passed at the sandbox's Stripe.", "{n} days have passed at the sandbox's Stripe.", days
        )
        self.play(self._play.pass_time(days), told)

    def _heal(self) -> None:
        self.play(self._play.heal(), tr("Everything works again at the sandbox's Stripe."))
