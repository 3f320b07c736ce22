"""Whose name a message bears: the domains in its From header, read so that no trick makes one of them invisible."""

from __future__ import annotations

import re
from functools import lru_cache

import idna

from smtpy_desktop.core.header_fields import fields_named, header_length

MOST_DOMAINS = 4
"""Authors at more domains than these are nobody's mail."""

_LONGEST_NAME = 253
_MOST_FIELDS = 16
_LONGEST_FROM = 16384
_BEYOND_MEASURE = {f"author{number}.invalid": None for number in range(MOST_DOMAINS + 1)}
_ANY_DOMAIN = re.compile(r"@\s*([^\s\x00-\x1f\x7f@<>()\[\],;:\"\\]+)")
_DOMAIN = re.compile(r"[^\s\x00-\x1f\x7f@\"]+")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[()<>,;:]|[^"\\()<>,;:]+|.', re.DOTALL)


def author_domains(raw: bytes) -> tuple[str, ...]:
    """Return the domains of all From addresses of a message as lower-case A-labels, each once; none: no author at all.

    What cannot be read as a list of addresses counts with every domain that stands in it behind an ``@``: a mail
    program may show any of them. More fields, or longer ones, than anybody has count as more than ``MOST_DOMAINS``.
    """
    found: dict[str, None] = {}
    for number, field in enumerate(fields_named(raw[: header_length(raw)], b"from"), start=1):
        if number > _MOST_FIELDS or len(field.raw) > _LONGEST_FROM:
            return tuple(found | _BEYOND_MEASURE)
        value = field.value.replace(b"\r\n", b"").decode("utf-8", "replace")
        domains = _domains_in(value)
        if domains is None:
            domains = _ANY_DOMAIN.findall(value)
        found |= dict.fromkeys(filter(None, map(ascii_domain, domains)))
    return tuple(found)


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """Return a domain as it is compared: lower-case A-labels without a dot at the end (as it is where that fails)."""
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii() or len(domain) > _LONGEST_NAME:
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain


def _domains_in(value: str) -> list[str] | None:
    """The domains of a list of addresses (RFC 5322 section 3.4); None when it is none."""
    reading = _Reading()
    for piece in _PIECE.findall(value):
        if not reading.takes(piece):
            return None
    return reading.domains if reading.end_address() and not reading.depth and reading.angle is None else None


class _Reading:
    """Reads addresses token by token; comments may be nested without end, and cost nothing."""

    def __init__(self) -> None:
        self.domains: list[str] = []
        self.depth = 0
        self.angle: str | None = None
        self._words = ""
        self._address: str | None = None

    def takes(self, piece: str) -> bool:
        """Take the next token; tell whether it may stand there."""
        if piece == "(":
            self.depth += 1
        elif self.depth:
            self.depth -= piece == ")"
        elif piece == ")":
            return False
        elif piece == "<":
            return self._open()
        elif piece == ">":
            return self._close()
        elif piece in (",", ";"):
            return self.end_address()
        elif piece == ":" and self.angle is None:  # the name of a group ends
            return self._end_group_name()
        elif self.angle is not None:
            self.angle += piece
        else:
            self._words += piece
            return self._address is None or "@" not in piece
        return True

    def end_address(self) -> bool:
        """End one address; tell whether it is one, or nothing at all."""
        if self.angle is not None:
            return False
        written = self._address if self._address is not None else self._words
        is_empty = self._address is None and not self._words.strip()
        self._words, self._address = "", None
        if is_empty:
            return True
        _, at, domain = written.rpartition("@")
        self.domains.append(domain)
        return bool(at) and _DOMAIN.fullmatch(domain.strip()) is not None

    def _open(self) -> bool:
        if self.angle is not None or self._address is not None:
            return False
        self.angle = ""
        return True

    def _close(self) -> bool:
        if self.angle is None:
            return False
        self._address, self.angle, self._words = self.angle, None, ""
        return True

    def _end_group_name(self) -> bool:
        if "@" in self._words or self._address is not None:
            return False
        self._words = ""
        return True
