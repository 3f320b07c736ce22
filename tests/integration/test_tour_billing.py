"""The tour's browser pays at the sandbox's checkout, and says where something is not as it should be."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from smtpy_desktop.core.return_urls import SUCCESS_PATH
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.sandbox.tour_browser import TourBrowser


@pytest.fixture
async def stripe() -> AsyncIterator[SandboxStripe]:
    made = SandboxStripe()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def listener() -> AsyncIterator[str]:
    """Give the address of a listener with a page after the payment, and with one that is wrong."""

    async def show(request: web.Request) -> web.Response:
        return web.Response(text="You can close this tab.")

    app = web.Application()
    app.router.add_get(SUCCESS_PATH, show)
    app.router.add_get("/elsewhere", show)
    server = TestServer(app)
    await server.start_server()
    yield f"http://127.0.0.1:{server.port}"
    await server.close()


def checkout(stripe: SandboxStripe, success: str) -> str:
    price = stripe.book.add_price("Basic", 900)["id"]
    made = stripe.book.begin_checkout(
        {"mode": "subscription", "line_items": [{"price": price}], "success_url": success, "cancel_url": success}
    )
    return str(made["url"])


async def test_the_browser_pays_and_follows_to_the_page_after_it(stripe, listener):
    address = checkout(stripe, f"{listener}{SUCCESS_PATH}")

    await TourBrowser().pay(address, "Basic", "USD 9.00 a month")

    assert stripe.book.newest("checkouts")[0]["status"] == "complete"


@pytest.mark.parametrize(
    ("words", "path", "told"),
    [("Pro", SUCCESS_PATH, "does not say “Pro”"), ("Basic", "/elsewhere", "leads to /elsewhere")],
)
async def test_a_checkout_that_is_not_as_expected_is_told(stripe, listener, words, path, told):
    address = checkout(stripe, f"{listener}{path}")

    with pytest.raises(ValueError, match=told):
        await TourBrowser().pay(address, words)
