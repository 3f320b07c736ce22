"""Mend an SPF record that receivers ignore: take out the terms that break it, and say what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from smtpy_desktop.core.spf import LOOKUP_LIMIT
from smtpy_desktop.core.spf_merge import Word, merge_mechanism, without_word, words_of
from smtpy_desktop.core.spf_record import VERSION, Mechanism, Modifier, is_spf_record
from smtpy_desktop.schemas.dns import SpfMending, SpfOutcome
from smtpy_desktop.schemas.text import Text, text

_UNDECIDED = ("pass", "temperror")


@dataclass(frozen=True, slots=True)
class MendedRecord:
    """A record with our mechanisms merged in, and the terms that were taken out for it."""

    value: str
    removed: tuple[str, ...] = ()


def mended_record(existing: str, mechanisms: str, *, domain: str, offending: Collection[str] = ()) -> MendedRecord:
    """Return the existing record without broken terms and with our mechanisms (separated by blanks).

    Taken out are the terms that break the grammar, that include ``domain`` itself, and those in ``offending`` (as
    ``SpfOutcome`` names them); never one of ours. All else is kept byte for byte.
    """
    if not is_spf_record(existing):
        return MendedRecord(merge_mechanism(existing, mechanisms))
    ours = {word.term.identity for word in words_of(f"{VERSION} {mechanisms}") if isinstance(word.term, Mechanism)}
    words = words_of(existing)
    broken = [
        word
        for word in words
        if not _is_ours(word, ours) and (_breaks(word, words, domain) or _text_of(word, existing) in offending)
    ]
    record = existing
    for word in reversed(broken):
        record = without_word(word, record)
    removed = tuple(_text_of(word, existing) for word in broken)
    return MendedRecord(merge_mechanism(record, mechanisms), removed)


def offending_terms(outcomes: Iterable[SpfOutcome]) -> tuple[str, ...]:
    """Return the terms that made any of the outcomes a permerror, each once."""
    return tuple(dict.fromkeys(term for outcome in outcomes for term in outcome.offending))


def is_known_to_fail(outcomes: Iterable[SpfOutcome]) -> bool:
    """Return whether a record with these outcomes would be judged wrong."""
    return any(outcome.result not in _UNDECIDED for outcome in outcomes)


def needs_too_many_lookups(outcomes: Iterable[SpfOutcome]) -> bool:
    """Return whether a record with these outcomes passes the limit of section 4.6.4."""
    return any(outcome.lookups > LOOKUP_LIMIT for outcome in outcomes)


def costly_terms(record: str) -> tuple[str, ...]:
    """Return the terms of a record that need DNS look-ups, as written."""
    return tuple(
        record[word.start : word.end]
        for word in words_of(record)
        if (isinstance(word.term, Mechanism) and word.term.needs_lookup)
        or (isinstance(word.term, Modifier) and word.term.name == "redirect")
    )


def mending_notes(mending: SpfMending, mechanisms: str) -> tuple[Text, ...]:
    """Say what was taken out of the record to publish, or why there is none to show and what to do instead."""
    if mending.value:
        return (_taken_out(mending.removed),) if mending.removed else ()
    return _no_record(mending, mechanisms)


def _taken_out(removed: tuple[str, ...]) -> Text:
    return text(
        "Taken out of the record to publish, as receivers ignore the whole record because of it: {terms}. If mail"
        " depends on it, put it back in a form that works.",
        terms=", ".join(f"“{term}”" for term in removed),
    )


def _no_record(mending: SpfMending, mechanisms: str) -> tuple[Text, ...]:
    if needs_too_many_lookups(mending.outcomes):
        return (_too_many_lookups(mending),)
    failing = [outcome for outcome in mending.outcomes if outcome.result not in _UNDECIDED]
    broken = next((outcome for outcome in failing if outcome.result == "permerror"), None)
    if broken is not None:
        note = text(
            "No record can be offered: with {mechanism} in it, it would still be invalid. Correct what is said below,"
            " or the SPF mechanism in the settings, then verify again.",
            mechanism=mechanisms,
        )
        return (note, broken.problem) if broken.problem is not None else (note,)
    return (
        text(
            "No record can be offered: even with {mechanism} in it, mail from {addresses} would not pass. Correct the"
            " SPF mechanism or the sending addresses in the settings, then verify again.",
            mechanism=mechanisms,
            addresses=", ".join(outcome.address for outcome in failing),
        ),
    )


def _too_many_lookups(mending: SpfMending) -> Text:
    if not mending.costs:
        return text(
            "No record can be offered: with ours it would need more than 10 DNS look-ups (RFC 7208 section 4.6.4). Take"
            " out includes that are no longer used, or write their addresses as ip4: and ip6: instead, then verify"
            " again."
        )
    return text(
        "No record can be offered: with ours it would need more than 10 DNS look-ups (RFC 7208 section 4.6.4). They are"
        " caused by {costs}. Take out includes that are no longer used, or write their addresses as ip4: and ip6:"
        " instead, until no more than 10 are left, then verify again.",
        costs=", ".join(f"{term} ({_count(lookups)})" for term, lookups in mending.costs),
    )


def _count(lookups: int) -> str:
    return str(lookups) if lookups <= LOOKUP_LIMIT else f">{LOOKUP_LIMIT}"


def _text_of(word: Word, record: str) -> str:
    return record[word.start : word.end]


def _is_ours(word: Word, ours: set[tuple[object, ...]]) -> bool:
    return isinstance(word.term, Mechanism) and word.term.identity in ours


def _breaks(word: Word, words: list[Word], domain: str) -> bool:
    """Whether a term makes the record invalid whatever the DNS says."""
    term = word.term
    if isinstance(term, Mechanism):
        return term.name == "include" and _is_name(term.target_text, domain)
    if isinstance(term, Modifier) and term.name in ("redirect", "exp"):
        is_second = any(_is_modifier(other, term.name) and other.start < word.start for other in words)
        return is_second or (term.name == "redirect" and _is_name(term.text.partition("=")[2], domain))
    return term is None


def _is_modifier(word: Word, name: str) -> bool:
    return isinstance(word.term, Modifier) and word.term.name == name


def _is_name(target: str, domain: str) -> bool:
    return target.lower().removesuffix(".") == domain.lower().removesuffix(".")
