"""Reads a message from a file or a text: with the line ends that it would have on its way, or says why it is none."""

from __future__ import annotations

import ipaddress
import re

from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.mail_facts import MailFacts
from smtpy_desktop.schemas.mail_simulation import MailSource, TrialEnvelope
from smtpy_desktop.schemas.text import Text, text

MOST_BYTES = 64 * 1024 * 1024
"""How large a message may be that is tried out."""

_LONGEST_FIRST_LINE = 998
_SLICE = 1024 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MBOX_LINE = re.compile(rb"(?:>?From |From - )[^\r\n]*\r?\n")
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
_KNOWN_KINDS = (
    (b"\xd0\xcf\x11\xe0", "Outlook (.msg)"),
    (b"PK\x03\x04", "ZIP"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x7fELF", "ELF"),
    (b"\x1f\x8b", "gzip"),
)
_INNER = tuple(
    ipaddress.ip_network(written)
    for written in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::/127",
        "fc00::/7",
        "fe80::/10",
    ]
)
"""Addresses within a house, which say nothing about who sent a message."""

_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]")
_FROM_HOST = re.compile(r"\s*from\s+([A-Za-z0-9._\[\]:-]{1,255})", re.IGNORECASE)
_RETURN_PATH = re.compile(r"^Return-Path:\s*<([^<>\s]*)>", re.IGNORECASE | re.MULTILINE)
_RECEIVED = re.compile(r"^Received:((?:[^\r\n]|\r\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_FOR = re.compile(r"\sfor\s+<?([^<>\s;]+@[^<>\s;]+)", re.IGNORECASE)
_ORIGINAL_TO = re.compile(
    r"^(?:X-Original-To|Envelope-To|Delivered-To):\s*<?([^<>\s]{1,256}@[^<>\s]{1,256})", re.IGNORECASE | re.MULTILINE
)
_TO = re.compile(r"^To:([^\r\n]{1,1000})", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[^<>\s,;:\"]{1,128}@[^<>\s,;:\"]{1,256}")
_MOST_RECEIVED = 20


def read_mail_source(content: bytes, *, field: str = "source") -> MailSource:
    """Return a message with CRLF at the end of every line; raise FieldError for ``field`` when it is no message."""
    refuse_large(len(content), field=field)
    _refuse_other_kinds(content, field)
    notes: list[Text] = []
    raw = content.removeprefix(_UTF8_MARK)
    mailbox_line = _MBOX_LINE.match(raw)
    if mailbox_line is not None:
        raw = raw[mailbox_line.end() :]
        notes.append(text("The line “From …” of a mailbox file was left out."))
    if not raw or raw.isspace():
        raise FieldError(
            field,
            "MAIL_SOURCE_EMPTY",
            text("There is no message yet."),
            hint=text("Drop an .eml file here, paste the source of a message, or type header lines."),
        )
    _refuse_without_headers(raw, field)
    if b"\r\n" not in raw:  # a mix of both is left alone: a server would refuse it
        raw = _with_mail_line_ends(raw)
    if not raw.endswith(b"\n"):
        raw += b"\r\n"
    if b"\r\n\r\n" not in raw:
        raw += b"\r\n"  # header lines alone: an empty text follows
    return MailSource(raw, tuple(notes))


def _with_mail_line_ends(raw: bytes) -> bytes:
    """In slices: one long call would keep every other thread waiting."""
    slices = (raw[start : start + _SLICE] for start in range(0, len(raw), _SLICE))
    return b"".join(piece.replace(b"\r", b"\n").replace(b"\n", b"\r\n") for piece in slices)


def refuse_large(size: int, *, field: str = "source") -> None:
    """Raise FieldError for ``field`` when a message is larger than what is tried out."""
    if size > MOST_BYTES:
        raise FieldError(
            field,
            "MAIL_SOURCE_TOO_LARGE",
            text(
                "The message has {size} MB; at most {most} MB are tried out.",
                size=size // 2**20,
                most=MOST_BYTES // 2**20,
            ),
            hint=text("Mail that large would be refused anyway (forwarder.max_size)."),
        )


def guess_envelope(facts: MailFacts) -> TrialEnvelope:
    """Return the envelope that a message came with, as far as its header lines tell."""
    headers = facts.headers
    path = _RETURN_PATH.search(headers)
    sender = path[1] if path is not None else facts.from_address
    client_address = helo = ""
    recipient = ""
    for number, found in enumerate(_RECEIVED.finditer(headers)):
        if number >= _MOST_RECEIVED:
            break
        hop = found[1][:2000]
        named = _FOR.search(hop)
        recipient = recipient or (named[1] if named is not None else "")
        address = next((one for one in _ADDRESS.findall(hop) if _is_public(one)), "")
        if address and not client_address:
            client_address = address
            host = _FROM_HOST.match(hop)
            helo = host[1] if host is not None else ""
    if not recipient:
        recipient = _meant(headers)
    return TrialEnvelope(sender, (recipient,) if recipient else (), client_address, helo)


def _meant(headers: str) -> str:
    """Return whom a message was delivered to or is addressed to."""
    original = _ORIGINAL_TO.search(headers)
    if original is not None:
        return original[1]
    line = _TO.search(headers)
    word = _WORD.search(line[1]) if line is not None else None
    return word[0] if word is not None else ""


def _is_public(written: str) -> bool:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return False
    return not any(address in network for network in _INNER)


def _refuse_other_kinds(content: bytes, field: str) -> None:
    kind = next((name for mark, name in _KNOWN_KINDS if content.startswith(mark)), None)
    if kind is None and content.startswith(_UTF16_MARKS):
        kind = "UTF-16"
    if kind is not None:
        raise FieldError(
            field,
            "MAIL_SOURCE_KIND",
            text("This is no message as it is sent ({kind}).", kind=kind),
            hint=text("Save the message as .eml (“Save as…”, “Show original”) and drop that."),
        )


def _refuse_without_headers(raw: bytes, field: str) -> None:
    first = raw.lstrip(b"\r\n")[:_LONGEST_FIRST_LINE]
    if not _HEADER_LINE.match(first):
        raise FieldError(
            field,
            "MAIL_SOURCE_NO_HEADERS",
            text("This does not begin with header lines, as every message does."),
            hint=text("Take the whole source, from its first line such as “Received: …” or “From: …” on."),
        )
