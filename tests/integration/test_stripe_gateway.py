"""The real gateway with Stripe's own library against the sandbox's Stripe: every method, and every error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import stripe

from smtpy_desktop.core.stripe_errors import (
    StripeBusy,
    StripeKeyRefused,
    StripeNotFound,
    StripeRefused,
    StripeUnreachable,
)
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_gateway import API_VERSION, StripeGateway
from smtpy_desktop.sandbox import stripe_shapes
from smtpy_desktop.sandbox.stripe_faults import CallFault
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from smtpy_desktop.schemas.billing import CheckoutStatus, Interval, SubscriptionStatus

REFERENCE = "installation/7"


@dataclass
class World:
    """The sandbox's Stripe and the gateway to it."""

    stripe: SandboxStripe
    api: StripeGateway

    async def call(
        self, method: str, path: str, key: str | None = None, *, host: str | None = None, **form: str
    ) -> tuple[int, dict[str, Any]]:
        """Ask as no library would."""
        headers = {"Authorization": f"Bearer {self.stripe.api_key}"}
        headers |= {"Idempotency-Key": key} if key is not None else {}
        headers |= {"Host": host} if host is not None else {}
        url = f"{self.stripe.base}/v1/{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, headers=headers, data=form or None) as answer,
        ):
            return answer.status, await answer.json() if answer.content_type == "application/json" else {}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = SandboxStripe()
    await server.start()
    access = StripeAccessGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()))
    access.use_sandbox(server.base, server.api_key, server.webhook_secret)
    yield World(server, await access.connect())
    await access.close()
    await server.stop()


@pytest.fixture
def price(world: World) -> str:
    return str(world.stripe.book.add_price("Basic", 900)["id"])


async def begin(world: World, price: str) -> tuple[str, str]:
    """Make a customer with an open checkout; return both ids."""
    customer = await world.api.create_customer(
        name="Example", email="a@example.com", organization_ref=REFERENCE, key="customer-1"
    )
    session = await world.api.create_checkout(
        customer_id=customer.id,
        price_id=price,
        success_url="http://127.0.0.1/ok",
        cancel_url="http://127.0.0.1/no",
        organization_ref=REFERENCE,
        key="checkout-1",
    )
    return customer.id, session.id


async def subscribed(world: World, price: str) -> tuple[str, str]:
    """Make a customer with a subscription; return both ids."""
    customer, session = await begin(world, price)
    world.stripe.book.complete_checkout(session)
    return customer, str((await world.api.checkout(session)).subscription_id)


def test_the_library_the_gateway_and_the_sandbox_speak_the_same_version():
    assert API_VERSION == stripe.api_version == stripe_shapes.API_VERSION


# Every method


async def test_the_account_has_the_name_of_the_dashboard(world):
    account = await world.api.account()

    assert (account.id, account.name, account.livemode) == ("acct_sandbox", "SMTPy Sandbox", False)


async def test_prices_of_many_pages_come_with_their_products(world):
    for number in range(103):
        world.stripe.book.add_price(f"Plan {number}", number, interval="year")

    prices = await world.api.prices()

    assert [price.product_name for price in prices] == [f"Plan {number}" for number in reversed(range(103))]
    assert {price.interval for price in prices} == {Interval.YEAR}


async def test_a_customer_has_all_subscriptions_and_invoices(world, price):
    customer, subscription = await subscribed(world, price)
    world.stripe.book.cancel_now(subscription)
    world.stripe.book.subscribe(customer, price, trial_days=3)

    state = await world.api.customer_state(customer)

    assert [item.status for item in state.subscriptions] == [SubscriptionStatus.TRIALING, SubscriptionStatus.CANCELED]
    assert [invoice.amount_due for invoice in state.invoices] == [0, 900]
    assert state.customer.organization_ref == REFERENCE
    assert state.customer.payment_method.last4 == "4242"
    assert state.subscriptions[1].payment_method.last4 == "4242"
    assert state.invoices[0].subscription_id == state.subscriptions[0].id


async def test_of_a_deleted_customer_only_the_id_is_left(world, price):
    customer, _ = await subscribed(world, price)
    world.stripe.book.delete_customer(customer)

    state = await world.api.customer_state(customer)

    assert state.customer.is_deleted
    assert (state.subscriptions, state.invoices) == ((), ())


async def test_customers_of_other_organizations_are_not_found(world):
    for number in range(3):
        world.stripe.book.add_customer("Other", "a@example.com", {"smtpy_organization": f"installation/{number}"})
    made = await world.api.create_customer(name="E", email="a@example.com", organization_ref=REFERENCE, key="k")

    assert await world.api.find_customers(REFERENCE, "a@example.com") == (made,)
    assert await world.api.find_customers(REFERENCE, "b@example.com") == ()


async def test_a_checkout_is_open_until_it_is_paid_or_ended(world, price):
    _, paid = await begin(world, price)
    opened = await world.api.checkout(paid)
    world.stripe.book.complete_checkout(paid)
    given_up = world.stripe.book.begin_checkout({"mode": "subscription", "line_items": [{"price": price}]})["id"]

    ended = await world.api.expire_checkout(given_up)

    complete = await world.api.checkout(paid)
    assert (opened.status, opened.price_id, opened.client_reference) == (CheckoutStatus.OPEN, price, REFERENCE)
    assert opened.url.startswith(world.stripe.base)
    assert (complete.status, complete.url) == (CheckoutStatus.COMPLETE, None)
    assert ended.status is CheckoutStatus.EXPIRED


async def test_a_portal_session_has_an_address(world, price):
    customer, _ = await begin(world, price)

    address = await world.api.create_portal(customer_id=customer, return_url="http://127.0.0.1/")

    assert address.startswith(f"{world.stripe.base}/portal/bps_")


async def test_a_subscription_ends_with_its_period_goes_on_or_ends_at_once(world, price):
    _, subscription = await subscribed(world, price)

    ending = await world.api.set_cancel_at_period_end(subscription, wanted=True, key="a")
    going_on = await world.api.set_cancel_at_period_end(subscription, wanted=False, key="b")
    over = await world.api.cancel_now(subscription, key="c")

    assert (ending.cancel_at_period_end, ending.cancel_at) == (True, ending.current_period_end)
    assert (going_on.cancel_at_period_end, going_on.cancel_at) == (False, None)
    assert over.status is SubscriptionStatus.CANCELED
    assert over.ended_at is not None


async def test_a_paused_subscription_goes_on(world, price):
    _, subscription = await subscribed(world, price)
    world.stripe.book.pause(subscription)

    assert (await world.api.resume_paused(subscription, key="k")).status is SubscriptionStatus.ACTIVE


async def test_events_come_in_pages_newest_first(world):
    for number in range(130):
        world.stripe.book.add_customer(f"Customer {number}", None)
    since = datetime.now(UTC) - timedelta(minutes=1)

    pages = [page async for page in world.api.events(since=since)]

    assert [len(page) for page in pages] == [100, 30]
    assert [event.id for page in pages for event in page] == [item["id"] for item in world.stripe.book.events[::-1]]
    assert await world.api.event(pages[1][0].id) == pages[1][0]


async def test_an_event_of_unknown_form_hides_none_of_the_others(world):
    for number in range(101):
        world.stripe.book.add_customer(f"Customer {number}", None)
    world.stripe.book.events[1]["data"] = None  # the last of the first page

    pages = [page async for page in world.api.events(since=datetime.now(UTC) - timedelta(minutes=1))]

    assert sum(map(len, pages)) == 100


# Every error


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (CallFault.RATE_LIMIT, StripeBusy, "STRIPE_RATE_LIMIT"),
        (CallFault.SERVER_ERROR, StripeBusy, "STRIPE_FAULT"),
        (CallFault.SERVER_ERROR_KEPT, StripeBusy, "STRIPE_FAULT"),
        (CallFault.CUT_BEFORE, StripeUnreachable, "STRIPE_UNREACHABLE"),
        (CallFault.CUT_AFTER, StripeUnreachable, "STRIPE_UNREACHABLE"),
    ],
)
async def test_faults_of_stripe_say_whether_the_call_may_be_repeated(world, fault, error, code):
    world.stripe.faults.call_fault = fault

    with pytest.raises(error) as caught:
        await world.api.account()

    assert caught.value.code == code


async def test_a_line_that_is_cut_is_told_in_words_of_our_own(world):
    world.stripe.faults.call_fault = CallFault.CUT_BEFORE

    with pytest.raises(StripeUnreachable) as caught:
        await world.api.account()

    assert str(caught.value.detail) == "The connection ended before the answer came."


async def test_a_stripe_that_is_not_there_is_told_in_words_of_our_own(world):
    await world.stripe.stop()

    with pytest.raises(StripeUnreachable) as caught:
        await world.api.account()

    assert str(caught.value.detail) == "No connection could be made."


async def test_an_answer_that_breaks_off_in_the_middle_is_told_in_words_of_our_own():
    async def break_off(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    access = StripeAccessGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()))
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    access.use_sandbox(base, "sk_test_00000000000000000000", "whsec_trial0000000000000000000000")

    try:
        with pytest.raises(StripeUnreachable):
            await (await access.connect()).event("evt_1")
    finally:
        await access.close()
        server.close()
        await server.wait_closed()


async def test_no_proxy_sees_the_key_on_the_way_to_a_server_on_this_machine(world, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    access = StripeAccessGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()))
    access.use_sandbox(world.stripe.base, world.stripe.api_key, "whsec_trial0000000000000000000000")

    try:
        account = await (await access.connect()).account()
    finally:
        await access.close()

    assert account.id
    assert world.stripe.api_key not in repr(access._connection)


async def test_a_fault_that_passes_is_not_noticed(world):
    world.stripe.faults.call_fault, world.stripe.faults.calls = CallFault.SERVER_ERROR, 2

    assert (await world.api.account()).id == "acct_sandbox"


async def test_a_wrong_key_is_refused(world):
    world.stripe.api_key = "sk_test_another00000000"

    with pytest.raises(StripeKeyRefused) as caught:
        await world.api.account()

    assert "Invalid API Key" in str(caught.value.detail)


async def test_what_does_not_exist_is_not_found(world):
    for ask in (
        world.api.customer_state("cus_none"),
        world.api.checkout("cs_test_none"),
        world.api.event("evt_none"),
        world.api.cancel_now("sub_none", key="k"),
    ):
        with pytest.raises(StripeNotFound):
            await ask


async def test_what_stripe_does_not_do_is_refused_with_its_sentence(world, price):
    _, subscription = await subscribed(world, price)

    with pytest.raises(StripeRefused, match="Only a paused subscription"):
        await world.api.resume_paused(subscription, key="a")
    world.stripe.book.cancel_now(subscription)
    with pytest.raises(StripeRefused) as caught:
        await world.api.set_cancel_at_period_end(subscription, wanted=True, key="b")
    assert caught.value.code == "STRIPE_SUBSCRIPTION_CANCELED"


async def test_a_declined_card_refuses_to_resume(world, price):
    customer, session = await begin(world, price)
    world.stripe.book.complete_checkout(session, last4="0341")
    subscription = world.stripe.book.subscriptions_of(customer)[0]["id"]
    world.stripe.book.pause(subscription)

    with pytest.raises(StripeRefused, match="declined") as caught:
        await world.api.resume_paused(subscription, key="k")

    assert caught.value.code == "STRIPE_CARD_DECLINED"


async def test_a_checkout_for_an_unknown_price_is_refused(world):
    with pytest.raises(StripeRefused, match="No such price"):
        await begin(world, "price_none")


# Idempotency


async def test_the_same_call_twice_has_one_effect(world, price):
    first = await begin(world, price)
    second = await begin(world, price)

    assert first == second
    assert len(world.stripe.book.objects["customers"]) == len(world.stripe.book.objects["checkouts"]) == 1


async def test_a_call_that_was_cut_off_after_its_effect_is_answered_when_it_is_repeated(world, price):
    world.stripe.faults.call_fault, world.stripe.faults.calls = CallFault.CUT_AFTER, 2

    await begin(world, price)

    assert len(world.stripe.book.objects["customers"]) == 1


async def test_a_key_cannot_be_used_for_another_call(world):
    await world.call("POST", "customers", "k", name="A")

    status, answer = await world.call("POST", "customers", "k", name="B")

    assert (status, answer["error"]["type"]) == (400, "idempotency_error")


async def test_a_key_that_is_being_worked_on_is_in_use(world):
    world.stripe.faults.delay_seconds = 0.2

    answers = await asyncio.gather(*(world.call("POST", "customers", "k", name="A") for _ in range(3)))

    assert sorted(status for status, _ in answers) == [200, 409, 409]
    assert {answer["error"]["code"] for status, answer in answers if status == 409} == {"idempotency_key_in_use"}
    assert len(world.stripe.book.objects["customers"]) == 1


async def test_a_fault_in_the_middle_is_the_answer_to_its_key_for_a_day(world):
    world.stripe.faults.call_fault, world.stripe.faults.calls = CallFault.SERVER_ERROR_KEPT, 1
    first, _ = await world.call("POST", "customers", "k", name="A")

    second, _ = await world.call("POST", "customers", "k", name="A")
    world.stripe.book.pass_time(2)
    third, _ = await world.call("POST", "customers", "k", name="A")

    assert (first, second, third) == (500, 500, 200)


async def test_parameters_that_are_no_good_keep_no_key(world):
    refused, _ = await world.call("POST", "customers", "k", colour="blue")

    taken, _ = await world.call("POST", "customers", "k", name="A")

    assert (refused, taken) == (400, 200)


# Parameters and lists


@pytest.mark.parametrize(
    ("path", "form", "code"),
    [
        ("customers", {"colour": "blue"}, "parameter_unknown"),
        ("customers", {"metadata[a]": "1", "metadata[a][b]": "2"}, "parameter_invalid"),
        ("checkout/sessions", {"success_url": "http://127.0.0.1/"}, "parameter_missing"),
        ("checkout/sessions", {"mode": "subscription", "success_url": "javascript:alert(1)"}, "url_invalid"),
        ("checkout/sessions", {"mode": "subscription", "subscription_data[colour]": "blue"}, "parameter_unknown"),
        ("billing_portal/sessions", {}, "parameter_missing"),
        ("billing_portal/sessions", {"customer": "cus_none"}, "resource_missing"),
    ],
)
async def test_parameters_are_refused_in_stripes_terms(world, path, form, code):
    status, answer = await world.call("POST", path, **form)

    assert (status, answer["error"]["type"]) == (400, "invalid_request_error")
    assert answer["error"]["code"] == code


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=many", "starting_after=cus_none", "colour=blue", "expand[]=email", "expand=a"],
)
async def test_lists_that_cannot_be_are_refused(world, query):
    world.stripe.book.add_customer("A", None)

    status, _ = await world.call("GET", f"customers?{query}")

    assert status == 400


async def test_lists_go_forward_and_back(world):
    ids = [world.stripe.book.add_customer(str(number), None)["id"] for number in range(5)][::-1]

    _, first = await world.call("GET", "customers?limit=2")
    _, next_one = await world.call("GET", f"customers?limit=2&starting_after={ids[1]}")
    _, back = await world.call("GET", f"customers?limit=2&ending_before={ids[4]}")

    pages = [([item["id"] for item in page["data"]], page["has_more"]) for page in (first, next_one, back)]
    assert pages == [(ids[:2], True), (ids[2:4], True), (ids[2:4], True)]


async def test_what_is_asked_for_is_expanded(world, price):
    customer, subscription = await subscribed(world, price)

    _, found = await world.call(
        "GET", f"subscriptions/{subscription}?expand[]=customer&expand[]=items.data.price.product"
    )

    assert found["customer"]["id"] == customer
    assert found["items"]["data"][0]["price"]["product"]["name"] == "Basic"


async def test_another_host_name_is_not_answered(world):
    status, _ = await world.call("GET", "account", host="stripe.example")

    assert status == 421


async def test_a_call_that_does_not_exist_is_said(world):
    status, answer = await world.call("POST", "charges")

    assert (status, answer["error"]["message"][:12]) == (404, "Unrecognized")
