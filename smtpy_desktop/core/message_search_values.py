"""What the value after each key means, or a sentence about why it means nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from smtpy_desktop.core import message_search_dates
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.message_search_keys import probable_word
from smtpy_desktop.core.message_search_sizes import parse_size
from smtpy_desktop.core.message_search_words import LONGEST_WORD, MOST_WORDS, lower, wanted_words, words_of
from smtpy_desktop.schemas.message_search import (
    AddressParts,
    DomainName,
    Feature,
    Has,
    Identity,
    Meaning,
    Reason,
    SearchKey,
    SizeSpan,
    Statuses,
    Thread,
    TimeSpan,
)
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.schemas.text import Text, text

STATUS_WORDS = tuple(status.value for status in MessageStatus)
FEATURE_WORDS = tuple(feature.value for feature in Feature)
REASON_WORDS = tuple(bounce.value for bounce in BounceClass)

_LARGEST_NUMBER = 2**63 - 1
_LONGEST_SHOWN = 40
_FEATURES = {feature.value: feature for feature in Feature} | {
    "attachments": Feature.ATTACHMENT,
    "file": Feature.ATTACHMENT,
    "errors": Feature.ERROR,
}


@dataclass(frozen=True, slots=True)
class Typed:
    """A value as typed, and what a date in it depends on."""

    value: str
    is_quoted: bool
    now: datetime
    zone: tzinfo


def meaning_of(key: SearchKey, typed: Typed) -> Meaning | Text:
    """Return what a value that is not empty means after a key, or the sentence to show instead."""
    return _READERS[key](typed)


def _words(typed: Typed) -> Meaning | Text:
    found = wanted_words(typed.value, is_quoted=typed.is_quoted)
    if found is not None:
        return found
    if words_of(typed.value):
        return _too_long()
    return _no_words(typed)


def _too_long() -> Text:
    return text(
        "This is too long to be searched for; up to {count} words of up to {length} letters are.",
        count=MOST_WORDS,
        length=LONGEST_WORD,
    )


def _no_words(typed: Typed) -> Text:
    return text("There is nothing to search for in “{value}”: give letters or digits.", value=_shown(typed.value))


def _shown(value: str) -> str:
    return value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"


def _address(typed: Typed) -> Meaning | Text:
    if typed.value.strip() == "<>":
        return AddressParts("", "", is_open=False)  # the null sender of bounces
    local, sign, host = lower(typed.value.strip().strip("<>")).rpartition("@")
    if not sign:
        return _words(typed)
    if not (local or host):
        return _no_words(typed)
    if len(local) + len(host) > LONGEST_WORD - 2:
        return _too_long()
    words = (*words_of(local), *words_of(host))
    return AddressParts(local, host, is_open=bool(host) and not typed.is_quoted, index_words=words)


def _domain(typed: Typed) -> Meaning | Text:
    name = lower(typed.value.strip().strip(".@"))
    if not name:
        return text("Give a domain after “domain:”, such as domain:example.com.")
    return DomainName(name, is_open="." not in name and not typed.is_quoted)


def _status(typed: Typed) -> Meaning | Text:
    statuses: set[MessageStatus] = set()
    for word in filter(None, (part.strip().lower() for part in typed.value.split(","))):
        if word not in STATUS_WORDS:
            return _no_such_word(word, STATUS_WORDS)
        statuses.add(MessageStatus(word))
    return Statuses(frozenset(statuses)) if statuses else _no_such_word(typed.value, STATUS_WORDS)


def _reason(typed: Typed) -> Meaning | Text:
    if typed.is_quoted:
        return Reason(typed.value)  # as it is stored, which may be a word of another version of the program
    word = typed.value.strip().lower()
    return Reason(word) if word in REASON_WORDS else _no_such_word(word, REASON_WORDS)


def _has(typed: Typed) -> Meaning | Text:
    word = typed.value.strip().lower()
    return Has(_FEATURES[word]) if word in _FEATURES else _no_such_word(word, FEATURE_WORDS)


def _no_such_word(word: str, words: tuple[str, ...]) -> Text:
    meant = probable_word(word, words)
    if meant is not None:
        return text("“{word}” is not known here; “{meant}” is.", word=_shown(word), meant=meant)
    return text("“{word}” is not known here; these are: {words}.", word=_shown(word), words=", ".join(words))


def _date(reader: Callable[..., TimeSpan]) -> Callable[[Typed], Meaning | Text]:
    def read(typed: Typed) -> Meaning | Text:
        try:
            return reader(typed.value, now=typed.now, zone=typed.zone)
        except message_search_dates.NoDate:
            return text(
                "“{value}” is no date that can be searched for. Write it as 2026-01-31, 2026-01, yesterday, monday,"
                " january or 7d.",
                value=_shown(typed.value),
            )

    return read


def _larger(typed: Typed) -> Meaning | Text:
    size = parse_size(typed.value)
    return SizeSpan(size, None) if size is not None else _no_size(typed)


def _smaller(typed: Typed) -> Meaning | Text:
    size = parse_size(typed.value)
    return SizeSpan(None, size) if size is not None else _no_size(typed)


def _no_size(typed: Typed) -> Text:
    return text("“{value}” is no size. Write it as 500, 10k or 1.5MB.", value=_shown(typed.value))


def _thread(typed: Typed) -> Meaning | Text:
    wanted = _unbracketed(typed.value)
    return Thread(wanted) if wanted else _no_words(typed)


def _identity(typed: Typed) -> Meaning | Text:
    wanted = _unbracketed(typed.value)
    if not wanted:
        return _no_words(typed)
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 20 else None
    return Identity(wanted, number if number is not None and number <= _LARGEST_NUMBER else None)


def _unbracketed(value: str) -> str:
    return value.strip().removeprefix("<").removesuffix(">")


_READERS: dict[SearchKey, Callable[[Typed], Meaning | Text]] = {
    SearchKey.WORD: _words,
    SearchKey.FROM: _address,
    SearchKey.TO: _address,
    SearchKey.FORWARDED: _address,
    SearchKey.DOMAIN: _domain,
    SearchKey.STATUS: _status,
    SearchKey.SUBJECT: _words,
    SearchKey.AFTER: _date(message_search_dates.after),
    SearchKey.BEFORE: _date(message_search_dates.before),
    SearchKey.ON: _date(message_search_dates.on),
    SearchKey.LARGER: _larger,
    SearchKey.SMALLER: _smaller,
    SearchKey.HAS: _has,
    SearchKey.THREAD: _thread,
    SearchKey.ID: _identity,
    SearchKey.ERROR: _words,
    SearchKey.REASON: _reason,
}
