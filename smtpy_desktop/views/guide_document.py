"""A chapter of the guide as a document in the look of the window: fonts, colours, tables, code, pictures."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QGuiApplication,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from smtpy_desktop.core.folded_text import places_of
from smtpy_desktop.views.guide_files import picture
from smtpy_desktop.views.theme import MONO_FAMILY, text_font
from smtpy_desktop.views.theme_tokens import Colors, FontSize, Space, current_colors

_LINE_HEIGHT = 145.0
_PICTURE_WIDTH = 640
_HEADING_SIZES = {1: FontSize.FIGURE, 2: FontSize.TITLE, 3: FontSize.HEADING}
_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
_CODE = (QTextFormat.Property.BlockCodeFence, QTextFormat.Property.BlockCodeLanguage)
_HARDEST_WORDS = QTextFormat.Property.FontFixedPitch.value


class GuideDocument(QTextDocument):
    """Pictures come from the guide's own directory and from nowhere else."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self._colors = current_colors()
        self.setDefaultFont(text_font(FontSize.SECTION))
        self.setDocumentMargin(Space.XXL)
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
        self.setMarkdown(markdown, features)
        self._format()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return a picture of the guide; nothing for anything else."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        path = picture(name if isinstance(name, str) else name.toString(), is_dark=self._colors.is_dark)
        return _sharp(QImage(str(path))) if path is not None else QImage()

    def heading_position(self, number: int) -> int:
        """Return where the heading with a number (from 0) is in the text; 0 where there are not so many."""
        headings = [block.position() for block in self._blocks() if block.blockFormat().headingLevel() > 0]
        return headings[number] if 0 <= number < len(headings) else 0

    def places_of(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Yield where ``wanted`` (folded) stands in the text: its first position and the one after the last."""
        for block in self._blocks():
            for start, end in places_of(wanted, block.text()):
                yield block.position() + start, block.position() + end

    def _blocks(self) -> Iterator[QTextBlock]:
        block = self.begin()
        while block.isValid():
            yield block
            block = block.next()

    def _format(self) -> None:
        for frame in self.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                _format_table(frame, self._colors)
        for block in self._blocks():
            cursor = QTextCursor(block)
            if block.blockFormat().headingLevel() > 0:
                _format_heading(cursor, block)
            elif _is_code(block):
                _format_code(cursor)
            else:
                _format_paragraph(cursor, block)
            self._format_pieces(block)
        for first, last in reversed(list(self._code())):
            _box(first, last, self._colors)

    def _code(self) -> Iterator[tuple[QTextCursor, QTextCursor]]:
        """Yield the first and the last line of each piece of code."""
        for block in self._blocks():
            if _is_code(block) and not (block.previous().isValid() and _is_code(block.previous())):
                last = block
                while last.next().isValid() and _is_code(last.next()):
                    last = last.next()
                yield QTextCursor(block), QTextCursor(last)

    def _format_pieces(self, block: QTextBlock) -> None:
        """Dress links, code among words, and pictures."""
        is_code = _is_code(block)
        for start, length, piece in _pieces(block):
            cursor = QTextCursor(self)
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            look = QTextCharFormat()
            if piece.isImageFormat():
                image = piece.toImageFormat()
                path = picture(image.name(), is_dark=self._colors.is_dark)
                width = QImage(str(path)).width() if path is not None else 0
                image.setWidth(min(_PICTURE_WIDTH, width or _PICTURE_WIDTH))
                cursor.setCharFormat(image)
                continue
            if piece.isAnchor():
                look.setForeground(QColor(self._colors.accent))
                look.setFontUnderline(False)
            if piece.boolProperty(_HARDEST_WORDS) and not is_code:
                look.setFontFamilies([MONO_FAMILY])
                look.setProperty(QTextFormat.Property.FontPixelSize.value, FontSize.SMALL)
                look.setBackground(QColor(self._colors.muted_tint))
            cursor.mergeCharFormat(look)


def _sharp(image: QImage) -> QImage:
    """Return a picture in as many pixels as the screen has for it; drawing it smaller would tear its lines."""
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    width = round(min(_PICTURE_WIDTH, image.width()) * ratio)
    scaled = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation) if width < image.width() else image
    scaled.setDevicePixelRatio(scaled.width() / min(_PICTURE_WIDTH, image.width()))
    return scaled


def _pieces(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """List the stretches of one look, before any of them is changed."""
    found = []
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        if fragment.isValid():
            found.append((fragment.position(), fragment.length(), fragment.charFormat()))
        iterator += 1
    return found


def _is_code(block: QTextBlock) -> bool:
    """Tell whether a block is a line of code, between fences or indented."""
    look = block.blockFormat()
    return look.nonBreakableLines() or any(look.hasProperty(each) for each in _CODE)


def _format_heading(cursor: QTextCursor, block: QTextBlock) -> None:
    size = _HEADING_SIZES.get(block.blockFormat().headingLevel(), FontSize.SECTION)
    look = QTextCharFormat()
    look.setFont(text_font(size, QFont.Weight.DemiBold))
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.setCharFormat(look)
    cursor.setBlockCharFormat(look)
    shape = QTextBlockFormat()
    shape.setTopMargin(0 if block.blockNumber() == 0 else Space.XXL)
    shape.setBottomMargin(Space.M)
    cursor.mergeBlockFormat(shape)


def _format_paragraph(cursor: QTextCursor, block: QTextBlock) -> None:
    shape = QTextBlockFormat()
    if not any(piece.isImageFormat() for _, _, piece in _pieces(block)):
        shape.setLineHeight(_LINE_HEIGHT, _PROPORTIONAL)
    in_table = cursor.currentTable() is not None
    shape.setTopMargin(0)
    shape.setBottomMargin(0 if in_table else (Space.XS if block.textList() is not None else Space.M))
    cursor.mergeBlockFormat(shape)


def _format_code(cursor: QTextCursor) -> None:
    shape = QTextBlockFormat()
    shape.setLeftMargin(0)
    shape.setTopMargin(0)
    shape.setBottomMargin(0)
    shape.setLineHeight(_LINE_HEIGHT, _PROPORTIONAL)
    shape.setNonBreakableLines(False)
    cursor.mergeBlockFormat(shape)
    look = QTextCharFormat()
    look.setFontFamilies([MONO_FAMILY])
    look.setProperty(QTextFormat.Property.FontPixelSize.value, FontSize.SMALL)
    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
    cursor.mergeCharFormat(look)
    cursor.mergeBlockCharFormat(look)


def _box(first: QTextCursor, last: QTextCursor, colors: Colors) -> None:
    """Put lines of code into one box: the ground of each line alone would leave stripes between them."""
    shape = QTextFrameFormat()
    shape.setBackground(QColor(colors.background if not colors.is_dark else colors.muted_tint))
    shape.setBorder(0)
    shape.setPadding(Space.M)
    shape.setTopMargin(Space.XS)
    shape.setBottomMargin(Space.L)
    line = first.blockFormat()
    last.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    first.setPosition(last.position(), QTextCursor.MoveMode.KeepAnchor)
    frame = first.insertFrame(shape)
    frame.firstCursorPosition().setBlockFormat(line)
    # Qt puts an empty paragraph before a frame and one after it; there is no room for them here.
    nothing = QTextBlockFormat()
    nothing.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    for place in (frame.firstPosition() - 1, frame.lastPosition() + 1):
        first.setPosition(place)
        if not first.block().text():
            first.setBlockFormat(nothing)


def _format_table(table: QTextTable, colors: Colors) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QBrush(QColor(colors.border)))
    shape.setBorderCollapse(True)
    shape.setCellPadding(Space.S)
    shape.setCellSpacing(0)
    shape.setTopMargin(Space.XS)
    shape.setBottomMargin(Space.L)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        look = cell.format()
        look.setBackground(QColor(colors.background if not colors.is_dark else colors.muted_tint))
        cell.setFormat(look)
