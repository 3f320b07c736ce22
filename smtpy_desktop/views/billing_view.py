"""The billing page: all organizations in a table, or one with its subscription, customer and invoices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers.stripe_settings_controller import return_urls
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.billing_account import BillingAccount, BillingNotice, BillingOverview, BillingPicture
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.stripe_settings import ReturnUrls
from smtpy_desktop.views.billing_account_body import BillingAccountBody
from smtpy_desktop.views.billing_accounts_list import BillingAccountsList
from smtpy_desktop.views.billing_actions import BillingActions
from smtpy_desktop.views.billing_empty_states import BillingEmptyStates
from smtpy_desktop.views.billing_head import BillingHead
from smtpy_desktop.views.billing_money import plan_name
from smtpy_desktop.views.billing_notices_list import BillingNoticesList
from smtpy_desktop.views.billing_reading import BillingReading
from smtpy_desktop.views.browser import OpenAddress, open_in_browser
from smtpy_desktop.views.main_window import PageActions
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, tr_n

BILLING_SECTION = "billing"
Act = Callable[[BillingPicture], object]
_TOPICS = (Topic.BILLING, Topic.ORGANIZATIONS, Topic.CONNECTION, Topic.SETTINGS)


class BillingView(QWidget):
    """``settings_wanted(str)``: a part of the settings. ``page_wanted``: this page is to be shown."""

    settings_wanted = Signal(str)
    page_wanted = Signal()

    def __init__(
        self,
        context: ViewContext,
        parent: QWidget | None = None,
        *,
        open_address: OpenAddress = open_in_browser,
        listener_address: Callable[[], str | None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        self._context, self._choice = context, context.choice
        self._is_stale = True
        self._waited_for: set[OrganizationId] = set()
        self._listener_address = listener_address
        self.commands = BillingActions(context, self, open_address=open_address, return_urls=self._return_urls)
        self.reading = BillingReading(context, self)
        self.empty = BillingEmptyStates(self)
        self.head = BillingHead(self)
        self.body = BillingAccountBody(context, self.commands, self)
        self.accounts = BillingAccountsList(context.memory, self)
        self.all_notices = BillingNoticesList(self)
        self._build()
        self._connect()

    @property
    def page_actions(self) -> PageActions:
        """What the window's keys do here."""
        return PageActions(refresh=self.refresh, back=self._go_back)

    @property
    def is_waiting(self) -> bool:
        """Whether something is still to be read or is being asked."""
        return self.reading.calm.is_waiting or self.reading.is_asking

    def refresh(self) -> None:
        """Read everything again, and ask Stripe."""
        self._read(ask=True)

    def show_organization(self, organization_id: OrganizationId) -> None:
        """Show one organization's billing, on this page."""
        self._choice.choose(organization_id)
        self.page_wanted.emit()

    def choose_plan(self) -> None:
        """Let the user choose a plan for the organization that is shown."""
        self._with_organization(self.commands.choose_plan)

    def open_portal(self) -> None:
        """Open the customer portal of the organization that is shown."""
        self._with_organization(self.commands.open_portal)

    # Building

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(self.head)
        self.stack = QStackedWidget(self)
        self._all = QWidget(self)
        inner = QVBoxLayout(self._all)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(Space.M)
        inner.addWidget(self.all_notices)
        inner.addWidget(self.accounts, 1)
        self._blank = QWidget(self)
        for widget in (self._blank, self._all, self.body, self.empty.no_key, self.empty.no_organization):
            self.stack.addWidget(widget)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.head)

    def _connect(self) -> None:
        context, reading, commands = self._context, self.reading, self.commands
        context.bus.changed.connect(self._on_changed)
        context.choice.chosen_changed.connect(self._on_choice_changed)
        reading.read.connect(self._on_read)
        reading.unreadable.connect(self._on_unreadable)
        reading.asking_changed.connect(self._show_state)
        commands.changed.connect(self._on_read)
        commands.failed.connect(reading.again_soon)
        self.head.refresh_wanted.connect(self.refresh)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_application_state)
        self.accounts.account_opened.connect(self._on_account_opened)
        self.all_notices.show_wanted.connect(self._on_notice)
        self.all_notices.read_wanted.connect(commands.mark_read)
        self.empty.retry_wanted.connect(self.refresh)
        for part in (self.head, self.empty):
            part.settings_wanted.connect(partial(self.settings_wanted.emit, BILLING_SECTION))

    # Reading

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # All organizations are asked for by Refresh alone: there may be thousands.
        self._read(ask=self._is_stale and self._choice.chosen is not None)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._is_stale = True
        self.reading.wait_for_payment(waiting=False)

    def _read(self, *, ask: bool) -> None:
        self._is_stale = False
        self.reading.show(self._choice.chosen, ask=ask)

    def _on_changed(self, change: Change) -> None:
        if change.topic in _TOPICS and self.isVisible():
            self.reading.again_soon()

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        """Ask Stripe when the user comes back from its pages, where anything may have been changed."""
        if state is Qt.ApplicationState.ApplicationActive and self.commands.has_opened_page and self.isVisible():
            self.commands.has_opened_page = False
            self.refresh()

    def _on_choice_changed(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._read(ask=self._choice.chosen is not None)
        else:
            self.stack.setCurrentWidget(self._blank)  # so that nobody's billing is seen under another's name

    # Showing

    def _on_read(self, found: BillingPicture | BillingOverview) -> None:
        if isinstance(found, BillingOverview):
            if self._choice.chosen is None:
                self._show_all(found)
        elif found.account.organization_id == self._choice.chosen:
            self._show_one(found)
        self._show_state()

    def _show_all(self, found: BillingOverview) -> None:
        self.reading.wait_for_payment(waiting=False)
        oldest = min((one.synced_at for one in found.accounts if one.synced_at is not None), default=None)
        scope = tr_n("{n} organization", "{n} organizations", len(found.accounts))
        self.head.show_whose(scope, found.mode, oldest)
        if not found.accounts:
            self.stack.setCurrentWidget(self.empty.no_organization)
        elif not found.mode.has_key and not any(one.customer_id for one in found.accounts):
            self.stack.setCurrentWidget(self.empty.no_key)
        else:
            may_change = not self._context.services.is_read_only
            self.all_notices.show_notices(found.notices, may_change=may_change, has_show=True)
            self.accounts.show_accounts(found.accounts)
            self._show_part(self._all, self.accounts)

    def _show_one(self, picture: BillingPicture) -> None:
        account = picture.account
        self.head.show_whose(visible_line(account.organization_name), picture.mode, account.synced_at)
        self._tell_paid(picture)
        is_waiting = picture.open_checkout_url is not None and picture.mode.has_key and self.isVisible()
        self.reading.wait_for_payment(waiting=is_waiting)
        if not picture.mode.has_key and account.customer_id is None:
            self.stack.setCurrentWidget(self.empty.no_key)
            return
        self.body.show_picture(picture)
        self._show_part(self.body, self.head)

    def _show_part(self, part: QWidget, focus: QWidget) -> None:
        """Show a part of the page; the keyboard goes with it when it was in the part before."""
        before = self.stack.currentWidget()
        focused = QApplication.focusWidget()
        had_keyboard = before is not None and focused is not None and before.isAncestorOf(focused)
        self.stack.setCurrentWidget(part)
        if had_keyboard and before is not part:
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell_paid(self, picture: BillingPicture) -> None:
        """Tell once that a payment which was waited for has arrived."""
        account = picture.account
        if picture.open_checkout_url is not None:
            self._waited_for.add(account.organization_id)
        elif account.organization_id in self._waited_for:
            self._waited_for.discard(account.organization_id)
            if account.subscription is not None and account.subscription.status.is_served:
                self._context.tell(Message(_paid_words(account), key="billing"))

    @property
    def _shows_data(self) -> bool:
        return self.stack.currentWidget() in (self.body, self._all)

    def _show_state(self) -> None:
        reading = self.reading
        self.head.show_state(is_asking=reading.is_asking, trouble=reading.trouble, shows_data=self._shows_data)

    def _on_unreadable(self, error: UserFacingError) -> None:
        if self._shows_data:
            return  # the banner tells that the database is away; what was read before is still shown
        widget = self.empty.unreachable(error)
        self.stack.addWidget(widget)
        self.stack.setCurrentWidget(widget)

    # Going elsewhere

    async def _return_urls(self) -> ReturnUrls:
        """Return where Stripe's pages send people back to: where the listener is now, which need not be its setting."""
        services = self._context.services
        return await return_urls(services.sessions, services.stripe_setup, listener=self._listener_address())

    def _with_organization(self, act: Act) -> None:
        """Do something with the organization that is shown, or say that one has to be chosen."""
        picture = self.body.picture
        is_shown = picture is not None and picture.account.organization_id == self._choice.chosen
        if picture is None or not is_shown:
            self._context.tell(Message(tr("Choose an organization at the top left first."), Tone.WARN, key="billing"))
        elif picture.mode.has_key and not self._context.services.is_read_only:
            act(picture)

    def _on_account_opened(self, account: BillingAccount) -> None:
        self._choice.choose(account.organization_id)

    def _on_notice(self, notice: BillingNotice) -> None:
        self._choice.choose(notice.organization_id)

    def _go_back(self) -> bool:
        """Esc: from one organization back to all of them."""
        if self._choice.chosen is None:
            return False
        self._choice.choose(None)
        return True


def _paid_words(account: BillingAccount) -> str:
    name = visible_line(account.organization_name, 60)
    price = account.subscription.price if account.subscription is not None else None
    if price is None:
        return tr("{name} is subscribed.", name=name)
    return tr("{name} is subscribed to {plan}.", name=name, plan=plan_name(price))
