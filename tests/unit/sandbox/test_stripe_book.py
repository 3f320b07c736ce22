"""The sandbox's Stripe keeps its own rules, whatever is done to it and in whatever order."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_invoice_book import subscription_of
from smtpy_desktop.sandbox.stripe_ledger import DAY, StripeBookError
from smtpy_desktop.sandbox.stripe_periods import period_after
from smtpy_desktop.sandbox.stripe_shapes import visible

START = 1_790_000_000
OWN_EVENTS = ("customers", "subscriptions", "invoices", "payment_methods")


class Clock:
    """A clock that goes on by one second at each look, so that no two things happen at once."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return float(self.at)


class BookMachine(RuleBasedStateMachine):
    """Plays at random what customers, administrators and time do."""

    @initialize()
    def open_account(self) -> None:
        self.clock = Clock()
        self.book = StripeBook(clock=self.clock)
        self.prices = [
            self.book.add_price("Basic", 900)["id"],
            self.book.add_price("Pro", 9000, interval="year")["id"],
            self.book.add_price("Weekly", 300, interval="week")["id"],
            self.book.add_price("Tokyo", 1200, currency="jpy")["id"],
        ]

    def attempt(self, act: Any, *arguments: Any, **named: Any) -> None:
        """Do something that the book may refuse in Stripe's terms, and in no others."""
        self.clock.at += 1
        try:
            act(*arguments, **named)
        except StripeBookError:
            return

    def any_of(self, kind: str, number: int) -> str:
        ids = list(self.book.objects[kind])
        return ids[number % len(ids)] if ids else "none"

    @rule(number=st.integers(0, 9))
    def add_customer(self, number: int) -> None:
        self.attempt(self.book.add_customer, "Example", f"{number}@example.com")

    @rule(number=st.integers(0, 99), last4=st.sampled_from(["4242", "0341"]))
    def add_card(self, number: int, last4: str) -> None:
        self.attempt(self.book.add_card, self.any_of("customers", number), last4=last4)

    @rule(
        number=st.integers(0, 99), price=st.integers(0, 3), is_paid=st.booleans(), trial_days=st.sampled_from([0, 0, 9])
    )
    def subscribe(self, number: int, price: int, is_paid: bool, trial_days: int) -> None:
        customer = self.any_of("customers", number)
        self.attempt(self.book.subscribe, customer, self.prices[price], is_paid=is_paid, trial_days=trial_days)

    @rule(price=st.integers(0, 3))
    def begin_checkout(self, price: int) -> None:
        self.attempt(self.book.begin_checkout, {"mode": "subscription", "line_items": [{"price": self.prices[price]}]})

    @rule(number=st.integers(0, 99), last4=st.sampled_from(["4242", "0341", "0002"]))
    def complete_checkout(self, number: int, last4: str) -> None:
        self.attempt(self.book.complete_checkout, self.any_of("checkouts", number), last4=last4)

    @rule(number=st.integers(0, 99))
    def expire_checkout(self, number: int) -> None:
        self.attempt(self.book.expire_checkout, self.any_of("checkouts", number))

    @rule(number=st.integers(0, 99), name=st.sampled_from(["cancel_now", "pause", "resume", "renew"]))
    def change_subscription(self, number: int, name: str) -> None:
        self.attempt(getattr(self.book, name), self.any_of("subscriptions", number))

    @rule(number=st.integers(0, 99), wanted=st.booleans())
    def set_cancel_at_period_end(self, number: int, wanted: bool) -> None:
        self.attempt(self.book.set_cancel_at_period_end, self.any_of("subscriptions", number), wanted=wanted)

    @rule(number=st.integers(0, 99), price=st.integers(0, 3))
    def change_price(self, number: int, price: int) -> None:
        self.attempt(self.book.change_price, self.any_of("subscriptions", number), self.prices[price])

    @rule(number=st.integers(0, 99))
    def fail_a_renewal(self, number: int) -> None:
        self.attempt(self.book.renew, self.any_of("subscriptions", number), is_paid=False)

    @rule(number=st.integers(0, 99))
    def pay(self, number: int) -> None:
        self.attempt(self.book.pay, self.any_of("invoices", number))

    @rule(number=st.integers(0, 99))
    def delete_customer(self, number: int) -> None:
        self.attempt(self.book.delete_customer, self.any_of("customers", number))

    @rule(days=st.sampled_from([1, 3, 31]))
    def pass_time(self, days: int) -> None:
        self.attempt(self.book.pass_time, days)

    @invariant()
    def a_period_has_one_invoice(self) -> None:
        periods = Counter(
            (subscription_of(item), item["period_start"], item["period_end"])
            for item in self.book.objects["invoices"].values()
        )
        assert [period for period, count in periods.items() if count > 1] == []

    @invariant()
    def the_last_event_of_an_object_shows_it_as_it_is(self) -> None:
        shown = {}
        for event in self.book.events:
            shown[event["data"]["object"]["id"]] = event["data"]["object"]
        for kind in OWN_EVENTS:
            for object_id, item in self.book.objects[kind].items():
                if not item.get("deleted"):
                    assert shown[object_id] == visible(item)

    @invariant()
    def what_is_over_stays_over(self) -> None:
        ended = set()
        for event in self.book.events:
            about = event["data"]["object"]
            if about["object"] == "subscription":
                assert about["id"] not in ended or about["status"] in ("canceled", "incomplete_expired")
                if about["status"] in ("canceled", "incomplete_expired"):
                    ended.add(about["id"])

    @invariant()
    def amounts_add_up(self) -> None:
        for item in self.book.objects["invoices"].values():
            assert item["amount_paid"] + item["amount_remaining"] == item["amount_due"]
            assert (item["status"] == "paid") == (item["status_transitions"]["paid_at"] is not None)

    @invariant()
    def everything_survives_being_kept(self) -> None:
        copy = StripeBook(clock=self.clock)
        copy.load(self.book.dump())

        assert copy.objects == self.book.objects
        assert copy.now == self.book.now


TestBook = BookMachine.TestCase
TestBook.settings = settings(max_examples=60, stateful_step_count=30)


@pytest.fixture
def book() -> StripeBook:
    return StripeBook(clock=lambda: START)


@pytest.fixture
def customer(book: StripeBook) -> str:
    return str(book.add_customer("Example", "a@example.com")["id"])


def types(book: StripeBook) -> list[str]:
    return [event["type"] for event in book.events]


def test_time_renews_a_subscription_once_for_each_period(book, customer):
    book.subscribe(customer, book.add_price("Basic", 900)["id"])

    book.pass_time(65)

    assert [item["status"] for item in book.objects["invoices"].values()] == ["paid"] * 3


def test_a_card_that_fails_later_makes_it_past_due_and_then_unpaid(book, customer):
    book.add_card(customer, last4="0341")
    made = book.subscribe(customer, book.add_price("Basic", 900)["id"])

    book.pass_time(32)
    late = made["status"]
    book.pass_time(15)

    invoice = book.objects["invoices"][made["latest_invoice"]]
    assert (late, made["status"]) == ("past_due", "unpaid")
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (4, None)
    assert book.objects["customers"][customer]["delinquent"]


def test_paying_the_latest_invoice_makes_a_late_subscription_active_again(book, customer):
    made = book.subscribe(customer, book.add_price("Basic", 900)["id"])
    book.renew(made["id"], is_paid=False)

    book.pay(made["latest_invoice"])

    assert made["status"] == "active"
    assert not book.objects["customers"][customer]["delinquent"]


def test_a_trial_without_a_card_is_told_of_and_then_paused(book, customer):
    made = book.subscribe(customer, book.add_price("Basic", 900)["id"], trial_days=14)

    book.pass_time(12)
    before = (made["status"], "customer.subscription.trial_will_end" in types(book))
    book.pass_time(3)

    assert before == ("trialing", True)
    assert made["status"] == "paused"


def test_a_trial_with_a_card_is_paid_for_when_it_ends(book, customer):
    book.add_card(customer)
    made = book.subscribe(customer, book.add_price("Basic", 900)["id"], trial_days=14)

    book.pass_time(15)

    assert made["status"] == "active"
    assert [item["amount_paid"] for item in book.objects["invoices"].values()] == [0, 900]


def test_a_first_payment_that_never_comes_ends_it_after_23_hours(book, customer):
    made = book.subscribe(customer, book.add_price("Basic", 900)["id"], is_paid=False)
    first = made["status"]

    book.pass_time(1)

    assert (first, made["status"]) == ("incomplete", "incomplete_expired")
    assert book.objects["invoices"][made["latest_invoice"]]["status"] == "void"


def test_a_declined_card_buys_nothing_and_the_checkout_stays_open(book):
    price = book.add_price("Basic", 900)["id"]
    session = book.begin_checkout({"mode": "subscription", "line_items": [{"price": price}]})

    with pytest.raises(StripeBookError, match="declined"):
        book.complete_checkout(session["id"], last4="0002")

    assert session["status"] == "open"
    assert book.objects["subscriptions"] == {}


def test_a_checkout_expires_after_a_day(book):
    session = book.begin_checkout({"mode": "subscription", "line_items": [{"price": book.add_price("B", 1)["id"]}]})

    book.pass_time(1)

    assert session["status"] == "expired"


def test_events_older_than_30_days_are_not_listed(book, customer):
    book.pass_time(31)
    book.change_customer(customer, {"name": "Other"})

    assert [event["type"] for event in book.listed_events()] == ["customer.updated"]


def test_at_another_address_the_pages_that_were_handed_out_are_found(book, customer):
    made = book.subscribe(customer, book.add_price("Basic", 900)["id"])

    book.move_to("http://127.0.0.1:9999")

    assert book.objects["invoices"][made["latest_invoice"]]["hosted_invoice_url"].startswith("http://127.0.0.1:9999/")


@given(st.integers(START, START + 4000 * DAY), st.integers(1, 40))
def test_months_end_on_the_day_that_they_began_or_on_the_last(anchor, count):
    price = {"recurring": {"interval": "month", "interval_count": 1}}
    moments = [anchor]
    for _ in range(count):
        moments.append(period_after(moments[-1], price, anchor))

    lengths = [(later - earlier) / DAY for earlier, later in pairwise(moments)]
    assert all(28 <= length <= 31 for length in lengths)
    assert abs(moments[-1] - anchor - count * 30.44 * DAY) < 4 * DAY
