"""The billing page over a real database and the sandbox's Stripe, with hands to use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from smtpy_desktop.controllers import billing_controller, organizations_controller, subscription_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.sandbox.stripe_faults import StripeFaults
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.billing_view import BillingView
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.widgets.remembered import MemoryStore
from tests.helpers.page_world import PageWorld, page_world, wait_until_calm
from tests.helpers.stripe_account import WEBHOOK_SECRET


@dataclass
class BillingWorld:
    """A page's world with a Stripe of its own; ``opened`` are the addresses that the browser was given."""

    world: PageWorld
    stripe: SandboxStripe
    access: StripeAccessGateway
    opened: list[str] = field(default_factory=list)
    listener_address: str | None = None
    has_browser: bool = True

    @property
    def book(self) -> Any:
        return self.stripe.book

    def open_address(self, address: str) -> bool:
        if self.has_browser:
            self.opened.append(address)
        return self.has_browser

    def add_organization(self, name: str) -> OrganizationId:
        services = self.world.context.services
        row = self.world.run(
            organizations_controller.create_organization(
                services.sessions, name, "admin@example.com", actor=services.actor, publish=services.publish
            )
        )
        self.read_organizations()
        return OrganizationId(row.id)

    def begin_anew(self) -> None:
        """Forget everything that a test before has done, here and at Stripe."""
        self.world.run(_forget(self.world.database))
        empty: dict[str, Any] = {kind: {} for kind in self.book.objects}
        self.book.load({"ahead": 0, "base": self.book.base, "events": [], "objects": empty})
        for name, value in asdict(StripeFaults()).items():
            setattr(self.stripe.faults, name, value)
        context = self.world.context
        services = replace(context.services, is_read_only=False)
        self.world.context = replace(context, services=services, memory=MemoryStore())
        context.choice.choose(None)
        context.choice.set_organizations(())
        self.world.told.clear()
        self.world.failures.clear()
        self.opened.clear()
        self.has_browser = True
        self.listener_address = None

    def make_read_only(self) -> None:
        """Behave as with a schema that is newer than the program; for pages that are opened from now on."""
        context = self.world.context
        self.world.context = replace(context, services=replace(context.services, is_read_only=True))

    def read_organizations(self) -> None:
        rows = self.world.run(organizations_controller.list_organizations(self.world.database))
        self.world.context.choice.set_organizations(rows)

    def add_customer(self, organization_id: OrganizationId, **values: str) -> str:
        """Add a customer at Stripe and link it."""
        made = self.book.add_customer(values.get("name", "Customer"), values.get("email", "billing@example.com"))
        services = self.world.context.services
        self.world.run(
            billing_controller.link_customer(
                services.sessions,
                services.stripe,
                organization_id,
                made["id"],
                actor=services.actor,
                publish=services.publish,
            )
        )
        return str(made["id"])

    def subscribe(self, organization_id: OrganizationId, price: str) -> str:
        """Have a customer of an organization subscribed at Stripe, with a card."""
        customer_id = self.add_customer(organization_id)
        checkout = self.book.begin_checkout(
            {
                "mode": "subscription",
                "customer": customer_id,
                "line_items": [{"price": price, "quantity": 1}],
                "success_url": "http://127.0.0.1/ok",
                "cancel_url": "http://127.0.0.1/no",
            }
        )
        session = self.book.complete_checkout(checkout["id"])
        self.sync(organization_id)
        return str(session["subscription"])

    def sync(self, organization_id: OrganizationId) -> BillingPicture:
        """Read an organization from Stripe, as another process would."""
        services = self.world.context.services
        picture: BillingPicture = self.world.run(
            subscription_controller.refresh_billing(
                services.sessions, services.stripe, organization_id, publish=services.publish
            )
        )
        return picture


@dataclass
class BillingPage:
    """The page in its window."""

    bot: QtBot
    window: MainWindow
    view: BillingView
    billing: BillingWorld

    def settle(self) -> None:
        """Wait until nothing runs and nothing is about to."""
        view = self.view

        def is_busy() -> bool:
            loading = view.accounts.model.is_loading or view.body.invoices.model.is_loading
            return view.is_waiting or view.commands.is_busy or loading

        self.billing.world.settle(self.bot, is_busy)

    def choose(self, organization_id: OrganizationId | None) -> None:
        self.billing.world.context.choice.choose(organization_id)
        self.settle()

    def texts(self, within: QWidget | None = None) -> list[str]:
        """Return what can be read, or what a screen reader would say."""
        widgets = (within or self.window).findChildren(QWidget)
        seen = [widget for widget in widgets if widget.isVisible()]
        return [text for widget in seen for text in (widget.accessibleName(), widget.accessibleDescription()) if text]

    def sees(self, text: str, within: QWidget | None = None) -> bool:
        return any(text in one for one in self.texts(within))

    def button(self, name: str, within: QWidget | None = None) -> QAbstractButton:
        found = (within or self.window).findChildren(QAbstractButton)
        return next(one for one in found if one.isVisible() and one.accessibleName() == name)

    def click(self, name: str, within: QWidget | None = None) -> None:
        button = self.button(name, within)
        assert button.isEnabled(), f"{name} cannot be clicked"
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle()

    def trigger(self, action: QAction) -> None:
        assert action.isEnabled()
        action.trigger()
        self.settle()

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard is."""
        self.bot.keyClick(QApplication.focusWidget() or self.window, key, modifiers)
        self.settle()

    def dialog(self) -> QDialog:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        return dialog


async def _forget(database: Database) -> None:
    async with database.begin() as db:
        await db.execute(text("TRUNCATE organizations, prices RESTART IDENTITY CASCADE"))


@contextmanager
def billing_world(
    url: str, profile: Path, *, has_key: bool = True, is_read_only: bool = False
) -> Iterator[BillingWorld]:
    """Give a world whose Stripe is the sandbox's, or one without a key."""
    with page_world(url, profile, MemoryKeyring(state=KeyringState.AVAILABLE)) as world:
        stripe = SandboxStripe()
        world.run(stripe.start())
        access = StripeAccessGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()))
        if has_key:
            access.use_sandbox(stripe.base, stripe.api_key, WEBHOOK_SECRET)
        services = replace(world.context.services, stripe=access)
        world.context = replace(world.context, services=services)
        try:
            yield BillingWorld(world, stripe, access)
        finally:
            world.context.runner.cancel_all()
            world.run(access.close())
            world.run(stripe.stop())


@contextmanager
def open_billing_page(bot: QtBot, billing: BillingWorld, width: int = 1440, height: int = 900) -> Iterator[BillingPage]:
    """Open the page in a window of its own."""
    window = MainWindow(MemoryStore())
    view = BillingView(
        billing.world.context, open_address=billing.open_address, listener_address=lambda: billing.listener_address
    )
    window.add_page("billing", "Billing", "credit-card", view, actions=view.page_actions)
    bot.addWidget(window)
    window.resize(width, height)
    window.show()
    page = BillingPage(bot, window, view, billing)
    page.settle()
    try:
        yield page
    finally:
        window.hide()
        wait_until_calm(bot, lambda: billing.world.context.runner.running)
