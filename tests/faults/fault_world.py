"""What the fault tests happen in: a database with aliases, the targets' server, forwarders and the ledger."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers import (
    aliases_controller,
    domains_controller,
    organizations_controller,
    settings_controller,
)
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.schemas.audit import Actor
from tests.faults.fleet import Fleet
from tests.faults.forwarder_host import LEASE_VARIABLE, SEND_VARIABLE
from tests.faults.judge import LIVE, Verdict, judge
from tests.faults.ledger import Ledger
from tests.faults.load_client import LoadClient
from tests.helpers.clusters import kill_server, remove_clusters_of
from tests.helpers.reaper import reaped

DOMAIN = "forward.example"
ONE, BOTH = f"one@{DOMAIN}", f"both@{DOMAIN}"
TARGETS = {ONE: ("first@target.example",), BOTH: ("second@target.example", "third@elsewhere.example")}
LEASE_SECONDS = 2.0
SEND_SECONDS = 20.0
_TEMPLATE = "faults_template"


@dataclass(slots=True)
class FaultCluster:
    """A PostgreSQL of the fault tests' own, which may be killed; ``new_database`` gives a migrated one."""

    directory: Path
    server: EmbeddedPostgres
    master_key: Path
    numbers: int = 0

    def url(self, name: str) -> str:
        """Return the SQLAlchemy address of one of its databases."""
        return make_url(self.server.url()).set(database=name).render_as_string(hide_password=False)

    def new_database(self) -> str:
        """Make a database and return its address."""
        self.numbers += 1
        name = f"faults_{self.numbers}"
        with psycopg.connect(plain(self.url("postgres")), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self.url(name)


@contextmanager
def fault_cluster(directory: Path | None = None, *, is_durable: bool = True) -> Iterator[FaultCluster]:
    """Make a cluster with a template in it; at the end all of it is removed.

    One that is not durable survives the death of its processes, and is quick; only a machine that stops would hurt it.
    """
    place = directory or Path(tempfile.mkdtemp(dir="/var/tmp" if os.geteuid() == 0 else None, prefix="smtpy-faults-"))
    if os.geteuid() == 0:
        place.chmod(0o711)
    with reaped(place) if directory is None else _kept():
        server = EmbeddedPostgres(place / "cluster" / "postgres")
        server.start()
        key = place / "master-key"
        key.write_text(f"{random.getrandbits(256):064x}\n", encoding="ascii")
        key.chmod(0o600)
        cluster = FaultCluster(place, server, key)
        with psycopg.connect(plain(cluster.url("postgres")), autocommit=True) as connection:
            if not is_durable:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        asyncio.run(_fill(cluster.url(_TEMPLATE), key))
        try:
            yield cluster
        finally:
            kill_server(server.home)  # writing everything out first would take long, and it is thrown away
            server.stop()
            remove_clusters_of(place)
            shutil.rmtree(place / "cluster", ignore_errors=True)


@contextmanager
def _kept() -> Iterator[None]:
    yield


async def _fill(url: str, key: Path) -> None:
    """Make one domain with two aliases, as a person would."""
    database = Database(url, origin="faults")
    await migrate.upgrade(database.engine)
    told: dict[str, Any] = {"actor": Actor("tester", "test"), "publish": publish_nothing}
    keys = MasterKeyGateway(MemoryKeyring(), key.parent, {"SMTPY_MASTER_KEY_FILE": str(key)})
    owner = await organizations_controller.create_organization(database, "Faults", "admin@example.com", **told)
    domain = await domains_controller.add_domain(database, owner.id, DOMAIN, keys=keys, **told)
    for address, targets in TARGETS.items():
        await aliases_controller.create_alias(database, address, list(targets), **told)
    async with database.begin() as db:
        await (await db.connection()).exec_driver_sql(
            "UPDATE domains SET status = 'verified', is_active = true WHERE id = %s", (domain.id,)
        )
    await database.close()


def plain(url: str) -> str:
    """Return an address as libpq knows it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@dataclass(slots=True)
class FaultWorld:
    """One run: everything that a scenario acts on."""

    cluster: FaultCluster
    url: str
    sink: MailSink
    fleet: Fleet
    rng: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    actor: Actor = field(default_factory=lambda: Actor("tester", "test"))

    def client(self, *ports: int, **options: Any) -> LoadClient:
        """Return a load client that sends to these ports, or to all forwarders."""
        return LoadClient(self.ledger, ports or self.fleet.ports, (ONE, ONE, BOTH), self.rng, **options)

    @asynccontextmanager
    async def under_load(self, **options: Any) -> AsyncIterator[LoadClient]:
        """Let a client hand mail over, one after the other, for as long as the block lasts."""
        client = self.client(pause=0.01, **options)
        load = asyncio.create_task(client.send_until_stopped())
        try:
            yield client
        finally:
            client.stop()
            await load

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement in a connection of its own."""
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    async def route_to(self, address: str) -> None:
        """Let everything go out by this server."""
        database = Database(self.url, origin="faults")
        await settings_controller.change_settings(
            database, {"forwarder.smarthost": address}, actor=self.actor, publish=publish_nothing
        )
        await database.close()

    def live(self) -> int:
        """Return how many deliveries are not over."""
        (row,) = self.ask("SELECT count(*) FROM deliveries WHERE state = ANY(%s)", list(LIVE))
        return int(row[0])

    async def settle(self, seconds: float = 60.0) -> float:
        """Let everything be delivered: what was put off is tried at once; return the seconds it took; fail if late."""
        started = time.monotonic()
        while left := self.live():
            assert time.monotonic() < started + seconds, f"{left} deliveries are not over: {self._left()}"
            self.ask(
                "UPDATE deliveries SET next_attempt_at = now()"
                " WHERE state IN ('deferred', 'uncertain') AND next_attempt_at > now()"
            )
            self.ask("NOTIFY smtpy_wake")
            await asyncio.sleep(0.2)
        return time.monotonic() - started

    def judge(self, *, is_settled: bool = True) -> Verdict:
        """Return the verdict."""
        return judge(self.ledger, self.url, self.sink.inbox, is_settled=is_settled)

    def _left(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "SELECT state, leased_by, lease_until - now(), next_attempt_at - now(), attempts FROM deliveries"
            " WHERE state = ANY(%s) LIMIT 5",
            list(LIVE),
        )


@asynccontextmanager
async def fault_world(
    cluster: FaultCluster,
    *,
    forwarders: int = 2,
    seed: int = 1,
    environment: dict[str, str] | None = None,
    clock: dict[str, str] | None = None,
) -> AsyncIterator[FaultWorld]:
    """Make a world over a database of its own; the forwarders are not started yet, and may have a clock of theirs."""
    url = cluster.new_database()
    directory = Path(tempfile.mkdtemp(dir=cluster.directory, prefix="run-"))
    told = {
        "SMTPY_MASTER_KEY_FILE": str(cluster.master_key),
        LEASE_VARIABLE: str(LEASE_SECONDS),
        SEND_VARIABLE: str(SEND_SECONDS),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    } | (environment or {})
    async with (
        SandboxDns() as dns,
        MailSink() as sink,
        Fleet(directory, ("--database-url", url), told, count=forwarders, clock=clock) as fleet,
    ):
        database = Database(url, origin="faults")
        settings = {
            "mail.hostname": "mx.forward.example",
            "forwarder.smarthost": sink.address,
            "forwarder.per_client_minute": "0",
            "dns.resolvers": ", ".join(map(str, dns.resolvers)),
            "dns.authoritative_port": str(dns.authoritative_port),
        }
        actor = Actor("tester", "test")
        await settings_controller.change_settings(database, settings, actor=actor, publish=publish_nothing)
        await database.close()
        yield FaultWorld(cluster, url, sink, fleet, random.Random(seed))
