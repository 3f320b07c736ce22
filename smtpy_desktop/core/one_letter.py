"""Find the one letter in which two values differ (Damerau-Levenshtein distance 1) and say where it is."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from smtpy_desktop.schemas.text import Text, text

_SURROUNDING = 12


class Slip(enum.Enum):
    """The four ways to mistype one letter."""

    MISSING = enum.auto()
    EXTRA = enum.auto()
    OTHER = enum.auto()
    SWAPPED = enum.auto()


@dataclass(frozen=True, slots=True)
class OneLetter:
    """One slip: ``place`` counts letters from 1; ``found`` and ``wanted`` are the letters concerned (may be empty)."""

    slip: Slip
    place: int
    found: str
    wanted: str
    before: str

    def describe(self, found_in: str, wanted_in: str) -> Text:
        """Say in a sentence what is wrong with ``found_in``; both are shown."""
        shown = {"found_in": found_in, "wanted_in": wanted_in}
        return self._after(shown) if self.before else self._at_the_beginning(shown)

    def _after(self, shown: dict[str, str]) -> Text:
        match self.slip:
            case Slip.MISSING:
                return text(
                    "One letter is missing: “{found_in}” is published, “{wanted_in}” is wanted: the “{letter}” after"
                    " “{before}”.",
                    **shown,
                    letter=self.wanted,
                    before=self.before,
                )
            case Slip.EXTRA:
                return text(
                    "One letter too many: “{found_in}” is published, “{wanted_in}” is wanted: without the “{letter}”"
                    " after “{before}”.",
                    **shown,
                    letter=self.found,
                    before=self.before,
                )
            case Slip.SWAPPED:
                return text(
                    "Two letters are swapped: “{found_in}” is published, “{wanted_in}” is wanted: “{letters}” after"
                    " “{before}”.",
                    **shown,
                    letters=self.wanted,
                    before=self.before,
                )
            case Slip.OTHER:
                return text(
                    "One letter is wrong: “{found_in}” is published, “{wanted_in}” is wanted: “{letter}” instead of"
                    " “{found}” after “{before}”.",
                    **shown,
                    letter=self.wanted,
                    found=self.found,
                    before=self.before,
                )

    def _at_the_beginning(self, shown: dict[str, str]) -> Text:
        match self.slip:
            case Slip.MISSING:
                return text(
                    "One letter is missing: “{found_in}” is published, “{wanted_in}” is wanted: the “{letter}” at the"
                    " beginning.",
                    **shown,
                    letter=self.wanted,
                )
            case Slip.EXTRA:
                return text(
                    "One letter too many: “{found_in}” is published, “{wanted_in}” is wanted: without the “{letter}” at"
                    " the beginning.",
                    **shown,
                    letter=self.found,
                )
            case Slip.SWAPPED:
                return text(
                    "Two letters are swapped: “{found_in}” is published, “{wanted_in}” is wanted: “{letters}” at the"
                    " beginning.",
                    **shown,
                    letters=self.wanted,
                )
            case Slip.OTHER:
                return text(
                    "One letter is wrong: “{found_in}” is published, “{wanted_in}” is wanted: “{letter}” instead of"
                    " “{found}” at the beginning.",
                    **shown,
                    letter=self.wanted,
                    found=self.found,
                )


def one_letter(found: str, wanted: str) -> OneLetter | None:
    """Return the slip that turns ``wanted`` into ``found``; None if they are equal or differ by more."""
    if found == wanted or abs(len(found) - len(wanted)) > 1:
        return None
    start = _common_prefix(found, wanted)
    before = wanted[max(0, start - _SURROUNDING) : start]
    found_rest, wanted_rest = found[start:], wanted[start:]
    if found_rest == wanted_rest[1:]:
        return OneLetter(Slip.MISSING, start + 1, "", wanted_rest[:1], before)
    if found_rest[1:] == wanted_rest:
        return OneLetter(Slip.EXTRA, start + 1, found_rest[:1], "", before)
    if found_rest[1:] == wanted_rest[1:]:
        return OneLetter(Slip.OTHER, start + 1, found_rest[:1], wanted_rest[:1], before)
    if found_rest[2:] == wanted_rest[2:] and found_rest[:2] == wanted_rest[1::-1]:
        return OneLetter(Slip.SWAPPED, start + 1, found_rest[:2], wanted_rest[:2], before)
    return None


def _common_prefix(one: str, other: str) -> int:
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))
