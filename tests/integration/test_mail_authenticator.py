"""Authenticating received mail with real DNS packets: SPF, DKIM, DMARC and ARC of the original client."""

from __future__ import annotations

import asyncio
import time

import pytest

from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.gateways.mail_authenticator import DnsMailAuthenticator
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.schemas.smtp_session import MailClient
from tests.helpers.mail_corpus import corpus_keys, corpus_mail
from tests.helpers.scripted_dns import BRIEF, ScriptedDns, settings_for, silence
from tests.helpers.signing import SigningKey, dkimpy_accepts

GOOD = MailClient("192.0.2.10", helo="mail.author.example")
BAD = MailClient("198.51.100.66", helo="dialup.elsewhere.example")
SENDER = "ada@author.example"
PLAIN = corpus_mail("plain")
KEY = SigningKey("author.example", "k1")


@pytest.fixture
def zones(sandbox_dns):
    """Zones of an author with SPF, DKIM and p=reject, and of a list and two hops whose keys are published."""
    zones = sandbox_dns.zones
    for apex in ("author.example", "list.example", "hop.example", "hop2.example", "bank.example", "elsewhere.example"):
        zones.add_zone(apex)
    zones.set_records("author.example", "TXT", ["v=spf1 ip4:192.0.2.0/28 -all"])
    zones.set_records("mail.author.example", "TXT", ["v=spf1 ip4:192.0.2.10 -all"])
    zones.set_records("_dmarc.author.example", "TXT", ["v=DMARC1; p=reject"])
    zones.set_records("_dmarc.bank.example", "TXT", ["v=DMARC1; p=reject; adkim=s; aspf=s"])
    for name, record in {**corpus_keys(), KEY.name: KEY.record}.items():
        zones.set_records(name, "TXT", [record])
    return zones


@pytest.fixture
def authenticator(sandbox_dns, zones):
    return DnsMailAuthenticator(DnsGateway(), sandbox_dns.settings)


def mail_from(author: str) -> bytes:
    return PLAIN.replace(b"Ada <ada@author.example>", author.encode())


async def dmarc_of(authenticator, raw, sender=SENDER, client=GOOD):
    verdict = await authenticator.verify(client, sender, raw)
    return verdict.dmarc, verdict.policy, verdict.dmarc_by


async def test_mail_of_the_right_client_passes_by_spf(authenticator):
    verdict = await authenticator.verify(GOOD, SENDER, PLAIN)

    assert (verdict.spf, verdict.spf_domain, verdict.dkim_result) == ("pass", "author.example", "none")
    assert (verdict.dmarc, verdict.policy, verdict.dmarc_by) == ("pass", "reject", "spf")
    assert verdict.from_domain == "author.example"


async def test_mail_of_another_client_fails_and_the_policy_is_known(authenticator):
    verdict = await authenticator.verify(BAD, SENDER, PLAIN)

    assert (verdict.spf, verdict.dmarc, verdict.policy) == ("fail", "fail", "reject")


async def test_an_authors_signature_carries_mail_over_any_server(authenticator):
    verdict = await authenticator.verify(BAD, "bounce@elsewhere.example", KEY.signed(PLAIN))

    assert (verdict.spf, verdict.dkim_result) == ("none", "pass")
    assert (verdict.dmarc, verdict.dmarc_by) == ("pass", "dkim")


async def test_both_ways_of_being_aligned_are_told(authenticator):
    assert await dmarc_of(authenticator, KEY.signed(PLAIN)) == ("pass", "reject", "both")


async def test_for_the_null_sender_the_name_of_the_greeting_is_checked(authenticator):
    verdict = await authenticator.verify(GOOD, "", PLAIN)

    assert (verdict.spf, verdict.spf_domain) == ("pass", "mail.author.example")
    assert (verdict.dmarc, verdict.dmarc_by) == ("pass", "spf")  # the organization is the same


@pytest.mark.parametrize("sender", ["postmaster", "x@[192.0.2.10]", "x@a..b", "x@" + "a" * 70 + ".example", "x@-"])
async def test_a_sender_without_a_domain_name_has_no_spf(authenticator, sender):
    assert (await authenticator.verify(GOOD, sender, PLAIN)).spf == "none"


@pytest.mark.parametrize("address", ["", "unknown", "localhost"])
async def test_a_client_without_an_address_has_no_spf(authenticator, address):
    assert (await authenticator.verify(MailClient(address, helo="x"), SENDER, PLAIN)).spf == "none"


@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("dkim-relaxed", ["pass"]),
        ("dkim-simple", ["pass"]),
        ("dkim-relaxed-simple", ["pass"]),
        ("dkim-oversigned", ["pass"]),
        ("dkim-8bit", ["pass"]),
        ("dkim-ed25519", ["pass"]),
        ("dkim-length", ["pass"]),
        ("dkim-twice", ["pass", "pass"]),
        ("dkim-broken", ["fail"]),
        ("dkim-sha1", ["permerror"]),
    ],
)
async def test_signatures_are_judged_as_the_corpus_says(authenticator, name, results):
    verdict = await authenticator.verify(BAD, "x@elsewhere.example", corpus_mail(name))

    assert [signature.result for signature in verdict.dkim] == results


async def test_a_signature_that_leaves_the_end_of_the_body_out_says_so(authenticator):
    (signature,) = await authenticator.signatures(corpus_mail("dkim-length"))

    assert signature.reason == "only 39 of 56 octets of the body are signed"


@pytest.mark.parametrize(
    ("name", "state", "highest"),
    [
        ("plain", "none", 0),
        ("arc-one", "pass", 1),
        ("arc-two", "pass", 2),
        ("arc-changed-on-the-way", "fail", 1),
        ("arc-ended", "fail", 2),
        ("arc-not-whole", "fail", 2),
    ],
)
async def test_chains_are_judged_as_the_corpus_says(authenticator, name, state, highest):
    verdict = await authenticator.verify(BAD, "x@elsewhere.example", corpus_mail(name))

    assert (verdict.arc, verdict.arc_instances) == (state, highest)


async def test_a_key_that_could_not_be_asked_for_is_a_temporary_error(authenticator, zones):
    zones.set_fault("author.example", ZoneFault(rcode="SERVFAIL"))

    verdict = await authenticator.verify(BAD, "x@elsewhere.example", KEY.signed(PLAIN))

    assert (verdict.dkim_result, verdict.dmarc) == ("temperror", "temperror")


async def test_a_key_that_could_not_be_asked_for_makes_no_failed_chain(authenticator, zones):
    zones.set_fault("hop.example", ZoneFault(rcode="SERVFAIL"))

    assert (await authenticator.verify(GOOD, SENDER, corpus_mail("arc-two"))).arc == "temperror"


async def test_a_key_that_is_missing_is_a_permanent_error(authenticator, zones):
    zones.remove_records(KEY.name)

    (signature,) = await authenticator.signatures(KEY.signed(PLAIN))

    assert (signature.result, signature.reason) == ("permerror", "no key")


async def test_without_any_record_there_is_no_dmarc(authenticator):
    assert await dmarc_of(authenticator, mail_from("x@elsewhere.example")) == ("none", "", "")


@pytest.mark.parametrize(
    ("author", "sender", "expected"),
    [
        ("x@bank.example", "x@mail.bank.example", "fail"),  # aspf=s
        ("x@author.example", "x@mail.author.example", "pass"),
        ("x@deep.sub.author.example", "x@author.example", "pass"),
        ("x@author.example.evil.example", "x@author.example", "none"),
    ],
)
async def test_alignment_is_by_organization_or_exact(authenticator, zones, author, sender, expected):
    zones.set_records("mail.bank.example", "TXT", ["v=spf1 ip4:192.0.2.10 -all"])

    verdict = await authenticator.verify(GOOD, sender, mail_from(author))

    assert (verdict.spf, verdict.dmarc) == ("pass", expected)


async def test_siblings_are_one_organization_where_the_walk_meets_a_record(authenticator, zones):
    zones.set_records("news.author.example", "TXT", ["v=spf1 ip4:192.0.2.10 -all"])

    found = await dmarc_of(authenticator, mail_from("x@shop.author.example"), "x@news.author.example")

    assert found == ("pass", "reject", "spf")


async def test_a_public_suffix_makes_no_organization_of_its_customers(authenticator, zones):
    zones.set_records("_dmarc.elsewhere.example", "TXT", ["v=DMARC1; p=none; psd=y"])
    zones.set_records("_dmarc.a.elsewhere.example", "TXT", ["v=DMARC1; p=reject"])
    zones.set_records("b.elsewhere.example", "TXT", ["v=spf1 ip4:192.0.2.10 -all"])

    found = await dmarc_of(authenticator, mail_from("x@a.elsewhere.example"), "x@b.elsewhere.example")

    assert found == ("fail", "reject", "")


async def test_a_domain_that_does_not_exist_gets_the_policy_for_such(authenticator, zones):
    zones.set_records("_dmarc.elsewhere.example", "TXT", ["v=DMARC1; p=none; sp=none; np=reject"])
    zones.set_records("there.elsewhere.example", "A", ["192.0.2.1"])

    missing = await dmarc_of(authenticator, mail_from("x@nowhere.elsewhere.example"))
    there = await dmarc_of(authenticator, mail_from("x@there.elsewhere.example"))

    assert (missing, there) == (("fail", "reject", ""), ("fail", "none", ""))


async def test_test_mode_asks_for_one_level_less(authenticator, zones):
    zones.set_records("_dmarc.author.example", "TXT", ["v=DMARC1; p=reject; t=y"])

    assert await dmarc_of(authenticator, PLAIN, client=BAD) == ("fail", "quarantine", "")


async def test_a_second_author_cannot_hide_behind_the_first(authenticator):
    both = await dmarc_of(authenticator, corpus_mail("two-froms"))
    listed = await dmarc_of(authenticator, mail_from("ada@author.example, boss@bank.example"))

    assert both == listed == ("fail", "reject", "")


async def test_mail_of_more_authors_than_anybody_has_fails(authenticator):
    authors = ", ".join(f"x@author{number}.example" for number in range(20))

    assert await dmarc_of(authenticator, mail_from(authors)) == ("fail", "reject", "")


async def test_mail_without_an_author_cannot_be_judged(authenticator):
    assert await dmarc_of(authenticator, corpus_mail("no-from")) == ("permerror", "", "")


async def test_dmarc_that_could_not_be_asked_for_is_a_temporary_error(authenticator, zones):
    zones.set_fault("bank.example", ZoneFault(rcode="SERVFAIL"))

    assert await dmarc_of(authenticator, mail_from("x@bank.example")) == ("temperror", "", "")


async def test_no_more_than_five_signatures_are_looked_at_and_the_authors_is_among_them(authenticator):
    raw = KEY.signed(PLAIN)
    for _ in range(20):
        raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=list.example; s=l1; h=from; bh=AAAA; b=AAAA\r\n" + raw

    verdict = await authenticator.verify(BAD, "x@elsewhere.example", raw)

    assert [signature.result for signature in verdict.dkim] == ["fail"] * 4 + ["pass"]
    assert verdict.dmarc == "pass"


async def test_mail_from_the_same_place_asks_the_dns_nothing_new(sandbox_dns, zones):
    gateway = DnsGateway()
    asked = []

    class Counting:
        async def look_up(self, question, settings):
            asked.append(question)
            return await gateway.look_up(question, settings)

    authenticator = DnsMailAuthenticator(Counting(), sandbox_dns.settings)
    first = await authenticator.verify(GOOD, SENDER, PLAIN)
    asked.clear()

    again = await authenticator.verify(GOOD, "other.person@author.example", PLAIN)

    assert again == first
    assert asked == []


async def test_a_record_that_looks_at_the_sender_is_evaluated_for_each(authenticator, zones):
    zones.set_records("author.example", "TXT", ["v=spf1 exists:%{l}._spf.author.example -all"])
    zones.set_records("ada._spf.author.example", "A", ["127.0.0.2"])

    results = [
        (await authenticator.verify(GOOD, f"{name}@author.example", PLAIN)).spf for name in ("ada", "eve", "ada")
    ]

    assert results == ["pass", "fail", "pass"]


async def test_servers_that_never_answer_cost_the_deadline_and_no_more():
    async with ScriptedDns(silence) as server:
        settings = settings_for(server, patience=30)
        authenticator = DnsMailAuthenticator(DnsGateway(), lambda: settings, deadline_seconds=BRIEF)
        began = time.monotonic()

        verdict = await authenticator.verify(GOOD, SENDER, KEY.signed(corpus_mail("arc-two")))

        assert time.monotonic() - began < 10
    assert (verdict.spf, verdict.dkim_result, verdict.dmarc, verdict.arc) == ("temperror",) * 4


async def test_policies_are_asked_for_while_spf_is_still_waiting(sandbox_dns, zones):
    gateway, policy_asked = DnsGateway(), asyncio.Event()

    class Waiting:
        async def look_up(self, question, settings):
            if question.name == "_dmarc.author.example":
                policy_asked.set()
            if question.name == "author.example":
                await policy_asked.wait()
            return await gateway.look_up(question, settings)

    verdict = await DnsMailAuthenticator(Waiting(), sandbox_dns.settings).verify(GOOD, SENDER, PLAIN)

    assert (verdict.spf, verdict.dmarc) == ("pass", "pass")


async def test_a_large_message_is_hashed_without_holding_up_the_others(authenticator):
    raw = KEY.signed(PLAIN + (b"a  line \t of some words\r\n" * 40) * 5_000)
    turns = 0

    async def count_turns():
        nonlocal turns
        while True:
            await asyncio.sleep(0.002)
            turns += 1

    counting = asyncio.create_task(count_turns())
    (signature,) = await authenticator.signatures(raw)
    counting.cancel()

    assert signature.result == "pass"
    assert turns >= 5


async def test_a_changed_letter_anywhere_in_what_is_signed_is_seen(authenticator):
    signed = KEY.signed(PLAIN)

    for place in range(signed.index(b"From: Ada"), len(signed) - 2, 7):
        if signed[place : place + 1].isalnum():
            changed = signed[:place] + bytes([signed[place] ^ 3]) + signed[place + 1 :]
            (found,) = await authenticator.signatures(changed)
            assert (found.result == "pass") == dkimpy_accepts(changed, {KEY.name: KEY.record}), changed
