"""What the listener figure runs in: Stripe, our listener and the bare reference, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import psycopg
from aiohttp import web

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers.event_intake import EventIntake
from smtpy_desktop.controllers.webhook_controller import WebhookReceiver
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.stripe_access import StripeAccessGateway, StripeKeys
from smtpy_desktop.listeners.webhook_listener import WebhookListener
from smtpy_desktop.runtime.async_thread import new_selector_loop
from smtpy_desktop.sandbox.stripe_server import SandboxStripe

WEBHOOK_SECRET = "whsec_benchmark00000000000000"  # noqa: S105 - of a Stripe that is gone after the run
CUSTOMERS = 50
_RENEWALS = 4
_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class ToldStripe:
    """A Stripe that is ready: its address and key, its customers, and the events that have happened (JSON)."""

    base: str
    key: str
    customers: list[str]
    events: list[str]


Told = Callable[[Any], None]
Server = Callable[..., Awaitable[None]]


@contextmanager
def served(server: Server, *arguments: object) -> Iterator[Any]:
    """Run a server in a process of its own and give what it tells when it is ready; at the end it is stopped."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(server, theirs, arguments), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join(10)
        if process.is_alive():
            process.kill()


def _serve(server: Server, connection: Connection, arguments: tuple[object, ...]) -> None:
    with asyncio.Runner(loop_factory=new_selector_loop) as runner:
        runner.run(_until_told(server, connection, arguments))


async def _until_told(server: Server, connection: Connection, arguments: tuple[object, ...]) -> None:
    running = asyncio.ensure_future(server(connection.send, *arguments))
    await asyncio.to_thread(connection.recv)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def stripe(tell: Told) -> None:
    """Be a Stripe with customers that have subscribed and gone on; tell what it is."""
    sandbox = SandboxStripe()
    await sandbox.start()
    book = sandbox.book
    price, other = (book.add_price(name, amount)["id"] for name, amount in (("Basic", 900), ("Pro", 1900)))
    customers = [book.add_customer(f"Customer {n}", f"c{n}@example.com")["id"] for n in range(CUSTOMERS)]
    for customer in customers:
        session = book.begin_checkout(
            {"mode": "subscription", "customer": customer, "line_items": [{"price": price, "quantity": "1"}]}
        )
        book.complete_checkout(session["id"])
        subscription = book.subscriptions_of(customer)[0]["id"]
        for _ in range(_RENEWALS):
            book.renew(subscription)
        book.change_price(subscription, other)
        book.set_cancel_at_period_end(subscription, wanted=True)
        book.set_cancel_at_period_end(subscription, wanted=False)
    tell(ToldStripe(sandbox.base, sandbox.api_key, customers, [json.dumps(event) for event in book.events]))
    await asyncio.Event().wait()


async def our_listener(tell: Told, url: str, base: str, key: str) -> None:
    """Listen as the program does; tell the address."""
    database = Database(url, origin="benchmark")
    environment = {"STRIPE_API_KEY": key, "STRIPE_API_BASE": base, "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}
    access = StripeAccessGateway(StripeKeys(environment, MemoryKeyring(), MemoryKeyring()))
    intake = EventIntake(database, access, publish_nothing)
    receiver = WebhookReceiver(database, access, intake, publish_nothing)

    async def health() -> dict[str, object]:
        return {"status": "ok"}

    listener = WebhookListener(receiver, health)
    tell(await listener.start(0))
    try:
        await asyncio.Event().wait()
    finally:
        await listener.stop()
        await intake.close()
        await access.close()
        await database.close()


async def bare_listener(tell: Told, url: str) -> None:
    """Insert the id of each event and answer: what nobody can do with less; tell the address."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    for _ in range(_CONNECTIONS):
        free.put_nowait(await psycopg.AsyncConnection.connect(plain, autocommit=True))

    async def take(request: web.Request) -> web.Response:
        event = json.loads(await request.read())
        connection = await free.get()
        try:
            await connection.execute("INSERT INTO bare_events VALUES (%s) ON CONFLICT DO NOTHING", (event["id"],))
        finally:
            free.put_nowait(connection)
        return web.Response(text="done\n")

    app = web.Application()
    app.router.add_post("/webhooks/stripe", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    tell("http://{}:{}".format(*runner.addresses[0][:2]))
    await asyncio.Event().wait()
