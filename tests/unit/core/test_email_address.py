"""E-mail addresses as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.email_address import parse_email_address
from smtpy_desktop.errors import FieldError


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("box@example.com", "box@example.com"),
        (" Box.Name+tag@EXAMPLE.com \n", "Box.Name+tag@example.com"),
        ("box@münchen.example", "box@münchen.example"),
        ("bücher@example.com", "bücher@example.com"),
        ("postmaster@localhost.localdomain", "postmaster@localhost.localdomain"),
        ("box@mail.test", "box@mail.test"),
    ],
)
def test_an_address_is_given_in_its_normal_spelling(typed, address):
    assert parse_email_address(typed, field="email") == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "box",
        "@example.com",
        "box@",
        "box@@example.com",
        "a@b@example.com",
        "box@-example.com",
        "box @example.com",
        "box@example..com",
        ".box@example.com",
        "box\r\nBcc: x@example.com",
        "box\0@example.com",
        "box@exa\nmple.com",
        "Box <box@example.com>",
        "x" * 65 + "@example.com",
        "box@" + "d" * 64 + ".com",
        "\udcff@example.com",
    ],
)
def test_what_is_no_address_is_refused_at_its_field(typed):
    with pytest.raises(FieldError) as refused:
        parse_email_address(typed, field="catch_all")

    assert (refused.value.field, refused.value.code) == ("catch_all", "EMAIL_INVALID")
    assert refused.value.hint is not None


@given(st.text(max_size=30) | st.from_regex(r"[^@]{1,10}@[^@]{1,12}", fullmatch=True))
def test_whatever_is_typed_is_an_address_of_one_line_or_refused(typed):
    try:
        address = parse_email_address(typed, field="email")
    except FieldError:
        return

    assert address.isprintable()
    assert address.count("@") == 1
    assert parse_email_address(address, field="email") == address
