"""Finding the zone around a name, and quick look-ups, with real packets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack

import pytest

from smtpy_desktop.gateways.dns_gateway import DnsAsker, DnsGateway
from smtpy_desktop.schemas.dns import AnswerState, Question
from smtpy_desktop.schemas.dns_zone import NameServer, ZoneServers
from tests.helpers.scripted_dns import (
    BRIEF,
    SOA,
    TXT,
    Asked,
    Packet,
    Script,
    ScriptedDns,
    says,
    settings_for,
    silence,
)

NS1 = "example.com. 300 NS ns1.example.net."
NS2 = "example.com. 300 NS ns2.example.net."
A1 = "ns1.example.net. 300 A 192.0.2.1"
A2 = "ns2.example.net. 300 A 192.0.2.2"
EXAMPLE = ZoneServers("example.com", (NameServer("ns1.example.net", ("192.0.2.1",)),))


@pytest.fixture
def gateway() -> DnsAsker:
    return DnsGateway()


def holds(*records: str, otherwise: Mapping[str, object] | None = None) -> Script:
    """Answer like a resolver that knows these records and of everything else that there is none."""

    def script(asked: Asked) -> Packet:
        found = [
            r for r in records if r.split()[0] == f"{asked.question.name}." and r.split()[2] == asked.question.type
        ]
        facts: dict[str, object] = {"aa": False, "ra": True}
        return asked.reply(*found, **facts) if found else asked.reply(**{**facts, **(otherwise or {})})

    return script


async def test_a_name_at_the_apex_gives_the_name_servers_with_all_their_addresses(gateway):
    records = [NS1, NS2, A1, "ns1.example.net. 300 AAAA 2001:db8::1", A2]
    async with ScriptedDns(holds(*records)) as resolver:
        zone = await gateway.find_zone("Example.com.", settings_for(resolver))

    servers = (
        NameServer("ns1.example.net", ("192.0.2.1", "2001:db8::1")),
        NameServer("ns2.example.net", ("192.0.2.2",)),
    )
    assert zone == ZoneServers("example.com", servers)
    assert zone.is_askable


async def test_a_name_below_is_led_to_the_apex_by_the_soa(gateway):
    async with ScriptedDns(holds(NS1, A1, otherwise={"authority": [SOA]})) as resolver:
        zone = await gateway.find_zone("a.b.c._domainkey.example.com", settings_for(resolver))

    assert zone == EXAMPLE
    assert [a.question.name for a in resolver.asked if a.question.type == "NS"] == [
        "a.b.c._domainkey.example.com",
        "example.com",
    ]


async def test_without_soa_every_level_is_asked(gateway):
    async with ScriptedDns(holds(NS1, A1)) as resolver:
        zone = await gateway.find_zone("a.b.example.com", settings_for(resolver))

    assert zone == EXAMPLE


async def test_a_name_that_is_an_alias_lies_in_the_zone_of_its_parent(gateway):
    def script(asked: Asked) -> Packet:
        if asked.question == Question("www.example.com", "NS"):
            return asked.reply("www.example.com. 60 CNAME other.org.", "other.org. 60 NS ns.other.org.", aa=False)
        return holds(NS1, A1)(asked)

    async with ScriptedDns(script) as resolver:
        zone = await gateway.find_zone("www.example.com", settings_for(resolver))

    assert zone == EXAMPLE


async def test_addresses_given_along_are_used_when_none_can_be_looked_up(gateway):
    def script(asked: Asked) -> Packet:
        if asked.question.type == "NS":
            return asked.reply(NS1, additional=[A1, "ns3.example.net. 60 A 192.0.2.9"])
        return asked.reply(rcode="SERVFAIL")

    async with ScriptedDns(script) as resolver:
        zone = await gateway.find_zone("example.com", settings_for(resolver))

    assert [server.addresses for server in zone.servers] == [("192.0.2.1",)]


async def test_a_name_server_without_an_address_says_why(gateway):
    def script(asked: Asked) -> Packet:
        return asked.reply(NS1) if asked.question.type == "NS" else asked.reply(rcode="SERVFAIL")

    async with ScriptedDns(script) as resolver:
        zone = await gateway.find_zone("example.com", settings_for(resolver))

    assert zone.servers == (NameServer("ns1.example.net", (), AnswerState.SERVFAIL),)
    assert not zone.is_askable


@pytest.mark.parametrize(
    "negative",
    [
        pytest.param(says(aa=False), id="nothing at any level"),
        pytest.param(says(rcode="NXDOMAIN", aa=False), id="no such name at any level"),
        pytest.param(says(authority=[SOA]), id="a SOA without name servers"),
        pytest.param(
            says(authority=[". 60 SOA a.root-servers.net. nstld.iana.org. 1 1 1 1 60"], rcode="NXDOMAIN", aa=False),
            id="not even the top level",
        ),
    ],
)
async def test_a_zone_for_which_no_server_is_published_is_unlisted(gateway, negative):
    async with ScriptedDns(negative) as resolver:
        zone = await gateway.find_zone("example.com", settings_for(resolver))

    assert zone == ZoneServers("example.com", unlisted=True)


async def test_a_private_server_need_not_know_the_levels_above_its_zone(gateway):
    def private(asked: Asked) -> Packet:
        held = asked.question.name.endswith("example.com")
        return asked.reply(rcode="NOERROR" if held else "REFUSED", aa=held)

    async with ScriptedDns(private) as resolver:
        zone = await gateway.find_zone("_dmarc.example.com", settings_for(resolver))

    assert zone == ZoneServers("example.com", unlisted=True)


@pytest.mark.parametrize(
    ("script", "state"),
    [
        (says(rcode="SERVFAIL"), AnswerState.SERVFAIL),
        (says(rcode="REFUSED"), AnswerState.REFUSED),
        (silence, AnswerState.TIMEOUT),
    ],
)
async def test_a_zone_that_cannot_be_asked_for_carries_the_reason(gateway, script, state):
    async with ScriptedDns(script) as resolver:
        zone = await gateway.find_zone("example.com", settings_for(resolver, patience=BRIEF))

    assert zone == ZoneServers("example.com", failure=state)


async def test_trouble_with_a_label_for_records_does_not_hide_the_zone_around_it(gateway):
    def script(asked: Asked) -> Packet:
        return asked.reply(rcode="SERVFAIL") if "_" in asked.question.name else holds(NS1, A1)(asked)

    async with ScriptedDns(script) as resolver:
        zone = await gateway.find_zone("s1._domainkey.example.com", settings_for(resolver))

    assert zone == EXAMPLE


async def test_without_resolvers_nothing_is_found_out(gateway):
    zone = await gateway.find_zone("example.com", settings_for())

    assert zone.failure is AnswerState.UNREACHABLE


async def _zone_by(gateway: DnsAsker, *scripts: Script) -> ZoneServers:
    async with AsyncExitStack() as stack:
        resolvers = [await stack.enter_async_context(ScriptedDns(script)) for script in scripts]
        return await gateway.find_zone("example.com", settings_for(*resolvers, patience=0.6))


@pytest.mark.parametrize(
    "liar",
    [
        pytest.param(says(rcode="NXDOMAIN"), id="denies the name"),
        pytest.param(says("example.com. 9000 NS ns.evil.net."), id="forges"),
        pytest.param(says(rcode="SERVFAIL"), id="fails"),
        pytest.param(silence, id="is silent"),
    ],
)
async def test_one_resolver_that_lies_does_not_choose_the_name_servers(gateway, liar):
    honest = holds(NS1, A1)

    zone = await _zone_by(gateway, liar, honest, honest)

    assert zone.apex == "example.com"
    assert [server.host for server in zone.servers] == ["ns1.example.net"]


async def test_of_two_resolvers_the_one_that_knows_name_servers_is_believed(gateway):
    zone = await _zone_by(gateway, holds(), holds(NS1, A1))

    assert [server.host for server in zone.servers] == ["ns1.example.net"]


async def test_of_two_resolvers_the_one_that_asked_last_is_believed(gateway):
    aged = NS1.replace("300", "20")

    zone = await _zone_by(gateway, holds(aged, A1, A2), holds(NS2, A1, A2))

    assert [server.host for server in zone.servers] == ["ns2.example.net"]


async def test_a_zone_is_remembered_until_it_is_forgotten(gateway):
    async with ScriptedDns(holds(NS1, A1)) as resolver:
        settings = settings_for(resolver)
        await asyncio.gather(*(gateway.find_zone("example.com", settings) for _ in range(10)))
        await gateway.find_zone("example.com", settings)
        asked_for = [asked.question for asked in resolver.asked]
        resolver.script = holds(NS2, A2)
        remembered = await gateway.find_zone("example.com", settings)
        fresh = await gateway.find_zone("example.com", settings, fresh=True)

    assert len(asked_for) == 3
    assert remembered == EXAMPLE
    assert [server.host for server in fresh.servers] == ["ns2.example.net"]


async def test_a_failure_is_not_remembered(gateway):
    async with ScriptedDns(says(rcode="SERVFAIL")) as resolver:
        settings = settings_for(resolver)
        await gateway.find_zone("example.com", settings)
        resolver.script = holds(NS1, A1)

        assert await gateway.find_zone("example.com", settings) == EXAMPLE


# Quick look-ups.


@pytest.mark.parametrize("first", [says(rcode="SERVFAIL"), says(rcode="REFUSED"), silence])
async def test_a_look_up_goes_on_to_the_next_resolver_when_one_fails(gateway, first):
    async with ScriptedDns(first) as broken, ScriptedDns(says('example.com. 60 TXT "here"')) as working:
        answer = await gateway.look_up(TXT, settings_for(broken, working, patience=0.6))

    assert (answer.values, answer.server) == (("here",), f"127.0.0.1:{working.port}")


async def test_a_look_up_believes_the_first_resolver_that_is_sure(gateway):
    async with (
        ScriptedDns(says(rcode="NXDOMAIN", authority=[SOA])) as first,
        ScriptedDns(says('example.com. 60 TXT "here"')) as second,
    ):
        answer = await gateway.look_up(TXT, settings_for(first, second))

    assert answer.state is AnswerState.NO_NAME
    assert not second.asked


async def test_a_look_up_that_fails_everywhere_says_how(gateway):
    async with ScriptedDns(says(rcode="SERVFAIL")) as first, ScriptedDns(says(rcode="REFUSED")) as second:
        answer = await gateway.look_up(TXT, settings_for(first, second))

    assert answer.state is AnswerState.SERVFAIL


async def test_a_look_up_is_remembered_for_its_ttl_and_shared(gateway):
    async with ScriptedDns(says('example.com. 60 TXT "here"')) as resolver:
        settings = settings_for(resolver)
        await asyncio.gather(*(gateway.look_up(TXT, settings) for _ in range(10)))
        await gateway.look_up(Question("EXAMPLE.com.", "TXT"), settings)

    assert len(resolver.asked) == 1


@pytest.mark.parametrize("script", [says('example.com. 0 TXT "here"'), says(rcode="SERVFAIL"), says(rcode="NXDOMAIN")])
async def test_a_look_up_that_may_not_be_remembered_is_asked_again(gateway, script):
    async with ScriptedDns(script) as resolver:
        for _ in range(2):
            await gateway.look_up(TXT, settings_for(resolver))

    assert len(resolver.asked) == 2


async def test_forgetting_a_name_forgets_what_is_below_and_nothing_else(gateway):
    names = ["example.com", "_dmarc.example.com", "example.org", "notexample.com"]
    async with ScriptedDns(lambda asked: asked.reply(f'{asked.question.name}. 60 TXT "here"')) as resolver:
        settings = settings_for(resolver)
        for name in names:
            await gateway.look_up(Question(name, "TXT"), settings)
        resolver.asked.clear()
        gateway.forget("Example.com")
        for name in names:
            await gateway.look_up(Question(name, "TXT"), settings)

    assert [asked.question.name for asked in resolver.asked] == ["example.com", "_dmarc.example.com"]
