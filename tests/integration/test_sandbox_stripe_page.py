"""The page of the sandbox's Stripe: a real window over a real database, driven by clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers import billing_controller, organizations_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.sandbox import sample_billing
from smtpy_desktop.sandbox.sample_catalogue import ORGANIZATIONS
from smtpy_desktop.sandbox.stripe_faults import CallFault
from smtpy_desktop.sandbox.stripe_view import StripeView
from smtpy_desktop.sandbox.world import SandboxWorld
from smtpy_desktop.schemas.billing import SubscriptionStatus
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from tests.helpers.sandbox_page import SandboxPage, sandbox_page

pytestmark = pytest.mark.usefixtures("app_theme")


class StripePage(SandboxPage[StripeView]):
    def states(self) -> dict[str, str]:
        return {row[0]: row[1] for row in self.rows()}

    def select(self, name: str) -> None:
        self.bot.waitUntil(lambda: name in self.states())
        self.view.table.selectRow(list(self.states()).index(name))
        self.bot.waitUntil(lambda: self.view.details_view.row.name == name)

    def wait_for(self, name: str, state: str) -> None:
        self.bot.waitUntil(lambda: self.states().get(name) == state)


async def subscribe_samples(world: SandboxWorld, services: Services) -> None:
    for name, email in ORGANIZATIONS.items():  # without their domains, whose keys take a while
        await organizations_controller.create_organization(
            services.sessions, name, email, actor=services.actor, publish=services.publish
        )
    await sample_billing.fill(services, world.stripe.book)


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path, database_url: str, master_keys: MasterKeyGateway) -> Iterator[StripePage]:
    with sandbox_page(StripePage, qtbot, StripeView, subscribe_samples, tmp_path, database_url, master_keys) as page:
        qtbot.waitUntil(lambda: bool(page.states()))
        yield page


def test_the_samples_are_in_different_states_here_and_in_the_program(page):
    accounts = page.thread.submit(
        billing_controller.list_accounts(page.services.sessions, page.services.stripe)
    ).result(10)

    states = {one.organization_name: one.subscription and one.subscription.status for one in accounts}
    assert page.states() == {
        "Harbour & Sons": "Past due",
        "Kestrel Cycles": "Ending",
        "Lumen Studio": "Trial",
        "Northwind Hosting": "Active",
    }
    assert states == {
        "Harbour & Sons": SubscriptionStatus.PAST_DUE,
        "Kestrel Cycles": SubscriptionStatus.ACTIVE,
        "Lumen Studio": SubscriptionStatus.TRIALING,
        "Northwind Hosting": SubscriptionStatus.ACTIVE,
        sample_billing.MEADOWBANK: None,
    }


def test_a_renewal_fails_and_the_invoice_is_paid(page):
    page.select("Northwind Hosting")
    page.click("Renewal fails")
    page.wait_for("Northwind Hosting", "Past due")

    page.click("Pay the open invoice")

    page.wait_for("Northwind Hosting", "Active")


def test_a_subscription_pauses_goes_on_and_ends(page):
    page.select("Lumen Studio")
    page.click("Pause")
    page.wait_for("Lumen Studio", "Paused")
    page.click("Resume")
    page.wait_for("Lumen Studio", "Active")

    page.click("End now")

    page.wait_for("Lumen Studio", "Ended")
    page.click("Begin a trial")
    page.wait_for("Lumen Studio", "Trial")


def test_a_customer_is_deleted_after_a_question(page):
    page.select("Kestrel Cycles")
    page.click("Delete customer")
    dialog = page.window.findChild(ConfirmDialog)

    dialog.action_button.click()

    page.bot.waitUntil(lambda: "Kestrel Cycles" not in page.states())
    assert "Customer deleted" in page.states().values()


def test_time_passes(page):
    before = page.world.stripe.book.now

    page.choose("Let time pass", "31 days")

    page.wait_for("Kestrel Cycles", "Ended")
    assert page.world.stripe.book.now >= before + 31 * 86_400


def test_every_fault_is_switched_on_and_off_again(page):
    faults = page.world.stripe.faults
    page.choose("Calls are answered", "fail (500)")
    page.bot.waitUntil(lambda: faults.call_fault is CallFault.SERVER_ERROR)
    page.choose("Answers:", "after 5 s")
    page.choose("Webhooks:", "after 1 s")
    for name in ("Each comes", "They come in", "They are lost", "Only calls"):
        page.bot.keyClick(page.button(name), Qt.Key.Key_Space)
    page.bot.waitUntil(lambda: faults.are_webhooks_lost and faults.only_changes)
    everything = (faults.delay_seconds, faults.webhook_delay_seconds, faults.are_webhooks_doubled)

    page.click("Everything works again")

    page.bot.waitUntil(lambda: faults.call_fault is CallFault.NONE)
    page.bot.waitUntil(lambda: not page.button("Everything").isEnabled())
    assert everything == (5.0, 1.0, True)
    assert not faults.are_webhooks_lost


def test_everything_can_be_reached_by_keyboard(page):
    page.select("Northwind Hosting")
    page.view.table.setFocus()
    reached = set()
    for _ in range(40):
        page.bot.keyClick(page.window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(page.window.focusWidget())

    buttons = [
        one
        for one in page.view.findChildren(QAbstractButton)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert [one.text() for one in buttons if one not in reached] == []


def test_what_was_played_is_there_at_the_next_start(page, tmp_path):
    page.select("Northwind Hosting")
    page.click("Pause")
    page.wait_for("Northwind Hosting", "Paused")

    async def look() -> list[str]:
        again = SandboxWorld(tmp_path / "sandbox")
        await again.start()
        found = [item["status"] for item in again.stripe.book.objects["subscriptions"].values()]
        await again.stop()
        return found

    assert "paused" in page.thread.submit(look()).result(30)
