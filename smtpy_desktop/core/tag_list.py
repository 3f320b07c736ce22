"""Parse the "tag=value; tag=value" lists that DKIM keys and DMARC records are written in (RFC 6376 section 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")  # "-" is against the grammar, but nobody minds it
_FOLDING_SPACE = " \t\r\n"
_NO_BLANKS = str.maketrans("", "", _FOLDING_SPACE)


@dataclass(frozen=True, slots=True)
class TagList:
    """A parsed tag list: values by tag name, in the order of the record.

    ``duplicates`` and ``malformed`` make the whole list invalid in DKIM; they are kept to be named.
    """

    tags: dict[str, str] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The name of the first tag, empty if there is none."""
        return next(iter(self.tags), "")


@lru_cache(maxsize=4096)
def parse_tag_list(value: str) -> TagList:
    """Parse a tag list; blanks around names and values do not count, a trailing semicolon is allowed."""
    return read_tag_list(value)


def read_tag_list(value: str) -> TagList:
    """Parse a tag list as ``parse_tag_list`` does, without remembering it (a received message may hold any size)."""
    tags: dict[str, str] = {}
    duplicates: list[str] = []
    malformed: list[str] = []
    for part in value.split(";"):
        name, equals, content = part.partition("=")
        name = name.strip(_FOLDING_SPACE)
        if not name and not equals:
            continue
        if not equals or not _TAG_NAME.match(name):
            malformed.append(part.strip(_FOLDING_SPACE))
        elif name in tags:
            duplicates.append(name)
        else:
            tags[name] = content.strip(_FOLDING_SPACE)
    if malformed and malformed[-1] == "" and value.rstrip(_FOLDING_SPACE).endswith(";"):
        malformed.pop()
    return TagList(tags, tuple(duplicates), tuple(malformed))


def without_blanks(value: str) -> str:
    """Remove blanks, tabs and line ends, as RFC 6376 section 3.6.1 lets a reader do inside ``p=``."""
    return value.translate(_NO_BLANKS)
