"""What counts as a word: every run of letters and digits (and of symbols that are no punctuation), without case."""

from __future__ import annotations

import re

from smtpy_desktop.schemas.message_search import Words

# The same separators as in the database's function smtpy_words, and NUL.
_WORD = re.compile(
    "[^\\u0000-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00a9\\u00ab-\\u00b1\\u00b4\\u00b6-\\u00b8\\u00bb\\u00bf\\u00d7\\u00f7"
    "\\u2000-\\u206f\\u3000-\\u3003\\u3008-\\u3011\\u3014-\\u301f\\ufeff\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65]+"
)

LONGEST_WORD = 200
"""Letters; PostgreSQL keeps words of up to 2,046 bytes."""

MOST_WORDS = 50
"""In one term."""


def words_of(value: str) -> tuple[str, ...]:
    """Return the words of a text in their order, lower-case."""
    return tuple(_WORD.findall(lower(value)))


def wanted_words(value: str, *, is_quoted: bool) -> Words | None:
    """Return what a typed value asks for; None when it holds no word, too many, or one that is too long to be kept.

    Typed bare, the last word is the beginning of one, unless something that is no letter follows it.
    """
    words = words_of(value)
    if not 1 <= len(words) <= MOST_WORDS or max(map(len, words)) > LONGEST_WORD:
        return None
    return Words(words, is_open=not is_quoted and _WORD.match(value[-1]) is not None)


def lower(value: str) -> str:
    """Return a text in lower case, letter by letter as PostgreSQL does it."""
    return value.lower() if value.isascii() else "".join(map(_small, value))


def _small(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else "i"  # the dotted capital I alone becomes two characters
