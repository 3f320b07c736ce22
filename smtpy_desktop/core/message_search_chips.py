"""Chips beside the search box: one for each term, and the text of the box with one more or one less."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.core.message_search_text import Link, Piece, needs_quotes, pieces, quoted, storable
from smtpy_desktop.schemas.message_search import Search, SearchKey, Term


@dataclass(frozen=True, slots=True)
class Chip:
    """A term as a chip shows it; ``start`` and ``end`` are its place in the text.

    ``is_alternative``: it is joined by OR to the chip before it.
    """

    label: str
    start: int
    end: int
    term: Term
    is_alternative: bool = False


def chips(search: Search) -> tuple[Chip, ...]:
    """Return a chip for each term of a search, in their order in the text."""
    found = [
        Chip(_label(term), term.start, term.end, term, is_alternative=number > 0)
        for group in search.groups
        for number, term in enumerate(group)
    ]
    return tuple(sorted(found, key=lambda chip: chip.start))


def without(text: str, chip: Chip) -> str:
    """Return the text without a chip's term, and without the words that joined it to others."""
    before, after = text[: chip.start], text[chip.end :]
    joined = _links_at_end(before)
    if joined:
        before = before[: joined[0].start]
    if all(piece.link is not Link.OR for piece in joined):
        after = _without_leading_or(after)
    return " ".join(part for part in (before.strip(), after.strip()) if part)


def with_term(text: str, key: SearchKey, value: str, *, is_exact: bool = False, is_excluded: bool = False) -> str:
    """Return the text with one more term; ``is_exact`` asks for whole words, as a choice by mouse does."""
    shown = quoted(value) if is_exact or needs_quotes(value) else value
    sign = "-" if is_excluded else ""
    name = f"{key.value}:" if key is not SearchKey.WORD else ""
    return f"{_closed(text)} {sign}{name}{shown}".strip()


def with_only(text: str, search: Search, key: SearchKey, value: str | None, *, is_exact: bool = False) -> str:
    """Return the text with this value as the only one of its key, or none; excluded terms of the key stay."""
    for chip in reversed(chips(search)):
        if chip.term.key is key and not chip.term.is_excluded:
            text = without(text, chip)
    return text if value is None else with_term(text, key, value, is_exact=is_exact)


def _label(term: Term) -> str:
    sign = "-" if term.is_excluded else ""
    return f"{sign}{term.key.value}: {term.value}" if term.key is not SearchKey.WORD else f"{sign}{term.value}"


def _links_at_end(text: str) -> list[Piece]:
    """Return the words behind the last term that would join it to the next one."""
    found: list[Piece] = []
    for piece in pieces(storable(text)):
        found = [*found, piece] if piece.link is not None else []
    return found


def _without_leading_or(text: str) -> str:
    first = next(pieces(storable(text)), None)
    return text[first.end :] if first is not None and first.link is Link.OR else text


def _closed(text: str) -> str:
    """Return the text in such a way that nothing written behind it becomes part of its last term."""
    joined = _links_at_end(text)
    if joined:
        return text[: joined[0].start].rstrip()
    last = None
    for piece in pieces(storable(text)):
        last = piece
    if last is None or last.is_closed:
        return text.rstrip()
    is_escaping = (len(text) - len(text.rstrip("\\"))) % 2 == 1
    return text + ('\\"' if is_escaping else '"')
