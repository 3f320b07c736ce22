"""What can be typed next in the search box: keys, fixed values, and which values the database has to supply."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smtpy_desktop.core.message_search_dates import DATE_WORDS, MONTHS
from smtpy_desktop.core.message_search_keys import KEYS, known_key
from smtpy_desktop.core.message_search_sizes import SIZE_EXAMPLES
from smtpy_desktop.core.message_search_text import needs_quotes, quoted
from smtpy_desktop.core.message_search_values import FEATURE_WORDS, REASON_WORDS, STATUS_WORDS
from smtpy_desktop.schemas.message_search import SearchKey
from smtpy_desktop.schemas.text import Text, text

_FIXED_VALUES: dict[SearchKey, tuple[str, ...]] = {
    SearchKey.STATUS: STATUS_WORDS,
    SearchKey.HAS: FEATURE_WORDS,
    SearchKey.REASON: REASON_WORDS,
    SearchKey.AFTER: DATE_WORDS + MONTHS,
    SearchKey.BEFORE: DATE_WORDS + MONTHS,
    SearchKey.ON: DATE_WORDS + MONTHS,
    SearchKey.LARGER: SIZE_EXAMPLES,
    SearchKey.SMALLER: SIZE_EXAMPLES,
}
STORED_VALUES = frozenset({SearchKey.FROM, SearchKey.TO, SearchKey.FORWARDED, SearchKey.DOMAIN})
"""The keys whose values are completed from what is stored."""

_WORD_AT_CURSOR = re.compile(r"\S*$")
_TYPED_KEY = re.compile(r"(-?)([A-Za-z-]+):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on: ``insert`` replaces the text from ``start`` to ``end``; ``hint`` says what it finds."""

    insert: str
    start: int
    end: int
    hint: Text | None = None


@dataclass(frozen=True, slots=True)
class ValueWanted:
    """A value of ``key`` that begins with ``typed`` is being written; it stands from ``start`` to ``end``."""

    key: SearchKey
    typed: str
    start: int
    end: int

    def complete_with(self, value: str) -> Completion:
        """Return the completion by one value that is stored."""
        return Completion(_value(value), self.start, self.end)


def complete(typed: str, cursor: int) -> tuple[Completion, ...]:
    """Return the keys and fixed values that go on from where the cursor is."""
    start, word, end = _at_cursor(typed, cursor)
    wanted = value_wanted(typed, cursor)
    if wanted is None:
        sign = "-" if word.startswith("-") else ""
        name = word.removeprefix("-").lower()
        return tuple(
            Completion(f"{sign}{key.value}:", start, end, key_hint(key)) for key in KEYS if key.value.startswith(name)
        )
    values = _FIXED_VALUES.get(wanted.key, ())
    before, comma, last = wanted.typed.rpartition(",") if wanted.key is SearchKey.STATUS else ("", "", wanted.typed)
    place = wanted.start + len(before) + len(comma)
    return tuple(Completion(_value(value), place, end) for value in values if value.startswith(last.lower()))


def value_wanted(typed: str, cursor: int) -> ValueWanted | None:
    """Return the value in which the cursor is, None when it is in no term with a key."""
    start, word, end = _at_cursor(typed, cursor)
    found = _TYPED_KEY.fullmatch(word)
    key = known_key(found[2]) if found else None
    if not found or key is None:
        return None
    return ValueWanted(key, found[3].lstrip('"'), start + len(found[1]) + len(found[2]) + 1, end)


def key_hint(key: SearchKey) -> Text:
    """Say what a key finds."""
    return _HINTS[key]


def _at_cursor(typed: str, cursor: int) -> tuple[int, str, int]:
    """Return where the word at the cursor begins, the word up to the cursor, and where it ends."""
    cursor = max(0, min(cursor, len(typed)))
    found = _WORD_AT_CURSOR.search(typed[:cursor])
    start = found.start() if found else cursor
    end = cursor
    while end < len(typed) and not typed[end].isspace():
        end += 1
    return start, typed[start:cursor], end


def _value(value: str) -> str:
    return quoted(value) if needs_quotes(value) else value


_HINTS: dict[SearchKey, Text] = {
    SearchKey.FROM: text("Sender: a name, an address or a domain"),
    SearchKey.TO: text("Recipient: a name, an address or a domain"),
    SearchKey.FORWARDED: text("Where it was forwarded to"),
    SearchKey.DOMAIN: text("One of your domains"),
    SearchKey.STATUS: text("One status or several, with commas"),
    SearchKey.SUBJECT: text("Words of the subject"),
    SearchKey.AFTER: text("From this day on: 2026-01-31, yesterday, 7d"),
    SearchKey.BEFORE: text("Before this day: 2026-01-31, yesterday, 7d"),
    SearchKey.ON: text("On this day, in this month or year, or from 2026-01-01..2026-01-31"),
    SearchKey.LARGER: text("Larger than: 10k, 1.5MB"),
    SearchKey.SMALLER: text("Smaller than: 10k, 1.5MB"),
    SearchKey.HAS: text("What the message has"),
    SearchKey.THREAD: text("All messages of a thread"),
    SearchKey.ID: text("A Message-ID, or the number of a message"),
    SearchKey.ERROR: text("Words of the error"),
    SearchKey.REASON: text("Why it failed, as the overview counts it"),
}
