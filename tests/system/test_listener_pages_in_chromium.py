"""The pages that Stripe sends people back to, in a real browser."""

from __future__ import annotations

import pytest

from smtpy_desktop.controllers.webhook_controller import WebhookAnswer
from smtpy_desktop.listeners.webhook_listener import WebhookListener
from smtpy_desktop.runtime.async_thread import AsyncThread
from tests.system.chromium import PROGRAMS, Chromium

pytestmark = pytest.mark.system(*PROGRAMS)


class NobodyCalls:
    """Stands where only webhooks would get to."""

    async def receive(self, body: bytes, signature: str | None) -> WebhookAnswer:
        raise AssertionError("no webhook was sent")


async def no_health() -> dict[str, object]:
    """Tell nothing: the pages do not need it."""
    return {}


@pytest.fixture
def visits() -> list[str]:
    return []


@pytest.fixture
def address(visits):
    thread = AsyncThread()
    thread.start()
    listener = WebhookListener(NobodyCalls(), no_health, on_success=lambda: visits.append("success"))
    yield thread.submit(listener.start(0)).result(10)
    thread.submit(listener.stop()).result(10)
    thread.stop()


def test_who_has_paid_is_told_so_and_the_program_hears_of_it(address, visits):
    with Chromium() as browser:
        browser.open(f"{address}/billing/success?session_id=cs_test_<b>hello</b>")
        shown = browser.wait_for_text("You can close this tab.")

    assert "Thank you" in shown
    assert "hello" not in shown
    assert visits == ["success"]


def test_who_has_left_the_checkout_reads_that_nothing_was_bought(address, visits):
    with Chromium() as browser:
        browser.open(f"{address}/billing/cancel")
        shown = browser.wait_for_text("You can close this tab.")

    assert "Nothing was bought" in shown
    assert visits == []
