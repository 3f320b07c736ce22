"""The report on messages as a document of pages: everything that strangers wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from PySide6.QtCore import QLocale, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QAbstractTextDocumentLayout, QColor, QFont, QPainter, QPalette, QTextDocument

from smtpy_desktop.core.bounce_advice import BounceClass, bounce_name
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.messages import MessageStatus, RankedCount
from smtpy_desktop.views.message_words import message_status_word, size_words
from smtpy_desktop.views.report_chart import STATUS_COLORS, chart_picture, local_time, stretch_label
from smtpy_desktop.views.theme_tokens import LIGHT
from smtpy_desktop.views.widgets.texts import number, tr, translated

PAGE_WIDTH, PAGE_HEIGHT = 794, 1123
"""A4 at 96 pixels an inch."""

_MARGIN, _HEAD, _FOOT = 56, 56, 64
_CHART_HEIGHT = 220
_LONGEST_SUBJECT, _LONGEST_ADDRESS, _LONGEST_QUERY = 90, 60, 400
_CHART = "chart"


class ReportDocument:
    """A report laid out in pages; ``paint_page`` draws one of them, on paper or on a screen."""

    def __init__(self, report: MessageReport, whose: str, font: QFont) -> None:
        self.title = tr("Messages report")
        self._report = report
        self._font = QFont(font)
        self._font.setPixelSize(11)
        self._document = QTextDocument()
        self._document.setUndoRedoEnabled(False)
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(self._font)
        self._document.setDefaultStyleSheet(_style())
        width = PAGE_WIDTH - 2 * _MARGIN
        chart = chart_picture(report.points, report.step, report.zone, self._font, (width, _CHART_HEIGHT))
        self._document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(_CHART), chart)
        self._document.setPageSize(QSizeF(width, self._page_height))
        self._document.setHtml(report_html(report, self.title, whose, width))

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return self._document.pageCount()

    @property
    def text(self) -> str:
        """Everything that is written, as plain text."""
        return self._document.toPlainText()

    def paint_page(self, painter: QPainter, page: int) -> None:
        """Draw a page, counted from 0, at the painter's origin; 96 units are an inch."""
        painter.save()
        painter.translate(_MARGIN, _HEAD - page * self._page_height)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = QRectF(0, page * self._page_height, PAGE_WIDTH - 2 * _MARGIN, self._page_height)
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, QColor(LIGHT.text))
        context.palette = palette
        painter.setClipRect(context.clip)
        self._document.documentLayout().draw(painter, context)
        painter.restore()
        painter.setFont(self._font)
        painter.setPen(QColor(LIGHT.muted))
        foot = QRectF(_MARGIN, PAGE_HEIGHT - _FOOT + 16, PAGE_WIDTH - 2 * _MARGIN, 20)
        made = tr("{title} · made {time}", title=self.title, time=_moment(self._report.made_at, self._report.zone))
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, made)
        count = tr("Page {page} of {count}", page=number(page + 1), count=number(self.page_count))
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, count)

    @property
    def _page_height(self) -> int:
        return PAGE_HEIGHT - _HEAD - _FOOT


def report_html(report: MessageReport, title: str, whose: str, width: int) -> str:
    """Return the report as the subset of HTML that Qt lays out; all values are escaped."""
    parts = [f"<h1>{escape(title)}</h1>", _table(None, _about(report, whose), widths=(22, 78), kind="about")]
    parts.append(f"<h2>{escape(tr('By status'))}</h2>")
    parts.append(_table((tr("Status"), tr("Messages"), tr("Share")), _shares(report), kind="figures"))
    if report.total:
        parts.append(f"<h2>{escape(tr('Messages over time'))}</h2>")
        parts.append(f'<p><img src="{_CHART}" width="{width}" height="{_CHART_HEIGHT}"></p><p>{_legend()}</p>')
        parts.append(_table((tr("Time"), *map(message_status_word, MessageStatus)), _course(report), kind="figures"))
        parts.append(_ranking(tr("Domains"), report.domains))
        parts.append(_ranking(tr("Senders"), report.senders))
        reasons = [RankedCount(_reason(one.label), one.count) for one in report.reasons]
        parts.append(_ranking(tr("Reasons of failure"), reasons))
        parts.append(_listed(report))
    else:
        parts.append(f"<p>{escape(tr('No message matches.'))}</p>")
    return "".join(parts)


def _about(report: MessageReport, whose: str) -> list[tuple[str, str]]:
    if report.since is None or report.until is None:
        period = tr("none")
    else:
        since, until = (_moment(moment, report.zone) for moment in (report.since, report.until))
        period = tr("{since} to {until}", since=since, until=until)
    return [
        (tr("Organization"), whose),
        (tr("Filters"), visible_line(report.query, _LONGEST_QUERY) or tr("none: all messages")),
        (tr("Period"), period),
        (tr("Time zone"), report.zone),
        (tr("Messages"), number(report.total)),
        (tr("Size"), size_words(report.size_bytes)),
    ]


def _shares(report: MessageReport) -> list[tuple[str, str, str]]:
    total = report.total or 1
    return [
        (message_status_word(status), number(count), f"{QLocale().toString(100 * count / total, 'f', 1)} %")
        for status, count in report.counts.items()
    ]


def _course(report: MessageReport) -> list[tuple[str, ...]]:
    return [
        (
            stretch_label(point.start, report.step, report.zone),
            *(number(point.counts.get(status, 0)) for status in MessageStatus),
        )
        for point in report.points
    ]


def _ranking(title: str, ranked: Sequence[RankedCount]) -> str:
    if not ranked:
        return ""
    rows = [(visible_line(one.label, _LONGEST_SUBJECT) or tr("(empty)"), number(one.count)) for one in ranked]
    return f"<h2>{escape(title)}</h2>" + _table((title, tr("Messages")), rows, widths=(80, 20), kind="figures")


def _reason(label: str) -> str:
    known = {bounce.value: bounce for bounce in BounceClass}
    return translated(bounce_name(known[label])) if label in known else label


def _listed(report: MessageReport) -> str:
    headings = (tr("Received"), tr("Status"), tr("From"), tr("To"), tr("Subject"))
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
    said = ""
    if report.total > len(rows):
        words = tr(
            "The first {n} of {total} messages; export to CSV or XLSX for all of them.",
            n=number(len(rows)),
            total=number(report.total),
        )
        said = f"<p>{escape(words)}</p>"
    title = f"<h2>{escape(tr('Messages'))}</h2>"
    return title + said + _table(headings, rows, widths=(17, 11, 22, 22, 28), kind="list")


def _table(
    headings: Iterable[str] | None, rows: Iterable[Sequence[str]], *, widths: Sequence[int] = (), kind: str
) -> str:
    """Return a table; in one of figures all but the first column stand to the right."""
    lines = []
    if headings is not None:
        lines.append(
            "<thead><tr>" + "".join(_cell("th", *one, widths, kind) for one in enumerate(headings)) + "</tr></thead>"
        )
    lines += ["<tr>" + "".join(_cell("td", *one, widths, kind) for one in enumerate(row)) + "</tr>" for row in rows]
    return f'<table width="100%" cellspacing="0" cellpadding="3">{"".join(lines)}</table>'


def _cell(tag: str, place: int, value: str, widths: Sequence[int], kind: str) -> str:
    side = "right" if kind == "figures" and place else "left"
    width = f' width="{widths[place]}%"' if widths else ""
    return f'<{tag} align="{side}"{width}>{escape(_breakable(value))}</{tag}>'


def _breakable(value: str) -> str:
    """Let long addresses be broken, where they would widen the table beyond the paper."""
    return value.replace("@", "\u200b@").replace(".", ".\u200b") if " " not in value else value


def _legend() -> str:
    return " &nbsp; ".join(
        f'<span style="color:{color}">■</span> {escape(message_status_word(status))}'
        for status, color in STATUS_COLORS.items()
    )


def _moment(moment: datetime, zone: str) -> str:
    return QLocale().toString(local_time(moment, zone), "yyyy-MM-dd HH:mm")


def _style() -> str:
    return (
        f"body, td, p {{ color: {LIGHT.text}; }} h1 {{ font-size: 20px; color: {LIGHT.text}; }}"
        f" h2 {{ font-size: 14px; margin-top: 18px; color: {LIGHT.text}; }}"
        f" th {{ color: {LIGHT.muted}; font-weight: normal; background-color: {LIGHT.background}; }}"
    )
