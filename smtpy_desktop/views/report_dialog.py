"""The report on messages: read as a task, laid out beside the living window, shown page by page, saved as PDF."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from smtpy_desktop.controllers import message_report_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskHandle
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.report_document import ReportDocument
from smtpy_desktop.views.report_layout import Paper
from smtpy_desktop.views.report_pdf import PdfFile
from smtpy_desktop.views.report_preview import ReportPreview
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button, IconButton
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.file_choice import choose_new_file
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.moments import zone_name
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.sliced_work import SlicedWork
from smtpy_desktop.views.widgets.texts import number, tr, translated

_REMEMBERED_PAPER = "messages/report/paper"
_WIDTH, _HEIGHT, _AIR = 780, 860, 48


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
    """Shows the pages of a report on the chosen paper; *Save as PDF* closes it, and a task writes them."""

    def __init__(self, context: ViewContext, report: MessageReport, parent: QWidget) -> None:
        super().__init__(parent, tr("Messages report"))
        self._context, self._page = context, parent
        chosen = context.choice.chosen_row
        whose = chosen.name if chosen is not None else tr("all")
        self.document = ReportDocument(report, whose, _remembered_paper(context.memory))
        self.preview = ReportPreview(self)
        self._work: SlicedWork | None = None
        self._build()
        self._lay_out()
        room = parent.window().size()
        self.resize(min(_WIDTH, room.width() - _AIR), min(_HEIGHT, room.height() - _AIR))
        self.preview.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def is_laid_out(self) -> bool:
        """Whether all pages are there."""
        return self._work is not None and not self._work.is_running

    def save(self, path: str) -> None:
        """Write the PDF in the Tasks panel, whole or not at all, and close."""
        save_report(self._context, self.document, Path(path), self._page)
        self.accept()

    def _build(self) -> None:
        self.paper_box = QComboBox(self)
        self.paper_box.setAccessibleName(tr("Paper"))
        for paper, title in ((Paper.A4, tr("A4")), (Paper.LETTER, tr("US Letter"))):
            self.paper_box.addItem(title, paper.name)
        self.paper_box.setCurrentIndex(self.paper_box.findData(self.document.paper.name))
        self.paper_box.currentIndexChanged.connect(self._on_paper)
        self.page_label = PlainLabel("", self, tone=Tone.MUTED)
        self.zoom_label = PlainLabel("", self, tone=Tone.MUTED)
        out = IconButton("minus", tr("Smaller (Ctrl+-)"), self, action=self.preview.zoom_out)
        larger = IconButton("plus", tr("Larger (Ctrl++)"), self, action=self.preview.zoom_in)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.page_label)
        row.addStretch(1)
        for widget in (out, self.zoom_label, larger, self.paper_box):
            row.addWidget(widget)
        self.content.addLayout(row)
        self.content.addWidget(self.preview, 1)
        self.let_content_grow()
        self.preview.moved.connect(self._show_place)
        self.close_button = Button(tr("Close"), self, action=self.reject)
        self.save_button = Button(tr("&Save as PDF…"), self, kind="primary", action=self._on_save)
        self.save_button.setDefault(True)
        self.set_buttons(self.close_button, self.save_button)

    def _lay_out(self) -> None:
        if self._work is not None:
            self._work.stop()
        self.save_button.setEnabled(False)
        self._work = SlicedWork(self.document.lay_out(), self, self._on_laid_out, self._show_place)
        self._show_place()

    def _on_laid_out(self) -> None:
        self.preview.show_document(self.document)
        self.save_button.setEnabled(True)

    def _on_paper(self) -> None:
        paper = Paper[str(self.paper_box.currentData())]
        self._context.memory.setValue(_REMEMBERED_PAPER, paper.name)
        self.document = self.document.on_paper(paper)
        self._lay_out()

    def _show_place(self) -> None:
        if self.is_laid_out:
            self.page_label.setText(self.document.page_words(self.preview.page))
        else:
            count = number(self.document.page_count)
            self.page_label.setText(tr("Laying out page {page}…", page=count))
        self.zoom_label.setText(f"{number(round(100 * self.preview.zoom))} %")

    def _on_save(self) -> None:
        choose_new_file(self, "messages-report.pdf").fileSelected.connect(self.save)


def save_report(context: ViewContext, document: ReportDocument, path: Path, owner: QWidget) -> TaskHandle:
    """Write a laid out report as PDF in the Tasks panel, whole or not at all, and tell how that went."""
    progress = Progress(total=document.page_count)
    pdf, content = PdfFile(document), Future[bytes]()
    handle = context.runner.run(
        message_report_controller.save_report(path, content, files=context.services.files, progress=progress),
        owner=owner,
        on_success=lambda size: context.tell(Message(tr("Saved {path}.", path=str(path)), key="export")),
        on_error=lambda error: _tell_failure(context, document, error, owner),
        progress=progress,
        title=tr("Saving the report as {name}", name=path.name),
    )

    def advance() -> None:
        progress.done = pdf.pages_done
        if handle.is_cancelled:
            work.stop()

    def tell_stopped() -> None:
        if handle.is_cancelled:
            context.tell(Message(tr("Stopped; the report was not saved."), Tone.ACCENT, key="export"))

    work = SlicedWork(_drawn(pdf, content), owner, partial(_hand_over, pdf, content), advance)
    handle.ended.connect(tell_stopped)
    return handle


def _drawn(pdf: PdfFile, content: Future[bytes]) -> Iterator[None]:
    """Draw the pages; let the waiting task end with an error of it, which is then told as every other."""
    try:
        yield from pdf.write()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the task's outcome
        if content.set_running_or_notify_cancel():
            content.set_exception(error)


def _hand_over(pdf: PdfFile, content: Future[bytes]) -> None:
    if not content.done() and content.set_running_or_notify_cancel():
        content.set_result(pdf.content)


def _tell_failure(context: ViewContext, document: ReportDocument, error: UserFacingError, owner: QWidget) -> bool:
    def choose_again() -> None:
        chooser = choose_new_file(owner, "messages-report.pdf")
        chooser.fileSelected.connect(lambda path: save_report(context, document, Path(path), owner))

    words = translated(error.message)
    context.tell(Message(words, Tone.BAD, tr("Choose another place…"), choose_again, key="export"))
    return True


def _remembered_paper(memory: Store) -> Paper:
    """Return the paper that was chosen last; before that, the one that is usual in the country."""
    is_metric = QLocale.system().measurementSystem() is QLocale.MeasurementSystem.MetricSystem
    kept = str(memory.value(_REMEMBERED_PAPER, ""))
    usual = Paper.A4 if is_metric else Paper.LETTER
    return Paper[kept] if kept in Paper.__members__ else usual
