"""The tour's chapter about messages: one arrives, a search, why one failed, the statistics, a table and a report."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.sandbox.sandbox_mail import SandboxMail
from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_report import SAVED_REPORT, SAVED_TABLE
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.overview_view import OverviewView
from smtpy_desktop.views.report_preview import PageView, ReportPreview
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.texts import number, tr

_SUBJECT = "Table for six on Friday evening"
_SEARCH = "status:failed reservation"
_TOP_ROWS = 5
_TRANSIT_SECONDS = 3600.0
"""So long nobody delivers it, unless the tour does."""


def _walk(tour: Tour) -> Walk:
    yield from _look_at_messages(tour)
    yield from _see_one_arrive(tour)
    yield from _search(tour)
    yield from _understand_a_failure(tour)
    yield from _save_a_table(tour)
    yield from _save_a_report(tour)
    yield from _look_at_statistics(tour)


MESSAGES = Chapter("Messages", _walk)


def _look_at_messages(tour: Tour) -> Walk:
    yield from tour.hands.click(tr("Messages"))
    yield Until("messages are listed", lambda: bool(_top_rows(tour)))
    yield from tour.step("All messages", "Two months of mail in one list, the newest on top; every state has its word.")


def _see_one_arrive(tour: Tour) -> Walk:
    hands, mail = tour.hands, _mail(tour)
    yield from hands.meanwhile(mail.receive(subject=_SUBJECT, transit=_TRANSIT_SECONDS))
    yield from _until_top_says(tour, _SUBJECT, message_status_word(MessageStatus.PENDING))
    yield from tour.step("A message arrives", "It stands in the list at once, nobody has pressed anything: pending.")
    yield from hands.meanwhile(mail.deliver_newest())
    yield from _until_top_says(tour, _SUBJECT, message_status_word(MessageStatus.DELIVERED))
    yield from tour.step("And is delivered", "Its target has accepted it, and the list says so in the same moment.")


def _search(tour: Tour) -> Walk:
    hands = tour.hands
    failed = message_status_word(MessageStatus.FAILED)
    yield from hands.type_into(tr("Search messages"), _SEARCH)
    yield from hands.press(Qt.Key.Key_Return)
    yield from _until_chip(tour, f"status: {failed.lower()}")
    yield from _until_chip(tour, tr("words: {words}", words="reservation"))
    yield Until("only failed messages are listed", lambda: _all_top_rows_say(tour, failed))
    yield from tour.step("Searching", "What was typed stands below as chips; each can be taken away with one click.")


def _understand_a_failure(tour: Tour) -> Walk:
    hands = tour.hands
    subject = next(cell for cells in _top_rows(tour) for cell in cells if "Reservation" in cell)
    yield from hands.click_row(tr("Messages"), subject)
    yield from hands.until_seen(tr("Time line"))
    yield from tour.step(
        "Why it was not delivered",
        "In plain words what has happened and what helps, and below every attempt with the answer of the target.",
    )


def _save_a_table(tour: Tour) -> Walk:
    hands, path = tour.hands, tour.output / SAVED_TABLE
    listed = _row_count(tour)
    yield from hands.choose(tr("Export"), tr("Messages of this search…"))
    yield from hands.click(without_mnemonic(tr("&Write search, time zone, count and time into the file")))
    yield from tour.step(
        "Export what was found", "Exactly the messages of the search, in the chosen format, columns and time zone."
    )
    yield from hands.click(without_mnemonic(tr("Choose &file…")))
    yield from hands.save_as(path)
    yield Until(f"{path.name} is written", path.is_file)
    check_table(path, _SEARCH, listed)
    yield from tour.step("The table is saved", "The file has every message of the list, and says what was searched.")


def _save_a_report(tour: Tour) -> Walk:
    hands, path = tour.hands, tour.output / SAVED_REPORT
    yield from hands.choose(tr("Export"), tr("Report on this search (PDF)…"))
    yield Until("the report is laid out", lambda: bool(_report_pages(tour)))
    pages = len(_report_pages(tour))
    yield from tour.step("A report", "Figures, charts and messages on paper, as they will be printed.")
    yield from hands.press(Qt.Key.Key_End)
    yield from hands.until_seen(tr("Page {page} of {count}", page=number(pages), count=number(pages)))
    yield from hands.press(Qt.Key.Key_Return)
    yield from hands.save_as(path)
    yield Until(f"{path.name} is written", path.is_file)
    check_report(path, pages)
    yield from tour.step("The report is saved", "A PDF with headings and a number on each of its pages.")


def _look_at_statistics(tour: Tour) -> Walk:
    yield from tour.hands.click(tr("Overview"))
    yield Until("figures are shown", lambda: _overview(tour) is not None)
    yield from tour.hands.press(Qt.Key.Key_Escape)  # where the report was saved is nobody's business in a picture
    yield from tour.step("Statistics", "What became of all mail, against the period before, and where it failed.")


def check_table(path: Path, search: str, listed: int) -> None:
    """Hold the saved CSV against what the window has listed; raise ValueError where they differ."""
    lines = path.read_text(encoding="utf-8").splitlines()
    about = [line for line in lines if line.startswith("# ")]
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    if not rows or len(rows) != listed:
        raise ValueError(f"{path.name} has {len(rows)} rows, and the list {listed}")
    if f"# Query: {search}" not in about or f"# Messages: {listed}" not in about:
        raise ValueError(f"{path.name} does not tell its search and count: {about}")
    if {row["status"] for row in rows} != {MessageStatus.FAILED.value}:
        raise ValueError(f"{path.name} has messages that were not searched")


def check_report(path: Path, pages: int) -> None:
    """Hold the saved PDF against the pages that were shown; raise ValueError where it is another file."""
    data = path.read_bytes()
    found = len(re.findall(rb"/Type /Page\s", data))
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-16:]:
        raise ValueError(f"{path.name} is no whole PDF")
    if found != pages:
        raise ValueError(f"{path.name} has {found} pages, and the preview {pages}")


def _row_count(tour: Tour) -> int:
    table = tour.hands.find(QTableView, tr("Messages"))
    return 0 if table is None else table.model().rowCount()


def _report_pages(tour: Tour) -> list[PageView]:
    preview = tour.hands.find(ReportPreview, tr("Pages of the report"))
    return [] if preview is None else preview.pages


def _overview(tour: Tour) -> OverviewView | None:
    found = tour.hands.window.findChildren(OverviewView)
    return next((page for page in found if page.isVisible() and page.statistics is not None), None)


def _mail(tour: Tour) -> SandboxMail:
    if tour.world.mail is None:
        raise LookupError("the sandbox has no mail")
    return tour.world.mail


def _top_rows(tour: Tour) -> list[list[str]]:
    """Return what the first rows say; looking at all would read the whole list."""
    table = tour.hands.find(QTableView, tr("Messages"))
    if table is None:
        return []
    model = table.model()
    return [
        [str(model.data(model.index(row, column)) or "") for column in range(model.columnCount())]
        for row in range(min(model.rowCount(), _TOP_ROWS))
    ]


def _all_top_rows_say(tour: Tour, word: str) -> bool:
    rows = _top_rows(tour)
    return bool(rows) and all(word in cells for cells in rows)


def _until_top_says(tour: Tour, subject: str, word: str) -> Walk:
    yield Until(
        f"the message “{subject}” is “{word}”",
        lambda: any(subject in cells and word in cells for cells in _top_rows(tour)),
    )


def _until_chip(tour: Tour, words: str) -> Walk:
    shown = visible_line(words)  # as the chip writes it: a blank that holds words together is one like the others there
    yield Until(f"the chip “{words}” is seen", lambda: tour.hands.find(Chip, shown) is not None)
