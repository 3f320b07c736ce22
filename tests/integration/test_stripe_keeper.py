"""The sandbox's Stripe is kept in the profile: nothing that was answered is forgotten, and samples are made once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from smtpy_desktop.controllers import billing_controller, organizations_controller
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database import migrate
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.gateways.stripe_setup import StripeSetupGateway
from smtpy_desktop.sandbox.sample_billing import BILLED_ORGANIZATIONS, PRICES, SUBSCRIPTIONS
from smtpy_desktop.sandbox.sample_catalogue import ORGANIZATIONS
from smtpy_desktop.sandbox.stripe_keeper import FILE_NAME, StripeKeeper
from smtpy_desktop.schemas.billing import SubscriptionStatus

Start = Callable[[], StripeKeeper]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Give a function that starts the profile's Stripe, as one more start of the program would."""
    started: list[StripeKeeper] = []

    async def start_one() -> StripeKeeper:
        keeper = StripeKeeper(tmp_path)
        started.append(keeper)
        await keeper.start()
        return keeper

    yield start_one
    for keeper in started:
        await keeper.stop()


@pytest.fixture
async def access() -> AsyncIterator[StripeAccessGateway]:
    made = StripeAccessGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()))
    yield made
    await made.close()


@pytest.fixture
async def services(database, actor, changes, master_keys, access) -> Services:
    setup = StripeSetupGateway(StripeKeys({}, MemoryKeyring(), MemoryKeyring()), access)
    report = await migrate.schema_report(database.engine)
    for name, email in ORGANIZATIONS.items():
        await organizations_controller.create_organization(database, name, email, actor=actor, publish=changes.append)
    return Services(database, DnsGateway(), master_keys, actor, changes.append, report, DiskFiles(), access, setup)


def connect(access: StripeAccessGateway, keeper: StripeKeeper) -> None:
    access.use_sandbox(keeper.stripe.base, keeper.stripe.api_key, keeper.stripe.webhook_secret)


async def statuses(services: Services) -> dict[str, str]:
    accounts = await billing_controller.list_accounts(services.sessions, services.stripe)
    return {
        one.organization_name: one.subscription.status.value if one.subscription is not None else "none"
        for one in accounts
    }


async def create_customer(keeper: StripeKeeper, key: str) -> str:
    headers = {"Authorization": f"Bearer {keeper.stripe.api_key}", "Idempotency-Key": key}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{keeper.stripe.base}/v1/customers", data={"name": "A"}) as answer,
    ):
        return str((await answer.json())["id"])


async def test_the_samples_are_in_every_state_worth_seeing(services, access, start):
    keeper = await start()
    connect(access, keeper)

    await keeper.prepare(services, is_empty=True)

    found = await statuses(services)
    assert set(found) == {*ORGANIZATIONS, *BILLED_ORGANIZATIONS}
    assert sorted(found.values()) == ["active", "active", "none", "past_due", "trialing"]
    pictures = [
        await billing_controller.billing_picture(services.sessions, services.stripe, account.organization_id)
        for account in await billing_controller.list_accounts(services.sessions, services.stripe)
    ]
    assert {len(picture.prices) for picture in pictures} == {len(PRICES)}
    late = next(one for one in pictures if one.account.subscription is not None and one.account.is_delinquent)
    assert late.account.subscription.status is SubscriptionStatus.PAST_DUE
    assert [invoice.status for invoice in late.invoices] == ["open", "paid"]
    assert (
        sum(one.account.subscription is not None and one.account.subscription.cancel_at_period_end for one in pictures)
        == 1
    )


async def test_the_next_start_knows_everything_and_adds_nothing(services, access, start):
    first = await start()
    connect(access, first)
    await first.prepare(services, is_empty=True)
    before = (first.stripe.base, first.stripe.book.dump()["objects"], await statuses(services))
    await first.stop()

    second = await start()
    connect(access, second)
    await second.prepare(services, is_empty=False)

    assert (second.stripe.base, second.stripe.book.dump()["objects"], await statuses(services)) == before
    assert len(second.stripe.book.objects["subscriptions"]) == len(SUBSCRIPTIONS)


async def test_at_another_port_the_links_to_invoices_are_read_anew(services, access, start):
    first = await start()
    connect(access, first)
    await first.prepare(services, is_empty=True)
    old = urlsplit(first.stripe.base).port
    await first.stop()
    taken = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", old)

    async with taken:
        second = await start()
        connect(access, second)
        await second.prepare(services, is_empty=False)

    account = (await billing_controller.list_accounts(services.sessions, services.stripe))[0]
    picture = await billing_controller.billing_picture(services.sessions, services.stripe, account.organization_id)
    assert second.stripe.base != first.stripe.base or urlsplit(second.stripe.base).port != old
    assert picture.invoices
    assert all(invoice.hosted_url.startswith(second.stripe.base) for invoice in picture.invoices)


async def test_what_was_answered_is_known_after_a_crash_with_its_key(start):
    crashed = await start()
    made = await create_customer(crashed, "k")

    again = await start()  # the first one was never stopped

    assert await create_customer(again, "k") == made
    assert len(again.stripe.book.objects["customers"]) == 1


@pytest.mark.parametrize("content", ["", "[]", "null", '{"keys": [], "book": {}}', '{"keys": 7}'])
async def test_a_damaged_file_is_put_aside(tmp_path, start, content):
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")

    keeper = await start()

    assert keeper.stripe.book.events == []
    assert (tmp_path / "stripe.damaged.json").read_text(encoding="utf-8") == content


async def test_without_a_way_to_it_the_program_opens_all_the_same(services, start):
    keeper = await start()

    await keeper.prepare(services, is_empty=True)

    assert set((await statuses(services)).values()) == {"none"}


async def test_the_program_listens_where_it_did_last_so_that_open_checkouts_still_lead_back(start):
    first = await start()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    first.deliver_to(f"http://127.0.0.1:{port}/webhooks/stripe")
    await first.stop()

    again = await start()

    assert again.listener_port == port


async def test_the_program_listens_elsewhere_where_its_last_port_is_taken(start):
    first = await start()
    with socket.create_server(("127.0.0.1", 0)) as other:
        first.deliver_to(f"http://127.0.0.1:{other.getsockname()[1]}/webhooks/stripe")

        assert first.listener_port == 0
