"""``billing`` on the command line, over a real database and the sandbox's Stripe on HTTP."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from tests.helpers.command_line import Outcome, RunProgram, run_process

Command = Callable[..., Outcome]
SUBSCRIPTION_KEYS = {
    "id", "status", "plan_price_id", "current_period_end", "cancel_at_period_end", "is_active", "days_until_renewal",
}  # fmt: skip
WEBHOOK_SECRET = "whsec_canary0000000000000000000000"


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxStripe]:
    """Start a Stripe with one price, which the environment names."""
    thread, made = AsyncThread(), SandboxStripe()
    thread.start()
    thread.submit(made.start()).result(10)
    made.book.add_price("Basic", 900)
    monkeypatch.setenv("STRIPE_API_KEY", made.api_key)
    monkeypatch.setenv("STRIPE_API_BASE", made.base)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
    yield made
    thread.submit(made.stop()).result(10)
    thread.stop()


@pytest.fixture
def place(database_url: str, short_directory: Path) -> tuple[str, ...]:
    return ("--profile", str(short_directory / "billing-command"), "--database-url", database_url)


@pytest.fixture
def program(place: tuple[str, ...], run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program in this process on this test's database."""

    def run(*arguments: str) -> Outcome:
        return run_program(*place, *arguments)

    return run


@pytest.fixture
def billing(program: Command, stripe: SandboxStripe) -> Command:
    """Give a function that runs a command of ``billing`` for the only organization, answering in JSON."""
    assert program("organizations", "add", "Example", "admin@example.com").status == 0
    return lambda *arguments: program("--json", "billing", *arguments)


@pytest.fixture
def subscribed(billing: Command, stripe: SandboxStripe) -> str:
    """Subscribe through the hosted checkout and return the subscription's id."""
    price = billing("prices").data["items"][0]["price_id"]
    session = billing("checkout", price).data
    stripe.book.complete_checkout(session["session_id"])
    assert billing("sync").status == 0
    found: str = billing("subscription").data["id"]
    return found


def test_prices_are_listed_as_stripe_has_them_now(billing, stripe):
    stripe.book.add_price("Pro", 9900, interval="year")

    items = billing("prices").data["items"]

    assert [(item["name"], item["amount"], item["interval"]) for item in items] == [
        ("Basic", 900, "month"),
        ("Pro", 9900, "year"),
    ]


def test_without_a_subscription_the_shape_is_there_and_empty(billing):
    subscription, organization = billing("subscription").data, billing("organization").data

    assert set(subscription) == SUBSCRIPTION_KEYS
    assert subscription["id"] is None
    assert subscription["is_active"] is False
    assert organization["subscription"] is None
    assert organization["billing_email"] == "admin@example.com"
    assert organization["domains_count"] == 0


def test_a_checkout_leads_back_to_the_listener(billing, stripe):
    price = billing("prices").data["items"][0]["price_id"]

    session = billing("checkout", price).data

    made = stripe.book.find("checkouts", session["session_id"])
    assert session["url"].startswith(stripe.base)
    assert made["success_url"] == "http://127.0.0.1:4242/billing/success"
    assert made["cancel_url"] == "http://127.0.0.1:4242/billing/cancel"


def test_the_environment_says_where_a_checkout_leads_back_to(billing, stripe, monkeypatch):
    monkeypatch.setenv("STRIPE_SUCCESS_URL", "https://example.com/thanks")
    price = billing("prices").data["items"][0]["price_id"]

    session = billing("checkout", price).data

    assert stripe.book.find("checkouts", session["session_id"])["success_url"] == "https://example.com/thanks"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://example.com/", "https://", "ftp://localhost/"])
def test_an_address_that_no_browser_should_be_sent_to_is_refused(billing, stripe, monkeypatch, address):
    monkeypatch.setenv("STRIPE_CANCEL_URL", address)

    outcome = billing("checkout", "price_x")

    assert outcome.status == 1
    assert outcome.failure["code"] == "STRIPE_RETURN_URL"


def test_a_paid_checkout_is_a_subscription_after_the_sync(billing, subscribed):
    found = billing("subscription").data
    organization = billing("organization").data

    assert found["id"] == subscribed
    assert (found["status"], found["is_active"], found["cancel_at_period_end"]) == ("active", True, False)
    assert 27 <= found["days_until_renewal"] <= 31
    assert organization["subscription"] == found
    assert organization["stripe_customer_id"].startswith("cus_")


def test_canceling_ends_with_the_period_and_can_be_taken_back(billing, subscribed):
    ending = billing("cancel").data
    going_on = billing("resume").data

    assert ending["cancel_at_period_end"] is True
    assert ending["is_active"] is True
    assert going_on["cancel_at_period_end"] is False


def test_canceling_now_is_done_for_scripts_without_a_question(billing, subscribed):
    found = billing("cancel", "--now").data

    assert (found["status"], found["is_active"], found["days_until_renewal"]) == ("canceled", False, None)


def test_the_portal_is_an_address(billing, subscribed, stripe):
    assert billing("portal").data["url"].startswith(stripe.base)


def test_events_have_the_paginated_shape_and_are_worked_on_again(billing, subscribed):
    page = billing("events", "--page-size", "2").data
    paid = billing("events", "--search", "invoice.paid").data["items"][0]
    again = billing("events", "--replay", paid["id"]).data

    assert (page["page"], page["page_size"], len(page["items"])) == (1, 2, 2)
    assert page["total_pages"] == -(-page["total"] // 2)
    assert set(page["items"][0]) >= {"id", "type", "received_via", "verdict", "attempts", "outcome"}
    assert (again["id"], again["outcome"]) == (paid["id"], "done")
    assert again["attempts"] == paid["attempts"] + 1


def test_events_are_searched(billing, subscribed):
    found = billing("events", "--search", "invoice.").data["items"]

    assert found
    assert all(item["type"].startswith("invoice.") for item in found)


def test_drift_names_each_field_and_is_taken_over(billing, subscribed, stripe):
    stripe.book.set_cancel_at_period_end(subscribed, wanted=True)

    (before,) = billing("drift").data["items"]
    applied = billing("drift", "--apply").data
    after = billing("drift").data

    assert "cancel_at_period_end" in " ".join(field["field"] for field in before["fields"])
    assert applied["applied"] is True
    assert after["items"] == []


def test_a_customer_that_exists_is_linked_and_unlinked(billing, stripe):
    customer = stripe.book.add_customer("Example", "admin@example.com")["id"]

    linked = billing("link", customer).data
    unlinked = billing("unlink").data

    assert linked["stripe_customer_id"] == customer
    assert unlinked["stripe_customer_id"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("link", "cus_nobody"), "STRIPE_NOT_FOUND"),
        (("link", "nobody"), "CUSTOMER_ID"),
        (("cancel",), "NO_CUSTOMER"),
        (("portal",), "NO_CUSTOMER"),
        (("events", "--replay", "evt_none"), "EVENT_NOT_FOUND"),
        (("events", "--page", "0"), "PAGE_NUMBER"),
        (("--organization", "Nobody", "subscription"), "ORGANIZATION_NOT_FOUND"),
    ],
)
def test_what_is_refused_is_told_in_the_shape_of_failures(billing, arguments, code):
    outcome = billing(*arguments)

    assert outcome.status == 1
    assert outcome.output == ""
    assert set(outcome.failure) == {"error", "detail", "code"}
    assert outcome.failure["code"] == code


def test_with_several_organizations_one_has_to_be_named(program, billing):
    program("organizations", "add", "Second", "second@example.com")

    unnamed = billing("subscription")
    named = program("--json", "billing", "--organization", "Second", "organization")

    assert unnamed.failure["code"] == "ORGANIZATION_NEEDED"
    assert named.data["organization"] == "Second"


def test_without_a_key_it_is_said_how_to_set_one(billing, monkeypatch):
    monkeypatch.delenv("STRIPE_API_KEY")

    outcome = billing("prices")

    assert outcome.status == 1
    assert outcome.failure["code"] == "STRIPE_NOT_SET_UP"
    assert "STRIPE_API_KEY" in outcome.failure["detail"]


def test_a_wrong_key_is_refused_and_never_shown(billing, monkeypatch):
    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_wrong1234567890abcdef")

    outcome = billing("prices")

    assert outcome.failure["code"] == "STRIPE_KEY_REFUSED"
    assert "wrong1234567890" not in outcome.errors


def test_lines_for_people_say_the_same(program, billing, subscribed):
    words = {name: program("billing", name) for name in ("organization", "subscription", "prices", "events", "drift")}

    assert {name: outcome.status for name, outcome in words.items()} == dict.fromkeys(words, 0)
    assert "9.00 USD" in words["prices"].output
    assert "every month" in words["prices"].output
    assert subscribed in words["organization"].output
    assert words["drift"].output == "Everything agrees with Stripe.\n"


def test_a_process_of_its_own_asks_the_server_that_the_environment_names(place, stripe):
    added = run_process([*place, "organizations", "add", "Example", "admin@example.com"])

    outcome = run_process([*place, "--json", "billing", "prices"])

    assert added.status == 0
    assert outcome.data["total"] == 1
    assert stripe.api_key not in outcome.output + outcome.errors


def test_help_loads_no_heavy_library():
    script = (
        "import sys; sys.argv = ['smtpy-desktop', 'billing', 'checkout', '--help'];"
        "from smtpy_desktop import app; app.main();"
        "print([name for name in ('stripe', 'aiohttp', 'sqlalchemy', 'PySide6', 'psycopg') if name in sys.modules])"
    )

    outcome = _python(script)

    assert outcome.output.splitlines()[-1] == "[]", outcome.errors


def _python(script: str) -> Outcome:
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    return Outcome(result.returncode, result.stdout, result.stderr)
