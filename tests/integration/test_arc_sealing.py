"""Sealing with the key of the alias's domain: from the database, once said when there is none, and never in the way."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import update

from smtpy_desktop.controllers import domains_controller
from smtpy_desktop.controllers.arc_controller import ArcSealer
from smtpy_desktop.database.models import DkimKey
from smtpy_desktop.gateways.master_key_gateway import MasterKeyGateway
from smtpy_desktop.gateways.memory_keyring import MemoryKeyring
from smtpy_desktop.schemas.forwarder import ForwarderSettings
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict
from smtpy_desktop.schemas.secrets import KeyringState
from tests.helpers.mail_corpus import corpus_keys, corpus_mail
from tests.helpers.signatures import judge_chain
from tests.helpers.signing import dkimpy_on_chain
from tests.helpers.stored_domains import change_domain

SENDER = "ada@author.example"
NONE = AuthenticationVerdict(spf="pass", spf_domain="author.example", dmarc="none", from_domain="author.example")
PASSED = AuthenticationVerdict(spf="pass", spf_domain="author.example", arc="pass", arc_instances=2)
FAILED = AuthenticationVerdict(arc="fail", arc_instances=1)


@pytest.fixture
async def domain(database, organization, master_keys, actor):
    added = await domains_controller.add_domain(
        database, organization.id, "alias.example", keys=master_keys, actor=actor, publish=lambda change: None
    )
    await change_domain(database, added.id, dkim_record_verified=True)
    return added


@pytest.fixture
def keys(domain):
    """The TXT records that the DNS holds."""
    record = f"v=DKIM1; k=rsa; p={domain.dkim_public_key}"
    return {f"{domain.dkim_selector}._domainkey.alias.example": record, **corpus_keys()}


@pytest.fixture
def settings():
    return {"value": ForwarderSettings(hostname="mx.example.net")}


@pytest.fixture
def sealer(database, domain, master_keys, settings):
    return ArcSealer(database, master_keys, lambda: settings["value"])


async def test_mail_is_sealed_with_the_domains_key_and_our_results(sealer, keys):
    raw = corpus_mail("plain")

    lines = await sealer.seal("alias.example", raw, NONE, SENDER)

    assert b"i=1; mx.example.net; spf=pass smtp.mailfrom=author.example;" in lines.replace(b"\r\n", b"")
    assert judge_chain(lines + b"Received: by us\r\n" + raw, keys).result == "pass"
    assert dkimpy_on_chain(lines + b"Received: by us\r\n" + raw, keys) == "pass"


async def test_a_chain_of_others_goes_on(sealer, keys):
    raw = corpus_mail("arc-two")

    lines = await sealer.seal("alias.example", raw, PASSED, SENDER)

    assert (judge_chain(lines + raw, keys).highest, dkimpy_on_chain(lines + raw, keys)) == (3, "pass")


async def test_a_chain_of_others_is_left_alone_until_our_key_was_seen_in_the_dns(sealer, database, domain):
    await change_domain(database, domain.id, dkim_record_verified=False)

    assert await sealer.seal("alias.example", corpus_mail("arc-two"), PASSED, SENDER) == b""
    assert await sealer.seal("alias.example", corpus_mail("plain"), NONE, SENDER) != b""


async def test_a_failed_chain_gets_its_last_seal_and_an_ended_one_nothing(sealer):
    lines = await sealer.seal("alias.example", corpus_mail("arc-changed-on-the-way"), FAILED, SENDER)

    assert b"cv=fail" in lines
    assert await sealer.seal("alias.example", corpus_mail("arc-ended"), FAILED, SENDER) == b""


async def test_a_chain_that_could_not_be_validated_is_left_alone(sealer):
    verdict = AuthenticationVerdict(arc="temperror", arc_instances=2)

    assert await sealer.seal("alias.example", corpus_mail("arc-two"), verdict, SENDER) == b""


async def test_the_switch_is_obeyed_at_once(sealer, domain, settings):
    settings["value"] = ForwarderSettings(hostname="mx.example.net", seals_arc=False)

    assert await sealer.seal("alias.example", corpus_mail("plain"), NONE, SENDER) == b""


async def test_a_large_message_is_sealed_like_a_small_one(sealer, keys):
    raw = corpus_mail("plain") + b"another  line\r\n" * 100_000

    lines = await sealer.seal("alias.example", raw, NONE, SENDER)

    assert judge_chain(lines + raw, keys).result == "pass"


async def test_a_domain_without_a_key_is_said_once_and_its_mail_goes_on(sealer, database, domain, caplog):
    async with database.begin() as db:
        await db.execute(update(DkimKey).values(state="retired"))

    with caplog.at_level(logging.WARNING):
        sealed = [await sealer.seal("alias.example", corpus_mail("plain"), NONE, SENDER) for _ in range(3)]

    assert sealed == [b""] * 3
    assert [record.message for record in caplog.records] == [
        "Mail for alias.example is forwarded without an ARC seal: it has no active DKIM key"
    ]


async def test_another_master_key_is_said_once_and_mail_goes_on(database, domain, settings, tmp_path, caplog):
    stranger = MasterKeyGateway(MemoryKeyring(state=KeyringState.AVAILABLE), tmp_path / "elsewhere", {})
    sealer = ArcSealer(database, stranger, lambda: settings["value"])

    with caplog.at_level(logging.WARNING):
        sealed = [await sealer.seal("alias.example", corpus_mail("plain"), NONE, SENDER) for _ in range(3)]

    assert sealed == [b""] * 3
    assert len(caplog.records) == 1


async def test_the_database_is_asked_for_a_key_once_a_minute(sealer, database, domain, monkeypatch):
    asked = []
    monkeypatch.setattr(database, "read", lambda original=database.read: asked.append(1) or original())

    for _ in range(20):
        await sealer.seal("alias.example", corpus_mail("plain"), NONE, SENDER)

    assert len(asked) == 1
