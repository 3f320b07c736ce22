"""What the figures of the forwarder run in: a database with one alias, two forwarder processes, a DNS and a sink."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.listener_world import Told, served
from benchmarks.mail_programs import LOOPBACK, free_port, wait_for_port
from benchmarks.trial_profile import TrialProfile, trial_profile
from smtpy_desktop.changes import publish_nothing
from smtpy_desktop.controllers import (
    aliases_controller,
    domains_controller,
    organizations_controller,
    settings_controller,
)
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.schemas.audit import Actor

ALIAS, TARGET = "info@forward.example", "target@sink.example"
PROCESSES = 2
PROGRAM = [str(Path(sys.executable).with_name("smtpy-desktop"))]


@dataclass(frozen=True, slots=True)
class ForwardWorld:
    """Forwarders that run, each at a port of its own."""

    trial: TrialProfile
    ports: tuple[int, ...]
    processes: tuple[subprocess.Popen[bytes], ...]

    def memory_mib(self) -> float:
        """Return what all forwarders together hold in memory that is their own (private and anonymous), in MiB."""
        return sum(_anonymous_kib(process.pid) for process in self.processes) / 1024

    def live(self) -> int:
        """Return how many deliveries are being sent or due."""
        with self.trial.connect() as connection:
            row = connection.execute(
                "SELECT count(*) FROM deliveries WHERE state = 'sending'"
                " OR (state IN ('queued', 'deferred', 'uncertain') AND coalesce(next_attempt_at, now()) <= now())"
            ).fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def forward_world(sink_port: int, *, processes: int = PROCESSES) -> Iterator[ForwardWorld]:
    """Run forwarders as a server would, on a database that keeps what it confirms; all is gone afterwards."""
    with ExitStack() as stack:
        trial = stack.enter_context(trial_profile())
        resolvers, port = stack.enter_context(served(_dns))
        key = trial.profile.directory / "master-key"
        key.write_text(f"{random.getrandbits(256):064x}\n", encoding="ascii")
        key.chmod(0o600)
        asyncio.run(_fill(trial.url, key, resolvers, port, sink_port))
        ports = [free_port() for _ in range(processes)]
        started = [stack.enter_context(_forwarder(trial, key, one)) for one in ports]
        for one in ports:
            wait_for_port(one)
        yield ForwardWorld(trial, tuple(ports), tuple(started))


@contextmanager
def _forwarder(trial: TrialProfile, key: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [*PROGRAM, "--profile", str(trial.profile.directory), "forwarder", "--listen", f"{LOOPBACK}:{port}"]
    told = {"SMTPY_MASTER_KEY_FILE": str(key), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    with subprocess.Popen(command, env=os.environ | told, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


async def _fill(url: str, key: Path, resolvers: Sequence[str], dns_port: int, sink_port: int) -> None:
    database = Database(url, origin="benchmark")
    told: dict[str, Any] = {"actor": Actor("benchmark", "benchmark"), "publish": publish_nothing}
    keys = MasterKeyGateway(MemoryKeyring(), key.parent, {"SMTPY_MASTER_KEY_FILE": str(key)})
    owner = await organizations_controller.create_organization(database, "Bench", "admin@example.com", **told)
    await domains_controller.add_domain(database, owner.id, ALIAS.partition("@")[2], keys=keys, **told)
    await aliases_controller.create_alias(database, ALIAS, [TARGET], **told)
    values = {
        "mail.hostname": "mx.forward.example",
        "forwarder.smarthost": f"{LOOPBACK}:{sink_port}",
        # As many connections at once as Postfix makes to one destination (default_destination_concurrency_limit).
        "forwarder.per_destination": "20",
        "forwarder.per_client_minute": "0",
        "dns.resolvers": ", ".join(resolvers),
        "dns.authoritative_port": str(dns_port),
    }
    await settings_controller.change_settings(database, values, **told)
    async with database.begin() as db:
        await (await db.connection()).exec_driver_sql("UPDATE domains SET status = 'verified', is_active = true")
    await database.close()


async def _dns(tell: Told) -> None:
    """Be the DNS that the senders are looked up in; it knows nothing of them."""
    async with SandboxDns() as dns:
        tell(([str(one) for one in dns.resolvers], dns.authoritative_port))
        await asyncio.Event().wait()


def _anonymous_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))
