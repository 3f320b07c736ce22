"""Paths of MAIL and RCPT: what RFC 5321 calls one is taken as it is written, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.smtp_path import (
    PathRefused,
    SenderArgument,
    parse_recipient,
    parse_sender,
)

LONG_LOCAL = "v" * 100
WRITTEN_AS_THEY_ARE = [
    "a@example.org",
    "A.B+tag@Example.ORG",
    "!#$%&'*+-/=?^_`{|}~@example.org",
    "user%evil.example@example.com",
    "evil.example!user@example.com",
    '"quoted string"@example.org',
    '"with\\"quote"@example.org',
    '"@"@example.org',
    '"user@evil.example"@example.com',
    "user@[192.0.2.1]",
    "user@[IPv6:2001:db8::1]",
    "user@localhost",
    "user@under_score.example.org",
    "user@xn--mnchen-3ya.de",
    f"{LONG_LOCAL}@example.org",
]
NO_PATHS = [
    "",
    "a@example.org",
    "<a@example.org",
    "a@example.org>",
    "<a@example.org>x",
    "<<a@example.org>>",
    "<a@b@example.org>",
    "<@example.org>",
    "<a@>",
    "<a b@example.org>",
    "<a..b@example.org>",
    "<.a@example.org>",
    "<a.@example.org>",
    '<""@example.org>',
    '<"a"b@example.org>',
    '<"a@example.org>',
    "<a@example.org.>",
    "<a@-example.org>",
    "<a@example-.org>",
    "<a@exa..mple.org>",
    "<a@[192.0.2.300]>",
    "<a@[192.0.2]>",
    "<a@[IPv6:192.0.2.1]>",
    "<a@[x-tag:stuff@evil.example]>",
    "<a@[]>",
    "<a,b@example.org>",
    "<a@example.org,b@example.org>",
    "<a@example.org (comment)>",
    "<@evil.example:>",
    "<evil.example:a@example.com>",
    "<@evil.example a@example.com>",
    f"<a@{'x' * 64}.org>",
    f"<a@{'x.' * 130}org>",
    f"<{'a' * 250}@example.org>",
    "<a\t@example.org>",
    "<a\x7f@example.org>",
]


@pytest.mark.parametrize("address", WRITTEN_AS_THEY_ARE)
def test_an_address_is_taken_as_it_is_written(address):
    sender, recipient = parse_sender(f"<{address}>".encode()), parse_recipient(f"<{address}>".encode())

    assert (sender, recipient) == (SenderArgument(address), address)


@pytest.mark.parametrize("path", NO_PATHS)
def test_what_is_no_path_is_refused(path):
    with pytest.raises(PathRefused) as sender:
        parse_sender(path.encode())
    with pytest.raises(PathRefused) as recipient:
        parse_recipient(path.encode())

    assert (sender.value.reply.code, sender.value.reply.enhanced) == (501, "5.1.7")
    assert (recipient.value.reply.code, recipient.value.reply.enhanced) == (501, "5.1.3")


@pytest.mark.parametrize("route", ["@relay.example:", "@one.example,@two.example:", "@evil_relay.example:"])
def test_a_source_route_is_dropped(route):
    assert parse_recipient(f"<{route}b@example.com>".encode()) == "b@example.com"
    assert parse_sender(f"<{route}a@example.org> SIZE=7".encode()) == SenderArgument("a@example.org", 7)


def test_the_null_sender_is_a_sender_and_no_recipient():
    assert parse_sender(b"<>") == SenderArgument("")
    with pytest.raises(PathRefused):
        parse_recipient(b"<>")


@pytest.mark.parametrize("written", ["postmaster", "Postmaster", "POSTMASTER"])
def test_postmaster_needs_no_domain_as_a_recipient(written):
    assert parse_recipient(f"<{written}>".encode()) == written
    with pytest.raises(PathRefused):
        parse_sender(f"<{written}>".encode())


def test_blanks_around_a_path_are_borne():
    assert parse_sender(b"  <a@example.org>  SIZE=5  ") == SenderArgument("a@example.org", 5)


def test_parameters_are_read_in_any_case_and_order():
    found = parse_sender(b"<a@example.org> smtputf8 body=8bitmime Size=1234")

    assert found == SenderArgument("a@example.org", 1234, is_8bit=True, is_utf8=True)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ("FOO", 555),
        ("AUTH=<>", 555),
        ("RET=FULL ENVID=x", 555),
        ("SIZE", 501),
        ("SIZE=", 501),
        ("SIZE=x", 501),
        ("SIZE=-1", 501),
        ("SIZE=123456789012345678901", 501),
        ("SIZE=1 SIZE=1", 501),
        ("BODY=BINARYMIME", 501),
        ("BODY", 501),
        ("SMTPUTF8=yes", 501),
        ("=x", 501),
        ("S\u0131ZE=1", 501),
    ],
)
def test_parameters_that_are_not_known_or_wrong_are_refused(parameters, code):
    with pytest.raises(PathRefused) as refused:
        parse_sender(f"<a@example.org> {parameters}".encode())

    assert (refused.value.reply.code, refused.value.reply.enhanced) == (code, "5.5.4")


def test_a_size_of_nought_tells_nothing():
    assert parse_sender(b"<a@example.org> SIZE=0").size is None


def test_there_are_no_parameters_without_ehlo_and_none_for_recipients():
    with pytest.raises(PathRefused) as sender:
        parse_sender(b"<a@example.org> SIZE=5", is_extended=False)
    with pytest.raises(PathRefused) as recipient:
        parse_recipient(b"<b@example.com> NOTIFY=NEVER")

    assert sender.value.reply.code == recipient.value.reply.code == 555


@pytest.mark.parametrize("address", ["münchen@example.org", "a@münchen.de", "用户@例え.jp", '"ü ber"@example.org'])
def test_unicode_needs_smtputf8(address):
    path = f"<{address}>".encode()

    assert parse_sender(path + b" SMTPUTF8") == SenderArgument(address, is_utf8=True)
    assert parse_recipient(path, is_utf8=True) == address
    for refusal in (lambda: parse_sender(path), lambda: parse_recipient(path)):
        with pytest.raises(PathRefused) as refused:
            refusal()
        assert (refused.value.reply.code, refused.value.reply.enhanced) == (553, "5.6.7")


@pytest.mark.parametrize(
    "path",
    [
        b"<\xff@example.org>",
        b"<\xc0\xaf@example.org>",
        b"<\xed\xa0\x80@example.org>",
        "<a\u2028@example.org>".encode(),
        "<a\u0085b@example.org>".encode(),
        "<a\u00a0b@example.org>".encode(),
        "<a@ex\u2028ample.org>".encode(),
        "<a@\u2260.org>".encode(),
    ],
)
def test_what_is_no_utf8_or_no_readable_character_is_refused(path):
    with pytest.raises(PathRefused):
        parse_recipient(path, is_utf8=True)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_path_or_refused(argument):
    for parse in (parse_sender, parse_recipient):
        try:
            found = parse(argument)
        except PathRefused:
            continue
        address = found if isinstance(found, str) else found.address
        assert not set(address) & set("\r\n\0")


@given(st.text(alphabet='ab@.<>"\\%!:,[] -é', max_size=30), st.booleans())
def test_what_is_taken_has_one_domain_behind_its_last_at(written, is_utf8):
    try:
        address = parse_recipient(f"<{written}>".encode(), is_utf8=is_utf8)
    except PathRefused:
        return

    local, _, domain = address.rpartition("@")
    assert f"<{written}>".endswith(f"{address}>")
    assert local.startswith('"') or "@" not in local
    assert domain.startswith("[") or not set(domain) & set('@<>"\\%!:,[] ')
