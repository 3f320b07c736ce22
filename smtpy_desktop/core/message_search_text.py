"""Takes the text of a search apart: blanks, quotes, keys, minus signs and the words between terms."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

_KEY = re.compile(r"[A-Za-z][A-Za-z-]*:")
_QUOTES = '"“”„'
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_PLAIN = re.compile(r'[^\s"“”„\\:,-][^\s"“”„\\]*')


class Link(enum.Enum):
    """The words that join terms; they count in capitals alone, so that "or" can be searched for."""

    OR = enum.auto()
    AND = enum.auto()
    NOT = enum.auto()


LINKS = {link.name: link for link in Link}


@dataclass(frozen=True, slots=True)
class Piece:
    """A term as typed: ``name`` is what stands before the colon; the value is ``value_start`` and on.

    ``is_closed`` is False when the closing quote is missing.
    """

    start: int
    end: int
    name: str
    value: str
    value_start: int
    is_quoted: bool
    is_excluded: bool
    is_closed: bool = True
    link: Link | None = None


def storable(text: str) -> str:
    """Return the text with a blank for every character that PostgreSQL cannot hold, at the same places."""
    return _NOT_STORABLE.sub(" ", text)


def pieces(text: str) -> Iterator[Piece]:
    """Yield the terms of a text in their order."""
    place = 0
    while (place := _skip_blanks(text, place)) < len(text):
        piece = _piece(text, place)
        yield piece
        place = piece.end


def quoted(value: str) -> str:
    """Return a value in quotes, as ``pieces`` reads it back."""
    return '"' + re.sub(r'([\\"“”„])', r"\\\1", value) + '"'


def needs_quotes(value: str) -> bool:
    """Whether a value would be read as something else when it stood there bare."""
    return value in LINKS or not _PLAIN.fullmatch(value)


def _piece(text: str, start: int) -> Piece:
    place = start
    is_excluded = text[place] == "-" and not text[place + 1 : place + 2].isspace() and place + 1 < len(text)
    if is_excluded:
        place += 1
    key = _KEY.match(text, place)
    name = ""
    if key is not None and not _looks_like_url(text, key.end()):
        name, place = key.group()[:-1], key.end()
    if place < len(text) and text[place] in _QUOTES:
        value, end, is_closed = _quoted_value(text, place)
        return Piece(start, end, name, value, place, True, is_excluded, is_closed)  # noqa: FBT003
    end = _end_of_word(text, place)
    value = text[place:end]
    link = LINKS.get(value) if not (name or is_excluded) else None
    return Piece(start, end, name, value, place, False, is_excluded, link=link)  # noqa: FBT003


def _looks_like_url(text: str, place: int) -> bool:
    return text.startswith("//", place)


def _quoted_value(text: str, start: int) -> tuple[str, int, bool]:
    letters: list[str] = []
    place = start + 1
    while place < len(text) and text[place] not in _QUOTES:
        if text[place] == "\\" and place + 1 < len(text):
            place += 1
        letters.append(text[place])
        place += 1
    return "".join(letters), min(place + 1, len(text)), place < len(text)


def _end_of_word(text: str, place: int) -> int:
    while place < len(text) and not text[place].isspace():
        place += 1
    return place


def _skip_blanks(text: str, place: int) -> int:
    while place < len(text) and text[place].isspace():
        place += 1
    return place
