"""What is written in a PDF of ours, glyph by glyph, as programs read it that search or copy from it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

NAMELESS = "\N{REPLACEMENT CHARACTER}"
"""What a glyph is read as that stands for no single character."""

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*)endstream", re.DOTALL)
_FONT = re.compile(rb"/F(\d+) \d+ 0 R")
_TO_UNICODE = re.compile(rb"/ToUnicode (\d+) 0 R")
_RANGE = re.compile(rb"<([0-9A-F]{4})> <[0-9A-F]{4}> \[([^]]*)\]")
_SHOWN = re.compile(rb"BT|/F(\d+) [\d.]+ Tf|<([0-9A-F]+)> Tj")


def text_of_pdf(content: bytes) -> str:
    """Return the text of a PDF that Qt has written, each piece of text on a line of its own (ISO 32000-1, 9.10)."""
    objects = {int(number): body for number, body in _OBJECT.findall(content)}
    fonts = {
        number: dict(_letters(objects[int(found[1])]))
        for number, body in objects.items()
        if (found := _TO_UNICODE.search(body)) is not None
    }
    pages = (_stream(body) for body in objects.values() if b"/Filter /FlateDecode" in body)
    return "".join(letter for page in pages if b" Tj" in page for letter in _shown(page, fonts))


def _shown(page: bytes, fonts: dict[int, dict[int, str]]) -> Iterator[str]:
    font: dict[int, str] = {}
    for found in _SHOWN.finditer(page):
        if found[0] == b"BT":
            yield "\n"
        elif found[1]:
            font = fonts[int(found[1])]
        else:
            glyphs = found[2]
            numbers = (int(glyphs[place : place + 4], 16) for place in range(0, len(glyphs), 4))
            yield from (font.get(number, NAMELESS) for number in numbers)


def _letters(body: bytes) -> Iterator[tuple[int, str]]:
    for first, letters in _RANGE.findall(_stream(body)):
        for place, letter in enumerate(re.findall(rb"<([0-9A-F]+)>", letters)):
            # Blanks and tabs are one glyph, and Qt names it after the tab.
            yield int(first, 16) + place, bytes.fromhex(letter.decode()).decode("utf-16-be").replace("\t", " ")


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompressobj().decompress(found[1]) if b"/FlateDecode" in body else found[1]
