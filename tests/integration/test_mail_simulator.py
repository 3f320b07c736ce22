"""The simulator over a real database and a real DNS: it says what the engine does, and leaves no trace."""

from __future__ import annotations

import random
from collections import Counter
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import event, func, select

from smtpy_desktop.controllers import (
    domains_controller,
    mail_simulator_controller,
    roles_controller,
    settings_controller,
)
from smtpy_desktop.controllers.arc_controller import ArcSealer
from smtpy_desktop.controllers.forwarder_settings_controller import load_forwarder_settings
from smtpy_desktop.controllers.forwarding_cache import ForwardingCache
from smtpy_desktop.controllers.mail_intake_controller import MailIntakeController
from smtpy_desktop.controllers.mail_trial_session import TrialSession
from smtpy_desktop.controllers.settings_controller import mail_settings
from smtpy_desktop.controllers.spool_controller import Spool
from smtpy_desktop.controllers.srs_controller import SrsRewriter
from smtpy_desktop.controllers.srs_keys_controller import load_srs_keys
from smtpy_desktop.database.models import Base, DeliveryRecord, MailEnvelopeRecord, Message, RuleMatches
from smtpy_desktop.database.roles import READER
from smtpy_desktop.errors import FieldError
from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.mail_tools import OwnMailTools
from smtpy_desktop.schemas.mail_decision import MailOutcome
from smtpy_desktop.schemas.mail_simulation import RecipientSimulation, RuleVerdict, TrialEnvelope
from smtpy_desktop.schemas.smtp_session import MailClient
from tests.helpers.rules_world import RulesWorld
from tests.helpers.signing import SigningKey

SENDER = "shop@sender.example"
RAW = b"From: Shop <shop@sender.example>\nTo: info@a.example\nSubject: Big Sale\nMessage-ID: <1@s.example>\n\nHello\n"


@pytest.fixture
async def world(database, organization, actor, mail_settings, changes):
    values = {"mail.hostname": "mx1.example.net", "forwarder.arc": "no"}
    await settings_controller.change_settings(database, values, actor=actor, publish=changes.append)
    return await RulesWorld(database, actor).begin(organization.id)


@pytest.fixture
def simulate(database, master_keys):
    tools = OwnMailTools(DnsGateway())

    async def one(*recipients, raw=RAW, sender=SENDER, client="192.0.2.7", helo="mx.sender.example"):
        envelope = TrialEnvelope(sender, recipients, client, helo)
        return await mail_simulator_controller.simulate(database, raw, envelope, keys=master_keys, tools=tools)

    return one


async def every_count(database):
    async with database.read() as db:
        return {
            table.name: await db.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


async def test_it_tells_alias_rules_reply_envelope_and_lines_and_writes_nothing(world, simulate, database):
    await world.alias("info@a.example", "box@out.example")
    await world.add("info@a.example", "refuse", ("larger_than", "5M"), name="big")
    await world.add("info@a.example", "forward", ("subject_contains", "SALE"), targets="copy@out.example", name="sale")
    await world.add("a.example", "discard", ("subject_contains", "sale"))
    before = await every_count(database)

    told = await simulate("INFO+x@a.example")

    (one,) = told.recipients
    assert (one.outcome, one.match.source, one.reply.code) == (MailOutcome.FORWARD, "info@a.example", 250)
    assert [check.verdict for check in one.rules] == [
        RuleVerdict.NOT_MET,
        RuleVerdict.DECIDED,
        RuleVerdict.NOT_REACHED,
    ]
    assert [condition.field.value for condition in one.rules[0].unmet] == ["larger_than"]
    assert [target.address for target in one.sending.targets] == ["box@out.example", "copy@out.example"]
    assert one.sending.forward_sender.startswith("SRS0=")
    assert one.sending.forward_sender.endswith("=sender.example=shop@a.example")
    assert "Received: from mx.sender.example ([192.0.2.7])" in one.sending.prefix
    assert "Delivered-To: INFO+x@a.example" in one.sending.prefix
    assert told.last_reply.startswith("250 2.0.0")
    assert told.verdict is not None
    assert await every_count(database) == before


async def test_a_seal_is_shown_and_an_authors_signature_is_checked_behind_our_lines(
    world, simulate, database, organization, master_keys, actor, sandbox_dns
):
    publish = world.changes.append
    await settings_controller.change_settings(database, {"forwarder.arc": "yes"}, actor=actor, publish=publish)
    await domains_controller.add_domain(
        database, organization.id, "c.example", keys=master_keys, actor=actor, publish=publish
    )
    await world.alias("info@c.example")
    author = SigningKey("sender.example", "k1")
    sandbox_dns.zones.add_zone("sender.example")
    sandbox_dns.zones.set_records(author.name, "TXT", [author.record])
    signed = author.signed(RAW.replace(b"\n", b"\r\n"))

    whole = await simulate("info@c.example", raw=signed)
    broken = await simulate("info@c.example", raw=signed.replace(b"Hello", b"Hallo"))

    assert whole.recipients[0].sending.prefix.startswith("ARC-Seal: i=1;")
    assert [(one.domain, one.result) for one in whole.signatures] == [("sender.example", "pass")]
    assert [one.result for one in broken.signatures] == ["fail"]


async def test_what_is_refused_at_the_recipient_says_so_with_its_rule(world, simulate):
    await world.alias("info@a.example")
    await world.add("info@a.example", "refuse", ("sender_domain", "sender.example"), name="no shops")

    told = await simulate("info@a.example")

    (one,) = told.recipients
    assert (one.outcome, one.reply.code, one.sending) == (MailOutcome.REFUSE, 550, None)
    assert one.rules[0].verdict is RuleVerdict.DECIDED
    assert "no shops" in str(one.reason)


@pytest.mark.parametrize(
    ("recipient", "sender", "code"),
    [
        ("nobody@a.example", SENDER, 550),
        ("info@elsewhere.example", SENDER, 550),
        ("info@a.example", "not an address", 501),
        ("<script>", SENDER, 501),
        ("info@a.example\r\nDATA", SENDER, 501),
    ],
)
async def test_every_refusal_is_told_in_the_words_of_the_server(world, simulate, recipient, sender, code):
    await world.alias("info@a.example")

    told = await simulate(recipient, sender=sender)

    assert told.recipients[0].outcome in (None, MailOutcome.REFUSE)
    assert any(line.words.startswith(str(code)) for line in told.dialogue)
    assert told.recipients[0].sending is None


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\n\r\nbare\nline feed\r\n",
        b"From: a@b.example\r\n\r\n" + b"x" * 2000 + b"\r\n",
        b"From: a@b.example\r\nSubject: \0\r\n\r\n\0\r\n",
        b"From: a@b.example\r\n\r\n" + b"y" * 70 + b"\r\n" + (b"z" * 70 + b"\r\n") * 500_000,
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 100_000,
    ],
    ids=["bare-lf", "long-line", "nul", "too-large", "mime-bomb"],
)
async def test_hostile_mail_gets_a_reply_and_no_exception(world, simulate, raw):
    await world.alias("info@a.example")

    told = await simulate("info@a.example", raw=raw)

    assert told.last_reply[:1] in "245"
    assert str(told.recipients[0].reason)


async def test_what_cannot_be_tried_out_is_told_beside_its_field(world, simulate):
    for arguments, values, field in (
        ([], {}, "recipients"),
        (["info@a.example"], {"client": "nowhere"}, "client"),
        (["info@a.example"], {"raw": b"\xff" * 100}, "source"),
    ):
        with pytest.raises(FieldError) as refused:
            await simulate(*arguments, **values)

        assert refused.value.field == field


async def test_without_a_client_spf_is_left_out_and_that_is_said(world, simulate):
    await world.alias("info@a.example")

    told = await simulate("info@a.example", client="")

    assert told.verdict.spf == "none"
    assert any("SPF" in str(note) for note in told.notes)


async def test_who_may_only_read_is_told_what_is_made_up_or_left_out(
    world, database, connect, organization, master_keys, actor, sandbox_dns
):
    publish = world.changes.append
    sandbox_dns.zones.add_zone("sender.example")
    sandbox_dns.zones.set_records("sender.example", "TXT", ["v=spf1 ip4:192.0.2.7 -all"])
    await settings_controller.change_settings(database, {"forwarder.arc": "yes"}, actor=actor, publish=publish)
    await domains_controller.add_domain(
        database, organization.id, "c.example", keys=master_keys, actor=actor, publish=publish
    )
    await world.alias("info@c.example")
    await load_srs_keys(database, master_keys)
    await roles_controller.set_up_roles(database)
    reader = connect(READER)

    @event.listens_for(reader.engine.sync_engine, "connect")
    def become(connection, record):
        connection.cursor().execute(f"SET ROLE {READER}")
        connection.commit()

    envelope = TrialEnvelope(SENDER, ("info@c.example",), "192.0.2.7", "mx.sender.example")
    told = await mail_simulator_controller.simulate(
        reader, RAW, envelope, keys=master_keys, tools=OwnMailTools(DnsGateway())
    )

    assert told.last_reply.startswith("250")
    assert told.recipients[0].sending.forward_sender.endswith("=sender.example=shop@c.example")
    assert "made-up signature" in " ".join(map(str, told.notes))


def random_mail(rng: random.Random) -> bytes:
    message = EmailMessage()
    message["From"] = rng.choice(["a@shop.example", "B@Other.example", '"x" <c@shop.example>'])
    message["To"] = "info@a.example"
    message["Subject"] = rng.choice(["Sale", "Rechnung für Sie", "", "no offer"])
    if rng.random() < 0.3:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content("x" * rng.choice([10, 3000]))
    if rng.random() < 0.4:
        message.add_attachment(b"1234", maintype="application", subtype="pdf", filename="a.pdf")
    return bytes(message)


async def random_rules(world: RulesWorld, rng: random.Random) -> None:
    choices: list[tuple[str, list[str]]] = [
        ("sender_domain", ["shop.example", "other.example"]),
        ("sender_equals", ["a@shop.example", "bounce@news.example"]),
        ("sender_contains", ["b@", "shop"]),
        ("subject_contains", ["SALE", "für"]),
        ("larger_than", ["1k", "100k"]),
        ("has_attachment", ["yes", "no"]),
    ]
    for _ in range(rng.randint(0, 5)):
        action = rng.choice(["forward", "redirect", "refuse", "discard"])
        picked = rng.sample(choices, rng.randint(1, 2))
        conditions = [(field, rng.choice(values)) for field, values in picked]
        targets = rng.choice(["copy@out.example", "box2@out.example", "other@b.example"])
        await world.add(
            rng.choice(["info@a.example", "info@a.example", "a.example"]),
            action,
            *conditions,
            targets=targets if action in ("forward", "redirect") else "",
            active=rng.random() < 0.85,
        )


async def taken_by_the_engine(database, master_keys, envelope: TrialEnvelope, raw: bytes) -> tuple[Any, ...]:
    """Hand a mail to the engine itself, storing what it stores, and return what it answered."""
    settings = await load_forwarder_settings(database)
    _, dns = await mail_settings(database)
    spool = Spool(database, forwarder="test", room=lambda: 0, started=lambda due: None)
    intake = MailIntakeController(
        ForwardingCache(database),
        SrsRewriter(database, master_keys),
        OwnMailTools(DnsGateway()).authenticator(dns, settings.hostname),
        spool,
        settings=lambda: settings,
        sealer=ArcSealer(database, master_keys, lambda: settings),
    )
    client = MailClient(envelope.client_address, helo=envelope.helo, protocol="ESMTP")
    course = await TrialSession(intake, client, hostname=settings.hostname).hold(envelope, raw)
    await intake.close()
    await spool.close()
    return tuple((line.speaker, line.words) for line in course.dialogue if "Accepted as" not in line.words)


@pytest.mark.parametrize("seed", range(8))
async def test_the_simulator_answers_what_the_engine_then_does(world, simulate, database, master_keys, seed):
    rng = random.Random(seed)
    await load_srs_keys(database, master_keys)  # the trial would use one of its own, as it writes none
    await world.alias("info@a.example", "box@out.example")
    await world.alias("other@b.example", "box2@out.example")
    await random_rules(world, rng)

    for _ in range(5):
        raw = random_mail(rng).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        envelope = TrialEnvelope(
            rng.choice(["bounce@news.example", "a@shop.example", ""]),
            tuple(rng.sample(["info@a.example", "Info+tag@a.example", "other@b.example", "no@b.example"], 2)),
            "192.0.2.7",
            "mx.sender.example",
        )
        told = await simulate(*envelope.recipients, raw=raw, sender=envelope.sender)
        newest, counted = await newest_id(database), await matches(database)
        said = await taken_by_the_engine(database, master_keys, envelope, raw)
        written = await written_since(database, newest)

        assert said == tuple((one.speaker, one.words) for one in told.dialogue if "Accepted as" not in one.words)
        assert {one.address: expected(one) for one in told.recipients} == {
            recipient: row for recipient, row in written.items() if recipient in envelope.recipients
        }
        decided = Counter(rule_id for one in told.recipients for rule_id in deciding(one))
        assert await matches(database) - counted == decided


def expected(one: RecipientSimulation) -> tuple[bool, tuple[str, ...], str]:
    """Return what has to be written of a recipient: whether it is rejected, targets, and the sender of the mail."""
    targets = tuple(target.address for target in one.sending.targets) if one.sending else ()
    is_rejected = one.outcome in (MailOutcome.REFUSE, MailOutcome.DISCARD)
    return is_rejected, targets, one.sending.forward_sender if one.sending else ""


def deciding(one: RecipientSimulation) -> list[int]:
    return [check.rule.id for check in one.rules if check.verdict is RuleVerdict.DECIDED]


async def newest_id(database) -> int:
    async with database.read() as db:
        return await db.scalar(select(func.coalesce(func.max(Message.id), 0)))


async def matches(database) -> Counter[int]:
    async with database.read() as db:
        return Counter(dict((await db.execute(select(RuleMatches.rule_id, RuleMatches.matches))).all()))


async def written_since(database, newest: int) -> dict[str, tuple[bool, tuple[str, ...], str]]:
    """Return what the engine has written of each recipient, in the form of ``expected``."""
    async with database.read() as db:
        rows = await db.execute(
            select(Message.id, Message.recipient_email, Message.status, MailEnvelopeRecord.forward_sender)
            .outerjoin(MailEnvelopeRecord, MailEnvelopeRecord.message_id == Message.id)
            .where(Message.id > newest)
        )
        found = {}
        for number, recipient, status, forward_sender in rows.all():
            own = DeliveryRecord.message_id == number
            targets = await db.scalars(select(DeliveryRecord.target).where(own).order_by(DeliveryRecord.id))
            found[recipient] = (str(status) == "rejected", tuple(targets), forward_sender or "")
    return found
