"""Two forwarder processes with a real Debian Postfix in front as MX and behind as smart host."""

from __future__ import annotations

import asyncio
import os
import smtplib

import pytest
from sqlalchemy import text

from smtpy_desktop.controllers.settings_controller import change_settings
from smtpy_desktop.schemas.audit import Actor
from tests.helpers.forwarder_process import forwarder_server
from tests.system.postfix import LOOPBACK, deployed_settings, free_port, running_postfix

pytestmark = [
    pytest.mark.system("postfix"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix has to be started by root"),
]

CLIENT = "127.0.0.77"
"""Where the mail comes from: an address of its own, so that it can be told from Postfix's."""


class Chain:
    """Client, Postfix, two forwarders, Postfix, sink."""

    def __init__(self, server, database, postfix, ports, forwarders) -> None:
        self.sink, self.database, self.postfix, self.forwarders = server.sink, database, postfix, forwarders
        self.proxying, self.queueing = ports

    async def pass_time(self) -> None:
        """Let leases of the dead run out, and the next tries be due."""
        async with self.database.begin() as db:
            dead = self.forwarders[0].ready["name"]
            await db.execute(text("UPDATE deliveries SET lease_until = now() WHERE leased_by = :dead"), {"dead": dead})
            await db.execute(text("UPDATE deliveries SET next_attempt_at = now() WHERE state = 'uncertain'"))

    async def rows(self, statement: str) -> list:
        async with self.database.read() as db:
            return list((await db.execute(text(statement))).all())


@pytest.fixture
async def chain(database, database_url, sandbox_dns, organization, short_directory, tmp_path):
    directory = short_directory / tmp_path.name
    directory.mkdir()
    proxying, queueing, smarthost = (free_port() for _ in range(3))
    async with forwarder_server(database, database_url, sandbox_dns, organization.id, directory) as server:
        with server.forwarder("--listen", f"{LOOPBACK}:0", "--share-port", "--lmtp", f"{LOOPBACK}:0") as first:
            at = f"{LOOPBACK}:{first.port}"
            with server.forwarder("--listen", at, "--share-port", "--lmtp", f"{LOOPBACK}:0") as second:
                lmtp = [one.ready["lmtp"][0] for one in (first, second)]
                at_hand = {
                    "relayhost": f"[{LOOPBACK}]:{server.sink.port}",
                    "relay_domains": "example.com",
                    "relay_transport": "lmtp:inet:" + ",".join(lmtp),
                }
                ports = {
                    proxying: {**deployed_settings("front.master.cf"), "smtpd_proxy_filter": at},
                    queueing: {"smtpd_recipient_restrictions": "reject_unverified_recipient"},
                    smarthost: {**deployed_settings("behind.master.cf"), "syslog_name": "smarthost"},
                }
                settings = {
                    **deployed_settings("behind.main.cf"),
                    **deployed_settings("front-queue.main.cf"),
                    **deployed_settings("front.main.cf"),
                    **at_hand,
                    "smtpd_recipient_restrictions": "",
                }
                with running_postfix(settings, ports) as postfix:
                    await change_settings(
                        database,
                        {"forwarder.smarthost": f"{LOOPBACK}:{smarthost}"},
                        actor=Actor("tester", "test"),
                        publish=lambda change: None,
                    )
                    yield Chain(server, database, postfix, (proxying, queueing), (first, second))


def send_from_afar(port: int, count: int, recipient: str = "info@example.com", mark: str = "") -> None:
    """Send messages, each over a connection of its own from an address of its own."""
    for number in range(count):
        with smtplib.SMTP(LOOPBACK, port, "client.example", timeout=20, source_address=(CLIENT, 0)) as client:
            raw = f"From: grace@sender.example\r\nMessage-ID: <{number}{mark}@sender.example>\r\n\r\nHello\r\n"
            client.sendmail("grace@sender.example", [recipient], raw)


async def test_mail_goes_through_postfix_both_forwarders_and_postfix_again_and_refusals_reach_the_client(chain):
    await asyncio.gather(*(asyncio.to_thread(send_from_afar, chain.proxying, 10) for _ in range(3)))
    mails = await chain.sink.wait_for(30, seconds=60)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await asyncio.to_thread(send_from_afar, chain.proxying, 1, "nobody@example.com")

    took_part = await chain.rows("SELECT DISTINCT forwarder FROM mail_envelopes")
    clients = await chain.rows("SELECT DISTINCT client_address, client_helo FROM mail_envelopes")
    code, words = refused.value.recipients["nobody@example.com"]
    assert {mail.recipients for mail in mails} == {("ada@target.example",)}
    assert {name for (name,) in took_part} == {one.ready["name"] for one in chain.forwarders}
    assert clients == [(CLIENT, "client.example")]
    assert all(mail.sender.startswith("SRS0=") for mail in mails)
    assert (code, words.startswith(b"5.1.1")) == (550, True)
    assert "Mail queue is empty" in chain.postfix.queue


async def test_a_queueing_postfix_asks_about_recipients_and_hands_over_by_lmtp_with_the_client(chain):
    await asyncio.to_thread(send_from_afar, chain.queueing, 5)
    await chain.sink.wait_for(5, seconds=60)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        await asyncio.to_thread(send_from_afar, chain.queueing, 1, "nobody@example.com")

    clients = await chain.rows("SELECT DISTINCT client_address FROM mail_envelopes")
    code, words = refused.value.recipients["nobody@example.com"]
    assert clients == [(CLIENT,)]
    assert (code, b"5.1.1" in words) == (550, True)


async def test_nothing_is_lost_when_one_forwarder_dies_in_the_midst(chain):
    sending = asyncio.gather(*(asyncio.to_thread(send_from_afar, chain.queueing, 15, mark=mark) for mark in "ab"))
    await chain.sink.wait_for(3, seconds=60)

    chain.forwarders[0].process.kill()
    await sending
    async with asyncio.timeout(90):
        while len(ids := {mail.header("message-id") for mail in chain.sink.inbox}) < 30:
            await chain.pass_time()
            await asyncio.sleep(0.2)

    assert len(ids) == 30
