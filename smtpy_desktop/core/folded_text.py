"""Texts as they are compared when somebody searches: without regard to case, accents, ligatures and typed quotes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_ACCENTS = re.compile("[\u0300-\u036f]+")
_SHORT = 2
_SPELLED_OUT = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "\u2018": "'", "\u2019": "'"})


def folded(words: str) -> str:
    """Return words as they are compared."""
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", words)).translate(_SPELLED_OUT).casefold()


def telling(words: Sequence[str]) -> list[str]:
    """Return the words that show where something is, the longest first; short ones ("of", "de") stand everywhere."""
    ordered = sorted(words, key=len, reverse=True)
    return [word for word in ordered if len(word) > _SHORT] or ordered


def places_of(wanted: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where ``wanted`` (folded) stands in a text: the first character and the one after the last."""
    letters = [(folded(letter), place) for place, letter in enumerate(text)]
    plain = "".join(letter for letter, _ in letters)
    places = [place for letter, place in letters for _ in letter]
    start = plain.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        yield places[start], places[end - 1] + 1
        start = plain.find(wanted, end)
