"""The two ways of writing a message before it is hashed, simple and relaxed (RFC 6376 section 3.4)."""

from __future__ import annotations

import hashlib
import re

from smtpy_desktop.core.header_fields import HeaderField

SIMPLE = "simple"
RELAXED = "relaxed"

_CHUNK = 65536
"""So that hashing the largest message needs no second copy of it, and gives other threads their turn."""

_BLANKS = re.compile(rb"[ \t]+")


def canonical_field(field: HeaderField, method: str) -> bytes:
    """Return a header field as it is hashed, with its CRLF."""
    return relaxed_field(field.name, field.value) if method == RELAXED else field.raw


def relaxed_field(name: bytes, value: bytes) -> bytes:
    """Return a field in relaxed form (section 3.4.2): lower-case name, unfolded, single blanks; with its CRLF."""
    value = value.replace(b"\r\n", b"")
    if b"\t" in value or b"  " in value:
        value = _BLANKS.sub(b" ", value)
    return name + b":" + value.strip(b" \t") + b"\r\n"


def without_signature(value: bytes) -> bytes:
    """Return the value of a signature field with what ``b=`` holds taken out (section 3.7)."""
    parts = value.split(b";")
    for place, part in enumerate(parts):
        name, equals, _ = part.partition(b"=")
        if equals and name.strip(b" \t\r\n") == b"b":
            parts[place] = name + equals
            break
    return b";".join(parts)


def body_hash(body: memoryview, method: str, length: int | None = None) -> tuple[bytes, int]:
    """Return the SHA-256 of the canonical body, and how long that is; ``length`` octets of it are hashed (``l=``)."""
    hasher = _BodyHasher(length)
    if method == RELAXED:
        _hash_relaxed(body, hasher)
    else:
        _hash_simple(body, hasher)
    return hasher.digest(), hasher.total


class _BodyHasher:
    """Hashes what it is given up to a limit, and holds back line ends: those at the very end do not count."""

    def __init__(self, limit: int | None) -> None:
        self.total = 0
        self._limit = limit
        self._line_ends = 0
        self._hash = hashlib.sha256()

    def text(self, data: bytes | memoryview) -> None:
        """Hash what ends in no line end."""
        self.flush(self._line_ends)
        self._update(data)

    def line_ends(self, count: int) -> None:
        """Note line ends, to be hashed when something follows them."""
        self._line_ends += count

    def flush(self, count: int) -> None:
        """Hash so many line ends and forget about further ones."""
        while count > 0:
            self._update(b"\r\n" * min(count, _CHUNK))
            count -= _CHUNK
        self._line_ends = 0

    def digest(self) -> bytes:
        """Return the hash of everything so far."""
        return self._hash.digest()

    def _update(self, data: bytes | memoryview) -> None:
        room = len(data) if self._limit is None else min(len(data), max(self._limit - self.total, 0))
        self._hash.update(data[:room] if room < len(data) else data)
        self.total += len(data)


def _hash_simple(body: memoryview, hasher: _BodyHasher) -> None:
    carried = b""
    for start in range(0, len(body), _CHUNK):
        data = carried + bytes(body[start : start + _CHUNK])
        kept = data.removesuffix(b"\r")  # what follows decides about it
        carried = data[len(kept) :]
        _hash_lines(kept, hasher)
    _hash_lines(carried, hasher)
    hasher.flush(1)


def _hash_relaxed(body: memoryview, hasher: _BodyHasher) -> None:
    carried = b""
    for start in range(0, len(body), _CHUNK):
        data = carried + bytes(body[start : start + _CHUNK])
        if b"\t" in data or b"  " in data:
            data = _BLANKS.sub(b" ", data)
        kept = data.removesuffix(b"\r").removesuffix(b" ")
        carried = data[len(kept) :]
        _hash_lines(kept.replace(b" \r\n", b"\r\n"), hasher)
    _hash_lines(carried.rstrip(b" "), hasher)
    if hasher.total:
        hasher.flush(1)


def _hash_lines(data: bytes, hasher: _BodyHasher) -> None:
    kept, line_ends = _trailing_line_ends(data)
    if kept:
        hasher.text(memoryview(data)[:kept])
    hasher.line_ends(line_ends)


def _trailing_line_ends(data: bytes) -> tuple[int, int]:
    """Return how long the part before the last CRLFs is, and how many these are."""
    text = data.rstrip(b"\r\n")
    pairs = data[len(text) :].replace(b"\r\n", b"\0")
    count = len(pairs) - len(pairs.rstrip(b"\0"))
    return len(data) - 2 * count, count
