"""The hosted pages of the sandbox's Stripe, asked as a browser asks: checkout, portal and invoices."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_ledger import DAY
from smtpy_desktop.sandbox.stripe_server import SandboxStripe

SUCCESS, CANCEL = "http://127.0.0.1:9/ok?session={CHECKOUT_SESSION_ID}", "http://127.0.0.1:9/no"


@dataclass
class Answer:
    """What came: ``location`` is where a redirect leads."""

    status: int
    text: str
    location: str
    headers: dict[str, str]


@dataclass
class Browser:
    """Asks for pages and sends forms, without following redirects."""

    stripe: SandboxStripe
    session: aiohttp.ClientSession

    @property
    def book(self) -> StripeBook:
        return self.stripe.book

    async def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **form: str) -> Answer:
        url = path if path.startswith("http") else f"{self.stripe.base}{path}"
        async with self.session.request(
            method, url, data=form or None, headers=headers, allow_redirects=False
        ) as answer:
            body = (await answer.read()).decode(errors="replace")
            return Answer(answer.status, body, answer.headers.get("Location", ""), dict(answer.headers))

    def checkout(self, **given: object) -> dict:
        price = self.book.add_price("Pro <Plus>", 2900)["id"]
        wanted = {"mode": "subscription", "line_items": [{"price": price}]}
        return self.book.begin_checkout(wanted | {"success_url": SUCCESS, "cancel_url": CANCEL} | given)

    def portal(self) -> tuple[str, dict]:
        """Return the path of the portal of a customer with a subscription, and that subscription."""
        price = self.book.add_price("Basic", 900)["id"]
        self.book.add_price("Pro", 9000, interval="year")
        customer = self.book.add_customer("Harbour & Sons", "a@example.com")["id"]
        self.book.add_card(customer)
        made = self.book.subscribe(customer, price)
        session = self.book.begin_portal(customer, "http://127.0.0.1:9/back")
        return f"/portal/{session['id']}", made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    stripe = SandboxStripe()
    await stripe.start()
    async with aiohttp.ClientSession() as session:
        yield Browser(stripe, session)
    await stripe.stop()


async def test_the_checkout_shows_plan_price_and_cards_and_says_that_it_is_no_real_one(browser):
    page = await browser.ask("GET", browser.checkout()["url"])

    assert page.status == 200
    assert "Subscribe to Pro &lt;Plus&gt;" in page.text
    assert "USD 29.00 a month" in page.text
    assert "Sandbox - no money is moved" in page.text
    assert re.findall(r'value="(\w+)"', page.text) == ["SUCCEEDS", "DECLINED", "FAILS_LATER"]
    assert f'href="{CANCEL}"' in page.text
    assert "script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_paying_begins_the_subscription_once_and_leads_back(browser):
    session = browser.checkout()

    first = await browser.ask("POST", f"/pay/{session['id']}", card="SUCCEEDS")
    again = await browser.ask("POST", f"/pay/{session['id']}", card="SUCCEEDS")

    assert (first.status, first.location) == (303, SUCCESS.replace("{CHECKOUT_SESSION_ID}", session["id"]))
    assert (again.status, again.location) == (first.status, first.location)
    assert [item["status"] for item in browser.book.objects["subscriptions"].values()] == ["active"]


async def test_a_declined_card_is_said_and_another_one_can_be_tried(browser):
    session = browser.checkout()

    declined = await browser.ask("POST", f"/pay/{session['id']}", card="DECLINED")
    paid = await browser.ask("POST", f"/pay/{session['id']}", card="FAILS_LATER")

    assert declined.status == 402
    assert 'role="alert"' in declined.text
    assert paid.status == 303


async def test_what_is_over_says_so(browser):
    complete, expired = browser.checkout(), browser.checkout()
    browser.book.complete_checkout(complete["id"])
    browser.book.expire_checkout(expired["id"])

    pages = [await browser.ask("GET", f"/pay/{one['id']}") for one in (complete, expired)]
    lost = await browser.ask("GET", "/pay/cs_test_none")

    assert "This checkout is complete" in pages[0].text
    assert "This checkout has expired" in pages[1].text
    assert f'href="{CANCEL}"' in pages[1].text
    assert lost.status == 404
    assert not any("<form" in page.text for page in pages)


async def test_the_pages_speak_the_browsers_language(browser):
    page = await browser.ask("GET", browser.checkout()["url"], headers={"Accept-Language": "fr-CH, en;q=0.5"})

    assert '<html lang="fr">' in page.text
    assert "Carte de test" in page.text


async def test_other_sites_and_other_names_change_nothing(browser):
    path, made = browser.portal()

    foreign = await browser.ask(
        "POST", f"{path}/cancel-now", headers={"Origin": "http://evil.example"}, subscription=made["id"]
    )
    misdirected = await browser.ask("GET", path, headers={"Host": "evil.example"})

    assert (foreign.status, misdirected.status) == (403, 421)
    assert made["status"] == "active"


async def test_the_portal_shows_the_subscription_and_its_invoices(browser):
    path, made = browser.portal()

    page = await browser.ask("GET", path)

    assert "Harbour &amp; Sons" in page.text
    assert "USD 9.00 a month" in page.text
    assert f"/invoice/{made['latest_invoice']}" in page.text
    assert 'href="http://127.0.0.1:9/back"' in page.text


@pytest.mark.parametrize(
    ("action", "field", "value", "words"),
    [
        ("cancel", "cancel_at_period_end", True, "ends with its period"),
        ("cancel-now", "status", "canceled", "has ended"),
    ],
)
async def test_the_portal_ends_a_subscription(browser, action, field, value, words):
    path, made = browser.portal()

    answer = await browser.ask("POST", f"{path}/{action}", subscription=made["id"])
    page = await browser.ask("GET", answer.location)

    assert answer.status == 303
    assert made[field] == value
    assert words in page.text


async def test_the_portal_resumes_what_was_to_end_and_what_is_paused(browser):
    path, made = browser.portal()
    browser.book.set_cancel_at_period_end(made["id"], wanted=True)
    await browser.ask("POST", f"{path}/resume", subscription=made["id"])
    is_ending = made["cancel_at_period_end"]
    browser.book.pause(made["id"])

    await browser.ask("POST", f"{path}/resume", subscription=made["id"])

    assert (is_ending, made["status"]) == (False, "active")


async def test_the_portal_switches_the_plan_and_the_card(browser):
    path, made = browser.portal()
    yearly = browser.book.newest("prices")[0]["id"]

    await browser.ask("POST", f"{path}/switch", subscription=made["id"], price=yearly)
    await browser.ask("POST", f"{path}/card", card="FAILS_LATER")

    item = made["items"]["data"][0]
    assert item["price"]["id"] == yearly
    assert item["current_period_end"] - item["current_period_start"] >= 365 * DAY
    assert browser.book.card_of(made)["card"]["last4"] == "0341"


async def test_the_portal_refuses_what_is_not_the_customers(browser):
    path, _ = browser.portal()
    _, other = browser.portal()

    answer = await browser.ask("POST", f"{path}/cancel-now", subscription=other["id"])

    assert answer.status == 404
    assert other["status"] == "active"


async def test_a_portal_session_ends_after_an_hour(browser):
    path, _ = browser.portal()
    browser.book.pass_time(1)

    assert (await browser.ask("GET", path)).status == 410


async def test_an_open_invoice_can_be_paid_where_the_card_is_good(browser):
    _, made = browser.portal()
    browser.book.renew(made["id"], is_paid=False)
    address = f"/invoice/{made['latest_invoice']}"

    paid = await browser.ask("POST", address)

    assert (paid.status, paid.location) == (303, address)
    assert made["status"] == "active"
    assert "Pay this invoice" not in (await browser.ask("GET", address)).text


async def test_an_invoice_is_a_pdf_too(browser):
    _, made = browser.portal()

    answer = await browser.ask("GET", f"/invoice/{made['latest_invoice']}/pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.text.startswith("%PDF-1.4")
    assert "USD 9.00" in answer.text
    assert answer.text.endswith("%%EOF\n")
