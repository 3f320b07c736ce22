"""Addresses of an envelope, as strangers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.mail_senders import mail_key, read_address, read_domain


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Jo@Example.COM", "jo@example.com"),
        ("jo@example.com.", "jo@example.com"),
        ('"jo"@example.com', "jo@example.com"),
        ('"j\\o"@example.com', "jo@example.com"),
        ("jo@MÜNCHEN.example", "jo@xn--mnchen-3ya.example"),
        ("jo@xn--mnchen-3ya.example", "jo@xn--mnchen-3ya.example"),
        ("jo@ｅxample．com", "jo@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("", ""),
        ("jo", "jo"),
        ("jo@[192.0.2.1]", "jo@[192.0.2.1]"),
    ],
)
def test_addresses_are_compared_by_their_meaning(written: str, key: str) -> None:
    assert mail_key(written) == key


@pytest.mark.parametrize(
    "written", ["@example.com", '""@example.com', "", "a\0@example.com", "a\r\n@example.com", "a" * 600]
)
def test_what_is_no_address_is_not_read(written: str) -> None:
    assert read_address(written) is None


@pytest.mark.parametrize(
    "written", ["a%b.example@c.example", "b.example!a@c.example", '"a@b.example"@c.example', "@b.example:a@c.example"]
)
def test_ways_named_by_the_sender_are_seen(written: str) -> None:
    found = read_address(written)

    assert found is not None
    assert found.asks_routing


@pytest.mark.parametrize(
    "written", ["[127.0.0.1]", "[IPv6:::1]", "-a.example", "a..example", "a b.example", "a_b.example"]
)
def test_what_is_no_name_in_the_dns_is_no_domain(written: str) -> None:
    assert read_domain(written) == ""


@given(st.text(max_size=80))
def test_reading_never_raises_and_domains_are_plain(written: str) -> None:
    found = read_address(written)

    mail_key(written)
    if found is not None and found.domain:
        assert found.domain.isascii()
        assert found.domain == found.domain.lower()
        assert mail_key(f"x@{found.domain}") == f"x@{found.domain}"
