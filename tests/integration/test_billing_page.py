"""The billing page over a real database and the sandbox's Stripe: every state, every change, every failure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.sandbox.stripe_faults import CallFault
from smtpy_desktop.schemas.billing import SubscriptionStatus
from smtpy_desktop.schemas.identifiers import OrganizationId
from smtpy_desktop.views.billing_address_dialog import BillingAddressDialog
from smtpy_desktop.views.billing_link_dialog import BillingLinkDialog
from smtpy_desktop.views.billing_plan_dialog import BillingPlanDialog
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from tests.helpers.billing_page import BillingPage, BillingWorld, billing_world, open_billing_page

pytestmark = pytest.mark.usefixtures("app_theme")


@pytest.fixture(scope="module", autouse=True)
def _locale() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("en_US"))
    yield
    QLocale.setDefault(before)


@pytest.fixture(scope="module")
def shared(
    qapp: QApplication, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BillingWorld]:
    with billing_world(module_database_url, tmp_path_factory.mktemp("profile")) as made:
        yield made


@pytest.fixture
def billing(shared: BillingWorld) -> BillingWorld:
    shared.begin_anew()
    return shared


@pytest.fixture
def basic(billing: BillingWorld) -> str:
    billing.book.add_price("Pro", 9000, currency="eur", interval="year")
    return str(billing.book.add_price("Basic", 900, currency="eur")["id"])


@pytest.fixture
def northwind(billing: BillingWorld) -> OrganizationId:
    return billing.add_organization("Northwind")


@pytest.fixture
def page(qtbot: QtBot, billing: BillingWorld, northwind: OrganizationId, basic: str) -> Iterator[BillingPage]:
    with open_billing_page(qtbot, billing) as made:
        yield made


@pytest.fixture
def subscribed(page: BillingPage, northwind: OrganizationId, basic: str) -> dict[str, Any]:
    """Give the subscription at Stripe that the page shows."""
    subscription_id = page.billing.subscribe(northwind, basic)
    page.choose(northwind)
    found: dict[str, Any] = page.billing.book.objects["subscriptions"][subscription_id]
    return found


def begin_checkout(page: BillingPage, plan: str = "Basic") -> None:
    page.click("Choose a plan…")
    dialog = page.dialog()
    assert isinstance(dialog, BillingPlanDialog)
    names = [price.product_name for price in dialog.prices]
    dialog.table.selectRow(names.index(plan))
    page.click("Go to the payment", dialog)


def pay(page: BillingPage) -> None:
    book = page.billing.book
    book.complete_checkout(next(key for key, one in book.objects["checkouts"].items() if one["status"] == "open"))


# What is shown


def test_the_checkout_leads_back_to_where_the_listener_is_now(page, billing, northwind):
    billing.listener_address = "http://127.0.0.1:45454"
    page.choose(northwind)

    begin_checkout(page)

    made = billing.book.newest("checkouts")[0]
    assert made["success_url"].startswith("http://127.0.0.1:45454/")
    assert made["cancel_url"].startswith("http://127.0.0.1:45454/")


def test_without_a_key_the_page_says_what_to_do_first(
    qtbot: QtBot, qapp: QApplication, database_url: str, tmp_path: Path
) -> None:
    with billing_world(database_url, tmp_path, has_key=False) as billing:
        billing.add_organization("Northwind")
        with open_billing_page(qtbot, billing) as page, qtbot.waitSignal(page.view.settings_wanted) as wanted:
            page.click("Open Settings, Billing")

    assert wanted.args == ["billing"]


def test_without_organizations_the_page_says_so(qtbot: QtBot, billing: BillingWorld) -> None:
    with open_billing_page(qtbot, billing) as page:
        assert page.sees("No organization yet")


def test_all_organizations_are_listed_and_return_opens_one(
    page: BillingPage, northwind: OrganizationId, basic: str
) -> None:
    page.billing.add_organization("Alder")
    page.billing.subscribe(northwind, basic)
    page.settle()

    names = [account.organization_name for account in page.view.accounts.accounts]
    page.view.accounts.table.setFocus()
    page.view.accounts.table.selectRow(1)
    page.key(Qt.Key.Key_Return)

    assert names == ["Alder", "Northwind"]
    assert page.billing.world.context.choice.chosen == northwind
    assert page.view.body.subscription.plan.text() == "Basic"


def test_escape_leads_back_to_all_organizations(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.key(Qt.Key.Key_Escape)

    assert page.billing.world.context.choice.chosen is None
    assert page.view.accounts.isVisible()


def test_the_list_sorts_by_any_column_and_puts_what_has_no_period_last(
    page: BillingPage, northwind: OrganizationId, basic: str
) -> None:
    page.billing.add_organization("Alder")
    page.billing.subscribe(northwind, basic)
    page.settle()

    page.view.accounts.model.sort_requested.emit("period_end", False)
    page.settle()

    assert [account.organization_name for account in page.view.accounts.accounts] == ["Northwind", "Alder"]


def test_the_page_marks_the_sandbox(page: BillingPage) -> None:
    assert page.view.head.badge.state.text == "SANDBOX"
    assert page.sees("no real money")


def test_a_subscription_is_shown_with_plan_price_period_and_card(page: BillingPage, subscribed: dict[str, Any]) -> None:
    card = page.view.body.subscription

    assert (card.plan.text(), card.price.text()) == ("Basic", "€9.00 a month")
    assert card.pill.state.text == "Active"
    assert page.sees("Visa •••• 4242")
    assert page.sees(f"Customer id: {subscribed['customer']}")
    assert "as of" in page.view.head.as_of.text()


STATES = {
    SubscriptionStatus.TRIALING: ("Trial", None),
    SubscriptionStatus.ACTIVE: ("Active", None),
    SubscriptionStatus.PAST_DUE: ("Past due", "Update the payment method"),
    SubscriptionStatus.UNPAID: ("Unpaid", "Pay the open invoice"),
    SubscriptionStatus.INCOMPLETE: ("Incomplete", "Pay the open invoice"),
    SubscriptionStatus.PAUSED: ("Paused", "Resume"),
    SubscriptionStatus.CANCELED: ("Ended", "Choose a plan…"),
    SubscriptionStatus.INCOMPLETE_EXPIRED: ("Not completed", "Choose a plan…"),
}


def test_every_state_of_a_subscription_has_its_word_and_its_next_step(
    page: BillingPage, subscribed: dict[str, Any]
) -> None:
    card = page.view.body.subscription
    seen = {}
    subscribed["trial_end"] = subscribed["items"]["data"][0]["current_period_end"]
    page.billing.book.objects["invoices"][subscribed["latest_invoice"]].update(status="open", attempt_count=1)

    for status in STATES:
        subscribed["status"] = status.value
        page.view.refresh()
        page.settle()
        button = card.step_button.accessibleName() if card.step_button.isVisible() else None
        seen[status] = (card.pill.state.text, button)
        assert card.pill.state.icon_name
        assert card.cancel_button.isVisible() is not status.is_over

    assert seen == STATES
    assert set(seen) == set(SubscriptionStatus)


def test_a_deleted_customer_is_told_and_leads_to_a_new_plan(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.billing.book.delete_customer(subscribed["customer"])

    page.view.refresh()
    page.settle()

    assert page.view.body.subscription.pill.state.text == "Customer deleted"
    assert page.button("Choose a plan…").isEnabled()
    assert page.sees("the customer was deleted at Stripe")


def test_more_than_one_live_subscription_is_warned_of(
    page: BillingPage, subscribed: dict[str, Any], basic: str
) -> None:
    page.billing.book.subscribe(subscribed["customer"], basic)

    page.view.refresh()
    page.settle()

    assert page.sees("1 more subscription is live")


def test_hostile_names_are_shown_as_they_are(page: BillingPage, northwind: OrganizationId) -> None:
    name = "<img src=x>&amp; \u202eevil\nline"
    price = page.billing.book.add_price(name, 900, currency="eur")["id"]
    page.billing.subscribe(northwind, price)

    page.choose(northwind)

    assert page.view.body.subscription.plan.text() == "<img src=x>&amp; ⟨U+202E⟩evil⏎line"


# Subscribing


def test_a_plan_is_paid_in_the_browser_and_the_page_knows_by_itself(
    page: BillingPage, northwind: OrganizationId
) -> None:
    page.choose(northwind)
    begin_checkout(page)
    was_waiting = page.view.body.waiting.isVisible()

    pay(page)
    page.billing.sync(northwind)  # as the webhook or the catch-up does in another part of the program
    page.settle()

    assert was_waiting
    assert page.billing.opened[0].startswith(page.billing.stripe.base)
    assert not page.view.body.waiting.isVisible()
    assert page.view.body.subscription.pill.state.text == "Active"
    assert any("Northwind is subscribed to Basic." in words for words in page.billing.world.told.texts)


def test_the_page_asks_by_itself_when_no_news_reach_this_machine(page: BillingPage, northwind: OrganizationId) -> None:
    page.choose(northwind)
    begin_checkout(page)

    pay(page)
    page.view.reading._look.setInterval(10)

    page.bot.waitUntil(lambda: page.view.body.subscription.pill.state.text == "Active")
    page.settle()
    assert not page.view.reading._look.isActive()


def test_without_a_browser_the_address_of_the_payment_can_be_copied(
    page: BillingPage, northwind: OrganizationId
) -> None:
    page.billing.has_browser = False
    page.choose(northwind)
    begin_checkout(page)

    page.click("Copy address", page.view.body.waiting)

    assert page.view.body.waiting.shown_address
    assert QGuiApplication.clipboard().text() == page.view.body.waiting.shown_address


def test_a_payment_given_up_cannot_be_made_any_more(page: BillingPage, northwind: OrganizationId) -> None:
    page.choose(northwind)
    begin_checkout(page)

    page.click("Give up")

    assert [one["status"] for one in page.billing.book.objects["checkouts"].values()] == ["expired"]
    assert not page.view.body.waiting.isVisible()


def test_a_payment_made_while_it_is_given_up_is_not_called_given_up(
    page: BillingPage, northwind: OrganizationId
) -> None:
    page.choose(northwind)
    begin_checkout(page)
    pay(page)

    page.click("Give up")

    assert page.view.body.subscription.pill.state.text == "Active"
    assert not any("Given up" in words for words in page.billing.world.told.texts)


def test_what_was_changed_on_stripes_pages_is_seen_on_the_way_back(
    page: BillingPage, subscribed: dict[str, Any]
) -> None:
    page.click("Customer portal")
    page.billing.book.set_cancel_at_period_end(subscribed["id"], wanted=True)

    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    page.settle()

    assert page.view.body.subscription.pill.state.text == "Ending"


def test_refresh_brings_all_organizations_up_to_date(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.choose(None)
    page.billing.book.cancel_now(subscribed["id"])

    page.click("Refresh")

    states = [account.subscription.status for account in page.view.accounts.accounts if account.subscription]
    assert states == [SubscriptionStatus.CANCELED]


def test_a_lost_call_is_told_calmly_and_made_once(page: BillingPage, northwind: OrganizationId) -> None:
    page.choose(northwind)
    faults = page.billing.stripe.faults
    faults.only_changes, faults.call_fault, faults.calls = True, CallFault.CUT_AFTER, 3  # the library tries three times
    begin_checkout(page)
    told = [error.code for error in page.billing.world.failures]

    begin_checkout(page)
    pay(page)
    page.billing.sync(northwind)
    page.settle()

    assert told == ["STRIPE_UNREACHABLE"]
    assert len(page.billing.book.objects["customers"]) == 1
    assert len(page.billing.book.objects["subscriptions"]) == 1
    assert page.view.body.subscription.pill.state.text == "Active"


def test_the_current_plan_is_marked_and_changed_in_the_portal(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.click("Change the plan…")
    dialog = page.dialog()
    assert isinstance(dialog, BillingPlanDialog)
    marks = [dialog.model.index(row, 3).data() for row in range(dialog.model.rowCount())]

    page.click("Change it in the portal", dialog)

    assert marks == ["Current plan", ""]
    assert "/portal/" in page.billing.opened[-1]


# Ending and resuming


def test_a_subscription_ends_with_its_period_and_is_resumed(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.trigger(page.view.body.subscription.cancel_later)
    dialog = page.dialog()
    assert isinstance(dialog, ConfirmDialog)
    asked = " ".join(page.texts(dialog))
    dialog.action_button.click()
    page.settle()
    ending = (page.view.body.subscription.pill.state.text, subscribed["cancel_at_period_end"])

    page.click("Resume")

    assert "Basic (€9.00 a month) of Northwind" in asked
    assert "SANDBOX" in asked
    assert ending == ("Ending", True)
    assert (page.view.body.subscription.pill.state.text, subscribed["cancel_at_period_end"]) == ("Active", False)


def test_a_subscription_ends_at_once_only_after_the_name_was_typed(
    page: BillingPage, subscribed: dict[str, Any]
) -> None:
    page.trigger(page.view.body.subscription.cancel_now)
    dialog = page.dialog()
    assert isinstance(dialog, ConfirmDialog)
    assert dialog.name_edit is not None
    could_at_once = dialog.action_button.isEnabled()
    dialog.name_edit.setText("Northwind")
    dialog.action_button.click()
    page.settle()

    assert not could_at_once
    assert subscribed["status"] == "canceled"
    assert page.view.body.subscription.pill.state.text == "Ended"


# The customer


def test_who_is_linked_is_shown_before(page: BillingPage, northwind: OrganizationId) -> None:
    customer = page.billing.book.add_customer("Northwind <i>Ltd</i>", "pay@example.com")
    page.choose(northwind)
    page.click("Link a customer…")
    dialog = page.dialog()
    assert isinstance(dialog, BillingLinkDialog)
    dialog.customer.setText(customer["id"])
    page.click("Look up", dialog)
    shown = page.texts(dialog)
    linked_before = page.view.body.picture.account.customer_id if page.view.body.picture else None
    page.click("Link this customer", dialog)

    assert "Name: Northwind <i>Ltd</i>" in shown
    assert "E-mail: pay@example.com" in shown
    assert linked_before is None
    assert page.sees(f"Customer id: {customer['id']}")


def test_what_is_no_customer_is_told_beside_the_field(page: BillingPage, northwind: OrganizationId) -> None:
    page.choose(northwind)
    page.click("Link a customer…")
    dialog = page.dialog()
    assert isinstance(dialog, BillingLinkDialog)
    told = []

    for typed in ("sub_123", "cus_unknown"):
        dialog.customer.setText(typed)
        page.click("Look up", dialog)
        told.append(dialog.form.errors["customer"])

    assert "begins with cus_" in told[0]
    assert "no customer there with this key" in told[1]
    dialog.reject()


def test_a_customer_is_unlinked_and_nothing_changes_at_stripe(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.click("Unlink…")
    dialog = page.dialog()
    assert isinstance(dialog, ConfirmDialog)
    dialog.action_button.click()
    page.settle()

    assert subscribed["status"] == "active"
    assert page.view.body.subscription.pill.state.text == "No subscription"


# Stripe away, addresses, notices, read-only


def test_what_was_read_before_stays_when_stripe_is_away(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.billing.stripe.faults.call_fault = CallFault.CUT_BEFORE

    page.key(Qt.Key.Key_F5)

    assert page.view.head.trouble.isVisible()
    assert page.sees("What is shown was read at")
    assert page.view.body.subscription.pill.state.text == "Active"


def test_the_page_is_painted_before_stripe_answers(page: BillingPage, subscribed: dict[str, Any]) -> None:
    northwind = page.billing.world.context.choice.chosen
    page.choose(None)
    page.billing.stripe.faults.delay_seconds = 2

    page.billing.world.context.choice.choose(northwind)

    page.bot.waitUntil(lambda: page.view.reading.is_asking)
    assert page.view.body.isVisible()
    assert page.view.body.subscription.plan.text() == "Basic"
    assert page.view.head.as_of.text() == "asking Stripe…"
    page.billing.stripe.faults.delay_seconds = 0
    page.settle()


def test_foreign_addresses_are_only_shown_to_be_copied(page: BillingPage, subscribed: dict[str, Any]) -> None:
    invoice = page.billing.book.objects["invoices"][subscribed["latest_invoice"]]
    invoice["hosted_invoice_url"] = "https://evil.example/pay"
    page.view.refresh()
    page.settle()

    page.click("Open", page.view.body.invoices)

    dialog = page.dialog()
    assert isinstance(dialog, BillingAddressDialog)
    assert dialog.address.value.text() == "https://evil.example/pay"
    assert page.billing.opened == []
    dialog.accept()


def test_a_failed_payment_is_noticed_and_can_be_marked_as_read(page: BillingPage, subscribed: dict[str, Any]) -> None:
    page.billing.book.renew(subscribed["id"], is_paid=False)
    page.view.refresh()
    page.settle()
    noticed = [notice.kind for notice in page.view.body.notices.notices]

    page.click("Mark as read")

    assert noticed == ["payment_failed"]
    assert not page.view.body.notices.isVisible()


def test_a_database_that_may_only_be_read_offers_no_changes(
    qtbot: QtBot, billing: BillingWorld, northwind: OrganizationId, basic: str
) -> None:
    billing.subscribe(northwind, basic)
    billing.make_read_only()

    with open_billing_page(qtbot, billing) as page:
        page.choose(northwind)

        body = page.view.body
        assert body.subscription.plan.isVisible()
        for button in (body.subscription.cancel_button, body.customer.portal_button, body.customer.unlink_button):
            assert not button.isEnabled()


def test_nothing_on_the_page_is_without_a_name(page: BillingPage, subscribed: dict[str, Any]) -> None:
    unnamed = [
        widget
        for widget in page.view.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.accessibleName()
    ]

    assert unnamed == []
