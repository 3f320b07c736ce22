"""The two ways of writing a message before it is hashed, simple and relaxed (RFC 6376 section 3.4)."""

from __future__ import annotations

import hashlib

from smtpy_desktop.core.header_fields import HeaderField

SIMPLE = "simple"
RELAXED = "relaxed"

_CHUNK = 65536
"""So that hashing the largest message needs no second copy of it, and gives other threads their turn."""

_SIXTEEN = b" " * 16
_TABS_TO_BLANKS = bytes.maketrans(b"\t", b" ")


def canonical_field(field: HeaderField, method: str) -> bytes:
    """Return a header field as it is hashed, with its CRLF."""
    return relaxed_field(field.name, field.value) if method == RELAXED else field.raw


def relaxed_field(name: bytes, value: bytes) -> bytes:
    """Return a field in relaxed form (section 3.4.2): lower-case name, unfolded, single blanks; with its CRLF."""
    return name + b":" + _with_single_blanks(value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


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
        data = _with_single_blanks(carried + bytes(body[start : start + _CHUNK]))
        kept = data.removesuffix(b"\r").removesuffix(b" ")
        carried = data[len(kept) :]
        _hash_lines(kept.replace(b" \r\n", b"\r\n"), hasher)
    _hash_lines(carried.rstrip(b" "), hasher)
    if hasher.total:
        hasher.flush(1)


def _with_single_blanks(data: bytes) -> bytes:
    """Make one blank of every run of blanks and tabs; a regular expression would take five times as long."""
    data = data.translate(_TABS_TO_BLANKS)
    while b"  " in data:
        data = data.replace(_SIXTEEN, b" ") if _SIXTEEN in data else data.replace(b"  ", b" ")
    return data


def _hash_lines(data: bytes, hasher: _BodyHasher) -> None:
    kept, line_ends = _trailing_line_ends(data)
    if kept:
        hasher.text(memoryview(data)[:kept])
    hasher.line_ends(line_ends)


def _trailing_line_ends(data: bytes) -> tuple[int, int]:
    """Return how long the part before the last CRLFs is, and how many these are."""
    tail = data[len(data.rstrip(b"\r\n")) :]
    if tail == b"\r\n" * (len(tail) // 2):
        return len(data) - len(tail), len(tail) // 2
    pairs = tail.replace(b"\r\n", b"\0")
    count = len(pairs) - len(pairs.rstrip(b"\0"))
    return len(data) - 2 * count, count
