"""One organization's billing: what waits and was noticed, its subscription, its customer and its invoices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from PySide6.QtWidgets import QHBoxLayout, QWidget

from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.views.billing_actions import BillingActions
from smtpy_desktop.views.billing_customer_card import BillingCustomerCard
from smtpy_desktop.views.billing_invoices_card import BillingInvoicesCard
from smtpy_desktop.views.billing_notices_list import BillingNoticesList
from smtpy_desktop.views.billing_subscription_card import BillingSubscriptionCard
from smtpy_desktop.views.billing_waiting_card import BillingWaitingCard
from smtpy_desktop.views.billing_words import NextStep, invoice_to_pay
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.moments import here
from smtpy_desktop.views.widgets.scroll_column import ScrollColumn
from smtpy_desktop.views.widgets.texts import tr

Act = Callable[[BillingPicture], object]


class BillingAccountBody(ScrollColumn):
    """Shows a ``BillingPicture``; what its buttons ask for is done by ``BillingActions``."""

    def __init__(self, context: ViewContext, actions: BillingActions, parent: QWidget | None = None) -> None:
        super().__init__(tr("Billing"), parent)
        self._context, self._actions = context, actions
        self._picture: BillingPicture | None = None
        self._shown_on: date | None = None
        self.waiting = BillingWaitingCard(self)
        self.notices = BillingNoticesList(self)
        self.subscription = BillingSubscriptionCard(self)
        self.customer = BillingCustomerCard(self)
        self.invoices = BillingInvoicesCard(context.memory, self)
        self.column.setSpacing(Space.M)
        self.column.addWidget(self.waiting)
        self.column.addWidget(self.notices)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(self.subscription, 3)
        row.addWidget(self.customer, 2)
        self.column.addLayout(row)
        self.column.addWidget(self.invoices)
        self.column.addStretch(1)
        self._connect()

    @property
    def picture(self) -> BillingPicture | None:
        """What is shown."""
        return self._picture

    def show_picture(self, picture: BillingPicture) -> None:
        """Show an organization's billing."""
        now = datetime.now(UTC)
        today = here(now).date()
        if (picture, today) == (self._picture, self._shown_on):
            return
        self._picture, self._shown_on = picture, today
        is_writable = not self._context.services.is_read_only
        self.waiting.show_picture(picture)
        self.notices.show_notices(picture.notices, may_change=is_writable, has_show=False)
        self.subscription.show_picture(picture, now)
        self.customer.show_account(picture.account, today)
        self.invoices.show_invoices(picture.invoices)
        self.show_enabled()

    def show_enabled(self) -> None:
        """Allow what can be done now: nothing while a change is under way, without a key, or read-only."""
        picture = self._picture
        may_change = not self._context.services.is_read_only and not self._actions.is_busy
        may_ask = may_change and picture is not None and picture.mode.has_key
        self.waiting.set_enabled(enabled=may_ask)
        self.subscription.set_enabled(enabled=may_ask)
        self.customer.set_enabled(enabled=may_ask, may_unlink=may_change)

    def _connect(self) -> None:
        actions = self._actions
        actions.busy_changed.connect(self.show_enabled)
        self.notices.read_wanted.connect(actions.mark_read)
        self.waiting.copy_wanted.connect(actions.copy)
        self.waiting.open_wanted.connect(self._open_checkout)
        self.waiting.give_up_wanted.connect(lambda: self._with_picture(actions.give_up))
        self.subscription.step_wanted.connect(self.take_step)
        self.subscription.plans_wanted.connect(lambda: self._with_picture(actions.choose_plan))
        self.subscription.cancel_wanted.connect(self._cancel)
        self.customer.portal_wanted.connect(lambda: self._with_picture(actions.open_portal))
        self.customer.link_wanted.connect(lambda: self._with_picture(actions.link))
        self.customer.unlink_wanted.connect(lambda: self._with_picture(actions.ask_unlink))
        self.invoices.page_wanted.connect(self._open_invoice)

    def take_step(self, step: NextStep) -> None:
        """Do what helps in the present state."""
        picture = self._picture
        if picture is None:
            return
        match step:
            case NextStep.SUBSCRIBE:
                self._actions.choose_plan(picture)
            case NextStep.PORTAL:
                self._actions.open_portal(picture)
            case NextStep.RESUME:
                self._actions.resume(picture)
            case NextStep.PAY:
                to_pay = invoice_to_pay(picture.invoices)
                if to_pay is not None and to_pay.hosted_url is not None:
                    self._open_invoice(to_pay.hosted_url)
            case NextStep.NONE:
                pass

    def _with_picture(self, act: Act) -> None:
        if self._picture is not None:
            act(self._picture)

    def _cancel(self, at_once: bool) -> None:
        if self._picture is not None:
            self._actions.ask_cancel(self._picture, at_once)

    def _open_checkout(self, address: str) -> None:
        if self._picture is not None:
            self._actions.open_checkout(address, self._picture.mode)

    def _open_invoice(self, address: str) -> None:
        if self._picture is not None:
            self._actions.open_page(self._picture.mode, tr("Invoice"), address)
