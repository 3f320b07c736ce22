"""A forwarder in the test's own process: a real port, a real database, a real server behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers import aliases_controller, domains_controller, settings_controller
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.engine import Database
from smtpy_desktop.forwarding import Forwarding
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.export_files import DiskFiles
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState
from smtpy_desktop.schemas.migration import SchemaReport, SchemaState
from tests.helpers.no_stripe import NoStripe, no_stripe_setup

ACTOR = Actor("tester", "test")


def forwarding_services(database: Database, keys: MasterKeys, changes: list[Change]) -> Services:
    """Return what a forwarder needs of an installation."""
    report = SchemaReport(SchemaState.CURRENT, "", "", ())
    return Services(
        database, DnsGateway(), keys, ACTOR, changes.append, report, DiskFiles(), NoStripe(), no_stripe_setup()
    )


class ForwardingWorld:
    """What a test sees of a forwarder that runs."""

    def __init__(self, services: Services, database: Database, sink: MailSink) -> None:
        self.services, self.database, self.sink = services, database, sink
        self.states: list[ForwardingState] = []
        self.told = asyncio.Event()
        self.forwarding: Forwarding | None = None
        self.work: asyncio.Future[None] | None = None

    async def start(self, **choices: Any) -> None:
        """Run a forwarder and return once it takes mail."""
        choices = {"listen": [("127.0.0.1", 0)], **choices}
        self.forwarding = Forwarding(self.services, on_state=self._note, **choices)
        self.work = asyncio.ensure_future(self.forwarding.run())
        await self.reach(ForwardingPhase.RUNNING)

    async def reach(self, phase: ForwardingPhase) -> None:
        """Wait until it is so far; a forwarder that fails tells why."""
        assert self.work is not None
        async with asyncio.timeout(20):
            while not self.states or self.states[-1].phase is not phase:
                self.told.clear()
                waiting = asyncio.ensure_future(self.told.wait())
                await asyncio.wait([waiting, self.work], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if self.work.done() and self.states[-1].phase is not phase:
                    self.work.result()
                    return

    async def stop(self) -> None:
        """Let it end as SIGTERM does."""
        if self.forwarding is not None and self.work is not None:
            self.forwarding.stop()
            await self.work

    @property
    def state(self) -> ForwardingState:
        return self.states[-1]

    @property
    def port(self) -> int:
        return self.state.smtp[0][1]

    async def value(self, statement: str, **values: Any) -> Any:
        """Return one value of the database."""
        async with self.database.read() as db:
            return await db.scalar(text(statement), values)

    async def until(self, statement: str, wanted: Any, seconds: float = 20) -> None:
        """Wait until the database says so."""
        async with asyncio.timeout(seconds):
            while await self.value(statement) != wanted:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.02)

    def _note(self, state: ForwardingState) -> None:
        self.states.append(state)
        self.told.set()


@asynccontextmanager
async def forwarding_world(
    database: Database, dns: SandboxDns, keys: MasterKeys, organization_id: Any, **settings: str
) -> AsyncIterator[ForwardingWorld]:
    """Give a world with the domain example.com, the alias info@example.com to ada@target.example, and a sink."""
    changes: list[Change] = []
    services = forwarding_services(database, keys, changes)
    async with MailSink() as sink:
        values = {
            "mail.hostname": "mx1.example.net",
            "dns.resolvers": ", ".join(map(str, dns.resolvers)),
            "dns.authoritative_port": str(dns.authoritative_port),
            "forwarder.smarthost": sink.address,
            **{key.replace("__", "."): value for key, value in settings.items()},
        }
        await settings_controller.change_settings(database, values, actor=ACTOR, publish=changes.append)
        await domains_controller.add_domain(
            database, organization_id, "example.com", keys=keys, actor=ACTOR, publish=changes.append
        )
        await aliases_controller.create_alias(
            database, "info@example.com", "ada@target.example", actor=ACTOR, publish=changes.append
        )
        world = ForwardingWorld(services, database, sink)
        try:
            yield world
        finally:
            if world.work is not None:
                await world.stop()
