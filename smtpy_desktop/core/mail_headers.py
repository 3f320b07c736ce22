"""Reads what is needed of a received message from its header block, within limits, and never raises.

The message is neither parsed as a whole nor written again. Every loop here is bounded by a number of fields, bytes or
parts, and every pattern is linear, so that no message costs more than its size does.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from smtpy_desktop.core.encoded_text import decode, decode_words, one_line
from smtpy_desktop.core.mail_parts import PartHeaders, read_parts
from smtpy_desktop.schemas.mail_facts import MailFacts

MOST_HEADER_BYTES = 256 * 1024
"""How much of a header block is looked at; Received lines stand on top, so loops are seen within it."""

MOST_FIELDS = 2000
_MOST_OF_A_NAME = 100
LONGEST_KEPT_HEADERS = 64 * 1024
LONGEST_SUBJECT = 998
LONGEST_ID = 998
_HASHED_BYTES = 1024 * 1024
_LONGEST_ADDRESS_VALUE = 4096
_LONGEST_ADDRESS = 320

_FIELD = re.compile(rb"^([!-9;-~]{1,76})[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"<[^<>\s]{1,990}>")
_BY = re.compile(rb"[\s)]by[ \t\r\n]+([A-Za-z0-9._:\[\]-]{1,255})")
_SIGNED_NAMES = re.compile(rb";[ \t\r\n]*h[ \t\r\n]*=([^;]*)")
_ANGLE = re.compile(r"<([^<>\s]{1,320})>")
_WORD = re.compile(r"[^\s<>,;:()\[\]\"@]{1,128}@[^\s<>,;:()\"@]{1,255}")
_SIGNATURES = (b"dkim-signature", b"arc-message-signature")

_Fields = dict[bytes, list[bytes]]


def scan_mail(raw: bytes) -> MailFacts:
    """Return what a message tells about itself."""
    length = _header_length(raw)
    block = raw[:length]
    fields, counts = _read_fields(block)
    has_ascii_headers = block.isascii()
    attachments, preview = read_parts(raw, length, _part_headers(fields))
    message_id, thread_id = _ids(fields, raw)
    received = fields.get(b"received", [])
    return MailFacts(
        size_bytes=len(raw),
        headers=_kept_text(block),
        subject=_text(fields, b"subject", LONGEST_SUBJECT),
        from_address=_address(_first(fields, b"from")),
        message_id=message_id,
        thread_id=thread_id,
        received_count=counts[b"received"],
        received_by=tuple(_hosts(received)),
        delivered_to=tuple(filter(None, (_address(value) for value in fields.get(b"delivered-to", [])))),
        auto_submitted=_keyword(fields, b"auto-submitted"),
        precedence=_keyword(fields, b"precedence"),
        is_from_list=any(name.startswith(b"list-") for name in counts),
        oversigned=_oversigned(fields, counts),
        attachments=attachments,
        preview=preview,
        is_ascii=has_ascii_headers and raw.isascii(),
        has_ascii_headers=has_ascii_headers,
        has_signature=any(counts[name] for name in _SIGNATURES),
    )


def _header_length(raw: bytes) -> int:
    """Return the length of the header block with its last CRLF, as far as it is looked at."""
    if raw.startswith(b"\r\n"):
        return 0
    end = raw.find(b"\r\n\r\n", 0, MOST_HEADER_BYTES)
    return end + 2 if end >= 0 else min(len(raw), MOST_HEADER_BYTES)


def _read_fields(block: bytes) -> tuple[_Fields, Counter[bytes]]:
    """Return the first values of each name (in small letters) from top to bottom, and how many there are."""
    fields: _Fields = {}
    counts: Counter[bytes] = Counter()
    for number, found in enumerate(_FIELD.finditer(block)):
        if number >= MOST_FIELDS:
            break
        name = found[1].lower()
        counts[name] += 1
        if counts[name] <= _MOST_OF_A_NAME:
            fields.setdefault(name, []).append(found[2])
    return fields, counts


def _first(fields: _Fields, name: bytes) -> bytes:
    values = fields.get(name)
    return values[0] if values else b""


def _text(fields: _Fields, name: bytes, longest: int) -> str:
    value = _first(fields, name)
    return decode_words(value, longest) if value else ""


def _keyword(fields: _Fields, name: bytes) -> str:
    """Return the first word of a value in small letters, without parameters and comments."""
    value = _first(fields, name)[:200]
    word = re.match(rb"[ \t\r\n]*([A-Za-z-]{1,60})", value)
    if word is None:
        return "unknown" if value.strip() else ""
    return word[1].lower().decode("ascii")


def _part_headers(fields: _Fields) -> PartHeaders:
    return PartHeaders(
        _first(fields, b"content-type"),
        _first(fields, b"content-disposition"),
        _first(fields, b"content-transfer-encoding"),
    )


def _kept_text(block: bytes) -> str:
    kept = block[:LONGEST_KEPT_HEADERS]
    return decode(kept, "utf-8")


def _ids(fields: _Fields, raw: bytes) -> tuple[str, str | None]:
    """Return the id of a message and that of the thread it answers in.

    A message without an id gets one that is the same each time it comes; it is kept here and not written into it.
    """
    own = _MESSAGE_ID.search(_first(fields, b"message-id")[:4096])
    references = _MESSAGE_ID.search(_first(fields, b"references")[:16384])
    parent = references or _MESSAGE_ID.search(_first(fields, b"in-reply-to")[:4096])
    message_id = _id_text(own[0]) if own else _id_without(fields, raw)
    return message_id, _id_text(parent[0]) if parent else message_id if own else None


def _id_without(fields: _Fields, raw: bytes) -> str:
    written = one_line(decode(_first(fields, b"message-id")[:LONGEST_ID]), LONGEST_ID)
    if written:
        return written
    seen = hashlib.sha256(raw[:_HASHED_BYTES])
    seen.update(str(len(raw)).encode())
    return f"<{seen.hexdigest()[:32]}@no-message-id>"


def _id_text(value: bytes) -> str:
    return one_line(decode(value), LONGEST_ID)


def _hosts(received: Sequence[bytes]) -> Iterator[str]:
    for value in received:
        found = _BY.search(value[:1000])
        if found is not None:
            yield found[1].lower().decode("ascii")


def _oversigned(fields: _Fields, counts: Counter[bytes]) -> frozenset[str]:
    """Return the names that a signature covers more often than they are there (RFC 6376 section 5.4)."""
    found: set[str] = set()
    for name in _SIGNATURES:
        for value in fields.get(name, ())[:10]:
            signed = _SIGNED_NAMES.search(b";" + value[:8192])
            if signed is None:
                continue
            names = Counter(one.strip().lower() for one in signed[1].split(b":"))
            found.update(decode(one) for one, number in names.items() if one and number > counts[one])
    return frozenset(found)


def _address(value: bytes) -> str:
    """Return the first address of a value such as ``"Name" (comment) <address>, …``; empty when there is none."""
    written = decode(value[:_LONGEST_ADDRESS_VALUE])
    plain = _without_comments(written) if "(" in written or '"' in written else written
    found = _ANGLE.search(plain)
    address = found[1] if found is not None and "@" in found[1] else ""
    if not address:
        at = plain.find("@")
        word = _WORD.search(plain[max(0, at - 128) : at + 256]) if at > 0 else None
        address = word[0] if word is not None else ""
    return one_line(address, _LONGEST_ADDRESS)


def _without_comments(written: str) -> str:
    """Take comments out, however deep, and quoted names: in one pass."""
    kept: list[str] = []
    depth, is_quoted, is_escaped, is_in_angles = 0, False, False, False
    for char in written:
        if is_escaped:
            is_escaped = False
        elif char == "\\":
            is_escaped = True
        elif char == '"' and depth == 0 and not is_in_angles:
            is_quoted = not is_quoted
        elif is_quoted:
            continue
        elif char == "(" and not is_in_angles:
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif depth == 0:
            is_in_angles = char == "<" or (is_in_angles and char != ">")
            kept.append(char)
    return "".join(kept)
