"""The report on messages: read as a task, shown page by page, saved as PDF."""

from __future__ import annotations

from PySide6.QtCore import QMarginsF, QSaveFile, QSize, Qt
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPaintEvent, QPdfWriter
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from smtpy_desktop.controllers import message_report_controller
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.export_dialog import choose_export_file
from smtpy_desktop.views.message_words import zone_name
from smtpy_desktop.views.report_document import PAGE_HEIGHT, PAGE_WIDTH, ReportDocument
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import LIGHT, Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import number, tr

_RESOLUTION = 300
_PIXELS_PER_INCH = 96
_SCREEN_SCALE = 0.8
_HEIGHT = 640


def open_report(context: ViewContext, query: MessageQuery, parent: QWidget) -> None:
    """Read the report on exactly the messages of a query as a task, then show it; this returns at once."""

    def show(report: MessageReport) -> None:
        ReportDialog(context, report, parent).open()

    context.runner.run(
        message_report_controller.message_report(context.services.sessions, query, zone_name()),
        owner=parent,
        on_success=show,
        progress=Progress(),
        title=tr("Making a report on messages"),
        replaces="message-report",
    )


class ReportDialog(Dialog):
    """Shows the pages of a report; *Save as PDF* writes them."""

    def __init__(self, context: ViewContext, report: MessageReport, parent: QWidget) -> None:
        super().__init__(parent, tr("Messages report"))
        self._context = context
        chosen = context.choice.chosen_row
        self.document = ReportDocument(report, chosen.name if chosen is not None else tr("all"), text_font())
        pages = QWidget(self)
        column = QVBoxLayout(pages)
        column.setSpacing(Space.L)
        self.pages = [_PageView(self.document, page, pages) for page in range(self.document.page_count)]
        for page in self.pages:
            column.addWidget(page, 0, Qt.AlignmentFlag.AlignHCenter)
        scroll = QScrollArea(self)
        scroll.setAccessibleName(tr("Pages of the report"))
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(pages)
        scroll.setWidgetResizable(True)
        scroll.setFixedHeight(_HEIGHT)
        scroll.setMinimumWidth(round(PAGE_WIDTH * _SCREEN_SCALE) + 4 * Space.XXL)
        self.content.addWidget(scroll)
        self.close_button = Button(tr("Close"), self, action=self.reject)
        self.save_button = Button(tr("&Save as PDF…"), self, kind="primary", action=self._on_save)
        self.save_button.setDefault(True)
        self.set_buttons(self.close_button, self.save_button)

    def _on_save(self) -> None:
        chooser = choose_export_file(self, "messages-report.pdf")
        chooser.fileSelected.connect(self.save)

    def save(self, path: str) -> None:
        """Write the PDF, whole or not at all, and say so."""
        problem = write_pdf(self.document, path)
        if problem:
            words = tr("{path} could not be written: {reason}. Choose another place.", path=path, reason=problem)
            self._context.tell(Message(words, Tone.BAD, key="export"))
            return
        self._context.tell(Message(tr("Saved {path}.", path=path), key="export"))
        self.accept()


class _PageView(QWidget):
    """One page of paper."""

    def __init__(self, document: ReportDocument, page: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._document, self._page = document, page
        self.setFixedSize(self.sizeHint())
        count = number(document.page_count)
        self.setAccessibleName(tr("Page {page} of {count}", page=number(page + 1), count=count))

    def sizeHint(self) -> QSize:
        return QSize(round(PAGE_WIDTH * _SCREEN_SCALE), round(PAGE_HEIGHT * _SCREEN_SCALE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(LIGHT.surface))
        painter.scale(_SCREEN_SCALE, _SCREEN_SCALE)
        self._document.paint_page(painter, self._page)
        painter.end()


def write_pdf(document: ReportDocument, path: str) -> str:
    """Write a document as PDF, whole or not at all; return why that failed, empty when it did not."""
    file = QSaveFile(path)
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        return file.errorString()
    writer = QPdfWriter(file)
    writer.setTitle(document.title)
    writer.setResolution(_RESOLUTION)
    writer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0))
    )
    painter = QPainter(writer)
    scale = _RESOLUTION / _PIXELS_PER_INCH
    for page in range(document.page_count):
        if page:
            writer.newPage()
        painter.resetTransform()
        painter.scale(scale, scale)
        painter.setClipping(False)
        document.paint_page(painter, page)
    painter.end()
    return "" if file.commit() else file.errorString()
