"""The report on messages as a document of pages: everything that strangers wrote is drawn as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from smtpy_desktop.core.bounce_advice import bounce_name
from smtpy_desktop.core.bounce_kinds import BounceClass
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.messages import MessageStatus, RankedCount
from smtpy_desktop.views.message_words import message_status_word, size_words
from smtpy_desktop.views.report_chart import STATUS_COLORS, paint_chart, stretch_label
from smtpy_desktop.views.report_layout import (
    FOOT,
    MARGIN,
    Block,
    Cell,
    Column,
    Figure,
    Fonts,
    Page,
    Pagination,
    Paper,
    Share,
    Table,
    Words,
)
from smtpy_desktop.views.theme import text_font
from smtpy_desktop.views.theme_tokens import LIGHT
from smtpy_desktop.views.widgets.moments import write_date, write_time
from smtpy_desktop.views.widgets.texts import decimal, number, tr, translated

_CHART_HEIGHT = 236.0
_LONGEST_SUBJECT, _LONGEST_ADDRESS, _LONGEST_QUERY = 160, 120, 600
_TEXT, _HEADING, _TITLE = 11, 14, 22


class ReportDocument:
    """A report on paper; it has pages while and after ``lay_out`` is walked through."""

    def __init__(self, report: MessageReport, whose: str, paper: Paper = Paper.A4) -> None:
        self.title = tr("Messages report")
        self.report, self.paper = report, paper
        self._whose = whose
        self._fonts = _report_fonts()
        self._pagination = Pagination(paper, self._fonts)

    def on_paper(self, paper: Paper) -> ReportDocument:
        """Return the same report for another paper; it is yet to be laid out."""
        return ReportDocument(self.report, self._whose, paper)

    def lay_out(self) -> Iterator[None]:
        """Lay everything out, a small step at a time."""
        return self._pagination.lay_out(self._blocks())

    @property
    def pages(self) -> Sequence[Page]:
        """The pages that are laid out."""
        return self._pagination.pages

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._pagination.pages)

    @property
    def text(self) -> str:
        """Everything that is written but for the foot of the pages, line by line."""
        return "\n".join(line for page in self.pages for line in page.texts)

    def paint_page(self, painter: QPainter, page: int) -> Iterator[None]:
        """Draw a page, counted from 0, at the painter's origin, a thing at each step; 96 units are an inch."""
        yield from self.pages[page].paint(painter)
        painter.setFont(self._fonts.text)
        painter.setPen(QColor(LIGHT.muted))
        foot = QRectF(MARGIN, self.paper.height - FOOT + 20, self.paper.text_width, 20)
        made = tr("{title} · made {time}", title=self.title, time=_moment(self.report.made_at, self.report.zone))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, made)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, self.page_words(page))
        yield

    def page_words(self, page: int) -> str:
        """Return which page a page is: "Page 2 of 14"."""
        return tr("Page {page} of {count}", page=number(page + 1), count=number(self.page_count))

    def _blocks(self) -> Iterator[Block]:
        report = self.report
        yield Words(self.title, "title", below=14)
        yield _about(report, self._whose)
        if not report.total:
            yield Words(tr("No message matches."), "heading", above=18)
            return
        yield _heading(tr("By status"))
        yield _shares(report)
        yield _heading(tr("Messages over time"))
        yield Figure(_CHART_HEIGHT, self._paint_chart)
        yield _course(report)
        yield from _ranking(tr("Domains"), report.domains)
        yield from _ranking(tr("Senders"), report.senders)
        reasons = [RankedCount(_reason(one.label), one.count) for one in report.reasons]
        yield from _ranking(tr("Reasons of failure"), reasons)
        yield from _listed(report)

    def _paint_chart(self, painter: QPainter, place: QRectF) -> None:
        place.setWidth(self.paper.text_width)
        paint_chart(painter, place, self.report.points, self.report.step, self.report.zone, self._fonts.text)


@cache
def _report_fonts() -> Fonts:
    # Kept: the first text of a foreign script makes Qt look for a font that has it, which takes 30 ms.
    return Fonts(
        text=_font(_TEXT, QFont.Weight.Normal),
        strong=_font(_TEXT, QFont.Weight.Medium),
        heading=_font(_HEADING, QFont.Weight.DemiBold),
        title=_font(_TITLE, QFont.Weight.DemiBold),
    )


def _font(pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(text_font(weight=weight))
    font.setPixelSize(pixels)
    # Paper has no pixels: widths must be the same at every resolution.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # A glyph chosen by what stands around it (the colon of a time) is no character to those that search the PDF.
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def _heading(title: str) -> Words:
    return Words(title, "heading", is_kept=True, above=18)


def _about(report: MessageReport, whose: str) -> Table:
    if report.since is None or report.until is None:
        period = tr("no messages")
    else:
        since, until = (_moment(moment, report.zone) for moment in (report.since, report.until))
        period = tr("{since} to {until}", since=since, until=until)
    rows = [
        (tr("Organization"), visible_line(whose)),
        (tr("Filters"), visible_line(report.query, _LONGEST_QUERY) or tr("none: all messages")),
        (tr("Period"), period),
        (tr("Time zone"), report.zone),
        (tr("Messages"), number(report.total)),
        (tr("Size"), size_words(report.size_bytes)),
    ]
    return Table((Column("", 0.2, color=LIGHT.muted), Column("", 0.8)), rows, is_headed=False, most_lines=8)


def _shares(report: MessageReport) -> Table:
    total = report.total or 1
    columns = (
        Column(tr("Status"), 0.3),
        Column(tr("Messages"), 0.16, is_figure=True),
        Column(tr("Share"), 0.14, is_figure=True),
        Column("", 0.4),
    )
    rows = [
        (message_status_word(status), number(count), _percent(count / total), Share(count / total, _color(status)))
        for status, count in report.counts.items()
    ]
    return Table(columns, rows)


def _course(report: MessageReport) -> Table:
    columns = [Column(tr("Time"), 0.22)]
    columns += [Column(message_status_word(status), 0.13, is_figure=True) for status in MessageStatus]
    rows = [
        (
            stretch_label(point.start, report.step, report.zone),
            *(number(point.counts.get(status, 0)) for status in MessageStatus),
        )
        for point in report.points
        if any(point.counts.values())
    ]
    return Table(columns, rows)


def _ranking(title: str, ranked: Sequence[RankedCount]) -> Iterator[Block]:
    if not ranked:
        return
    rows: list[tuple[Cell, ...]] = [
        (
            visible_line(one.label, _LONGEST_SUBJECT) or tr("(empty)"),
            number(one.count),
            Share(one.count / ranked[0].count, LIGHT.accent),
        )
        for one in ranked
    ]
    yield _heading(title)
    yield Table((Column(title, 0.5), Column(tr("Messages"), 0.16, is_figure=True), Column("", 0.34)), rows)


def _reason(label: str) -> str:
    known = {bounce.value: bounce for bounce in BounceClass}
    return translated(bounce_name(known[label])) if label in known else label


def _listed(report: MessageReport) -> Iterator[Block]:
    yield _heading(tr("Messages"))
    if report.total > len(report.messages):
        words = tr(
            "The first {n} of {total} messages; export to CSV or XLSX for all of them.",
            n=number(len(report.messages)),
            total=number(report.total),
        )
        yield Words(words, color=LIGHT.muted, is_kept=True)
    columns = (
        Column(tr("Received"), 0.155),
        Column(tr("Status"), 0.115),
        Column(tr("From"), 0.23),
        Column(tr("To"), 0.23),
        Column(tr("Subject"), 0.27),
    )
    rows = [
        (
            _moment(row.created_at, report.zone),
            message_status_word(row.status),
            visible_line(row.sender_email, _LONGEST_ADDRESS),
            visible_line(row.recipient_email, _LONGEST_ADDRESS),
            visible_line(row.subject, _LONGEST_SUBJECT),
        )
        for row in report.messages
    ]
    yield Table(columns, rows)


def _color(status: MessageStatus) -> str:
    return STATUS_COLORS[status]


def _percent(part: float) -> str:
    return f"{decimal(100 * part)} %"


def _moment(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{write_date(local.date())} {write_time(local)}"
