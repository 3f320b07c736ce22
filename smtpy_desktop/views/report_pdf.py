"""Writes a report as PDF, a small step at a time."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

from smtpy_desktop.views.report_document import ReportDocument
from smtpy_desktop.views.report_layout import Paper

_RESOLUTION, _PIXELS_PER_INCH = 300, 96
_SIZES = {Paper.A4: QPageSize.PageSizeId.A4, Paper.LETTER: QPageSize.PageSizeId.Letter}


class PdfFile:
    """The PDF of a laid out report: walk through ``write``, then take ``content``."""

    def __init__(self, document: ReportDocument) -> None:
        self._document = document
        self._bytes = QByteArray()
        self.pages_done = 0

    @property
    def content(self) -> bytes:
        """The file; whole once ``write`` has come to its end."""
        return bytes(self._bytes.data())

    def write(self) -> Iterator[None]:
        """Draw everything, one thing at each step."""
        buffer = QBuffer(self._bytes)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = self._writer(buffer)
        painter = QPainter(writer)
        try:
            scale = _RESOLUTION / _PIXELS_PER_INCH
            painter.scale(scale, scale)
            for page in range(self._document.page_count):
                if page:
                    writer.newPage()
                yield from self._document.paint_page(painter, page)
                self.pages_done += 1
        finally:
            painter.end()
            buffer.close()

    def _writer(self, buffer: QBuffer) -> QPdfWriter:
        writer = QPdfWriter(buffer)
        writer.setTitle(self._document.title)
        writer.setCreator("SMTPy Desktop")
        writer.setResolution(_RESOLUTION)
        size = QPageSize(_SIZES[self._document.paper])
        writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
        return writer
