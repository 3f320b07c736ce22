"""Rules of the author's domain: every one that a reader may see is found, and no comment or quote is taken for one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.author_domains import ascii_domain, author_domains


def domains_of(value: str | bytes) -> tuple[str, ...]:
    written = value.encode() if isinstance(value, str) else value
    return author_domains(
        b"To: x@to.example\r\nFrom:" + written + b"\r\nSubject: x@subject.example\r\n\r\nFrom: x@body.example\r\n"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a@b.example", ["b.example"]),
        ("a@B.Example.", ["b.example"]),
        (" <a@b.example>", ["b.example"]),
        (' "boss@bank.example" <a@b.example>', ["b.example"]),
        (" Ada (from x@y.example (nested) z) <a@b.example>", ["b.example"]),
        (" a@b.example (comment)", ["b.example"]),
        (' "a@b"@c.example', ["c.example"]),
        (' "\\"<x@y.example>" <a@b.example>', ["b.example"]),
        (" =?utf-8?q?x=40y.example?= <a@b.example>", ["b.example"]),
        (" a@b.example,\r\n c@d.example", ["b.example", "d.example"]),
        (" a@b.example, c@B.EXAMPLE", ["b.example"]),
        (" group: a@b.example, <c@d.example>;", ["b.example", "d.example"]),
        (" undisclosed:;", []),
        (" a@bücher.example", ["xn--bcher-kva.example"]),
        (" <@relay.example:a@b.example>", ["b.example"]),
        ("", []),
        (" <>", []),
        (" nobody", []),
    ],
)
def test_the_domains_of_a_list_of_addresses_are_found(value: str, expected: list[str]) -> None:
    assert domains_of(value) == tuple(expected)


@pytest.mark.parametrize(
    "value",
    [
        ' "unclosed <a@b.example>, c@d.example',
        " a@b.example <c@d.example> <e@f.example>",
        " a@b.example) c@d.example",
        " (never closed a@b.example, c@d.example",
        " <a@b.example, c@d.example",
        " a@b.example\0, c@d.example",
        " <a@b.example> garbage@ c@d.example",
        " a@b.example: c@d.example",
    ],
)
def test_what_is_no_list_of_addresses_counts_with_every_domain_in_it(value: str) -> None:
    assert {"b.example", "d.example"} <= set(domains_of(value))


@pytest.mark.parametrize("name", [b"From", b"FROM", b"from", b"From ", b"From\t"])
def test_every_from_field_is_looked_at_however_it_is_spelled(name: bytes) -> None:
    raw = b"From: a@b.example\r\n" + name + b": c@d.example\r\n\r\nbody"

    assert author_domains(raw) == ("b.example", "d.example")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\r\nFrom: a@b.example\r\n",
        b"X-From: a@b.example\r\n\r\n",
        b"Subject: x\r\n From: a@b.example\r\n\r\n",
    ],
)
def test_what_is_no_from_field_names_no_author(raw: bytes) -> None:
    assert author_domains(raw) == ()


@pytest.mark.parametrize(
    "bomb",
    ["(" * 30_000, '"' * 30_001, "\\" * 30_000, "<" * 30_000, "a@b.example," * 5000, '"\\' * 15_000, ":" * 30_000],
)
def test_no_from_field_takes_long(bomb: str) -> None:
    began = time.process_time()

    domains_of(" " + bomb)

    assert time.process_time() - began < 0.2


@given(value=st.binary(max_size=300))
def test_any_from_field_is_read(value: bytes) -> None:
    for domain in domains_of(value):
        assert domain == ascii_domain(domain)
