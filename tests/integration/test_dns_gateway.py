"""Asking the DNS with real packets: every server side by side, values, and aliases."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from smtpy_desktop.gateways.dns_gateway import DnsAsker, DnsGateway
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question
from smtpy_desktop.schemas.dns_zone import NameServer, ZoneServers
from tests.helpers.scripted_dns import (
    SOA,
    TXT,
    UNLISTED,
    Asked,
    Packet,
    ScriptedDns,
    ask_one,
    says,
    settings_for,
    zone_of,
)


@pytest.fixture
def gateway() -> DnsAsker:
    return DnsGateway()


async def test_every_name_server_and_every_resolver_is_asked(gateway):
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(ScriptedDns(says('example.com. 300 TXT "new"'), "127.0.0.2"))
        second = await stack.enter_async_context(
            ScriptedDns(says('example.com. 200 TXT "newer"'), "127.0.0.3", first.port)
        )
        resolver = await stack.enter_async_context(
            ScriptedDns(says('example.com. 17 TXT "old"', aa=False, ra=True), "127.0.0.4")
        )
        settings = settings_for(resolver, authoritative_port=first.port)

        answers = await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.2", ns2="127.0.0.3"), settings)

    assert [(a.server, a.authoritative, a.values, a.ttl) for a in answers] == [
        ("ns1.example.net", True, ("new",), 300),
        ("ns2.example.net", True, ("newer",), 200),
        (f"127.0.0.4:{resolver.port}", False, ("old",), 17),
    ]
    assert {a.state for a in answers} == {AnswerState.FOUND}
    assert [server.asked[0].is_recursive for server in (first, second, resolver)] == [False, False, True]


async def test_three_resolvers_that_disagree_are_reported_as_they_are(gateway):
    scripts = [
        says('example.com. 60 TXT "right"'),
        says(authority=[SOA], rcode="NXDOMAIN"),
        says(rcode="SERVFAIL"),
    ]
    async with AsyncExitStack() as stack:
        resolvers = [await stack.enter_async_context(ScriptedDns(script)) for script in scripts]
        answers = await gateway.ask_everywhere(TXT, UNLISTED, settings_for(*resolvers))

    assert [a.state for a in answers] == [AnswerState.FOUND, AnswerState.NO_NAME, AnswerState.SERVFAIL]


async def test_one_of_two_name_servers_down_does_not_hide_the_other(gateway):
    async with ScriptedDns(says('example.com. 300 TXT "here"'), "127.0.0.2") as server:
        settings = settings_for(authoritative_port=server.port)
        answers = await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.2", ns2="127.0.0.3"), settings)

    assert [a.state for a in answers] == [AnswerState.FOUND, AnswerState.UNREACHABLE]


@pytest.mark.parametrize("addresses", ["127.0.0.9 127.0.0.2", "::1 127.0.0.2", "127.0.0.2 ::1"])
async def test_an_address_out_of_reach_does_not_make_the_name_server_fail(gateway, addresses):
    async with ScriptedDns(says('example.com. 300 TXT "here"'), "127.0.0.2") as server:
        settings = settings_for(authoritative_port=server.port)
        answers = await gateway.ask_everywhere(TXT, zone_of(ns1=addresses), settings)

    assert [a.values for a in answers] == [("here",)]


async def test_a_name_server_without_an_address_counts_as_not_asked(gateway):
    zone = ZoneServers("example.com", (NameServer("ns1.example.net", (), AnswerState.TIMEOUT), NameServer("ns2.gone")))

    answers = await gateway.ask_everywhere(TXT, zone, settings_for())

    assert [(a.server, a.state) for a in answers] == [
        ("ns1.example.net", AnswerState.TIMEOUT),
        ("ns2.gone", AnswerState.UNREACHABLE),
    ]


async def test_a_zone_that_could_not_be_found_out_gives_one_answer_with_the_reason(gateway):
    zone = ZoneServers("example.com", failure=AnswerState.SERVFAIL)

    answers = await gateway.ask_everywhere(TXT, zone, settings_for())

    assert answers == (Answer("example.com", authoritative=True, state=AnswerState.SERVFAIL),)


@pytest.mark.parametrize(("zone", "authoritative"), [(UNLISTED, True), (zone_of(ns1="127.0.0.9"), False)])
async def test_a_private_server_asked_as_resolver_is_the_authority_where_no_other_is(gateway, zone, authoritative):
    async with ScriptedDns(says('example.com. 60 TXT "private"', aa=True)) as resolver:
        answers = await gateway.ask_everywhere(TXT, zone, settings_for(resolver, authoritative_port=9))

    assert answers[-1].authoritative is authoritative


async def test_a_resolver_without_the_aa_bit_is_no_authority(gateway):
    async with ScriptedDns(says('example.com. 60 TXT "public"', aa=False)) as resolver:
        answers = await gateway.ask_everywhere(TXT, UNLISTED, settings_for(resolver))

    assert [a.authoritative for a in answers] == [False]


async def test_a_name_server_at_the_address_of_a_resolver_is_asked_on_its_port(gateway):
    async with ScriptedDns(says('example.com. 60 TXT "here"'), "127.0.0.2") as server:
        answers = await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.2"), settings_for(server))

    assert [a.values for a in answers] == [("here",), ("here",)]


async def test_the_strings_of_a_txt_record_are_joined_without_blanks(gateway):
    key = "v=DKIM1; k=rsa; p=" + "A" * 392

    answer = await ask_one(gateway, says(f'example.com. 60 TXT "{key[:255]}" "{key[255:]}"'))

    assert answer.values == (key,)


async def test_text_beyond_ascii_is_shown_as_it_is_or_escaped(gateway):
    answer = await ask_one(
        gateway, says(r'example.com. 60 TXT "\226\128\156v=spf1\226\128\157"', r'example.com. 60 TXT "caf\233"')
    )

    assert set(answer.values) == {"“v=spf1”", r"caf\233"}


@pytest.mark.parametrize(
    ("type_", "value", "shown"),
    [
        ("MX", "10 MX1.Example.NET.", "10 mx1.example.net."),
        ("MX", "0 .", "0 ."),
        ("A", "192.0.2.1", "192.0.2.1"),
        ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
        ("NS", "NS1.example.net.", "ns1.example.net."),
        ("PTR", "host.Example.com.", "host.example.com."),
        ("CNAME", "Other.example.com.", "other.example.com."),
    ],
)
async def test_values_are_normalised(gateway, type_, value, shown):
    answer = await ask_one(gateway, says(f"example.com. 60 {type_} {value}"), Question("Example.COM.", type_))

    assert answer.values == (shown,)


@pytest.mark.parametrize(("rcode", "state"), [("NOERROR", AnswerState.EMPTY), ("NXDOMAIN", AnswerState.NO_NAME)])
async def test_a_negative_answer_says_how_long_it_may_be_remembered(gateway, rcode, state):
    answer = await ask_one(gateway, says(authority=[SOA], rcode=rcode))

    assert (answer.state, answer.ttl) == (state, 300)


async def test_an_alias_within_the_zone_is_followed(gateway):
    answer = await ask_one(gateway, says("example.com. 600 CNAME a.example.com.", 'a.example.com. 60 TXT "end"'))

    assert (answer.values, answer.chain, answer.ttl) == (("end",), ("a.example.com",), 60)


async def test_an_alias_out_of_the_zone_is_followed_by_the_resolvers(gateway):
    def zone(asked: Asked) -> Packet:
        return asked.reply("example.com. 30 CNAME key.other.net.", 'key.other.net. 60 TXT "not its business"')

    async with ScriptedDns(zone) as server, ScriptedDns(says('key.other.net. 60 TXT "key"', aa=False)) as resolver:
        settings = settings_for(resolver, authoritative_port=server.port)
        authoritative, _ = await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.1"), settings)

    assert authoritative == Answer(
        "ns1.example.net", True, AnswerState.FOUND, ("key",), 30, ("key.other.net",), authoritative.milliseconds
    )


@pytest.mark.parametrize(
    ("rcode", "authority", "state"),
    [("NXDOMAIN", (), AnswerState.NO_NAME), ("NOERROR", (SOA,), AnswerState.EMPTY)],
)
async def test_an_alias_that_leads_nowhere_says_so(gateway, rcode, authority, state):
    answer = await ask_one(gateway, says("example.com. 600 CNAME a.example.com.", rcode=rcode, authority=authority))

    assert (answer.state, answer.chain) == (state, ("a.example.com",))


async def test_a_resolver_that_stops_at_the_alias_is_asked_for_its_end(gateway):
    def half(asked: Asked) -> Packet:
        if asked.question.name == "example.com":
            return asked.reply("example.com. 600 CNAME a.example.net.")
        return asked.reply('a.example.net. 60 TXT "end"')

    async with ScriptedDns(half) as resolver:
        (answer,) = await gateway.ask_everywhere(TXT, UNLISTED, settings_for(resolver))

    assert (answer.values, answer.chain) == (("end",), ("a.example.net",))


@pytest.mark.parametrize(
    "records",
    [
        ["example.com. 60 CNAME example.com."],
        ["example.com. 60 CNAME a.example.com.", "a.example.com. 60 CNAME example.com."],
    ],
)
async def test_a_loop_of_aliases_means_that_there_is_no_record(gateway, records):
    answer = await ask_one(gateway, says(*records))

    assert (answer.state, answer.values) == (AnswerState.EMPTY, ())
    assert answer.chain[-1] == "example.com"


async def test_a_loop_over_several_answers_of_a_resolver_ends(gateway):
    other = {"example.com": "a.example.net", "a.example.net": "example.com"}
    async with ScriptedDns(
        lambda asked: asked.reply(f"{asked.question.name}. 60 CNAME {other[asked.question.name]}.")
    ) as resolver:
        (answer,) = await gateway.ask_everywhere(TXT, UNLISTED, settings_for(resolver))

    assert answer.state is AnswerState.EMPTY
    assert len(resolver.asked) < 6


async def test_a_chain_that_never_ends_is_given_up(gateway):
    async with ScriptedDns(
        lambda asked: asked.reply(f"{asked.question.name}. 60 CNAME x.{asked.question.name}.")
    ) as resolver:
        (answer,) = await gateway.ask_everywhere(TXT, UNLISTED, settings_for(resolver))

    assert answer.state is AnswerState.SERVFAIL
    assert len(resolver.asked) == 9
