"""What can be done with an organization's billing: each act asks first where it must, and tells its outcome."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import billing_controller, checkout_controller, subscription_controller
from smtpy_desktop.core.stripe_pages import may_be_opened
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.billing import CheckoutSession, Price
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.schemas.stripe_settings import ReturnUrls, StripeMode
from smtpy_desktop.views.billing_address_dialog import BillingAddressDialog
from smtpy_desktop.views.billing_link_dialog import BillingLinkDialog
from smtpy_desktop.views.billing_mode_badge import confirm_billing
from smtpy_desktop.views.billing_money import plan_name, price_words
from smtpy_desktop.views.billing_plan_dialog import BillingPlanDialog
from smtpy_desktop.views.billing_words import ends_at, mode_sentence
from smtpy_desktop.views.browser import OpenAddress
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.moments import date_of
from smtpy_desktop.views.widgets.texts import tr

FindUrls = Callable[[], Coroutine[Any, Any, ReturnUrls]]
"""Finds out where Stripe's pages send people back to."""


class BillingActions(QObject):
    """``busy_changed(bool)``: a change is under way. ``changed(BillingPicture)``: it is done. ``failed``: it is not.

    ``has_opened_page``: one of Stripe's pages is open in the browser, where things may be changed.
    """

    busy_changed = Signal(bool)
    changed = Signal(object)
    failed = Signal()

    def __init__(
        self, context: ViewContext, window: QWidget, *, open_address: OpenAddress, return_urls: FindUrls
    ) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self.browser, self._return_urls = open_address, return_urls
        self.has_opened_page = False
        self._is_busy = False

    @property
    def is_busy(self) -> bool:
        """Whether a change is under way."""
        return self._is_busy

    # Subscribing

    def choose_plan(self, picture: BillingPicture) -> BillingPlanDialog:
        """Let the user choose a plan, and begin its checkout."""
        dialog = BillingPlanDialog(self._context, picture, self._window)
        dialog.chosen.connect(partial(self.subscribe, picture))
        dialog.portal_wanted.connect(partial(self.open_portal, picture))
        dialog.open()
        return dialog

    def subscribe(self, picture: BillingPicture, price: Price) -> None:
        """Begin the checkout of a plan and open it in the browser."""
        services, organization_id = self._context.services, picture.account.organization_id

        async def begin() -> CheckoutSession:
            return await checkout_controller.subscribe(
                services.sessions,
                services.stripe,
                organization_id,
                price.id,
                urls=await self._return_urls(),
                actor=services.actor,
                publish=services.publish,
            )

        self._run(begin(), partial(self._on_checkout, picture.mode), tr("Opening the payment page"))

    def open_checkout(self, address: str, mode: StripeMode) -> None:
        """Open the payment page again; where that is not possible the page shows its address."""
        if not (may_be_opened(address, is_sandbox=mode.is_sandbox) and self._open_address(address)):
            self._context.tell(
                Message(
                    tr("No browser could be opened. Copy the address of the payment page."),
                    Tone.WARN,
                    action_text=tr("Copy address"),
                    action=partial(self.copy, address),
                    key="billing/browser",
                )
            )

    def give_up(self, picture: BillingPicture) -> None:
        """End the open checkout, so that nobody can pay there any more."""
        services = self._context.services
        work = checkout_controller.give_up_checkout(
            services.sessions, services.stripe, picture.account.organization_id, publish=services.publish
        )
        self._run(work, self._on_given_up, tr("Closing the payment page"))

    # Stripe's pages

    def open_portal(self, picture: BillingPicture) -> None:
        """Open the customer portal."""
        services, organization_id = self._context.services, picture.account.organization_id

        async def begin() -> str:
            urls = await self._return_urls()
            return await subscription_controller.open_portal(
                services.sessions, services.stripe, organization_id, urls=urls
            )

        opened = partial(self.open_page, picture.mode, tr("Customer portal"))
        self._run(begin(), opened, tr("Opening the customer portal"))

    def open_page(self, mode: StripeMode, title: str, address: str) -> None:
        """Open one of Stripe's pages, or show its address where it may not or cannot be opened."""
        is_known = may_be_opened(address, is_sandbox=mode.is_sandbox)
        if not (is_known and self._open_address(address)):
            BillingAddressDialog(title, address, mode, self._window, is_known=is_known).open()

    def copy(self, address: str) -> None:
        """Copy an address."""
        QGuiApplication.clipboard().setText(address)
        self._context.tell(Message(tr("Copied the address."), key="copied"))

    # Ending and resuming

    def ask_cancel(self, picture: BillingPicture, at_once: bool) -> None:
        """Ask whether the subscription is to end, naming it; at once only after its organization's name was typed."""
        subscription = picture.account.subscription
        if subscription is None:
            return
        name = visible_line(picture.account.organization_name, 60)
        plan = plan_name(subscription.price) if subscription.price is not None else tr("the plan")
        price = price_words(subscription.price, subscription.quantity) if subscription.price is not None else ""
        named = f"{plan} ({price})" if price else plan
        end = ends_at(subscription) or subscription.current_period_end
        date = date_of(end) if end is not None else tr("the end of its period")
        if at_once:
            dialog = confirm_billing(
                self._window,
                picture.mode,
                tr("Cancel the subscription now?"),
                tr("{plan} of {name} ends at once. This cannot be taken back.", plan=named, name=name),
                tr("&Cancel it now"),
                partial(self.cancel, picture, at_once=True),
                consequences=(
                    tr("It was paid until {date}; nothing is refunded by itself.", date=date),
                    mode_sentence(picture.mode),
                ),
                type_name=name,
            )
            dialog.cancel_button.set_text(tr("Keep it"))
            return
        dialog = confirm_billing(
            self._window,
            picture.mode,
            tr("Cancel the subscription at the end of the period?"),
            tr("{plan} of {name} ends on {date} and is not renewed.", plan=named, name=name, date=date),
            tr("&End it on {date}", date=date),
            partial(self.cancel, picture, at_once=False),
            consequences=(tr("Until then everything goes on, and Resume takes it back."), mode_sentence(picture.mode)),
            dangerous=False,
        )
        dialog.cancel_button.set_text(tr("Keep it"))

    def cancel(self, picture: BillingPicture, *, at_once: bool) -> None:
        """End the subscription, with its period or at once."""
        services = self._context.services
        work = subscription_controller.cancel_subscription(
            services.sessions,
            services.stripe,
            picture.account.organization_id,
            at_once=at_once,
            actor=services.actor,
            publish=services.publish,
        )
        words = tr("The subscription has ended.") if at_once else tr("The subscription ends with its period.")
        self._run(work, partial(self._done, words), tr("Cancelling the subscription"))

    def resume(self, picture: BillingPicture) -> None:
        """Let the subscription go on."""
        services = self._context.services
        work = subscription_controller.resume_subscription(
            services.sessions,
            services.stripe,
            picture.account.organization_id,
            actor=services.actor,
            publish=services.publish,
        )
        self._run(work, partial(self._done, tr("The subscription goes on.")), tr("Resuming the subscription"))

    # The customer

    def link(self, picture: BillingPicture) -> BillingLinkDialog:
        """Let the user link a customer that exists at Stripe."""
        dialog = BillingLinkDialog(self._context, picture, self._window)
        dialog.linked.connect(partial(self._done, tr("The customer is linked.")))
        dialog.open()
        return dialog

    def ask_unlink(self, picture: BillingPicture) -> None:
        """Ask whether the customer is to be forgotten here."""
        name = visible_line(picture.account.organization_name, 60)
        confirm_billing(
            self._window,
            picture.mode,
            tr("Unlink the customer of {name}?", name=name),
            tr("{customer} is forgotten here, and can be linked again.", customer=picture.account.customer_id),
            tr("&Unlink"),
            partial(self._unlink, picture),
            consequences=(tr("At Stripe nothing changes: a subscription goes on and is charged."),),
        )

    def mark_read(self, ids: Sequence[int]) -> None:
        """Note that notices were read."""
        services = self._context.services
        work = billing_controller.mark_notices_seen(services.sessions, ids, publish=services.publish)
        self._context.runner.run(work, owner=self)

    # Running

    def _unlink(self, picture: BillingPicture) -> None:
        services = self._context.services
        work = billing_controller.unlink_customer(
            services.sessions,
            services.stripe,
            picture.account.organization_id,
            actor=services.actor,
            publish=services.publish,
        )
        self._run(work, partial(self._done, tr("The customer is unlinked.")), None)

    def _open_address(self, address: str) -> bool:
        self.has_opened_page = self.browser(address)
        return self.has_opened_page

    def _run(self, work: Coroutine[Any, Any, Any], then: Callable[[Any], object], title: str | None) -> None:
        """Do one change at a time; what is asked for meanwhile is not done."""
        if self._is_busy:
            work.close()
            return
        self._set_busy(busy=True)

        def succeed(result: Any) -> None:
            self._set_busy(busy=False)
            then(result)

        def fail(error: UserFacingError) -> bool:
            self._set_busy(busy=False)
            self.failed.emit()
            return False

        handle = self._context.runner.run(
            work, owner=self, on_success=succeed, on_error=fail, title=title, is_background=True
        )
        handle.ended.connect(self._on_ended)

    def _on_ended(self) -> None:
        """Free the page again after a change that was cancelled in the Tasks panel, which tells nobody."""
        if self._is_busy:
            self._set_busy(busy=False)
            self.failed.emit()

    def _set_busy(self, *, busy: bool) -> None:
        if busy != self._is_busy:
            self._is_busy = busy
            self.busy_changed.emit(busy)

    def _on_checkout(self, mode: StripeMode, session: CheckoutSession) -> None:
        if session.url is not None:
            self.open_checkout(session.url, mode)

    def _on_given_up(self, picture: BillingPicture) -> None:
        subscription = picture.account.subscription
        if subscription is not None and not subscription.status.is_over:
            self.changed.emit(picture)  # it was paid meanwhile, and the page tells that
        else:
            self._done(tr("Given up. The payment page is closed, and nothing was charged."), picture)

    def _done(self, words: str, picture: BillingPicture) -> None:
        self._context.tell(Message(words, key="billing"))
        self.changed.emit(picture)
