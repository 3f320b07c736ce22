"""Files and texts as messages: line ends, mailbox lines, what is none, and the envelope that header lines tell."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core import mail_source
from smtpy_desktop.core.mail_headers import scan_mail
from smtpy_desktop.core.mail_source import guess_envelope, read_mail_source
from smtpy_desktop.errors import FieldError


@pytest.mark.parametrize(
    ("content", "raw"),
    [
        (b"From: a@b.example\n\nHi\n", b"From: a@b.example\r\n\r\nHi\r\n"),
        (b"From: a@b.example\r\n\r\nHi", b"From: a@b.example\r\n\r\nHi\r\n"),
        (b"\xef\xbb\xbfFrom: a@b.example\n", b"From: a@b.example\r\n\r\n"),
        (b"From a@b.example Mon Jan 1\nFrom: a@b.example\n\nHi", b"From: a@b.example\r\n\r\nHi\r\n"),
        (b"From: a@b.example\r\n\r\nbare\nline\r\n", b"From: a@b.example\r\n\r\nbare\nline\r\n"),
    ],
)
def test_a_file_becomes_what_a_server_would_get(content, raw):
    assert read_mail_source(content).raw == raw


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" \r\n\n", "MAIL_SOURCE_EMPTY"),
        (b"\xd0\xcf\x11\xe0" + bytes(1000), "MAIL_SOURCE_KIND"),
        (b"PK\x03\x04" + bytes(100), "MAIL_SOURCE_KIND"),
        ("From: a@b.example".encode("utf-16"), "MAIL_SOURCE_KIND"),
        (bytes(range(256)) * 100, "MAIL_SOURCE_NO_HEADERS"),
        (b"Dear all,\nhow are you", "MAIL_SOURCE_NO_HEADERS"),
    ],
)
def test_what_is_no_message_is_told_with_what_to_do(content, code):
    with pytest.raises(FieldError) as refused:
        read_mail_source(content)

    assert (refused.value.code, refused.value.field) == (code, "source")
    assert refused.value.hint is not None


def test_a_huge_message_is_refused_by_its_size(monkeypatch):
    monkeypatch.setattr(mail_source, "MOST_BYTES", 10)

    with pytest.raises(FieldError) as refused:
        read_mail_source(b"From: a@b.example\r\n\r\n")

    assert refused.value.code == "MAIL_SOURCE_TOO_LARGE"


@given(st.binary(max_size=400))
def test_any_bytes_give_a_message_or_a_field_error(content):
    try:
        source = read_mail_source(content)
    except FieldError:
        return
    guess_envelope(scan_mail(source.raw))


def test_the_envelope_is_read_from_the_headers():
    raw = (
        b"Return-Path: <bounce@news.example>\r\n"
        b"Delivered-To: box@target.example\r\n"
        b"Received: from inner (inner [10.0.0.1]) by mx.target.example for <info@a.example>; Mon, 1 Jan 2026\r\n"
        b"Received: from mail.news.example (mail [198.51.100.7])\r\n\tby mx.a.example; Mon, 1 Jan 2026\r\n"
        b"From: News <news@news.example>\r\n\r\n"
    )

    found = guess_envelope(scan_mail(raw))

    assert found.sender == "bounce@news.example"
    assert found.recipients == ("info@a.example",)
    assert (found.client_address, found.helo) == ("198.51.100.7", "mail.news.example")


def test_without_received_lines_the_message_is_taken_at_its_word():
    found = guess_envelope(scan_mail(b'From: a@b.example\r\nTo: "x, y" <Info@A.example>, c@d.example\r\n\r\n'))

    assert (found.sender, found.recipients) == ("a@b.example", ("Info@A.example",))


def test_guessing_is_quick_whatever_the_headers_are():
    raw = b"To: " + b"a" * 60_000 + b"\r\nReceived: " + b" for x" * 30_000 + b"\r\n\r\n"
    started = time.process_time()

    guess_envelope(scan_mail(raw))

    assert time.process_time() - started < 1
