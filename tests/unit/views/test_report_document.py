"""How a report stands on paper."""

from __future__ import annotations

import re
import weakref
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.controllers.message_report_controller import without_gaps
from smtpy_desktop.schemas.identifiers import DomainId, MessageId
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.messages import CountPoint, MessageRow, MessageStatus, RankedCount
from smtpy_desktop.views.report_chart import round_scale
from smtpy_desktop.views.report_document import ReportDocument
from smtpy_desktop.views.report_layout import FOOT, Paper, broken
from smtpy_desktop.views.report_pdf import PdfFile
from smtpy_desktop.views.theme import load_fonts, text_font
from smtpy_desktop.views.widgets.sliced_work import SlicedWork
from tests.helpers.pdf_text import text_of_pdf

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HEADINGS = ("Received", "Status", "From", "To", "Subject")
HOSTILE = {
    "markup": '<img src="file:///etc/passwd"><b>bold</b> &amp;',
    "formula": "=HYPERLINK(1)",
    "override": "\u202egnp.exe",
    "lines": "two\nlines",
    "long": "x" * 10_000,
    "nothing": "",
}


def row(number: int, subject: str = "") -> MessageRow:
    return MessageRow(
        id=MessageId(number),
        created_at=NOW - timedelta(minutes=number),
        status=MessageStatus.DELIVERED,
        sender_email=f"a.sender.{number}@a-rather-long-name.example.org",
        recipient_email="info@example.com",
        forwarded_to=None,
        subject=subject or f"Order {number}",
        size_bytes=1,
        has_attachments=False,
        domain_id=DomainId(1),
        domain_name="example.com",
        error_message=None,
    )


def report(*rows: MessageRow) -> MessageReport:
    points = (CountPoint(NOW, {MessageStatus.DELIVERED: len(rows)}),) if rows else ()
    return MessageReport(
        query="",
        zone="UTC",
        made_at=NOW,
        since=NOW if rows else None,
        until=NOW if rows else None,
        step="hour",
        counts={status: len(rows) if status is MessageStatus.DELIVERED else 0 for status in MessageStatus},
        size_bytes=1,
        points=points,
        domains=(RankedCount("example.com", len(rows)),) if rows else (),
        senders=(),
        reasons=(),
        messages=rows,
    )


def laid_out(report: MessageReport, paper: Paper = Paper.A4) -> ReportDocument:
    load_fonts()
    document = ReportDocument(report, "all", paper)
    for _ in document.lay_out():
        pass
    return document


def pdf_of(document: ReportDocument) -> bytes:
    pdf = PdfFile(document)
    for _ in pdf.write():
        pass
    return pdf.content


def painted(document: ReportDocument, page: int) -> QImage:
    image = QImage(document.paper.width, document.paper.height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    for _ in document.paint_page(painter, page):
        pass
    painter.end()
    return image


def darkest(image: QImage, top: int, bottom: int) -> int:
    return min(image.pixelColor(x, y).lightness() for y in range(top, bottom) for x in range(0, image.width(), 2))


@pytest.mark.parametrize("paper", list(Paper))
def test_every_row_is_on_one_page_below_its_headings(qapp: QApplication, paper: Paper) -> None:
    document = laid_out(report(*(row(number) for number in range(300))), paper)

    listed = [page for page in document.pages if "Order" in " ".join(page.texts)]
    orders = [re.findall(r"^Order \d+$", "\n".join(page.texts), re.MULTILINE) for page in listed]
    assert [one for page in orders for one in page] == [f"Order {number}" for number in range(300)]
    for page in listed[1:]:
        assert page.texts[: len(HEADINGS)] == HEADINGS
    assert all(page.rows > 10 for page in document.pages[:-1])


@pytest.mark.parametrize("paper", list(Paper))
def test_nothing_is_painted_between_the_text_and_the_foot_of_a_page(qapp: QApplication, paper: Paper) -> None:
    document = laid_out(report(*(row(number, "word " * (number % 40 + 1)) for number in range(120))), paper)

    edge = round(document.paper.height - FOOT)
    for page in range(document.page_count):
        assert darkest(painted(document, page), edge + 2, edge + 16) > 250


@pytest.mark.parametrize("subject", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_strangers_wrote_is_text(qapp: QApplication, subject: str) -> None:
    document = laid_out(report(row(1, subject)))

    text = " ".join(document.text.split())
    assert "\u202e" not in text
    assert "xxxx…" in text.replace("\n", "") or "xxxx" not in text
    if len(subject) < 60:
        shown = subject.replace("\u202e", "⟨U+202E⟩").replace("\n", "⏎")
        assert shown.replace(" ", "") in text.replace(" ", "")


def test_a_long_subject_takes_three_lines_and_says_that_it_was_cut(qapp: QApplication) -> None:
    lines = laid_out(report(row(1, "x" * 10_000))).text.splitlines()

    long = [line for line in lines if line.startswith("xx")]
    assert len(long) == 3
    assert long[2].endswith("…")


@given(st.text(max_size=300), st.integers(1, 4))
def test_no_line_is_wider_than_its_column(qapp: QApplication, text: str, most: int) -> None:
    font = text_font()
    metrics = QFontMetricsF(font)
    line = "".join(text.split())

    lines = broken(line, font, metrics, 120, most)

    assert 1 <= len(lines) <= most
    if len(lines) < most:
        assert "".join(lines) == line.replace("\u200b", "")


def test_what_strangers_wrote_is_read_literally_in_the_pdf(qapp: QApplication) -> None:
    words = {
        "link": '<a href="http://x.example">y</a>',
        "picture": "<img src=a>",
        "table": "<table><tr><td>",
        "entity": "&amp;&lt;b&gt;",
        "override": "\u202egnp.exe",
        "lines": "two\nlines",
        "nothing": "a\x00b",
        "long": "Zq" * 5_000,
    }
    rows = [row(number, each) for number, each in enumerate(words.values())]

    content = pdf_of(laid_out(report(*rows)))

    text = "".join(text_of_pdf(content).split())
    for kind in ("link", "picture", "table", "entity"):
        assert "".join(words[kind].split()) in text
    assert "\u202e" not in text
    assert "⟨U+202E⟩gnp.exe" in text
    assert "20Nov202611:59" in text
    assert 20 < text.count("Zq") < 80
    assert b"/URI" not in content
    assert b"/Link" not in content


def test_an_empty_report_says_so_on_one_page(qapp: QApplication) -> None:
    document = laid_out(report())

    assert "No message matches." in document.text
    assert document.page_count == 1


def test_the_chart_and_the_number_of_the_page_are_drawn(qapp: QApplication) -> None:
    document = laid_out(report(*(row(number) for number in range(60))))

    foot = painted(document, 1).copy(600, document.paper.height - 50, 150, 40)
    first = painted(document, 0)
    assert darkest(foot, 0, 40) < 200
    assert any(
        first.pixelColor(x, y).saturation() > 150 for y in range(300, 700, 3) for x in range(100, 700, 3)
    )  # the bars are the only colour there


def test_a_pdf_has_every_page_in_its_size(qapp: QApplication) -> None:
    document = laid_out(report(*(row(number) for number in range(80))), Paper.LETTER)
    pdf = PdfFile(document)

    for _ in pdf.write():
        pass

    assert pdf.content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\n", pdf.content)) == document.page_count == pdf.pages_done
    assert b"/MediaBox [0 0 612 792]" in re.sub(rb"(\d)\.0+\b", rb"\1", pdf.content)


def test_the_same_report_goes_on_another_paper(qapp: QApplication) -> None:
    document = laid_out(report(row(1)))

    other = document.on_paper(Paper.LETTER)

    assert (other.paper, other.report) == (Paper.LETTER, document.report)


def test_time_has_no_gaps_in_a_chart() -> None:
    def points(*starts: datetime) -> tuple[CountPoint, ...]:
        return tuple(CountPoint(start, {MessageStatus.FAILED: 1}) for start in starts)

    hours = without_gaps(points(NOW, NOW + timedelta(hours=5)), "hour", "UTC")
    # In Paris the 25th of October 2026 has 25 hours.
    days = without_gaps(
        points(datetime(2026, 10, 23, 22, tzinfo=UTC), datetime(2026, 10, 26, 23, tzinfo=UTC)), "day", "Europe/Paris"
    )
    months = without_gaps(points(datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)), "month", "UTC")

    assert [after.start - before.start for before, after in pairwise(hours)] == [timedelta(hours=1)] * 5
    assert [point.start.astimezone(UTC).isoformat()[:13] for point in days] == [
        "2026-10-23T22", "2026-10-24T22", "2026-10-25T23", "2026-10-26T23",
    ]  # fmt: skip
    assert [(point.start.year, point.start.month) for point in months] == [
        (2025, 11), (2025, 12), (2026, 1), (2026, 2),
    ]  # fmt: skip
    assert [sum(point.counts.values()) for point in hours] == [1, 0, 0, 0, 0, 1]


@given(st.integers(0, 10**9))
def test_the_scale_of_a_chart_is_even_and_not_much_higher_than_its_bars(highest: int) -> None:
    scale = round_scale(highest)

    assert scale >= highest
    assert scale % 2 == 0
    assert highest <= 2 or scale <= 2 * highest


def test_sliced_work_lets_the_window_live_and_ends_once(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[int] = []
    slices: list[int] = []

    work = SlicedWork((sum(range(2000)) for _ in range(2000)), owner, lambda: done.append(1), lambda: slices.append(1))

    qtbot.waitUntil(lambda: bool(done))
    assert done == [1]
    assert len(slices) > 3
    assert not work.is_running


def test_stopped_work_is_not_gone_on_with(qtbot: QtBot) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    done: list[int] = []
    work = SlicedWork(iter(range(10)), owner, lambda: done.append(1))

    work.stop()

    QApplication.processEvents()
    assert not done
    assert not work.is_running


def test_work_that_is_over_keeps_nothing_alive(qtbot: QtBot) -> None:
    owner, kept = QWidget(), {1, 2}
    qtbot.addWidget(owner)
    alive = weakref.ref(kept)

    whole = SlicedWork(iter([kept]), owner, partial(len, kept), partial(len, kept))
    stopped = SlicedWork(iter([kept]), owner, partial(len, kept), partial(len, kept))
    stopped.stop()
    del kept

    qtbot.waitUntil(lambda: not whole.is_running)
    assert alive() is None


def test_figures_without_a_message_are_no_rows_of_the_course(qapp: QApplication) -> None:
    one = report(row(1))
    gap = CountPoint(NOW + timedelta(hours=1), {})

    with_gap = laid_out(replace(one, points=(*one.points, gap)))

    assert with_gap.pages[0].rows == laid_out(one).pages[0].rows
