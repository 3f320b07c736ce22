"""Put our mechanisms into the SPF record that a domain already has (a second record would make both worthless)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeGuard

from smtpy_desktop.core.spf_macros import SpfSyntaxError
from smtpy_desktop.core.spf_record import VERSION, Mechanism, Modifier, Term, is_spf_record, parse_term

_WORD = re.compile(r"[^ ]+")


@dataclass(frozen=True, slots=True)
class Word:
    """One term of a record where it stands; ``term`` is None where it breaks the grammar."""

    start: int
    end: int
    term: Term | None


def plain_record(mechanisms: str) -> str:
    """Return the record for a domain that has none: our mechanisms, and a soft fail for everybody else."""
    return f"{VERSION} {mechanisms} ~all"


def merge_mechanism(existing: str, mechanisms: str) -> str:
    """Return the existing record with those of our mechanisms (separated by blanks) that it lacks.

    They are put where they take effect: before ``all``, ``redirect=`` and every mechanism that does not let mail
    pass. One of ours that stands too late to take effect, or under another qualifier, is replaced. All else is kept
    byte for byte; a record that has ours already is returned as it is. A text that is no SPF record gives the plain
    record.
    """
    if not is_spf_record(existing):
        return plain_record(mechanisms)
    record = existing
    for mechanism in dict.fromkeys(mechanisms.split()):
        ours = _parsed(mechanism)
        if _lets_pass(ours) and not _takes_effect(ours, words_of(record)):
            record = _inserted(mechanism, _without_same(ours, record))
    return record


def contrary_term(record: str, mechanisms: str) -> tuple[Mechanism, str] | None:
    """Return the first term that matches what one of ours does with another result than pass, and ours; else None."""
    if not is_spf_record(record):
        return None
    terms = [word.term for word in words_of(record) if isinstance(word.term, Mechanism)]
    for mechanism in mechanisms.split():
        ours = _parsed(mechanism)
        same = [term for term in terms if _lets_pass(ours) and term.identity == ours.identity]
        if same and same[0].qualifier != "+":
            return same[0], mechanism
    return None


def words_of(record: str) -> list[Word]:
    """Return the terms of a record, in their order."""
    return [Word(match.start(), match.end(), _parsed(match.group())) for match in _WORD.finditer(record, len(VERSION))]


def _parsed(word: str) -> Term | None:
    try:
        return parse_term(word)
    except SpfSyntaxError:
        return None


def _takes_effect(ours: Mechanism, words: list[Word]) -> bool:
    """Whether the record lets pass what ours matches, as far as it can be told without the DNS."""
    for word in words:
        if not isinstance(word.term, Mechanism):
            continue
        if _lets_pass(word.term) and _covers(word.term, ours):
            return True
        if word.term.name == "all" or _overrules(word.term, ours):
            return False
    return False


def _lets_pass(term: Term | None) -> TypeGuard[Mechanism]:
    return isinstance(term, Mechanism) and term.qualifier == "+" and term.name != "all"


def _covers(term: Mechanism, ours: Mechanism) -> bool:
    """Whether a term certainly matches all that ours matches: the same thing, or a network around it."""
    if term.identity == ours.identity:
        return True
    return term.version != 0 and term.prefix <= ours.prefix and _overlaps(term, ours)


def _overlaps(term: Mechanism, ours: Mechanism) -> bool:
    if term.version == 0 or term.version != ours.version:
        return False
    shift = (32 if term.version == 4 else 128) - min(term.prefix, ours.prefix)
    return term.network >> shift == ours.network >> shift


def _overrules(term: Mechanism, ours: Mechanism) -> bool:
    """Whether a term that does not let mail pass certainly matches some of what ours matches."""
    if term.qualifier == "+":
        return False
    return term.identity == ours.identity or term.matches_everything or _overlaps(term, ours)


def _without_same(ours: Mechanism, record: str) -> str:
    """Take out what matches the same senders as ours but too late or with another result."""
    for word in reversed(words_of(record)):
        if isinstance(word.term, Mechanism) and word.term.identity == ours.identity:
            record = without_word(word, record)
    return record


def without_word(word: Word, record: str) -> str:
    """Take out one term with the blanks before it."""
    return record[: word.start].rstrip(" ") + record[word.end :]


def _inserted(mechanism: str, record: str) -> str:
    for word in words_of(record):
        if _must_follow(word.term):
            return f"{record[: word.start]}{mechanism} {record[word.start :]}"
    return f"{record.rstrip(' ')} {mechanism}"


def _must_follow(term: Term | None) -> bool:
    """Whether ours has to stand before this term to take effect."""
    if isinstance(term, Modifier):
        return term.name == "redirect"
    return term is not None and (term.qualifier != "+" or term.matches_everything)
