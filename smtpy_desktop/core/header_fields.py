"""The header of a received message as the bytes that it is: nothing is decoded, nothing is put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_END_OF_LINE = b"\r\n"
_FIELD_END = re.compile(rb"\r\n(?![ \t])")


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


def fields_named(header: bytes, name: bytes) -> Iterator[HeaderField]:
    """Yield the fields of one name (given in lower case), from top to bottom, without looking at the others."""
    lowered = header.lower()
    if _at_line_start(name).match(lowered, 0):
        yield HeaderField(name, header[: _end_of_field(header, 0)])
    for found in _after_line_end(name).finditer(lowered):
        start = found.start() + len(_END_OF_LINE)
        yield HeaderField(name, header[start : _end_of_field(header, start)])


def has_field(header: bytes, *beginnings: bytes) -> bool:
    """Tell whether the name of any field begins with one of these (given in lower case)."""
    lowered = header.lower()
    return any(lowered.startswith(name) or _END_OF_LINE + name in lowered for name in beginnings)


@lru_cache(maxsize=64)
def _at_line_start(name: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(name) + rb"[ \t]*:")


@lru_cache(maxsize=64)
def _after_line_end(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\r\n" + re.escape(name) + rb"[ \t]*:")


def _unfolded(header: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(header):
        end = _end_of_field(header, start)
        yield header[start:end]
        start = end


def _end_of_field(header: bytes, start: int) -> int:
    """Where the next field begins: after the first line end that no blank follows."""
    end = _FIELD_END.search(header, start)
    return len(header) if end is None else end.end()
