"""Asking the DNS of servers that are silent, broken or lying, over UDP and TCP."""

from __future__ import annotations

from collections.abc import Callable

import dns.flags
import dns.message
import pytest

from smtpy_desktop.gateways.dns_gateway import DnsAsker, DnsGateway
from smtpy_desktop.schemas.dns import AnswerState, Question
from smtpy_desktop.schemas.mail_identity import DnsSettings, Resolver
from tests.helpers.scripted_dns import (
    BRIEF,
    PATIENT,
    TXT,
    Asked,
    FromElsewhere,
    Packet,
    ScriptedDns,
    ask_one,
    says,
    settings_for,
    silence,
    zone_of,
)


@pytest.fixture
def gateway() -> DnsAsker:
    return DnsGateway()


async def test_a_silent_server_is_asked_twice_and_then_counts_as_timed_out(gateway):
    async with ScriptedDns(silence) as server:
        settings = settings_for(authoritative_port=server.port, patience=BRIEF)
        (answer,) = await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.1"), settings)

    assert answer.state is AnswerState.TIMEOUT
    assert len(server.asked) == 2
    assert answer.milliseconds >= BRIEF * 1000 - 1


async def test_a_datagram_lost_on_the_way_is_sent_again(gateway):
    seen = []

    def lose_the_first(asked: Asked) -> Packet | None:
        seen.append(asked)
        return asked.reply('example.com. 60 TXT "second"') if len(seen) == 2 else None

    answer = await ask_one(gateway, lose_the_first, patience=0.9)

    assert answer.values == ("second",)


def _with_id(message: dns.message.Message, change: int) -> bytes:
    message.id ^= change
    return message.to_wire()


LIES: dict[str, Callable[[Asked], Packet]] = {
    "wrong id": lambda asked: _with_id(asked.reply('example.com. 60 TXT "lie"'), 1),
    "wrong source": lambda asked: FromElsewhere(asked.reply('example.com. 60 TXT "lie"').to_wire()),
    "wrong question": lambda asked: asked.reply('example.com. 60 TXT "lie"').to_wire().replace(b"example", b"exbmple"),
    "wrong type": lambda asked: asked.reply().to_wire().replace(b"\x00\x10\x00\x01", b"\x00\x0f\x00\x01"),
    "no response at all": lambda asked: asked.wire,
    "another opcode": lambda asked: b"".join((asked.wire[:2], b"\xa4\x00", asked.wire[4:])),
    "cut off": lambda asked: asked.reply('example.com. 60 TXT "lie"').to_wire()[:-20],
    "nothing": lambda asked: b"",
    "noise": lambda asked: bytes(range(200)),
}


@pytest.mark.parametrize("lie", LIES)
async def test_the_true_answer_is_waited_for_behind_a_lie(gateway, lie):
    answer = await ask_one(gateway, lambda asked: [LIES[lie](asked), asked.reply('example.com. 60 TXT "true"')])

    assert answer.values == ("true",)


@pytest.mark.parametrize("lie", LIES)
async def test_nothing_but_lies_is_as_good_as_no_answer(gateway, lie):
    answer = await ask_one(gateway, LIES[lie], patience=BRIEF)

    assert answer.state is (AnswerState.MALFORMED if lie == "cut off" else AnswerState.TIMEOUT)
    assert answer.values == ()


async def test_every_question_has_a_port_and_an_id_of_its_own(gateway):
    async with ScriptedDns(says('example.com. 60 TXT "here"')) as server:
        settings = settings_for(authoritative_port=server.port)
        for _ in range(20):
            await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.1"), settings)

    assert len(server.ports_seen) > 15
    assert len({asked.message.id for asked in server.asked}) > 15


@pytest.mark.parametrize(
    ("rcode", "state"),
    [
        ("SERVFAIL", AnswerState.SERVFAIL),
        ("REFUSED", AnswerState.REFUSED),
        ("NOTIMP", AnswerState.REFUSED),
        ("NOTAUTH", AnswerState.REFUSED),
        ("FORMERR", AnswerState.MALFORMED),
        ("YXDOMAIN", AnswerState.SERVFAIL),
    ],
)
async def test_an_error_is_told_as_what_it_is(gateway, rcode, state):
    answer = await ask_one(gateway, says(rcode=rcode))

    assert answer.state is state


@pytest.mark.parametrize("rcode", ["FORMERR", "NOTIMP", "BADVERS"])
async def test_a_server_that_does_not_know_edns_is_asked_without(gateway, rcode):
    def old_server(asked: Asked) -> Packet:
        if asked.message.edns >= 0:
            return asked.reply(rcode=rcode)
        return asked.reply('example.com. 60 TXT "plain"')

    answer = await ask_one(gateway, old_server)

    assert answer.values == ("plain",)


async def test_an_error_without_the_question_is_understood(gateway):
    answer = await ask_one(gateway, lambda asked: asked.wire[:2] + b"\x80\x05" + bytes(8))

    assert answer.state is AnswerState.REFUSED


async def test_a_port_where_nobody_listens_is_unreachable_at_once(gateway):
    async with ScriptedDns(silence) as gone:
        pass

    (answer,) = await gateway.ask_everywhere(TXT, zone_of(ns1="127.0.0.1"), settings_for(authoritative_port=gone.port))

    assert answer.state is AnswerState.UNREACHABLE
    assert answer.milliseconds < PATIENT * 1000 / 3


async def test_an_address_that_is_none_is_unreachable_and_never_looked_up(gateway):
    answers = await gateway.ask_everywhere(TXT, zone_of(ns1="not-an-address"), settings_for())

    assert [a.state for a in answers] == [AnswerState.UNREACHABLE]


async def test_a_name_longer_than_any_can_be_does_not_exist(gateway):
    question = Question(".".join(["x" * 60] * 5), "TXT")
    settings = DnsSettings((Resolver("127.0.0.1", 9),))

    answers = await gateway.ask_everywhere(question, zone_of(ns1="127.0.0.1"), settings)
    quick = await gateway.look_up(question, settings)

    assert {a.state for a in (*answers, quick)} == {AnswerState.NO_NAME}


async def test_a_truncated_answer_is_fetched_by_tcp(gateway):
    text = "x" * 200
    records = [f'example.com. 60 TXT "{number} {text}"' for number in range(300)]

    answer = await ask_one(gateway, lambda asked: asked.reply(*records) if asked.is_tcp else asked.truncated())

    assert set(answer.values) == {f"{number} {text}" for number in range(300)}


async def test_records_in_a_truncated_answer_are_not_believed(gateway):
    def truncate(asked: Asked) -> Packet:
        if asked.is_tcp:
            return asked.reply('example.com. 60 TXT "whole"')
        reply = asked.reply('example.com. 60 TXT "half"')
        reply.flags |= dns.flags.TC
        return reply

    answer = await ask_one(gateway, truncate)

    assert answer.values == ("whole",)


@pytest.mark.parametrize(
    ("over_tcp", "state"),
    [
        (silence, AnswerState.TIMEOUT),
        (lambda asked: b"\x00\x00", AnswerState.MALFORMED),
        (lambda asked: _with_id(asked.reply(), 1), AnswerState.MALFORMED),
        (lambda asked: asked.truncated(), AnswerState.TRUNCATED),
        (lambda asked: asked.reply(rcode="SERVFAIL"), AnswerState.SERVFAIL),
    ],
)
async def test_what_goes_wrong_over_tcp_is_told_as_what_it_is(gateway, over_tcp, state):
    answer = await ask_one(
        gateway, lambda asked: over_tcp(asked) if asked.is_tcp else asked.truncated(), patience=BRIEF
    )

    assert answer.state is state


async def test_a_truncated_answer_where_tcp_is_closed_counts_as_unreachable(gateway):
    answer = await ask_one(gateway, Asked.truncated, tcp=False)

    assert answer.state is AnswerState.UNREACHABLE
