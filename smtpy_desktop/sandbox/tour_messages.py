"""The tour's chapter about messages: one arrives live, a search, and why a message was not delivered."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from smtpy_desktop.sandbox.sandbox_mail import SandboxMail
from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.widgets.chip import Chip
from smtpy_desktop.views.widgets.texts import tr

_SUBJECT = "Table for six on Friday evening"
_SEARCH = "status:failed reservation"
_TOP_ROWS = 5


def _walk(tour: Tour) -> Walk:
    yield from _look_at_messages(tour)
    yield from _see_one_arrive(tour)
    yield from _search(tour)
    yield from _understand_a_failure(tour)


MESSAGES = Chapter("Messages", _walk)


def _look_at_messages(tour: Tour) -> Walk:
    yield from tour.hands.click(tr("Messages"))
    yield Until("messages are listed", lambda: bool(_top_rows(tour)))
    yield from tour.step("All messages", "Two months of mail in one list, the newest on top; every state has its word.")


def _see_one_arrive(tour: Tour) -> Walk:
    hands, mail = tour.hands, _mail(tour)
    yield from hands.meanwhile(mail.receive(subject=_SUBJECT))
    yield from _until_top_says(tour, _SUBJECT, message_status_word(MessageStatus.PENDING))
    yield from tour.step("A message arrives", "It stands in the list at once, nobody has pressed anything: pending.")
    yield from hands.meanwhile(mail.deliver_due())
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
    yield Until(f"the chip “{words}” is seen", lambda: tour.hands.find(Chip, words) is not None)
