"""The settings that say who we are in the DNS, as people write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_identity import (
    DEFAULT_RESOLVERS,
    build_dmarc,
    format_mx,
    format_resolvers,
    format_sending_addresses,
    parse_dmarc,
    parse_hostname,
    parse_mx,
    parse_resolvers,
    parse_sending_addresses,
    parse_spf_mechanism,
    split_dmarc,
)
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.mail_identity import MailExchanger, Resolver

PARSERS: tuple[Callable[[str], object], ...] = (
    parse_mx,
    parse_spf_mechanism,
    parse_sending_addresses,
    parse_dmarc,
    parse_hostname,
    parse_resolvers,
    build_dmarc,
)
PIECES = st.sampled_from(
    ["10", " ", ", ", ";", ":", "/", "=", "mx1.example.net", "ip4:", "192.0.2.1", "include:", "v=DMARC1", "p=reject",
     "rua=", "mailto:", "a@b.example", "[", "]", "2001:db8::1", "%{l,}", "all", "+", "-", '"', "ü", "\0", "\ud800", "³"]
)  # fmt: skip


def refusal(parse: Callable[[str], object], raw: str) -> tuple[str, str, str | None]:
    with pytest.raises(FieldError) as caught:
        parse(raw)
    return caught.value.field, caught.value.code, caught.value.suggestion


def test_mail_servers_are_read_best_first_whatever_the_spelling() -> None:
    exchangers = parse_mx(" 20 MX2.example.net. ;\t10\tmx1.bücher.example\n")

    assert exchangers == (MailExchanger(10, "mx1.xn--bcher-kva.example"), MailExchanger(20, "mx2.example.net"))
    assert parse_mx(format_mx(exchangers)) == exchangers


@pytest.mark.parametrize(
    ("raw", "code", "suggestion"),
    [
        ("mx1.example.net", "NO_PRIORITY", "10 mx1.example.net"),
        ("10", "NO_HOST", None),
        ("10 mx1.example.net, mx2.example.net", "NO_PRIORITY", "10 mx1.example.net, 10 mx2.example.net"),
        ("mx1.example.net 10", "PRIORITY", "10 mx1.example.net"),
        ("70000 mx1.example.net", "PRIORITY", None),
        ("-1 mx1.example.net", "PRIORITY", None),
        ("10 192.0.2.1", "IP_ADDRESS", None),
        ("10 mx1", "NOT_FULL", None),
        ("10 .", "EMPTY", None),
        ("\x1f", "NO_PRIORITY", None),
        ("10 mx_1.example.net", "UNDERSCORE", None),
        ("10 mx1.example.net, 20 MX1.example.net", "TWICE", None),
    ],
)
def test_a_wrong_mail_server_is_named(raw: str, code: str, suggestion: str | None) -> None:
    assert refusal(parse_mx, raw) == ("mail.mx", f"MAIL_MX_{code}", suggestion)


@pytest.mark.parametrize(
    ("raw", "mechanisms"),
    [
        ("", ""),
        ("include:spf.example.net", "include:spf.example.net"),
        (" +Include:_SPF.Example.Net. ", "include:_spf.example.net"),
        ("ip4:192.0.2.1/32, ip4:192.0.2.1", "ip4:192.0.2.1"),
        ("ip4:192.0.2.0/24 ip6:2001:DB8:0::/32", "ip4:192.0.2.0/24 ip6:2001:db8::/32"),
        ("a:mail.example.net/28//64 mx:example.net mx", "a:mail.example.net/28//64 mx:example.net mx"),
        ("exists:%{L,}.%{i}._spf.example.net", "exists:%{L,}.%{i}._spf.example.net"),
        ("include:bücher.example", "include:xn--bcher-kva.example"),
    ],
)
def test_spf_mechanisms_are_written_plainly(raw: str, mechanisms: str) -> None:
    assert parse_spf_mechanism(raw) == mechanisms


@pytest.mark.parametrize(
    ("raw", "code", "suggestion"),
    [
        ("v=spf1 include:spf.example.net ~all", "WHOLE_RECORD", "include:spf.example.net"),
        ('"v=spf1 -all"', "WHOLE_RECORD", None),
        ("include:spf.example.net ~all", "ALL", None),
        ("+all", "ALL", None),
        ("redirect=spf.example.net", "MODIFIER", None),
        ("-ip4:192.0.2.1", "QUALIFIER", "ip4:192.0.2.1"),
        ("mx 192.0.2.1 a:mail.example.net", "NO_MECHANISM", "mx ip4:192.0.2.1 a:mail.example.net"),
        ("spf..example.net/24", "SYNTAX", None),
        ("-ptr", "QUALIFIER", None),
        ("include:spf..example.net", "NAME", None),
        ("spf..example.net", "NO_MECHANISM", None),
        ("a:192.0.2.1", "SYNTAX", "ip4:192.0.2.1"),
        ("192.0.2.1", "NO_MECHANISM", "ip4:192.0.2.1"),
        ("2001:db8::/32", "NO_MECHANISM", "ip6:2001:db8::/32"),
        ("spf.example.net", "NO_MECHANISM", "include:spf.example.net"),
        ("ip:192.0.2.1", "SYNTAX", "ip4:192.0.2.1"),
        ("ip4:2001:db8::1", "SYNTAX", "ip6:2001:db8::1"),
        ("ip4:192.0.2.300", "SYNTAX", None),
        ("ip4:192.0.2.0/33", "SYNTAX", None),
        ("include:", "SYNTAX", None),
        ("include:spf", "SYNTAX", None),
        ("ip4:0.0.0.0/0", "TOO_WIDE", None),
        ("ptr:example.net", "PTR", None),
        ("a", "NO_DOMAIN", None),
        (" ".join(f"include:s{number}.example.net" for number in range(10)), "TOO_MANY", None),
    ],
)
def test_what_is_no_mechanism_of_ours_gets_a_clear_answer(raw: str, code: str, suggestion: str | None) -> None:
    assert refusal(parse_spf_mechanism, raw) == ("mail.spf", f"MAIL_SPF_{code}", suggestion)


def test_sending_addresses_are_kept_once_in_their_short_form() -> None:
    addresses = parse_sending_addresses("192.0.2.25, ::ffff:192.0.2.25\n[2001:DB8:0::25]")

    assert addresses == ("192.0.2.25", "2001:db8::25")
    assert parse_sending_addresses(format_sending_addresses(addresses)) == addresses


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("192.0.2.0/24", "NETWORK"),
        ("mail.example.net", "SYNTAX"),
        ("192.0.2.256", "SYNTAX"),
        ("fe80::1%eth0", "SYNTAX"),
        ("0.0.0.0", "NOT_A_HOST"),
        ("ff02::1", "NOT_A_HOST"),
        ("127.0.0.1", "NOT_A_HOST"),
        ("::1", "NOT_A_HOST"),
        ("::ffff:127.0.0.1", "NOT_A_HOST"),
        ("169.254.7.1", "NOT_A_HOST"),
        ("fe80::1", "NOT_A_HOST"),
        ("10.1.2.3", "PRIVATE"),
        ("172.31.255.255", "PRIVATE"),
        ("192.168.1.25", "PRIVATE"),
        ("fd00::25", "PRIVATE"),
    ],
)
def test_what_no_mail_arrives_from_is_refused(raw: str, code: str) -> None:
    field = "mail.sending_addresses"

    assert refusal(parse_sending_addresses, raw) == (field, f"MAIL_SENDING_ADDRESSES_{code}", None)


@pytest.mark.parametrize("raw", ["192.0.2.25", "198.51.100.7", "203.0.113.9", "2001:db8::25", "172.32.0.1", "11.0.0.1"])
def test_addresses_for_examples_and_beside_private_ones_are_accepted(raw: str) -> None:
    assert parse_sending_addresses(raw) == (raw,)


@pytest.mark.parametrize(
    ("raw", "record"),
    [
        ("", ""),
        ("v=DMARC1;p=none", "v=DMARC1; p=none"),
        (
            ' "V=dmarc1; RUA = mailto:d@EXAMPLE.net!10M , mailto:e@example.net; P=Reject;" ',
            "v=DMARC1; p=reject; rua=mailto:d@example.net!10m,mailto:e@example.net",
        ),
        (
            "v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=r; fo=1:d; psd=u; t=n; pct=050; ri=3600; rf=afrf",
            "v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=r; fo=1:d; psd=u; t=n; pct=50; ri=3600; rf=afrf",
        ),
    ],
)
def test_a_dmarc_record_is_written_plainly(raw: str, record: str) -> None:
    assert parse_dmarc(raw) == record
    assert parse_dmarc(record) == record


@pytest.mark.parametrize(
    ("raw", "code", "suggestion"),
    [
        ("p=none", "VERSION", "v=DMARC1; p=none"),
        ("v=DMARC2; p=none", "VERSION", "v=DMARC1; p=none"),
        ("p=none; v=DMARC1", "VERSION", "v=DMARC1; p=none"),
        ("reject", "SYNTAX", None),
        ("v=DMARC1", "NO_POLICY", None),
        ("v=DMARC1; p=block", "POLICY", None),
        ("v=DMARC1; p=none; p=none", "TWICE", None),
        ("v=DMARC1; p=none; P=none", "TWICE", None),
        ("v=DMARC1; p=none; pct=101", "VALUE", None),
        ("v=DMARC1; p=none; adkim=x", "VALUE", None),
        ("v=DMARC1; p=none; fo=2", "VALUE", None),
        ("v=DMARC1; p=none; rau=mailto:a@example.net", "UNKNOWN_TAG", None),
        ("v=DMARC1; p=none; rua=a@example.net", "MAILTO", "v=DMARC1; p=none; rua=mailto:a@example.net"),
        ("v=DMARC1; p=none; rua=https://example.net", "MAILTO", None),
        ("v=DMARC1; p=none; rua=", "REPORT_ADDRESS", None),
        ("v=DMARC1; p=none; rua=mailto:a@b", "REPORT_ADDRESS", None),
        ("v=DMARC1; p=none; rua=mailto:a b@example.net", "REPORT_ADDRESS", None),
    ],
)
def test_a_wrong_dmarc_record_gets_a_clear_answer(raw: str, code: str, suggestion: str | None) -> None:
    assert refusal(parse_dmarc, raw) == ("mail.dmarc", f"MAIL_DMARC_{code}", suggestion)


def test_a_dmarc_record_is_built_from_policy_and_report_addresses_and_taken_apart_again() -> None:
    record = build_dmarc("quarantine", "dmarc@bücher.example, b@example.net")

    assert record == "v=DMARC1; p=quarantine; rua=mailto:dmarc@xn--bcher-kva.example,mailto:b@example.net"
    assert build_dmarc(*split_dmarc(record)) == record
    assert build_dmarc("none") == "v=DMARC1; p=none"


def test_a_policy_or_report_address_that_is_none_is_refused() -> None:
    assert refusal(build_dmarc, "block")[1] == "MAIL_DMARC_POLICY"
    assert refusal(lambda raw: build_dmarc("none", raw), "not an address")[1] == "MAIL_DMARC_REPORT_ADDRESS"
    assert refusal(lambda raw: build_dmarc("none", raw), "x;rua=y@example.net")[1] == "MAIL_DMARC_REPORT_ADDRESS"


def test_a_hostname_is_normalised() -> None:
    assert parse_hostname(" Mail.Example.net. ") == "mail.example.net"
    assert parse_hostname("") == ""
    assert refusal(parse_hostname, "localhost") == ("mail.hostname", "MAIL_HOSTNAME_NOT_FULL", None)
    assert refusal(parse_hostname, "[192.0.2.1]") == ("mail.hostname", "MAIL_HOSTNAME_IP_ADDRESS", None)


def test_resolvers_are_read_with_and_without_port() -> None:
    resolvers = parse_resolvers("9.9.9.9:53, [2620:fe::fe]:5353, 1.1.1.1 2620:fe::9 [::1], 1.1.1.1:53")

    assert resolvers == (
        Resolver("9.9.9.9"),
        Resolver("2620:fe::fe", 5353),
        Resolver("1.1.1.1"),
        Resolver("2620:fe::9"),
        Resolver("::1"),
    )
    assert parse_resolvers(format_resolvers(resolvers)) == resolvers


def test_the_default_resolvers_are_two_independent_ones() -> None:
    assert format_resolvers(DEFAULT_RESOLVERS) == "9.9.9.9:53, 1.1.1.1:53"


@pytest.mark.parametrize(
    ("raw", "code", "suggestion"),
    [
        ("", "EMPTY", "9.9.9.9:53, 1.1.1.1:53"),
        ("dns.example.net", "ADDRESS", None),
        ("https://dns.example.net/dns-query", "ADDRESS", None),
        ("9.9.9", "ADDRESS", None),
        ("0.0.0.0", "ADDRESS", None),
        ("9.9.9.9:0", "PORT", None),
        ("9.9.9.9:70000", "PORT", None),
        ("9.9.9.9:", "PORT", None),
        ("[::1]:dns", "PORT", None),
    ],
)
def test_a_wrong_resolver_is_named(raw: str, code: str, suggestion: str | None) -> None:
    assert refusal(parse_resolvers, raw) == ("dns.resolvers", f"DNS_RESOLVERS_{code}", suggestion)


@given(st.sampled_from(PARSERS), st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_any_text_is_either_parsed_or_refused_with_a_message(parse: Callable[[str], object], raw: str) -> None:
    error: FieldError | None = None

    try:
        parse(raw)
    except FieldError as refused:
        error = refused

    assert error is None or (str(error.message) and str(error.hint))


@given(st.sampled_from((parse_spf_mechanism, parse_dmarc, parse_hostname)), st.lists(PIECES).map("".join))
def test_parsing_its_own_result_changes_nothing(parse: Callable[[str], str], raw: str) -> None:
    try:
        once = parse(raw)
    except FieldError:
        return

    assert parse(once) == once


@given(st.sampled_from((parse_mx, parse_spf_mechanism, parse_dmarc)), PIECES, PIECES)
def test_what_is_suggested_for_a_single_item_is_accepted(parse: Callable[[str], object], one: str, other: str) -> None:
    suggestion: str | None = None
    try:
        parse(one + other)
    except FieldError as error:
        suggestion = error.suggestion

    if suggestion is not None:
        parse(suggestion)
