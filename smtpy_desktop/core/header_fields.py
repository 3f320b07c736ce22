"""The header of a received message as the bytes that it is: nothing is decoded, nothing is put together again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_END_OF_LINE = b"\r\n"


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field: ``name`` in lower case, ``raw`` with name, folds and the CRLF at the end."""

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """What follows the colon, with its folds and without the CRLF at the end."""
        return self.raw[self.raw.index(b":") + 1 :].removesuffix(_END_OF_LINE)


def header_length(raw: bytes) -> int:
    """Return where the header ends: the length of its lines with their CRLFs, without the empty line after it."""
    if raw.startswith(_END_OF_LINE):
        return 0
    end = raw.find(b"\r\n\r\n")
    return len(raw) if end < 0 else end + 2


def body_start(raw: bytes) -> int:
    """Return where the body begins."""
    return min(header_length(raw) + 2, len(raw))


def read_fields(header: bytes) -> Iterator[HeaderField]:
    """Yield the fields of a header from top to bottom; lines that are no field are passed over."""
    for raw in _unfolded(header):
        name, colon, _ = raw.partition(b":")
        name = name.rstrip(b" \t")
        if colon and name:
            yield HeaderField(name.lower(), raw)


def fields_named(header: bytes, name: bytes) -> list[HeaderField]:
    """Return the fields of one name (given in lower case), from top to bottom, without looking at the others."""
    lowered = header.lower()
    found: list[HeaderField] = []
    start = 0
    while True:
        if start or not lowered.startswith(name):
            start = lowered.find(b"\r\n" + name, start) + 2
            if start < 2:
                return found
        colon = start + len(name)
        while lowered[colon : colon + 1] in (b" ", b"\t"):
            colon += 1
        if lowered[colon : colon + 1] == b":":
            found.append(HeaderField(name, header[start : _end_of_field(header, start)]))
        start = colon


def _unfolded(header: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(header):
        end = _end_of_field(header, start)
        yield header[start:end]
        start = end


def _end_of_field(header: bytes, start: int) -> int:
    """Where the next field begins: after the first line end that no blank follows."""
    end = header.find(_END_OF_LINE, start)
    while end >= 0 and header[end + 2 : end + 3] in (b" ", b"\t"):
        end = header.find(_END_OF_LINE, end + 2)
    return len(header) if end < 0 else end + 2
