"""Makes a line of foreign text safe to look at: nothing in it can move, hide or break what stands around it."""

from __future__ import annotations

import re
import unicodedata

LINE_BREAK = "\u200b"
"""A zero-width space: a line may end here (Unicode Standard Annex 14, class ZW)."""
LONGEST_SHOWN = 400
"""Characters; no table is wider, and measuring ten thousand of them for each paint would be felt."""

_KEPT_FORMATS = "\u200c\u200d"
"""Joiners, which emoji and some scripts need."""
_LINE_END = "⏎"
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates (Unicode Standard Annex 9, section 2); marks move nothing but themselves."""
_LONG_WORD = re.compile(r"[^\s/\-]{33,}")
"""What a line cannot be broken in, and may not have room for."""
_PIECE = re.compile(".{16}[\u0300-\u036f\u200d\ufe00-\ufe0f]*")
"""Characters, together with what belongs to the last one of them."""
_CONTROL_PICTURES = 0x2400
_DELETE, _DELETE_PICTURE = "\x7f", "\u2421"


def visible_line(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the text as one line of at most ``longest`` characters, with control characters made visible.

    Line ends become ⏎, other controls their pictures (U+2400 and on); characters that reorder or hide text, such as
    the right-to-left override, are written as ⟨U+202E⟩.
    """
    cut = text[: longest + 1].replace("\r\n", "\n")
    shown = cut if cut.isascii() and cut.isprintable() else "".join(map(_visible, cut))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def visible_text(text: str) -> str:
    """Return a text of many lines with everything but its line ends and tabs made visible."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join("".join(map(_visible, part)) for part in line.split("\t")) for line in lines)


def with_visible_overrides(text: str) -> str:
    """Return a text in which characters that reorder what stands around them are written as ⟨U+202E⟩."""
    return text if text.isascii() else _OVERRIDES.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def with_line_breaks(text: str) -> str:
    """Return a text whose lines may end inside of very long words, too, so that none of them makes a window wide."""
    return _LONG_WORD.sub(lambda word: _PIECE.sub(rf"\g<0>{LINE_BREAK}", word.group()), text)


def _visible(character: str) -> str:
    if character.isprintable() or character in _KEPT_FORMATS:
        return character
    if character in "\n\r\u2028\u2029\x85":
        return _LINE_END
    if character == _DELETE:
        return _DELETE_PICTURE
    if character < " ":
        return chr(_CONTROL_PICTURES + ord(character))
    if unicodedata.category(character) == "Zs":
        return " "
    return f"⟨U+{ord(character):04X}⟩"
