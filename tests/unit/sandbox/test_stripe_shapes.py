"""The sandbox's Stripe objects have the fields and types of the real ones, as Stripe publishes them.

Stripe's fixtures are looked for where ``SMTPY_STRIPE_FIXTURES`` points to, else beside the repository, at
``../shared/data/stripe/fixtures3.json``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_ledger import DAY
from smtpy_desktop.sandbox.stripe_shapes import Object, account, visible

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("SMTPY_STRIPE_FIXTURES") or ROOT.parent / "shared/data/stripe/fixtures3.json")

FREE_FORM = ("metadata", "data")
"""Fields whose content is the account's own."""

pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="Stripe's published fixtures are not here")


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    return json.loads(FIXTURES.read_text(encoding="utf-8"))["resources"]


def lively_book() -> StripeBook:
    """Return a book in which everything has happened once."""
    book = StripeBook(clock=lambda: 1_790_000_000)
    monthly, yearly = book.add_price("Basic", 900)["id"], book.add_price("Pro", 9000, interval="year")["id"]
    for last4 in ("4242", "0341"):
        given = {"mode": "subscription", "line_items": [{"price": monthly}], "success_url": "http://127.0.0.1/"}
        session = book.complete_checkout(book.begin_checkout(given)["id"], last4=last4)
        book.begin_portal(session["customer"], "http://127.0.0.1/")
    book.change_price(session["subscription"], yearly)
    trial = book.add_customer("A", "a@example.com", {"a": "b"})["id"]
    book.subscribe(trial, monthly, trial_days=4, metadata={"c": "d"})
    late = book.add_customer("B", None)["id"]
    book.subscribe(late, monthly, is_paid=False)
    gone = book.add_customer(None, None)["id"]
    book.subscribe(gone, monthly)
    book.begin_checkout({"mode": "subscription", "line_items": [{"price": monthly}]})
    book.pass_time(60)
    book.delete_customer(gone)
    return book


def objects(book: StripeBook) -> Iterator[Object]:
    """Yield every object that there is, and every snapshot of one in an event."""
    yield account()
    for kind in book.objects.values():
        yield from map(visible, kind.values())
    for event in book.events:
        yield event
        yield event["data"]["object"]


def differences(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    """Yield where ours has what the real one has not; null stands for any type, an empty list for any content."""
    if ours is None or theirs is None or path.rpartition(".")[2] in FREE_FORM:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            if name in theirs:
                yield from differences(value, theirs[name], f"{path}.{name}")
            else:
                yield f"{path}.{name} is unknown to Stripe"
    elif isinstance(ours, list) and isinstance(theirs, list):
        for value in ours if theirs else ():
            yield from differences(value, theirs[0], f"{path}[]")
    elif type(ours) is not type(theirs):
        yield f"{path} is {type(ours).__name__}, at Stripe {type(theirs).__name__}"


def test_no_object_has_a_field_or_a_type_that_stripe_does_not_know(real):
    found = set()
    for item in objects(lively_book()):
        name = f"deleted_{item['object']}" if item.get("deleted") else item["object"]
        found |= set(differences(item, real[name], name))

    assert found == set()


def test_every_kind_of_object_is_among_those_that_were_compared():
    kinds = {item["object"] for item in objects(lively_book())}
    statuses = {item["status"] for item in lively_book().objects["subscriptions"].values()}

    assert kinds >= {
        "account",
        "billing_portal.session",
        "checkout.session",
        "customer",
        "event",
        "invoice",
        "payment_method",
        "price",
        "product",
        "subscription",
    }
    assert statuses >= {"active", "unpaid", "incomplete_expired", "canceled"}


def test_a_field_that_stripe_does_not_know_would_be_found(real):
    invoice = next(item for item in objects(lively_book()) if item["object"] == "invoice")

    found = list(differences(invoice | {"colour": "blue", "total": "9.00"}, real["invoice"], "invoice"))

    assert found == ["invoice.total is str, at Stripe int", "invoice.colour is unknown to Stripe"]


def test_times_lie_within_the_lifetime_of_the_account():
    book = lively_book()

    assert all(item["created"] <= book.now for item in objects(book) if "created" in item)
    assert book.now == 1_790_000_000 + 60 * DAY
