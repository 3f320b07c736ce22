"""Fits lines of text into cells without asking Qt about every one of them."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

_FIRST, _LAST = 32, 126
_ELLIPSIS = "…"
_MOST_KEPT = 4096


class LineFit:
    """The widths of a font's printable ASCII characters; Qt measures only what has others in it.

    With ``in_middle`` a line loses its middle instead of its end, as for paths, which differ there.

    Shaping a line to measure it takes as long as painting it. What kerning makes of the sum is less than the space that
    is left between two columns.
    """

    def __init__(self, font: QFont, *, in_middle: bool = False) -> None:
        self.font = font
        self._in_middle = in_middle
        self._metrics = QFontMetricsF(font)
        self._widths = {chr(n): self._metrics.horizontalAdvance(chr(n)) for n in range(_FIRST, _LAST + 1)}
        self._ellipsis = self._metrics.horizontalAdvance(_ELLIPSIS)
        self.fitted = lru_cache(_MOST_KEPT)(self._fit)

    def paint(self, painter: QPainter, left: int, top: int, width: int, height: int, text: str, at_end: bool) -> None:
        """Paint one line in the middle of a box, elided where it does not fit; the painter has this font."""
        shown, taken = self.fitted(text, width)
        if shown:
            x = left + width - taken if at_end else left
            rise = (height + self._metrics.ascent() - self._metrics.descent()) / 2
            painter.drawText(QPointF(x, top + rise), shown)

    def _fit(self, text: str, width: int) -> tuple[str, float]:
        """Return what is shown of a text in so many pixels, and how many of them it takes."""
        try:
            taken = sum(map(self._widths.__getitem__, text))
        except KeyError:
            mode = Qt.TextElideMode.ElideMiddle if self._in_middle else Qt.TextElideMode.ElideRight
            shown = self._metrics.elidedText(text.replace("\n", " "), mode, width)
            return shown, self._metrics.horizontalAdvance(shown)
        return (text, taken) if taken <= width else self._cut(text, width)

    def _cut(self, text: str, width: int) -> tuple[str, float]:
        room = width - self._ellipsis
        if room < 0:
            return "", 0.0
        end, taken_there = self._beginning(text[::-1], room / 2) if self._in_middle else ("", 0.0)
        beginning, taken = self._beginning(text, room - taken_there)
        return f"{beginning.rstrip()}{_ELLIPSIS}{end[::-1].lstrip()}", taken + self._ellipsis + taken_there

    def _beginning(self, text: str, room: float) -> tuple[str, float]:
        """Return as many of the first characters as there is room for, and what they take of it."""
        taken, count = 0.0, 0
        while count < len(text) and taken + self._widths[text[count]] <= room:
            taken += self._widths[text[count]]
            count += 1
        return text[:count], taken
