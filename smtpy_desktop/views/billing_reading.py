"""What the billing page shows and how it is read: at once from what is kept here, then from Stripe."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from smtpy_desktop.controllers import billing_controller, subscription_controller
from smtpy_desktop.controllers.billing_refresh_controller import refresh_all
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle, say_nothing
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingOverview, BillingPicture
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.calm_reading import CalmReading
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.texts import tr

_LOOK_MILLISECONDS = 4000
"""How often Stripe is asked while a payment is waited for, since its own news may not reach this machine."""


class BillingReading(QObject):
    """Reads for one organization or, with None, for all.

    ``read(BillingPicture | BillingOverview)``: what is kept here. ``unreadable(UserFacingError)``: that failed.
    ``asking_changed``: Stripe is being asked, or not any more; ``trouble`` is why it could not be.
    """

    read = Signal(object)
    unreadable = Signal(object)
    asking_changed = Signal()

    def __init__(self, context: ViewContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._organization: OrganizationId | None = None
        self._wants_asking = self._has_read_names = False
        self._asking: TaskHandle | None = None
        self.trouble: UserFacingError | None = None
        self.calm = CalmReading(self._read, self)
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MILLISECONDS)
        self._look.timeout.connect(self._look_again)

    @property
    def is_asking(self) -> bool:
        """Whether Stripe is being asked."""
        return self._asking is not None

    def show(self, organization_id: OrganizationId | None, *, ask: bool) -> None:
        """Read for another organization or for all; ``ask``: then ask Stripe, where there is something to ask."""
        if organization_id != self._organization:
            self._organization = organization_id
            self.trouble = None
            self._stop_asking()
        self._wants_asking = self._wants_asking or ask
        self.calm.now()

    def again_soon(self) -> None:
        """Read what is kept here again: it has changed."""
        self.calm.soon()

    def ask(self) -> None:
        """Ask Stripe now, unless it is being asked already."""
        if self._asking is not None:
            return
        services, organization_id = self._context.services, self._organization
        stripe, publish = services.stripe, services.publish
        if organization_id is None:
            progress = Progress()
            self._start(
                self._context.runner.run(
                    refresh_all(services.sessions, stripe, publish=publish, progress=progress),
                    owner=self,
                    on_success=self._on_all_answered,
                    on_error=self._on_trouble,
                    progress=progress,
                    title=tr("Reading the billing from Stripe"),
                    is_background=True,
                )
            )
            return
        work = subscription_controller.refresh_billing(services.sessions, stripe, organization_id, publish=publish)
        self._start(self._context.runner.run(work, owner=self, on_success=self._on_answered, on_error=self._on_trouble))

    def wait_for_payment(self, *, waiting: bool) -> None:
        """Ask Stripe now and then while a payment is waited for."""
        if waiting != self._look.isActive():
            (self._look.start if waiting else self._look.stop)()

    # Reading what is kept here

    def _read(self) -> TaskHandle:
        services, organization_id = self._context.services, self._organization
        work: Coroutine[Any, Any, BillingPicture | BillingOverview]
        if organization_id is None:
            work = billing_controller.billing_overview(services.sessions, services.stripe)
        else:
            work = billing_controller.billing_picture(services.sessions, services.stripe, organization_id)
        return self._context.runner.run(
            work,
            owner=self,
            on_success=self._on_read,
            on_error=self._on_unreadable,
            replaces="billing/read",
        )

    def _on_read(self, found: BillingPicture | BillingOverview) -> None:
        wants, self._wants_asking = self._wants_asking, False
        self.read.emit(found)
        if isinstance(found, BillingOverview):
            self._read_names(found)
        if not (wants and found.mode.has_key):
            return
        if isinstance(found, BillingOverview) or found.account.customer_id is not None:
            self.ask()

    def _on_unreadable(self, error: UserFacingError) -> bool:
        self.unreadable.emit(error)
        return True

    # Asking Stripe

    def _start(self, handle: TaskHandle) -> None:
        self._asking = handle
        handle.ended.connect(partial(self._on_ended, handle))
        self.asking_changed.emit()

    def _stop_asking(self) -> None:
        handle, self._asking = self._asking, None
        if handle is not None:
            handle.cancel()
            self.asking_changed.emit()

    def _look_again(self) -> None:
        self.ask()

    def _on_answered(self, picture: BillingPicture) -> None:
        self.trouble = None
        self.read.emit(picture)
        self._read_names(picture)

    def _read_names(self, found: BillingPicture | BillingOverview) -> None:
        """Ask once what the plans are called; what is not sold any more keeps its id."""
        accounts = found.accounts if isinstance(found, BillingOverview) else (found.account,)
        if self._has_read_names or not found.mode.has_key or not any(map(_has_unnamed_plan, accounts)):
            return
        self._has_read_names = True
        services = self._context.services
        work = billing_controller.read_prices(services.sessions, services.stripe, publish=services.publish)
        self._context.runner.run(work, owner=self, on_error=say_nothing)

    def _on_all_answered(self, count: int) -> None:
        self.trouble = None

    def _on_trouble(self, error: UserFacingError) -> bool:
        self.trouble = error
        return True

    def _on_ended(self, handle: TaskHandle) -> None:
        if handle is self._asking:
            self._asking = None
            self.asking_changed.emit()


def _has_unnamed_plan(account: BillingAccount) -> bool:
    subscription = account.subscription
    return subscription is not None and subscription.price is not None and not subscription.price.product_name
