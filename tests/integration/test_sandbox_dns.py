"""The sandbox's DNS, asked by dnspython and by our own gateway."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import pytest

from smtpy_desktop.gateways.dns_gateway import DnsGateway
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.schemas.dns import Answer, AnswerState, Question, RecordKind, WantedRecord

DOMAIN = "example.com"
SPF = "v=spf1 include:spf.example.net -all"
WANTED = (
    WantedRecord(RecordKind.MX, DOMAIN, "MX", "mx1.example.net.", priority=10),
    WantedRecord(RecordKind.SPF, DOMAIN, "TXT", SPF),
    WantedRecord(RecordKind.DKIM, f"s1._domainkey.{DOMAIN}", "TXT", "v=DKIM1; p=" + "A" * 400),
)


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxDns]:
    async with SandboxDns() as running:
        running.zones.publish(WANTED)
        yield running


async def ask(sandbox: SandboxDns, name: str, type_: str, *, resolver: int | None = None) -> dns.message.Message:
    """Ask the authoritative server, or the resolver with this index."""
    query = dns.message.make_query(name, type_, use_edns=0, payload=1232)
    port = sandbox.authoritative_port
    if resolver is None:
        query.flags &= ~dns.flags.RD
    else:
        port = sandbox.resolvers[resolver].port
    return await dns.asyncquery.udp(query, "127.0.0.1", timeout=5, port=port)


def texts(response: dns.message.Message) -> list[str]:
    return [
        b"".join(rdata.strings).decode() for rrset in response.answer for rdata in rrset if hasattr(rdata, "strings")
    ]


async def verify(sandbox: SandboxDns, name: str = DOMAIN, type_: str = "TXT", patience: float = 5) -> list[Answer]:
    """Ask everybody as a verification does."""
    gateway, settings = DnsGateway(), sandbox.settings(patience)
    zone = await gateway.find_zone(name, settings)
    return list(await gateway.ask_everywhere(Question(name, type_), zone, settings))


async def test_the_authority_answers_with_authority_and_the_resolver_without(sandbox):
    own = await ask(sandbox, DOMAIN, "TXT")
    resolved = await ask(sandbox, DOMAIN, "TXT", resolver=0)

    assert texts(own) == texts(resolved) == [SPF]
    assert (bool(own.flags & dns.flags.AA), bool(own.flags & dns.flags.RA)) == (True, False)
    assert (bool(resolved.flags & dns.flags.AA), bool(resolved.flags & dns.flags.RA)) == (False, True)


async def test_a_resolver_port_gives_the_authoritative_answer_when_no_recursion_is_wanted(sandbox):
    query = dns.message.make_query(DOMAIN, "TXT")
    query.flags &= ~dns.flags.RD

    response = await dns.asyncquery.udp(query, "127.0.0.1", timeout=5, port=sandbox.resolvers[0].port)

    assert response.flags & dns.flags.AA


@pytest.mark.parametrize("resolver", [None, 0])
@pytest.mark.parametrize(
    ("name", "type_", "rcode"),
    [
        (f"none.{DOMAIN}", "TXT", dns.rcode.NXDOMAIN),
        (DOMAIN, "AAAA", dns.rcode.NOERROR),
        (f"_domainkey.{DOMAIN}", "TXT", dns.rcode.NOERROR),
    ],
)
async def test_no_such_name_and_no_such_record_are_told_apart(sandbox, resolver, name, type_, rcode):
    response = await ask(sandbox, name, type_, resolver=resolver)

    assert response.rcode() == rcode
    assert not response.answer
    assert response.authority[0].name.to_text() == f"{DOMAIN}."
    assert response.authority[0].rdtype == dns.rdatatype.SOA


async def test_a_foreign_name_is_refused_by_the_authority_and_unknown_to_resolvers(sandbox):
    own = await ask(sandbox, "elsewhere.test", "A")
    resolved = await ask(sandbox, "elsewhere.invalid", "A", resolver=0)
    above = await ask(sandbox, "com", "NS", resolver=0)

    assert own.rcode() == dns.rcode.REFUSED
    assert resolved.rcode() == dns.rcode.NXDOMAIN
    assert above.rcode() == dns.rcode.NOERROR


async def test_aliases_are_followed_by_resolvers_across_zones_and_by_the_authority_within_one(sandbox):
    sandbox.zones.add_zone("keys.test")
    sandbox.zones.set_records("k1.keys.test", "TXT", ["key"])
    sandbox.zones.set_records(f"s2._domainkey.{DOMAIN}", "CNAME", ["s3.example.com."])
    sandbox.zones.set_records(f"s3.{DOMAIN}", "CNAME", ["k1.keys.test."])

    own = await ask(sandbox, f"s2._domainkey.{DOMAIN}", "TXT")
    resolved = await ask(sandbox, f"s2._domainkey.{DOMAIN}", "TXT", resolver=0)

    assert [len(own.answer), len(resolved.answer)] == [2, 3]
    assert texts(resolved) == ["key"]
    assert [a.values for a in await verify(sandbox, f"s2._domainkey.{DOMAIN}")] == [("key",)] * 4


async def test_a_loop_of_aliases_ends(sandbox):
    sandbox.zones.set_records(f"a.{DOMAIN}", "CNAME", [f"b.{DOMAIN}."])
    sandbox.zones.set_records(f"b.{DOMAIN}", "CNAME", [f"a.{DOMAIN}."])

    gateway, settings = DnsGateway(), sandbox.settings()
    zone = await gateway.find_zone(DOMAIN, settings)
    answers = await gateway.ask_everywhere(Question(f"a.{DOMAIN}", "TXT"), zone, settings)

    assert [a.state for a in answers] == [AnswerState.EMPTY] * 2 + [AnswerState.SERVFAIL] * 2


async def test_a_delegated_part_is_referred_to_its_servers(sandbox):
    sandbox.zones.set_records(f"_domainkey.{DOMAIN}", "NS", ["ns1.sandbox.test."])

    own = await ask(sandbox, f"s1._domainkey.{DOMAIN}", "TXT")

    assert not own.flags & dns.flags.AA
    assert not own.answer
    assert own.authority[0].name.to_text() == f"_domainkey.{DOMAIN}."
    assert own.additional[0].to_text() == "ns1.sandbox.test. 300 IN A 127.0.0.1"


async def test_a_zone_of_its_own_below_another_is_answered_from_there(sandbox):
    sandbox.zones.add_zone(f"_domainkey.{DOMAIN}")
    sandbox.zones.set_records(f"s9._domainkey.{DOMAIN}", "TXT", ["own zone"])

    assert [a.values for a in await verify(sandbox, f"s9._domainkey.{DOMAIN}")] == [("own zone",)] * 4


async def test_a_wildcard_answers_for_names_that_do_not_exist_and_no_others(sandbox):
    sandbox.zones.set_records(f"*.{DOMAIN}", "TXT", ["anything"])

    assert texts(await ask(sandbox, f"whatever.{DOMAIN}", "TXT")) == ["anything"]
    assert texts(await ask(sandbox, f"a.b.{DOMAIN}", "TXT", resolver=1)) == ["anything"]
    assert texts(await ask(sandbox, f"_domainkey.{DOMAIN}", "TXT")) == []
    assert texts(await ask(sandbox, DOMAIN, "TXT")) == [SPF]


async def test_an_edit_is_answered_at_once(sandbox):
    sandbox.zones.set_records(DOMAIN, "TXT", ["v=spf1 -all"])

    assert [a.values for a in await verify(sandbox)] == [("v=spf1 -all",)] * 4


async def test_resolvers_with_a_memory_fall_behind_until_it_is_flushed(sandbox):
    sandbox.set_cache_seconds(3600)
    await verify(sandbox)
    sandbox.zones.set_records(DOMAIN, "TXT", ["v=spf1 -all"])

    behind = await verify(sandbox)
    sandbox.flush()
    caught_up = await verify(sandbox)

    assert [a.values for a in behind] == [("v=spf1 -all",)] * 2 + [(SPF,)] * 2
    assert [a.values for a in caught_up] == [("v=spf1 -all",)] * 4


async def test_a_resolver_remembers_that_there_was_nothing(sandbox):
    sandbox.set_cache_seconds(3600)
    await ask(sandbox, f"_dmarc.{DOMAIN}", "TXT", resolver=0)
    sandbox.zones.set_records(f"_dmarc.{DOMAIN}", "TXT", ["v=DMARC1; p=none"])

    assert (await ask(sandbox, f"_dmarc.{DOMAIN}", "TXT", resolver=0)).rcode() == dns.rcode.NXDOMAIN
    assert texts(await ask(sandbox, f"_dmarc.{DOMAIN}", "TXT", resolver=1)) == ["v=DMARC1; p=none"]


@pytest.mark.parametrize(
    ("fault", "authority", "resolvers"),
    [
        (ZoneFault(rcode="SERVFAIL"), AnswerState.SERVFAIL, AnswerState.SERVFAIL),
        (ZoneFault(rcode="REFUSED"), AnswerState.REFUSED, AnswerState.SERVFAIL),
        (ZoneFault(is_silent=True), AnswerState.TIMEOUT, AnswerState.SERVFAIL),
    ],
)
async def test_a_zone_that_fails_is_seen_to_fail(sandbox, fault, authority, resolvers):
    gateway, settings = DnsGateway(), sandbox.settings(0.3)
    zone = await gateway.find_zone(DOMAIN, settings)
    sandbox.zones.set_fault(DOMAIN, fault)

    answers = await gateway.ask_everywhere(Question(DOMAIN, "TXT"), zone, settings)

    assert [a.state for a in answers] == [authority] * 2 + [resolvers] * 2


async def test_a_delay_delays_over_udp_and_tcp(sandbox):
    sandbox.zones.set_fault(DOMAIN, ZoneFault(delay_milliseconds=60))
    by_udp = await verify(sandbox)
    sandbox.zones.set_fault(DOMAIN, ZoneFault(delay_milliseconds=60, truncates=True))
    by_tcp = await verify(sandbox)

    assert all(a.state is AnswerState.FOUND and a.milliseconds >= 60 for a in by_udp)
    assert all(a.state is AnswerState.FOUND and a.milliseconds >= 120 for a in by_tcp)


async def test_an_answer_too_big_for_a_datagram_comes_by_tcp(sandbox):
    values = [f"{number} {'x' * 240}" for number in range(60)]
    sandbox.zones.set_records(DOMAIN, "TXT", values)

    assert [set(a.values) for a in await verify(sandbox)] == [set(values)] * 4


@pytest.mark.parametrize(("lie", "seen"), [("v=spf1 +all", ("v=spf1 +all",)), ("", ())])
async def test_one_resolver_can_be_made_to_lie(sandbox, lie, seen):
    sandbox.zones.set_fault(DOMAIN, ZoneFault(lying_resolver=1, lie=lie))

    assert [a.values for a in await verify(sandbox)] == [(SPF,), (SPF,), (SPF,), seen]


@pytest.mark.parametrize(
    ("lie", "seen"), [("v=spf1 +all", ("10 mx1.example.net.",)), ("mx.evil.example.", ("10 mx.evil.example.",))]
)
async def test_a_lie_about_mail_servers_has_to_be_a_host_name(sandbox, lie, seen):
    sandbox.zones.set_records(DOMAIN, "MX", ["10 mx1.example.net."])
    sandbox.zones.set_fault(DOMAIN, ZoneFault(lying_resolver=1, lie=lie))

    assert [a.values for a in await verify(sandbox, type_="MX")][-1] == seen


async def test_a_fault_can_answer_for_every_name(sandbox):
    sandbox.zones.set_fault(DOMAIN, ZoneFault(wildcard="parked"))

    assert [a.values for a in await verify(sandbox, f"nothing.{DOMAIN}")] == [("parked",)] * 4
    assert [a.values for a in await verify(sandbox)] == [(SPF,)] * 4


async def test_nonsense_is_ignored_and_another_opcode_refused(sandbox):
    update = dns.message.make_query(DOMAIN, "TXT")
    update.set_opcode(dns.opcode.NOTIFY)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"nonsense", ("127.0.0.1", sandbox.authoritative_port))

    answer = await dns.asyncquery.udp(update, "127.0.0.1", timeout=5, port=sandbox.authoritative_port)

    assert answer.rcode() == dns.rcode.NOTIMP
    assert texts(await ask(sandbox, DOMAIN, "TXT")) == [SPF]


async def test_it_listens_on_loopback_alone_and_nowhere_after_its_end():
    async with SandboxDns(resolver_count=1) as sandbox:
        ports = [sandbox.authoritative_port, sandbox.resolvers[0].port]
        sockets = [
            sock
            for listener in sandbox._listeners
            for sock in (*listener._server.sockets, listener._datagrams.get_extra_info("socket"))
        ]
        addresses = {sock.getsockname()[0] for sock in sockets}

    assert len(sockets) == 4
    assert addresses == {"127.0.0.1"}
    assert len(asyncio.all_tasks()) == 1
    for port in ports:
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken_is_refused_and_nothing_stays_open():
    async with SandboxDns() as first:
        second = SandboxDns(resolver_ports=[first.authoritative_port])

        with pytest.raises(OSError):
            await second.start()

        assert all(listener._server is None for listener in second._listeners)


async def test_it_stops_while_somebody_is_still_connected():
    async with SandboxDns() as sandbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.authoritative_port)
        writer.write(b"\x00")
        await writer.drain()

    with contextlib.suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
