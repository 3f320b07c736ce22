"""``smtpy-desktop forwarder`` as a process of its own: how it starts, ends, and lives through what happens to it."""

from __future__ import annotations

import asyncio
import json
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time

import psycopg
import pytest
from sqlalchemy import text

from smtpy_desktop.controllers import settings_controller
from smtpy_desktop.controllers.organizations_controller import create_organization
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import profile_at
from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from smtpy_desktop.schemas.audit import Actor
from tests.helpers.clusters import kill_server
from tests.helpers.command_line import run_process
from tests.helpers.forwarder_process import ANY_PORT, forwarder_server
from tests.helpers.raw_http import exchange, request
from tests.integration.certificates import self_signed
from tests.integration.test_forwarding_chain import RAW, sent


@pytest.fixture
async def server(database, database_url, sandbox_dns, organization, short_directory, tmp_path):
    directory = short_directory / tmp_path.name
    directory.mkdir()
    async with forwarder_server(database, database_url, sandbox_dns, organization.id, directory) as made:
        yield made


def test_help_loads_nothing_that_forwards_mail():
    code = (
        "import sys; import smtpy_desktop.app, smtpy_desktop.commands.forwarder_command;"
        "print([name for name in ('aiohttp', 'dkim', 'sqlalchemy', 'ssl') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert set(json.loads(result.stdout.replace("'", '"'))) <= {"ssl"}


async def test_it_forwards_mail_logs_it_and_ends_when_told(server):
    with server.forwarder(*ANY_PORT, "--log-format", "json") as started:
        await asyncio.to_thread(sent, started.port)
        await server.sink.wait_for(1)
        status = await asyncio.to_thread(started.end)
        logged = [json.loads(line) for line in started.process.stderr.read().splitlines()]

    mails = [line for line in logged if line["logger"] == "smtpy_desktop.mail"]
    received = next(line for line in mails if line["text"] == "received")
    attempt = next(line for line in mails if line["text"] == "attempt")
    assert status == 0
    assert (received["message_id"], received["to"]) == ("<1@sender.example>", "info@example.com")
    assert (attempt["id"], attempt["outcome"]) == (received["id"], "sent")
    assert not any("odd" in json.dumps(line) or "Body" in json.dumps(line) for line in logged)


async def test_systemd_hears_that_it_is_ready_and_that_it_stops(server):
    address = str(server.directory / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(20)
        server.environment["NOTIFY_SOCKET"] = address
        with server.forwarder() as started:
            ready = await asyncio.to_thread(manager.recv, 100)
            await asyncio.to_thread(started.end)
            stopping = await asyncio.to_thread(manager.recv, 100)

    assert (ready, stopping) == (b"READY=1", b"STOPPING=1")


async def test_a_certificate_that_is_not_there_is_told_before_anything_listens(server):
    files = ("--tls-certificate", "/nowhere/fullchain.pem", "--tls-key", "/nowhere/privkey.pem")

    refused = run_process([*server.place, "forwarder", *ANY_PORT, *files], environment=server.environment)

    assert (refused.status, refused.failure["code"]) == (1, "TLS_FILE_MISSING")
    assert "/nowhere/fullchain.pem" in refused.failure["error"]


async def test_without_a_host_name_it_says_how_to_set_it(server, database, actor):
    await settings_controller.change_settings(database, {"mail.hostname": ""}, actor=actor, publish=lambda change: None)

    refused = run_process([*server.place, "forwarder", *ANY_PORT], environment=server.environment)

    assert (refused.status, refused.failure["code"]) == (1, "FORWARDER_HOSTNAME")
    assert "settings set mail.hostname" in refused.failure["detail"]


async def test_without_the_master_key_it_says_how_to_give_it(server):
    refused = run_process([*server.place, "forwarder", *ANY_PORT])

    assert refused.status == 1
    assert "SMTPY_MASTER_KEY_FILE" in refused.failure["detail"]


async def test_a_port_in_use_is_told_unless_it_is_shared(server):
    with server.forwarder(*ANY_PORT, "--share-port") as first:
        address = f"127.0.0.1:{first.port}"

        refused = run_process([*server.place, "forwarder", "--listen", address], environment=server.environment)
        with server.forwarder("--listen", address, "--share-port") as second:
            shared = second.port

    assert (refused.status, refused.failure["code"]) == (1, "PORT_IN_USE")
    assert address in refused.failure["error"]
    assert shared == first.port


async def test_a_second_signal_ends_it_at_once_and_the_mail_is_not_lost(server, database, database_url):
    server.sink.faults.verbs[SinkVerb.CONTENT] = SinkFault.HANG
    with server.forwarder(*ANY_PORT, "--drain-seconds", "300") as started:
        await asyncio.to_thread(sent, started.port)
        started.process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(wait_for_row, database_url, "SELECT 1 FROM forwarders WHERE state = 'stopping'")

        status = await asyncio.to_thread(started.end)

    server.sink.faults.verbs.clear()
    left = await state_of(database, "SELECT state || coalesce(leased_by, '') FROM deliveries")
    await change(database, "UPDATE deliveries SET next_attempt_at = now()")  # what time brings about
    with server.forwarder():
        (mail,) = await server.sink.wait_for(1)

    assert (status, left) == (0, "uncertain")
    assert mail.raw.endswith(RAW)


async def state_of(database, statement: str):
    async with database.read() as db:
        return await db.scalar(text(statement))


async def change(database, statement: str) -> None:
    async with database.begin() as db:
        await db.execute(text(statement))


def wait_for_row(url: str, query: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for _ in range(2000):
            if connection.execute(query.encode()).fetchone():
                return
            connection.execute("SELECT pg_sleep(0.01)")
    raise AssertionError(query)


async def test_a_renewed_certificate_is_shown_after_a_hang_up_signal(server):
    files = [server.directory / name for name in ("certificate.pem", "key.pem")]
    before, after = self_signed("mx1.example.net"), self_signed("mx1.example.net")
    for path, content in zip(files, (before.certificate, before.key), strict=True):
        path.write_bytes(content)
    options = ("--tls-certificate", str(files[0]), "--tls-key", str(files[1]), "--log-format", "json")
    with server.forwarder(*ANY_PORT, *options) as started:
        shown = await asyncio.to_thread(certificate_of, started.port)
        for path, content in zip(files, (after.certificate, after.key), strict=True):
            path.write_bytes(content)

        started.process.send_signal(signal.SIGHUP)
        while "was read again" not in await asyncio.to_thread(started.process.stderr.readline):
            pass
        shown_then = await asyncio.to_thread(certificate_of, started.port)
        await asyncio.to_thread(sent, started.port)
        await server.sink.wait_for(1)

    assert ssl.DER_cert_to_PEM_cert(shown).encode() == before.certificate
    assert ssl.DER_cert_to_PEM_cert(shown_then).encode() == after.certificate


def certificate_of(port: int) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=10) as client:
        client.starttls(context=context)
        return client.sock.getpeercert(binary_form=True)


async def test_it_tells_its_health_and_figures(server):
    with server.forwarder(*ANY_PORT, "--health", "127.0.0.1:0") as started:
        address = started.ready["health"]
        await asyncio.to_thread(sent, started.port)
        await server.sink.wait_for(1)

        asked = {"Content_Type": None, "Content_Length": None}
        health = await exchange(address, request(address, "GET", "/health", **asked))
        metrics = await exchange(address, request(address, "GET", "/metrics", **asked))

    assert json.loads(health.body)["status"] == "ok"
    assert b"smtpy_messages_accepted_total 1\n" in metrics.body
    assert b"smtpy_sessions_total 1\n" in metrics.body


async def test_mail_is_put_off_while_the_database_is_away_and_taken_afterwards(server, database_url):
    name = database_url.rpartition("/")[2].partition("?")[0]
    administrator = database_url.replace("+psycopg", "").replace(f"/{name}", "/postgres")
    with server.forwarder() as started, psycopg.connect(administrator, autocommit=True) as connection:
        await asyncio.to_thread(sent, started.port)
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false".encode())
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'".encode())

        with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)) as put_off:
            await asyncio.to_thread(sent, started.port)
        connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true".encode())
        await asyncio.to_thread(sent_in_the_end, started.port)

        assert len(await server.sink.wait_for(2, seconds=30)) >= 2
    assert "45" in str(put_off.value)


def sent_in_the_end(port: int) -> None:
    """Send again and again, as a server does whose mail is put off, until it is taken."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            sent(port)
        except smtplib.SMTPException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("it never takes mail again")


async def test_the_built_in_database_is_started_again_when_it_dies(sandbox_dns, place):
    own = EmbeddedPostgres(profile_at(place / "profile").postgres)
    url = await asyncio.to_thread(own.start)
    database = Database(url, origin="test")
    await migrate.upgrade(database.engine)
    organization = await create_organization(
        database, "Example", "admin@example.com", actor=Actor("tester", "test"), publish=lambda change: None
    )
    async with forwarder_server(database, "", sandbox_dns, organization.id, place) as server:
        with server.forwarder() as started:
            await asyncio.to_thread(sent, started.port)
            await server.sink.wait_for(1)

            await asyncio.to_thread(kill_server, own.home)
            await asyncio.to_thread(sent_in_the_end, started.port)

            assert len(await server.sink.wait_for(2, seconds=60)) >= 2
            await asyncio.to_thread(started.end)
    await database.close()
    await asyncio.to_thread(own.stop)
