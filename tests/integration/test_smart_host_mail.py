"""A smart host that does not let forwarders in: mail waits, is not given up, and leaves once that is mended."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.forwarder_counters import CountedSender, ForwarderCounters
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.gateways.smart_host import OwnSmartHost
from smtpy_desktop.gateways.smtp_connection import SmtpDeadlines
from smtpy_desktop.gateways.smtp_gateway import SmtpGateway
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn
from smtpy_desktop.schemas.mail_route import MailRoute
from smtpy_desktop.schemas.organizations import OrganizationRow
from smtpy_desktop.schemas.outgoing_mail import MailServer
from smtpy_desktop.schemas.smart_host import SmartHostAccess, SmartHostTls
from tests.helpers.delivery_world import DeliveryWorld, FixedRoutes
from tests.helpers.forwarding_world import forwarding_world
from tests.integration.certificates import trusted_context
from tests.integration.test_delivery_workers import running

USER, PASSWORD = "ada@example.com", "CanaryOfTheSmartHost"


@pytest.fixture
async def sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailSink]:
    """Run a smart host that wants a password, and let this system trust the authority that vouches for it."""
    context = trusted_context(tmp_path, monkeypatch)
    async with MailSink(tls=context, sign_in=SinkSignIn({USER: PASSWORD})) as running_sink:
        yield running_sink


@pytest.fixture
async def world(connect: Callable[..., Database], database_url: str, sink: MailSink) -> AsyncIterator[DeliveryWorld]:
    made = DeliveryWorld(connect(), database_url, FixedRoutes(sink.port))
    access = SmartHostAccess(SmartHostTls.REQUIRED, USER)
    route = MailRoute((MailServer("", "127.0.0.1", sink.port, access),))
    made.routes.by_domain = {"target.example": route, "other.example": route}
    made.settings = replace(made.settings, smarthost=sink.address)
    yield made
    made.close()


async def test_a_wrong_password_puts_all_mail_off_and_gives_none_up_however_long_it_takes(
    world: DeliveryWorld, sink: MailSink
) -> None:
    assert sink.sign_in is not None
    environment, counters = {"SMTPY_SMARTHOST_PASSWORD": "wrong"}, ForwarderCounters()
    secret = OwnSmartHost(environment, MemoryKeyring(), MemoryKeyring())
    sender = SmtpGateway("mx.example.com", deadlines=SmtpDeadlines(quit=0.3), password=secret.password)
    targets = ("bob@target.example", "eve@target.example", "ida@other.example")
    ids = await world.spool(*(world.mail(target) for target in targets))
    world.rows("UPDATE mail_envelopes SET accepted_at = now() - interval '90 days' RETURNING 1")

    async with running(world.workers(sender=CountedSender(sender, counters))) as workers:
        await world.until(lambda: [world.states(one) for one in ids] == [["deferred"]] * 3)
        waiting = [world.status(one) for one in ids]
        told = counters.not_let_in()
        environment["SMTPY_SMARTHOST_PASSWORD"] = PASSWORD
        world.rows("UPDATE deliveries SET next_attempt_at = now() RETURNING 1")
        workers.try_again()
        await world.until_settled(ids)

    assert waiting == ["pending"] * 3
    assert list(told) == ["sign_in_refused"]
    assert counters.not_let_in() == {}
    assert sink.sign_in.tried[:2] == [(USER, "wrong"), (USER, PASSWORD)]
    assert set(sink.sign_in.tried[2:]) <= {(USER, PASSWORD)}
    assert {recipient for mail in sink.inbox for recipient in mail.recipients} == set(targets)  # no reports
    words = world.rows("SELECT reply FROM delivery_attempts WHERE outcome = 'deferred'")
    assert all("does not accept the user name and password" in reply for (reply,) in words)


async def test_a_forwarder_signs_in_with_the_password_of_its_file(
    database: Database,
    sandbox_dns: SandboxDns,
    master_keys: MasterKeys,
    organization: OrganizationRow,
    sink: MailSink,
    tmp_path: Path,
) -> None:
    file = tmp_path / "smarthost.password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    named = {"SMTPY_SMARTHOST_PASSWORD_FILE": str(file)}
    settings = {"forwarder__smarthost": sink.address, "forwarder__smarthost_user": USER}
    async with forwarding_world(database, sandbox_dns, master_keys, organization.id, **settings) as world:
        secret = OwnSmartHost(named, MemoryKeyring(), MemoryKeyring())
        world.services = replace(world.services, smart_host=secret)
        await world.start()
        await asyncio.to_thread(_send, world.port)
        (mail,) = await sink.wait_for(1)

    assert sink.sign_in is not None
    assert (mail.recipients, sink.sign_in.tried) == (("ada@target.example",), [(USER, PASSWORD)])


def _send(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, "client.example", timeout=20) as client:
        raw = "From: grace@sender.example\r\nMessage-ID: <1@sender.example>\r\n\r\nHello\r\n"
        client.sendmail("grace@sender.example", ["info@example.com"], raw)
