"""Header lines of ours: whatever comes in, one line goes out, or none."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.header_lines import (
    HeaderFault,
    delivered_to_line,
    forwarded_for_line,
    header_line,
    received_line,
)
from smtpy_desktop.schemas.smtp_session import MailClient

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CLIENT = MailClient("192.0.2.1", name="mx.a.example", helo="mail.a.example", protocol="ESMTPS", tls="TLSv1.3 AES")
NASTY = st.text(
    st.sampled_from("ab <>()[]\"'\\;:@.,=?\r\n\0\t\x0b\x0c\x1c\x85\u2028\u2029é\udc80\x7f") | st.characters(),
    max_size=300,
)
PAYLOADS = ["x\r\nBcc: victim@b.example", "x\nBcc: y", "x\rBcc: y", "x\0", "x\r\n\r\nbody", "\r\n x", "x\x0b", "x\x7f"]


def unfolded(line: bytes) -> str:
    return re.sub(rb"\r\n(?=[ \t])", b"", line).decode()


def is_one_line(line: bytes) -> bool:
    """Whether a line ends with the only line end that does not fold it, without NUL or a lone CR or LF."""
    body = line.removesuffix(b"\r\n")
    return (
        line.endswith(b"\r\n")
        and re.search(rb"\r\n(?![ \t]*[^ \t\r\n])", body) is None
        and b"\0" not in line
        and re.search(rb"(?<!\r)\n|\r(?!\n)", line) is None
        and all(fold.startswith((b" ", b"\t")) for fold in body.split(b"\r\n")[1:])
    )


@given(NASTY, st.booleans())
def test_a_value_goes_out_as_one_header_or_not_at_all(value: str, is_utf8: bool) -> None:
    try:
        line = header_line("X-Test", value, is_utf8=is_utf8)
    except HeaderFault:
        return

    assert is_one_line(line)
    assert unfolded(line) == f"X-Test: {value.strip()}\r\n"
    assert is_utf8 or line.isascii()
    assert max(map(len, line.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("make", [delivered_to_line, forwarded_for_line, lambda value: header_line("X-Any", value)])
def test_a_value_with_a_line_end_is_refused(make, payload: str) -> None:
    with pytest.raises(HeaderFault):
        make(payload)


@pytest.mark.parametrize("name", ["", "A B", "A:", "A\r\nB", "é", "A\0"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(HeaderFault):
        header_line(name, "x")


@given(NASTY, NASTY, NASTY, NASTY, NASTY, st.booleans())
def test_received_is_one_line_whatever_a_client_says_of_itself(helo, name, address, tls, recipient, is_utf8) -> None:
    client = MailClient(address, name=name, helo=helo, protocol="ESMTP", tls=tls)

    line = received_line(
        client, hostname="mx1.example.net", queue_id="1a", now=NOW, recipient=recipient, is_utf8=is_utf8
    )

    assert is_one_line(line)
    assert line.startswith(b"Received: from ")
    assert line.endswith(b"+0000\r\n")


def test_received_has_the_clauses_of_rfc_5321() -> None:
    line = received_line(CLIENT, hostname="mx1.example.net", queue_id="1a2b", now=NOW, recipient="Info@a.example")

    assert unfolded(line) == (
        "Received: from mail.a.example (mx.a.example [192.0.2.1]) by mx1.example.net with ESMTPS (TLSv1.3 AES)"
        " id 1a2b for <Info@a.example>; Sun, 22 Nov 2026 12:00:00 +0000\r\n"
    )


def test_received_names_no_recipient_among_several_and_writes_ipv6_as_a_literal() -> None:
    client = MailClient("2001:db8::1", helo="bad helo!", protocol="SMTP")

    line = received_line(client, hostname="mx1.example.net", queue_id="1", now=NOW)

    assert unfolded(line).startswith(
        "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1]) by mx1.example.net with SMTP"
    )
    assert b" for " not in line


@given(st.lists(st.text("abc", min_size=1, max_size=40), min_size=1, max_size=80))
def test_long_values_are_folded_at_their_blanks(words: list[str]) -> None:
    line = header_line("X-Long", " ".join(words))

    assert max(map(len, line.split(b"\r\n"))) <= 78
    assert unfolded(line) == f"X-Long: {' '.join(words)}\r\n"


def test_a_word_longer_than_a_line_is_refused() -> None:
    with pytest.raises(HeaderFault):
        header_line("X-Long", "a" * 999)
