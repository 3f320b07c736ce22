"""Stripe's objects are read into the program's own, with what may be missing missing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from smtpy_desktop.gateways.stripe_reading import (
    read_account,
    read_checkout,
    read_customer,
    read_invoice,
    read_payment_method,
    read_price,
    read_subscription,
)
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_shapes import Object, visible
from smtpy_desktop.schemas.billing import CheckoutStatus, Interval, PaymentMethod, SubscriptionStatus

START = 1_790_000_000


@pytest.fixture
def book() -> StripeBook:
    return StripeBook(clock=lambda: START)


@pytest.fixture
def subscription(book: StripeBook) -> Object:
    customer = book.add_customer("Example", "a@example.com")
    return book.subscribe(customer["id"], book.add_price("Pro", 2900, nickname="Team")["id"])


def test_a_price_names_its_product_where_that_was_expanded(book):
    plain = book.add_price("Pro", 2900, currency="eur", interval="year", nickname="Team")
    expanded = plain | {"product": book.find("products", plain["product"])}

    assert read_price(plain).product_name == ""
    assert read_price(expanded).product_name == "Pro"
    assert read_price(expanded).product_id == plain["product"]
    assert (read_price(plain).amount, read_price(plain).currency, read_price(plain).interval) == (
        2900,
        "eur",
        Interval.YEAR,
    )


def test_a_price_of_a_product_that_is_not_sold_any_more_is_not_active(book):
    price = book.add_price("Pro", 2900)

    assert read_price(price).is_active
    assert not read_price(price | {"product": {"id": "prod_1", "name": "Pro", "active": False}}).is_active
    assert not read_price(price | {"active": False}).is_active


def test_a_price_with_tiers_has_no_amount_and_one_paid_once_no_interval(book):
    price = book.add_price("Pro", 2900)

    assert read_price(price | {"unit_amount": None}).amount is None
    assert read_price(price | {"recurring": None}).interval is None


def test_period_and_price_of_a_subscription_are_those_of_its_first_item(subscription):
    found = read_subscription(visible(subscription))

    assert found.current_period_start == datetime.fromtimestamp(START, UTC)
    assert (found.price.nickname, found.quantity, found.items) == ("Team", 1, 1)
    assert (found.cancel_at, found.ended_at, found.payment_method) == (None, None, None)


@pytest.mark.parametrize("status", list(SubscriptionStatus))
def test_every_state_of_a_subscription_is_known(subscription, status):
    assert read_subscription(visible(subscription) | {"status": status.value}).status is status


def test_a_subscription_without_items_has_no_period(subscription):
    found = read_subscription(visible(subscription) | {"items": {"data": []}})

    assert (found.price_id, found.current_period_end, found.items) == (None, None, 0)


@pytest.mark.parametrize(
    ("content", "method"),
    [
        (None, None),
        ("pm_1", None),
        (
            {"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_year": 2030, "exp_month": 2}},
            PaymentMethod("card", "visa", "4242", 2030, 2),
        ),
        ({"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}, PaymentMethod("sepa_debit", "", "3000")),
        ({"type": "us_bank_account", "us_bank_account": {"bank_name": "B"}}, PaymentMethod("us_bank_account", "B")),
        ({"type": "link"}, PaymentMethod("link")),
    ],
)
def test_a_payment_method_shows_what_may_be_shown(content, method):
    assert read_payment_method(content) == method


def test_of_a_deleted_customer_the_id_is_left():
    found = read_customer({"id": "cus_1", "object": "customer", "deleted": True})

    assert (found.id, found.is_deleted, found.email, found.organization_ref) == ("cus_1", True, "", None)


def test_a_customer_tells_its_organization_and_whether_it_owes(book):
    made = book.add_customer(None, None, {"smtpy_organization": "x/1"})
    book.change_customer(made["id"], {"delinquent": True})

    found = read_customer(visible(made))

    assert (found.organization_ref, found.is_delinquent, found.name, found.email) == ("x/1", True, "", "")


def test_an_invoice_names_its_subscription_expanded_or_not(book, subscription):
    made = visible(book.objects["invoices"][subscription["latest_invoice"]])
    details = {"subscription_details": {"subscription": {"id": "sub_9", "object": "subscription"}}}

    assert read_invoice(made).subscription_id == subscription["id"]
    assert read_invoice(made | {"parent": details}).subscription_id == "sub_9"
    assert read_invoice(made | {"parent": None}).subscription_id is None
    assert read_invoice(made | {"status": None, "number": None}).status == "draft"


def test_a_checkout_tells_its_price_where_it_was_put_into_the_metadata(book):
    price = book.add_price("Pro", 2900)["id"]
    given = {"mode": "subscription", "line_items": [{"price": price}], "metadata": {"smtpy_price": price}}

    found = read_checkout(visible(book.begin_checkout(given)))

    assert (found.status, found.price_id, found.subscription_id) == (CheckoutStatus.OPEN, price, None)
    assert found.expires_at == datetime.fromtimestamp(START + 86_400, UTC)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"settings": {"dashboard": {"display_name": "Shown"}}, "business_profile": {"name": "Other"}}, "Shown"),
        ({"settings": {"dashboard": {"display_name": None}}, "business_profile": {"name": "Other"}}, "Other"),
        ({}, ""),
    ],
)
def test_an_account_is_called_as_the_dashboard_shows_it(content, name):
    assert read_account({"id": "acct_1"} | content).name == name
