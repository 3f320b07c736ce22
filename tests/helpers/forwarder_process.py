"""``smtpy-desktop forwarder`` as processes, on an installation that is set up as docs/server.md says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from smtpy_desktop.controllers import aliases_controller, domains_controller, settings_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.secrets import KeyringState
from tests.helpers.command_line import PROGRAM

ANY_PORT = ("--listen", "127.0.0.1:0")


class StartedForwarder:
    """A forwarder that says that it is ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        line = process.stdout.readline()
        assert line, process.stderr.read()
        self.ready = json.loads(line)

    @property
    def port(self) -> int:
        return int(self.ready["smtp"][0].rpartition(":")[2])

    def end(self, name: signal.Signals = signal.SIGTERM, seconds: float = 20) -> int:
        self.process.send_signal(name)
        return self.process.wait(timeout=seconds)


class ForwarderServer:
    """An installation that is set up as docs/server.md says, and the ways to run a forwarder on it."""

    def __init__(self, directory: Path, database_url: str, sink: MailSink) -> None:
        self.directory, self.database_url, self.sink = directory, database_url, sink
        self.key_file = directory / "master.key"
        self.environment = {"SMTPY_MASTER_KEY_FILE": str(self.key_file)}

    @property
    def place(self) -> list[str]:
        database = ["--database-url", self.database_url] if self.database_url else []  # or the profile's own
        return ["--profile", str(self.directory / "profile"), *database, "--json"]

    @contextmanager
    def forwarder(self, *arguments: str) -> Iterator[StartedForwarder]:
        process = subprocess.Popen(
            [PROGRAM, *self.place, "forwarder", *(arguments or ANY_PORT)],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield StartedForwarder(process)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


@asynccontextmanager
async def forwarder_server(
    database: Database, database_url: str, dns: SandboxDns, organization_id: Any, directory: Path, **settings: str
) -> AsyncIterator[ForwarderServer]:
    """Set up the domain example.com with the alias info@example.com to ada@target.example, and a sink behind."""
    key_file = directory / "master.key"
    key_file.write_text("5" * 64)
    key_file.chmod(0o600)
    keys = MasterKeyGateway(
        MemoryKeyring(state=KeyringState.MISSING), directory, {"SMTPY_MASTER_KEY_FILE": str(key_file)}
    )
    async with MailSink() as sink:
        values = {
            "mail.hostname": "mx1.example.net",
            "dns.resolvers": ", ".join(map(str, dns.resolvers)),
            "dns.authoritative_port": str(dns.authoritative_port),
            "forwarder.smarthost": sink.address,
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        told: dict[str, Any] = {"actor": Actor("tester", "test"), "publish": lambda change: None}
        await settings_controller.change_settings(database, values, **told)
        await domains_controller.add_domain(database, organization_id, "example.com", keys=keys, **told)
        await aliases_controller.create_alias(database, "info@example.com", "ada@target.example", **told)
        yield ForwarderServer(directory, database_url, sink)
