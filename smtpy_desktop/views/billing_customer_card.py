"""Who pays: the payment method as far as it may be shown, and the customer at Stripe."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing_account import BillingAccount
from smtpy_desktop.views.billing_money import expiry_words, method_words
from smtpy_desktop.views.billing_words import payment_method
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Card, button_row
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.key_value import Fact, KeyValueList
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr
from smtpy_desktop.views.widgets.wrapped_text import WrappedText


class BillingCustomerCard(Card):
    """``portal_wanted``, ``link_wanted`` and ``unlink_wanted`` are for the page to act on."""

    portal_wanted = Signal()
    link_wanted = Signal()
    unlink_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Customer"), "", parent)
        self.set_roomy()
        self.method = WrappedText("", self)
        self.expiry = Pill(parent=self)
        self.icon = IconLabel("credit-card", Tone.MUTED, self)
        self.facts = KeyValueList(self)
        self.portal_button = Button(tr("Customer portal"), self, icon="external-link", action=self.portal_wanted.emit)
        self.link_button = Button(tr("Link a customer…"), self, action=self.link_wanted.emit)
        self.unlink_button = Button(tr("Unlink…"), self, action=self.unlink_wanted.emit)
        self.body.addLayout(self._build_method())
        self.body.addWidget(self.facts)
        self.body.addStretch(1)
        row = button_row(self.portal_button, self.link_button, self.unlink_button)
        row.setContentsMargins(0, Space.S, 0, 0)
        self.body.addLayout(row)

    def show_account(self, account: BillingAccount, today: date) -> None:
        """Show an organization's customer."""
        method = payment_method(account)
        warning = expiry_words(method, today) if method is not None else None
        self.method.set_text(method_words(method) if method is not None else tr("No payment method is known."))
        self.expiry.setVisible(warning is not None)
        if warning is not None:
            self.expiry.set_state(*warning, icon="alert-triangle")
        self._show_facts(account)
        is_customer = account.customer_id is not None and not account.is_customer_deleted
        self.portal_button.setVisible(is_customer)
        self.link_button.setVisible(not is_customer)
        self.unlink_button.setVisible(account.customer_id is not None)

    def set_enabled(self, *, enabled: bool, may_unlink: bool) -> None:
        """Allow or forbid what asks Stripe; unlinking asks nobody."""
        self.portal_button.setEnabled(enabled)
        self.link_button.setEnabled(enabled)
        self.unlink_button.setEnabled(may_unlink)

    def _build_method(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.icon)
        row.addWidget(self.method, 1)
        row.addWidget(self.expiry)
        return row

    def _show_facts(self, account: BillingAccount) -> None:
        if account.customer_id is None:
            self.facts.show_facts([Fact(tr("Customer id"), tr("none yet"), copy=False, tone=Tone.MUTED)])
            return
        facts = [Fact(tr("Customer id"), account.customer_id, mono=True)]
        if account.customer_email:
            facts.append(Fact(tr("E-mail"), visible_line(account.customer_email)))
        if account.is_delinquent:
            facts.append(Fact(tr("Payments"), tr("an invoice is overdue"), copy=False, tone=Tone.BAD))
        self.facts.show_facts(facts)
