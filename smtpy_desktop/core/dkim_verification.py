"""Checking DKIM signatures against the bytes of a message (RFC 6376 section 6); asking for keys is others' work."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from smtpy_desktop.core.dkim_canonicalization import (
    body_hash,
    canonical_field,
    relaxed_field,
    without_signature,
)
from smtpy_desktop.core.dkim_public_key import PublicKey
from smtpy_desktop.core.dkim_signature import Signature, SignatureFault
from smtpy_desktop.core.header_fields import HeaderField, body_start, header_length, read_fields

MOST_FIELDS = 10_000
LARGEST_HEADER = 1024 * 1024
"""Headers beyond these (fields, bytes) are not looked at: nobody's mail has them, and they would cost us time."""


class SignedMessage:
    """A message as signatures see it; body hashes are made once for all signatures that want the same."""

    def __init__(self, raw: bytes) -> None:
        """Read the header; raise SignatureFault when it is beyond all measure."""
        length = header_length(raw)
        if length > LARGEST_HEADER:
            raise SignatureFault("policy", "header too large")
        self.fields: tuple[HeaderField, ...] = tuple(islice(read_fields(raw[:length]), MOST_FIELDS + 1))
        if len(self.fields) > MOST_FIELDS:
            raise SignatureFault("policy", "too many header fields")
        self.body = memoryview(raw)[body_start(raw) :]
        self._hashes: dict[tuple[str, int | None], tuple[bytes, int]] = {}
        self._by_name: dict[bytes, list[HeaderField]] = defaultdict(list)
        for field in self.fields:
            self._by_name[field.name].append(field)

    def named(self, name: bytes) -> Sequence[HeaderField]:
        """Return the fields of one name, from top to bottom."""
        return self._by_name.get(name, ())

    def body_hash(self, method: str, length: int | None) -> tuple[bytes, int]:
        """Return the hash of the canonical body, and how many octets that has."""
        wanted = (method, length)
        if wanted not in self._hashes:
            self._hashes[wanted] = body_hash(self.body, method, length)
        return self._hashes[wanted]

    def selected(self, names: Sequence[bytes]) -> Iterable[HeaderField]:
        """Yield the fields that ``h=`` names, each name's from the bottom up; absent ones give none (5.4.2)."""
        left = {name: len(self._by_name.get(name, ())) for name in names}
        for name in names:
            if left[name]:
                left[name] -= 1
                yield self._by_name[name][left[name]]


def verify_signature(message: SignedMessage, signature: Signature, key: PublicKey) -> str:
    """Check a signature; return what is to be noted about one that holds (mostly nothing); raise SignatureFault."""
    if len(message.named(b"from")) > signature.headers.count(b"from"):
        raise SignatureFault("policy", "another From was added")  # section 8.15
    if key.is_strict and signature.identity != signature.domain:
        raise SignatureFault("permerror", "key not for subdomains")
    found, octets = message.body_hash(signature.body_method, signature.length)
    if signature.length is not None and signature.length > octets:
        raise SignatureFault("permerror", "l= is longer than the body")
    if not hmac.compare_digest(found, signature.body_hash):
        raise SignatureFault("fail", "body hash did not verify")
    if not key.accepts(signature.signature, header_hash(message, signature)):
        raise SignatureFault("fail", "signature did not verify")
    notes = ["test mode"] if key.is_testing else []
    if signature.length is not None and signature.length < octets:
        notes.append(f"only {signature.length} of {octets} octets of the body are signed")
    return ", ".join(notes)


def header_hash(message: SignedMessage, signature: Signature) -> bytes:
    """Return the SHA-256 of the signed fields and of the signature field itself, without what ``b=`` holds."""
    hasher = hashlib.sha256()
    for field in message.selected(signature.headers):
        hasher.update(canonical_field(field, signature.header_method))
    hasher.update(unsigned_field(signature.field, signature.header_method))
    return hasher.digest()


def unsigned_field(field: HeaderField, method: str) -> bytes:
    """Return a signature field as it is hashed itself: without what ``b=`` holds, without the CRLF at the end."""
    value = without_signature(field.value)
    if method == "relaxed":
        return relaxed_field(field.name, value).removesuffix(b"\r\n")
    return field.raw[: field.raw.index(b":") + 1] + value
