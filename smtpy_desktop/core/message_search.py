"""The search language for messages: from text to a ``Search`` and back.

Terms stand side by side and all have to hold: ``status:failed from:example.com invoice``. ``OR`` between two terms asks
for one of them and binds closer, ``-`` before a term excludes it, quotes keep words together and mean whole words. Two
``status:`` or two ``domain:`` terms mean either, since a message has but one.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from smtpy_desktop.core.message_search_keys import known_key, probable_key
from smtpy_desktop.core.message_search_text import Link, Piece, pieces, quoted, storable
from smtpy_desktop.core.message_search_values import Typed, meaning_of
from smtpy_desktop.schemas.message_search import Problem, Search, SearchKey, Term
from smtpy_desktop.schemas.text import Text, text

MOST_TERMS = 50
LONGEST_TEXT = 10_000

_ONE_OF_A_KIND = (SearchKey.STATUS, SearchKey.DOMAIN)


def parse_search(typed: str, *, now: datetime, zone: tzinfo) -> Search:
    """Return what a text asks for; mistakes become problems, and what is understood is searched for all the same."""
    reading = _Reading(now, zone)
    for piece in pieces(storable(typed[:LONGEST_TEXT])):
        if reading.is_full:
            reading.tell(
                piece.start, len(typed), text("Only the first {count} terms are searched for.", count=MOST_TERMS)
            )
            break
        reading.take(piece)
    else:
        if len(typed) > LONGEST_TEXT:
            said = text("Only the first {count} characters are searched for.", count=LONGEST_TEXT)
            reading.tell(LONGEST_TEXT, len(typed), said)
    return reading.finish()


def format_search(search: Search) -> str:
    """Return a text that means the same, in the canonical spelling."""
    return " ".join(" OR ".join(format_term(term) for term in group) for group in search.groups)


def format_term(term: Term) -> str:
    """Return one term as it is typed."""
    sign = "-" if term.is_excluded else ""
    key = f"{term.key.value}:" if term.key is not SearchKey.WORD else ""
    return f"{sign}{key}{quoted(term.value) if term.is_quoted else term.value}"


class _Reading:
    """The search as far as it has been read."""

    def __init__(self, now: datetime, zone: tzinfo) -> None:
        self._now, self._zone = now, zone
        self._groups: list[tuple[Term, ...]] = []
        self._problems: list[Problem] = []
        self._link: Piece | None = None
        self._is_negated = False
        self._is_left_dropped = False
        self._count = 0

    @property
    def is_full(self) -> bool:
        """Whether no more terms are taken."""
        return self._count >= MOST_TERMS

    def take(self, piece: Piece) -> None:
        """Take the next term, or the word that joins it to the next one."""
        if piece.link is not None:
            self._take_link(piece, piece.link)
            return
        term = self._term(piece)
        if term is not None:
            self._count += 1
            if self._link is not None:
                self._groups[-1] = (*self._groups[-1], term)
            else:
                self._groups.append((term,))
        self._is_negated, self._is_left_dropped, self._link = False, term is None, None

    def finish(self) -> Search:
        """Return what was read."""
        if self._link is not None:
            self._tell_of_link(self._link)
        return Search(_merged(self._groups), tuple(self._problems))

    def tell(self, start: int, end: int, message: Text) -> None:
        """Note what is wrong with a part of the text."""
        self._problems.append(Problem(start, end, message))

    def _take_link(self, piece: Piece, link: Link) -> None:
        if link is Link.NOT:
            self._is_negated = True
        elif link is Link.OR and not self._is_left_dropped:  # of a term that was refused, only the other is left
            if self._link is not None or not self._groups:
                self._tell_of_link(piece)
            self._link = piece if self._groups else None

    def _tell_of_link(self, piece: Piece) -> None:
        self.tell(piece.start, piece.end, text("“OR” joins two terms: write one before it and one after it."))

    def _term(self, piece: Piece) -> Term | None:
        key, value = self._key(piece)
        if piece.is_quoted and not piece.is_closed:
            self.tell(piece.value_start, piece.end, text("The closing quote is missing; the rest is taken as quoted."))
        if not value.strip():
            self.tell(piece.start, piece.end, _nothing_after(key))
            return None
        meaning = meaning_of(key, Typed(value, piece.is_quoted, self._now, self._zone))
        if isinstance(meaning, Text):
            self.tell(piece.start, piece.end, meaning)
            return None
        is_excluded = piece.is_excluded or self._is_negated
        return Term(key, value, meaning, piece.is_quoted, is_excluded, piece.start, piece.end)

    def _key(self, piece: Piece) -> tuple[SearchKey, str]:
        """Return the key and the value; a name that is no key belongs to the words that are searched for."""
        key = known_key(piece.name) if piece.name else SearchKey.WORD
        if key is not None:
            return key, piece.value
        meant = probable_key(piece.name)
        name_end = piece.value_start
        if meant is not None:
            said = text("There is no key “{name}:”; did you mean “{meant}:”?", name=piece.name, meant=meant.value)
            self.tell(piece.start, name_end, said)
        elif piece.value:
            said = text("There is no key “{name}:”; the words are searched for as they are.", name=piece.name)
            self.tell(piece.start, name_end, said)
        return SearchKey.WORD, f"{piece.name}:{piece.value}"


def _nothing_after(key: SearchKey) -> Text:
    if key is SearchKey.WORD:
        return text("There is nothing between the quotes.")
    return text("Write what to look for right after “{key}:”.", key=key.value)


def _merged(groups: list[tuple[Term, ...]]) -> tuple[tuple[Term, ...], ...]:
    """Join the groups of which a message can satisfy but one: several statuses, several domains."""
    merged: list[tuple[Term, ...]] = []
    place_of: dict[SearchKey, int] = {}
    for group in groups:
        key = group[0].key
        is_joinable = key in _ONE_OF_A_KIND and all(term.key is key and not term.is_excluded for term in group)
        if is_joinable and key in place_of:
            merged[place_of[key]] += group
            continue
        if is_joinable:
            place_of[key] = len(merged)
        merged.append(group)
    return tuple(merged)
