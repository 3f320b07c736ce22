"""Signing mail of our own with a domain's key (RFC 6376 section 5)."""

from __future__ import annotations

import base64
import hashlib

from smtpy_desktop.core.dkim_canonicalization import RELAXED, relaxed_field
from smtpy_desktop.core.dkim_private_key import Sign
from smtpy_desktop.core.dkim_verification import SignedMessage
from smtpy_desktop.core.header_lines import header_line

_SIGNED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
_NAME = b"dkim-signature"
_PIECE = 72


def dkim_signature(raw: bytes, *, domain: str, selector: str, sign: Sign, now: int) -> bytes:
    """Return the signature line to put on top of a message with CRLF line ends; ``now`` in seconds since 1970.

    From is signed once more than it is there, so that nobody may add another one.
    """
    message = SignedMessage(raw)
    names = [*(name for name in _SIGNED if message.named(name)), b"from"]
    body, _ = message.body_hash(RELAXED, None)
    tags = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; t={now};"
        f" h={': '.join(name.decode() for name in names)}; bh={base64.b64encode(body).decode()}; b="
    )
    line = header_line("DKIM-Signature", tags)
    hasher = hashlib.sha256()
    for field in message.selected(names):
        hasher.update(relaxed_field(field.name, field.value))
    hasher.update(relaxed_field(_NAME, line.partition(b":")[2]).removesuffix(b"\r\n"))
    letters = base64.b64encode(sign(hasher.digest())).decode()
    pieces = [f"\r\n {letters[start : start + _PIECE]}" for start in range(0, len(letters), _PIECE)]
    return line.removesuffix(b"\r\n") + "".join(pieces).encode() + b"\r\n"
