"""Rules of reading a header as bytes: nothing is lost, folds belong to their field, and nothing takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.author_domains import author_domains
from smtpy_desktop.core.header_fields import body_start, fields_named, has_field, header_length, read_fields
from tests.helpers.mail_corpus import corpus

PIECES = st.sampled_from(
    [b"\r\n", b"From", b"from ", b":", b" ", b"\t", b"x", b"To: y", b"\r", b"\n", b"From: a\r\n b\r\n"]
)
HEADERS = st.lists(PIECES, max_size=20).map(b"".join)


@pytest.mark.parametrize("mail", corpus(), ids=lambda mail: mail.name)
def test_a_message_is_its_header_an_empty_line_and_its_body(mail) -> None:
    length = header_length(mail.raw)

    assert mail.raw[:length] + b"\r\n" + mail.raw[body_start(mail.raw) :] in (mail.raw, mail.raw + b"\r\n")
    assert b"\r\n\r\n" not in mail.raw[:length]


@given(header=HEADERS)
def test_fields_of_one_name_are_the_same_as_among_all_fields(header: bytes) -> None:
    everything = [field for field in read_fields(header) if field.name == b"from"]

    assert list(fields_named(header, b"from")) == everything
    assert has_field(header, b"from") or not everything


@given(header=HEADERS)
def test_fields_stand_one_after_the_other_and_nothing_of_them_is_lost(header: bytes) -> None:
    lines = re.split(rb"(?<=\r\n)(?![ \t])", header)
    fields = [line for line in lines if b":" in line and line.partition(b":")[0].rstrip(b" \t")]

    found = list(read_fields(header))

    assert [field.raw for field in found] == fields
    assert [field.value for field in found] == [line.partition(b":")[2].removesuffix(b"\r\n") for line in fields]


@pytest.mark.parametrize(
    "bomb",
    [b"From: a@b.c\r\n", b"a:\r\n", b"From  \r\n", b"\r\n ", b" ", b":", b"From:", b"From\t"],
    ids=repr,
)
def test_no_header_takes_long(bomb: bytes) -> None:
    raw = b"From: x" + bomb * (4_000_000 // len(bomb)) + b"\r\n\r\nbody"
    began = time.process_time()

    author_domains(raw)
    has_field(raw[: header_length(raw)], b"dkim-signature", b"arc-")

    assert time.process_time() - began < 0.5
