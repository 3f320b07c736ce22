"""The sandbox's hosted pages in a real browser, clicked through as a person would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from aiohttp import web

from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from tests.system.chromium import PROGRAMS, Chromium

pytestmark = pytest.mark.system(*PROGRAMS)

Result = TypeVar("Result")


@dataclass
class Shop:
    """The sandbox's Stripe on a thread of its own, and a plain server that people come back to."""

    thread: AsyncThread
    stripe: SandboxStripe
    visits: list[str] = field(default_factory=list)
    base: str = ""
    runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{page}", self._visited)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        await self.stripe.start()

    async def stop(self) -> None:
        await self.stripe.stop()
        assert self.runner is not None
        await self.runner.cleanup()

    async def _visited(self, request: web.Request) -> web.Response:
        if request.match_info["page"] != "favicon.ico":
            self.visits.append(request.path_qs)
        return web.Response(text="<!DOCTYPE html><title>Back</title><p>Welcome back", content_type="text/html")

    def do(self, act: Callable[[], Result]) -> Result:
        """Do something with the book on its own thread."""

        async def work() -> Result:
            await asyncio.sleep(0)
            return act()

        return self.thread.submit(work()).result(10)

    def checkout(self) -> dict:
        book = self.stripe.book
        given = {
            "mode": "subscription",
            "line_items": [{"price": book.add_price("Pro", 2900)["id"]}],
            "success_url": f"{self.base}/success?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self.base}/cancel",
        }
        return self.do(lambda: book.begin_checkout(given))


@pytest.fixture
def shop() -> Iterator[Shop]:
    thread = AsyncThread()
    thread.start()
    made = Shop(thread, SandboxStripe())
    thread.submit(made.start()).result(10)
    yield made
    thread.submit(made.stop()).result(10)
    thread.stop()


@pytest.fixture
def browser() -> Iterator[Chromium]:
    with Chromium() as made:
        yield made


def test_a_checkout_is_declined_paid_and_leads_back(shop, browser):
    session = shop.checkout()

    browser.open(session["url"])
    shown = browser.text()
    browser.click("input[value=DECLINED]")
    browser.click("button[type=submit]")
    browser.wait_for_text("declined", "[role=alert]")
    browser.click("input[value=SUCCEEDS]")
    browser.click("button[type=submit]")
    browser.wait_for_text("Welcome back")

    assert "Subscribe to Pro" in shown
    assert "Sandbox - no money is moved" in shown
    assert shop.visits == [f"/success?session={session['id']}"]
    assert [item["status"] for item in shop.stripe.book.objects["subscriptions"].values()] == ["active"]
    browser.open(f"{shop.stripe.base}/pay/{session['id']}")
    assert "This checkout is complete" in browser.text()


def test_back_leads_back_and_buys_nothing(shop, browser):
    browser.open(shop.checkout()["url"])

    browser.click("a.button")
    browser.wait_for_text("Welcome back")

    assert shop.visits == ["/cancel"]
    assert shop.stripe.book.objects["subscriptions"] == {}


def test_a_checkout_can_be_paid_by_keyboard_and_its_choices_have_names(shop, browser):
    browser.open(shop.checkout()["url"])
    name = browser.accessible_name("input[value=SUCCEEDS]")

    browser.press("input[value=SUCCEEDS]", "\ue007")

    browser.wait_for_text("Welcome back")
    assert "Every payment succeeds" in name


def test_the_portal_is_clicked_through(shop, browser):
    book = shop.stripe.book
    session = shop.checkout()
    customer = shop.do(lambda: book.complete_checkout(session["id"]))["customer"]
    subscription = book.subscriptions_of(customer)[0]
    portal = shop.do(lambda: book.begin_portal(customer, f"{shop.base}/portal-return"))

    browser.open(portal["url"])
    browser.click("summary")
    browser.click("form[action$='/cancel'] button")
    browser.wait_for_text("ends with its period", "[role=status]")
    browser.click("form[action$='/resume'] button")
    browser.wait_for_text("goes on", "[role=status]")
    browser.click("input[value=FAILS_LATER]")
    browser.click("form[action$='/card'] button")
    browser.wait_for_text("card was changed", "[role=status]")
    browser.click("td a")
    browser.wait_for_text("Invoice ", "h1")
    browser.open(portal["url"])
    browser.click("p.foot a")
    browser.wait_for_text("Welcome back")

    assert book.card_of(subscription)["card"]["last4"] == "0341"
    assert shop.visits == ["/portal-return"]


def test_a_french_browser_is_spoken_to_in_french(shop):
    with Chromium("fr") as browser:
        browser.open(shop.checkout()["url"])

        assert "S’abonner à Pro" in browser.text()
