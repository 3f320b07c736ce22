"""Lays a report out on pages of paper, a small step at a time, so that the window goes on meanwhile.

Qt's own QTextDocument lays everything out in one call (a quarter of a second for 500 rows) and breaks rows of a table
between two pages; here no row is ever broken, and every page begins with the headings of the table it goes on with.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

from smtpy_desktop.views.theme_tokens import LIGHT

MARGIN, HEAD, FOOT = 56.0, 52.0, 60.0
"""The white around the text of a page in pixels of 96 to the inch: at the sides, above, below."""

_PADDING, _ROW_AIR = 6.0, 4.0
_BREAK = "\u200b"


class Paper(enum.Enum):
    """A size of paper: width and height in pixels of 96 to the inch."""

    A4 = (794, 1123)
    LETTER = (816, 1056)

    @property
    def width(self) -> int:
        """How wide it is."""
        return self.value[0]

    @property
    def height(self) -> int:
        """How high it is."""
        return self.value[1]

    @property
    def text_width(self) -> float:
        """How wide what is written on it is."""
        return self.width - 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts of a report."""

    text: QFont
    strong: QFont
    heading: QFont
    title: QFont


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its part of the width, whether it holds figures (to the right), its colour."""

    title: str
    part: float
    is_figure: bool = False
    color: str = LIGHT.text


@dataclass(frozen=True, slots=True)
class Share:
    """A cell with a bar instead of words: the filled part of it, from 0 to 1."""

    part: float
    color: str


Cell = str | Share


@dataclass(frozen=True, slots=True)
class Words:
    """A title, heading or paragraph; a heading stays with what follows it."""

    text: str
    kind: str = "text"
    color: str = LIGHT.text
    is_kept: bool = False
    above: float = 0.0
    below: float = 4.0


@dataclass(frozen=True, slots=True)
class Figure:
    """Something painted: ``paint`` is given the painter and the place."""

    height: float
    paint: Callable[[QPainter, QRectF], None]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, or without any (``is_headed``); a cell has at most ``most_lines`` lines."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    is_headed: bool = True
    most_lines: int = 3


Block = Words | Figure | Table


@dataclass(frozen=True, slots=True)
class _Line:
    place: QPointF
    text: str
    font: QFont
    color: str


@dataclass(frozen=True, slots=True)
class _Fill:
    rect: QRectF
    color: str


@dataclass(frozen=True, slots=True)
class _Painted:
    rect: QRectF
    paint: Callable[[QPainter, QRectF], None]


_Item = _Line | _Fill | _Painted


class Page:
    """One laid out page; ``rows`` counts the table rows on it, ``texts`` is what is written there line by line."""

    def __init__(self) -> None:
        self.rows = 0
        self._items: list[_Item] = []

    def add(self, items: Iterable[_Item], down: float) -> None:
        """Put things on the page, so far from its upper edge."""
        for item in items:
            if isinstance(item, _Line):
                self._items.append(_Line(item.place + QPointF(0, down), item.text, item.font, item.color))
            elif isinstance(item, _Fill):
                self._items.append(_Fill(item.rect.translated(0, down), item.color))
            else:
                self._items.append(_Painted(item.rect.translated(0, down), item.paint))

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines of text, from above."""
        return tuple(item.text for item in self._items if isinstance(item, _Line))

    def paint(self, painter: QPainter) -> Iterator[None]:
        """Draw everything at the painter's origin, a thing at each step."""
        for item in self._items:
            if isinstance(item, _Line):
                painter.setFont(item.font)
                painter.setPen(QColor(item.color))
                painter.drawText(item.place, item.text)
            elif isinstance(item, _Fill):
                painter.fillRect(item.rect, QColor(item.color))
            else:
                painter.save()
                item.paint(painter, item.rect)
                painter.restore()
            yield


@dataclass(frozen=True, slots=True)
class _Piece:
    """What must stand on one page together."""

    height: float
    items: tuple[_Item, ...]


class Pagination:
    """Fills pages with blocks; ``pages`` grows while ``lay_out`` is walked through."""

    def __init__(self, paper: Paper, fonts: Fonts) -> None:
        self.paper = paper
        self.pages = [Page()]
        self._fonts = fonts
        self._metrics: dict[str, QFontMetricsF] = {}
        self._down = HEAD
        self._kept: list[_Piece] = []

    def lay_out(self, blocks: Iterable[Block]) -> Iterator[None]:
        """Place block after block, at most one row of a table at each step."""
        for block in blocks:
            if isinstance(block, Table):
                yield from self._lay_out_table(block)
                continue
            piece = self._words(block) if isinstance(block, Words) else _figure(block)
            if isinstance(block, Words) and block.is_kept:
                self._kept.append(piece)
            else:
                self._place(piece)
            yield
        for piece in self._kept:
            self._put(piece)

    def _lay_out_table(self, table: Table) -> Iterator[None]:
        heads = self._row(table, [column.title for column in table.columns], is_head=True)
        if table.is_headed:
            self._kept.append(heads)
        for row in table.rows:
            piece = self._row(table, row, is_head=False)
            if self._place(piece, heads if table.is_headed else None):
                yield
            self.pages[-1].rows += 1
            yield
        self._down += _PADDING

    def _place(self, piece: _Piece, heads: _Piece | None = None) -> bool:
        """Put a piece where it fits with what is kept with it; tell whether a new page was begun for it."""
        wanted = piece.height + sum(kept.height for kept in self._kept)
        is_new = self._down + wanted > self.paper.height - FOOT and self._down > HEAD
        if is_new:
            self.pages.append(Page())
            self._down = HEAD
            if heads is not None and not self._kept:
                self._put(heads)
        for kept in self._kept:
            self._put(kept)
        self._kept.clear()
        self._put(piece)
        return is_new

    def _put(self, piece: _Piece) -> None:
        self.pages[-1].add(piece.items, self._down)
        self._down += piece.height

    def _words(self, block: Words) -> _Piece:
        font: QFont = getattr(self._fonts, block.kind)
        metrics = self._metrics_of(font)
        lines = broken(block.text, font, metrics, self.paper.text_width, most_lines=12)
        height = metrics.height()
        items = tuple(
            _Line(QPointF(MARGIN, block.above + place * height + metrics.ascent()), line, font, block.color)
            for place, line in enumerate(lines)
        )
        return _Piece(block.above + len(lines) * height + block.below, items)

    def _row(self, table: Table, cells: Sequence[Cell], *, is_head: bool) -> _Piece:
        font = self._fonts.strong if is_head else self._fonts.text
        metrics = self._metrics_of(font)
        items: list[_Item] = []
        left, most = MARGIN, 1
        for column, cell in zip(table.columns, cells, strict=True):
            width = self.paper.text_width * column.part
            if isinstance(cell, Share):
                items += _bar(cell, left + _PADDING, width - 2 * _PADDING, metrics.height())
            else:
                lines = broken(cell, font, metrics, width - 2 * _PADDING, table.most_lines)
                most = max(most, len(lines))
                for place, line in enumerate(lines):
                    indent = _PADDING
                    if column.is_figure:
                        indent = width - _PADDING - metrics.horizontalAdvance(line)
                    baseline = _ROW_AIR + place * metrics.height() + metrics.ascent()
                    items.append(
                        _Line(QPointF(left + indent, baseline), line, font, LIGHT.muted if is_head else column.color)
                    )
            left += width
        height = most * metrics.height() + 2 * _ROW_AIR
        if is_head:
            items.insert(0, _Fill(QRectF(MARGIN, 0, self.paper.text_width, height), LIGHT.muted_tint))
        else:
            items.append(_Fill(QRectF(MARGIN, height - 0.5, self.paper.text_width, 0.5), LIGHT.border))
        return _Piece(height, tuple(items))

    def _metrics_of(self, font: QFont) -> QFontMetricsF:
        key = font.key()
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(font)
        return self._metrics[key]


def broken(text: str, font: QFont, metrics: QFontMetricsF, width: float, most_lines: int) -> list[str]:
    """Return a text as at most so many lines of a width; what does not fit is cut, and an ellipsis says so."""
    if metrics.horizontalAdvance(text) <= width:
        return [text]
    # An address has no blank: it may be broken before its @ and after its dots.
    open_text = text if " " in text else text.replace("@", f"{_BREAK}@").replace(".", f".{_BREAK}")
    layout = QTextLayout(open_text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        start, length = line.textStart(), line.textLength()
        if len(lines) == most_lines - 1:
            rest = open_text.encode("utf-16-le")[2 * start :].decode("utf-16-le").replace(_BREAK, "").rstrip()
            lines.append(metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width))
            break
        lines.append(_part(open_text, start, length))
    layout.endLayout()
    return lines


def _part(text: str, start: int, length: int) -> str:
    """Cut a text where Qt counts, which is in units of UTF-16."""
    units = text.encode("utf-16-le")[2 * start : 2 * (start + length)]
    return units.decode("utf-16-le").replace(_BREAK, "").rstrip()


def _figure(block: Figure) -> _Piece:
    painted = _Painted(QRectF(MARGIN, 0, 0, block.height), block.paint)
    return _Piece(block.height + _PADDING, (painted,))


def _bar(share: Share, left: float, width: float, height: float) -> list[_Item]:
    box = QRectF(left, _ROW_AIR + height * 0.25, width, height * 0.5)
    filled = QRectF(box.left(), box.top(), box.width() * min(1.0, share.part), box.height())
    return [_Fill(box, LIGHT.muted_tint), _Fill(filled, share.color)]
