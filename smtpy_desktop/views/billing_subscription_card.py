"""An organization's subscription: plan, price, state, dates, and the buttons that help."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from smtpy_desktop.core.billing_state import days_until_renewal
from smtpy_desktop.schemas.billing import Subscription
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingPicture
from smtpy_desktop.views.billing_money import plan_name, price_words
from smtpy_desktop.views.billing_words import NextStep, ends_at, in_days, state_words, step_word
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button, MenuButton
from smtpy_desktop.views.widgets.card import Card, Notice, button_row
from smtpy_desktop.views.widgets.flow_layout import FlowLayout
from smtpy_desktop.views.widgets.key_value import Fact, KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.moments import date_of
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr, tr_n
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_STEP_ICONS = {
    NextStep.SUBSCRIBE: "credit-card",
    NextStep.PORTAL: "external-link",
    NextStep.PAY: "external-link",
    NextStep.RESUME: "player-play",
}


class BillingSubscriptionCard(Card):
    """``step_wanted(NextStep)``: the button that helps. ``plans_wanted``. ``cancel_wanted(bool)``: True for at once."""

    step_wanted = Signal(object)
    plans_wanted = Signal()
    cancel_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Subscription"), "", parent)
        self.set_roomy()
        self._step = NextStep.NONE
        self.pill = Pill(parent=self)
        self.add_action(self.pill)
        self.plan = PlainLabel("", self, size="heading", elide=Qt.TextElideMode.ElideRight)
        self.price = PlainLabel("", self, tone=Tone.MUTED)
        self.sentence = WrappedText("", self)
        self.others = Notice("", " ", Tone.WARN, self)
        self.facts = KeyValueList(self)
        for widget in (self.plan, self.price, self.sentence, self.others, self.facts):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.body.addLayout(self._build_buttons())

    def show_picture(self, picture: BillingPicture, now: datetime) -> None:
        """Show a subscription, or that there is none."""
        account = picture.account
        words = state_words(account, picture.invoices, now)
        self.pill.set_state(words.pill.text, words.pill.tone, icon=words.pill.icon)
        self.sentence.set_text(words.sentence)
        self._show_plan(account.subscription)
        self._show_others(account.other_subscriptions)
        self._show_facts(account, now)
        self._show_buttons(account, words.step, is_waiting=picture.open_checkout_url is not None)

    def set_enabled(self, *, enabled: bool) -> None:
        """Allow or forbid what asks Stripe."""
        self.step_button.setEnabled(enabled)
        self.plans_button.setEnabled(enabled)
        self.cancel_button.setEnabled(enabled)

    def _build_buttons(self) -> FlowLayout:
        self.step_button = Button("", self, kind="primary", action=self._on_step)
        menu = QMenu(self)
        menu.setAccessibleName(tr("Cancel the subscription"))
        self.cancel_later: QAction = menu.addAction(tr("At the end of the period…"))
        self.cancel_later.triggered.connect(lambda: self.cancel_wanted.emit(False))
        self.cancel_now: QAction = menu.addAction(tr("Now…"))
        self.cancel_now.triggered.connect(lambda: self.cancel_wanted.emit(True))
        self.cancel_button = MenuButton(tr("Cancel the subscription"), menu, self)
        self.plans_button = Button(tr("Change the plan…"), self, action=self.plans_wanted.emit)
        row = button_row(self.step_button, self.plans_button, self.cancel_button)
        row.setContentsMargins(0, Space.S, 0, 0)
        return row

    def _show_plan(self, subscription: Subscription | None) -> None:
        price = subscription.price if subscription is not None else None
        self.plan.setVisible(subscription is not None)
        self.price.setVisible(price is not None)
        if subscription is not None:
            self.plan.setText(plan_name(price) if price is not None else tr("A plan that is not known here"))
        if subscription is not None and price is not None:
            more = subscription.items - 1
            words = price_words(price, subscription.quantity)
            if more > 0:
                words = tr_n("{price}, and {n} more item", "{price}, and {n} more items", more, price=words)
            self.price.setText(words)

    def _show_others(self, count: int) -> None:
        self.others.setVisible(count > 0)
        if count > 0:
            self.others.show_words(
                tr_n("{n} more subscription is live", "{n} more subscriptions are live", count),
                tr("This customer may be charged twice. End the one that is not needed in the Stripe dashboard."),
                Tone.WARN,
            )

    def _show_facts(self, account: BillingAccount, now: datetime) -> None:
        subscription = account.subscription
        self.facts.setVisible(subscription is not None)
        if subscription is None:
            return
        days, end = days_until_renewal(subscription, now), subscription.current_period_end
        is_ending = ends_at(subscription) is not None
        facts = []
        if end is not None and not subscription.status.is_over:
            facts.append(Fact(tr("Period ends"), date_of(end), copy=False))
        if days is not None and subscription.status.is_served:
            facts.append(Fact(tr("Renewal"), tr("none, it ends") if is_ending else in_days(days), copy=False))
        if subscription.trial_end is not None:
            facts.append(Fact(tr("Trial ends"), date_of(subscription.trial_end), copy=False))
        self.facts.show_facts([*facts, Fact(tr("Subscription id"), subscription.id, mono=True)])

    def _show_buttons(self, account: BillingAccount, step: NextStep, *, is_waiting: bool) -> None:
        subscription = account.subscription
        is_live = subscription is not None and not subscription.status.is_over and not account.is_customer_deleted
        if step is NextStep.SUBSCRIBE and is_waiting:
            self.step_button.set_text(tr("Choose another plan…"))
        else:
            self.step_button.set_text(f"{step_word(step)}…" if step is NextStep.SUBSCRIBE else step_word(step))
        self._step = step
        self.step_button.setVisible(step is not NextStep.NONE)
        if step is not NextStep.NONE:
            self.step_button.set_icon(_STEP_ICONS[step])
        self.plans_button.setVisible(is_live)
        self.cancel_button.setVisible(is_live)
        self.cancel_later.setEnabled(subscription is not None and ends_at(subscription) is None)

    def _on_step(self) -> None:
        self.step_wanted.emit(self._step)
