"""The reader of DNS messages, held against dnspython's."""

from __future__ import annotations

import contextlib
import ipaddress

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.gateways.dns_wire import TYPES, Query, WireError, show_text, write_name
from smtpy_desktop.schemas.dns import Question

LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=5).map(".".join)
STRINGS = st.lists(st.binary(max_size=80), min_size=1, max_size=4)
VALUES = {
    "A": st.ip_addresses(v=4).map(str),
    "AAAA": st.ip_addresses(v=6).map(str),
    "NS": NAMES.map("{}.".format),
    "CNAME": NAMES.map("{}.".format),
    "PTR": NAMES.map("{}.".format),
    "MX": st.tuples(st.integers(0, 65535), NAMES).map(lambda mx: f"{mx[0]} {mx[1]}."),
    "TXT": STRINGS.map(lambda strings: " ".join('"' + "".join(f"\\{byte:03d}" for byte in s) + '"' for s in strings)),
    "CAA": st.just('0 issue "ca.example.net"'),
}
RECORDS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda type_: st.tuples(NAMES, st.integers(0, 2**31 - 1), st.just(type_), VALUES[type_])
)


def _response(query: Query, records: list[tuple[str, int, str, str]], message_id: int = 7) -> dns.message.Message:
    response = dns.message.make_response(dns.message.from_wire(query.message(message_id)))
    for name, ttl, type_, value in records:
        response.answer.append(dns.rrset.from_text(f"{name}.", ttl, "IN", type_, value))
    return response


def _shown(type_: str, rdata: dns.rdata.Rdata) -> str:
    if type_ == "AAAA":
        return str(ipaddress.ip_address(rdata.to_text()))  # IPv4 in IPv6 is written in two ways
    return show_text(b"".join(rdata.strings)) if type_ == "TXT" else rdata.to_text().lower()


@given(NAMES, st.sampled_from(sorted(TYPES)), st.booleans(), st.integers(0, 65535), st.booleans())
def test_a_question_is_written_as_dnspython_reads_it(name, type_, recursive, message_id, edns):
    wire = Query(Question(name, type_), recursive=recursive).message(message_id, edns=edns)

    message = dns.message.from_wire(wire)

    assert message.id == message_id
    assert bool(message.flags & dns.flags.RD) == recursive
    assert message.question[0].name.to_text() == f"{name}."
    assert dns.rdatatype.to_text(message.question[0].rdtype) == type_
    assert (message.edns, message.payload) == ((0, 1232) if edns else (-1, 0))


@given(NAMES, st.lists(RECORDS, max_size=8))
def test_records_are_read_as_dnspython_reads_them(name, records):
    query = Query(Question(name, "TXT"), recursive=True)
    wire = _response(query, records).to_wire()

    response = query.read(wire)

    expected = [
        (rrset.name.to_text(omit_final_dot=True).lower(), type_, rrset.ttl, _shown(type_, rdata))
        for rrset in dns.message.from_wire(wire, one_rr_per_rrset=True).answer
        for rdata in rrset
        if (type_ := dns.rdatatype.to_text(rrset.rdtype)) in TYPES
    ]
    numbers = {number: type_ for type_, number in TYPES.items()}
    assert [(r.name, numbers[r.type], r.ttl, r.value) for r in response.answers] == expected


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused_but_never_break_the_reader(tail):
    query = Query(Question("example.com", "TXT"), recursive=False)
    data = b"\x00\x07\x84\x00\x00\x01\x00\x02\x00\x01\x00\x01" + query.wire_question + tail

    with contextlib.suppress(WireError):
        query.read(data)

    assert query.is_answered_by(7, data)


@given(st.data(), st.lists(RECORDS, min_size=1, max_size=5))
def test_a_message_that_was_damaged_on_the_way_never_breaks_the_reader(data, records):
    query = Query(Question("example.com", "TXT"), recursive=False)
    wire = bytearray(_response(query, records).to_wire())
    place = data.draw(st.integers(12 + len(query.wire_question), len(wire) - 1))
    wire[place] = data.draw(st.integers(0, 255))

    with contextlib.suppress(WireError):
        query.read(bytes(wire[: data.draw(st.integers(place, len(wire)))]))


def test_a_name_that_points_to_itself_is_refused():
    query = Query(Question("example.com", "TXT"), recursive=False)
    here = 12 + len(query.wire_question)
    data = b"\x00\x07\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" + query.wire_question + bytes((0xC0, here))

    with pytest.raises(WireError):
        query.read(data + b"\x00\x10\x00\x01\x00\x00\x00\x00\x00\x00")


@pytest.mark.parametrize(
    ("change", "is_answer"),
    [
        (lambda wire: wire, True),
        (lambda wire: b"\x00\x08" + wire[2:], False),
        (lambda wire: wire[:2] + b"\x00" + wire[3:], False),
        (lambda wire: wire.replace(b"example", b"exbmple"), False),
        (lambda wire: wire.replace(b"example", b"ExAmPlE"), True),
        (lambda wire: wire.replace(b"\x00\x10\x00\x01", b"\x00\x0f\x00\x01"), False),
        (lambda wire: wire[:11], False),
        (lambda wire: b"", False),
    ],
)
def test_only_a_response_with_our_id_to_our_question_is_an_answer(change, is_answer):
    query = Query(Question("example.com", "TXT"), recursive=False)
    wire = change(_response(query, []).to_wire())

    assert query.is_answered_by(7, wire) is is_answer


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"v=spf1 -all", "v=spf1 -all"),
        (b'back\\slash "quoted"', 'back\\slash "quoted"'),
        ("“v=spf1”".encode(), "“v=spf1”"),
        (b"caf\xe9", "caf\\233"),
        (b"two\nlines", "two\\010lines"),
        ("zero\u200bwidth é".encode(), "zero\\226\\128\\139width \\195\\169"),
        (b"", ""),
    ],
)
def test_text_that_cannot_be_seen_is_shown_as_escaped_bytes(data, shown):
    assert show_text(data) == shown


@pytest.mark.parametrize("name", ["a..b", "ä.example", "x" * 64 + ".com", ".".join(["abcdefgh"] * 29), "a\\b.com"])
def test_a_name_that_no_message_can_carry_is_refused(name):
    with pytest.raises(WireError):
        write_name(name)
