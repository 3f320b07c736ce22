"""Asking servers that give a part of the zone away, or do not hold it at all."""

from __future__ import annotations

import pytest

from smtpy_desktop.gateways.dns_gateway import DnsAsker, DnsGateway
from smtpy_desktop.schemas.dns import AnswerState, Question
from tests.helpers.scripted_dns import (
    SOA,
    TXT,
    UNLISTED,
    Asked,
    Packet,
    Script,
    ScriptedDns,
    ask_one,
    says,
    settings_for,
    zone_of,
)


@pytest.fixture
def gateway() -> DnsAsker:
    return DnsGateway()


def parent_of(cut: str, host: str, *glue: str) -> Script:
    return says(authority=[f"{cut}. 300 NS {host}."], additional=glue, aa=False)


async def test_a_delegated_domainkey_is_asked_of_the_servers_that_hold_it(gateway):
    key = Question("s1._domainkey.example.com", "TXT")
    host = "ns._domainkey.example.com"
    parent = parent_of("_domainkey.example.com", host, f"{host}. 300 A 127.0.0.3")
    async with (
        ScriptedDns(parent, "127.0.0.2") as server,
        ScriptedDns(says(f'{key.name}. 60 TXT "key"'), "127.0.0.3", server.port) as child,
    ):
        settings = settings_for(authoritative_port=server.port)
        answers = await gateway.ask_everywhere(key, zone_of(ns1="127.0.0.2", ns2="127.0.0.4"), settings)

    assert [(a.server, a.authoritative, a.values) for a in answers] == [(host, True, ("key",))]
    assert len(child.asked) == 1


async def test_a_delegation_without_glue_is_looked_up(gateway):
    key = Question("s1._domainkey.example.com", "TXT")
    parent = parent_of("_domainkey.example.com", "ns.keys.net", "ns.keys.net. 300 A 127.0.0.9")

    def resolver_script(asked: Asked) -> Packet:
        if asked.question == Question("ns.keys.net", "A"):
            return asked.reply("ns.keys.net. 300 A 127.0.0.3")
        return asked.reply()

    async with (
        ScriptedDns(parent, "127.0.0.2") as server,
        ScriptedDns(says(f'{key.name}. 60 TXT "key"'), "127.0.0.3", server.port),
        ScriptedDns(resolver_script, "127.0.0.4") as resolver,
    ):
        settings = settings_for(resolver, authoritative_port=server.port)
        answer, *_ = await gateway.ask_everywhere(key, zone_of(ns1="127.0.0.2"), settings)

    assert (answer.server, answer.values) == ("ns.keys.net", ("key",))


async def test_a_delegation_that_goes_in_circles_ends(gateway):
    key = Question("a.b.c.d.e.f.example.com", "TXT")

    def deeper(asked: Asked) -> Packet:
        cut = asked.question.name.split(".", 6 - len(server.asked))[-1]
        return asked.reply(authority=[f"{cut}. 300 NS ns.{cut}."], additional=[f"ns.{cut}. 300 A 127.0.0.1"], aa=False)

    async with ScriptedDns(deeper) as server:
        settings = settings_for(authoritative_port=server.port)
        answers = await gateway.ask_everywhere(key, zone_of(ns1="127.0.0.1"), settings)

    assert [a.state for a in answers] == [AnswerState.LAME]
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    "lame",
    [
        pytest.param(says(authority=[". 300 NS a.root-servers.net."], aa=False), id="points upwards"),
        pytest.param(says(authority=["example.com. 300 NS ns9.example.net."], aa=False), id="points sideways"),
        pytest.param(says(aa=False), id="says nothing"),
        pytest.param(says('example.com. 60 TXT "cached"', aa=False, ra=True), id="is a resolver"),
        pytest.param(says(rcode="NXDOMAIN", aa=False, ra=True), id="is a resolver that finds nothing"),
    ],
)
async def test_a_server_that_does_not_hold_the_zone_is_lame(gateway, lame):
    answer = await ask_one(gateway, lame)

    assert (answer.state, answer.values) == (AnswerState.LAME, ())


@pytest.mark.parametrize(
    ("script", "state"),
    [
        (says('example.com. 60 TXT "here"', aa=False), AnswerState.FOUND),
        (says(authority=[SOA], aa=False), AnswerState.EMPTY),
        (says(authority=[SOA], aa=False, rcode="NXDOMAIN"), AnswerState.NO_NAME),
    ],
)
async def test_a_server_that_merely_forgets_the_aa_bit_is_believed(gateway, script, state):
    answer = await ask_one(gateway, script)

    assert answer.state is state


async def test_a_resolver_that_only_refers_elsewhere_has_not_answered(gateway):
    async with ScriptedDns(says(authority=["com. 300 NS a.gtld-servers.net."], aa=False)) as resolver:
        (answer,) = await gateway.ask_everywhere(TXT, UNLISTED, settings_for(resolver))

    assert answer.state is AnswerState.REFUSED
