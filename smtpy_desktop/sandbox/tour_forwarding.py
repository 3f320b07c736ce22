"""The tour's chapter about forwarding: an alias, a rule, what would happen, a test, a target that fails, and a retry.

What the window says is held against what the sandbox's mail server has received.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QTableView

from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkFaults, SinkVerb
from smtpy_desktop.sandbox.mail_view_words import fault_words, verb_words
from smtpy_desktop.sandbox.tour_hands import Until, Walk
from smtpy_desktop.sandbox.tour_script import Chapter, Tour
from smtpy_desktop.schemas.messages import MessageStatus
from smtpy_desktop.views.message_words import message_status_word
from smtpy_desktop.views.widgets.label import without_mnemonic
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr

ALIAS, TARGET = "concerts@brightwater.example", "box.office@letterbox.example"
_HOST = "letterbox.example"
_REFUSAL = "The mailbox is full"
_MESSAGE = (
    "From: Choir <office@st-anne.example>\nTo: concerts@brightwater.example\nSubject: Seats for Saturday\n"
    "Message-ID: <seats@st-anne.example>\n\nFour seats, please.\n"
)


def _walk(tour: Tour) -> Walk:
    yield from _add_alias(tour)
    yield from _add_rule(tour)
    yield from _simulate(tour)
    yield from _send_a_test(tour)
    yield from _look_into_the_inbox(tour)
    yield from _let_the_target_fail(tour)
    yield from _send_in_vain(tour)
    yield from _look_at_the_queue(tour)
    yield from _mend_and_retry(tour)


FORWARDING = Chapter("Forwarding", _walk)


def _add_alias(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Aliases"))
    yield from hands.click(tr("Add alias"))
    yield from hands.type_into(without_mnemonic(tr("&Alias")), ALIAS)
    yield from hands.type_into(without_mnemonic(tr("&Forwards to")), TARGET)
    yield from tour.step("A new alias", "An address of one's own domain, and where its mail goes.")
    yield from hands.click(without_mnemonic(tr("&Add alias")))
    yield from hands.until_gone(QDialog, tr("Add an alias"))
    yield from hands.click_row(tr("Aliases"), ALIAS)
    yield from hands.until_seen(TARGET)


def _add_rule(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Add a rule for {name}", name=ALIAS))
    yield from hands.type_into(tr("What it is compared with"), "ticketdesk.example")
    yield from hands.until_seen("@ticketdesk.example")
    yield from tour.step("A rule", "What is done with certain mail, in a sentence that says itself while it is made.")
    yield from hands.click(without_mnemonic(tr("&Add rule")))
    yield from hands.until_gone(QDialog, tr("Add a rule"))
    yield from hands.until_seen(tr("No match yet"))


def _simulate(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.choose(tr("Try…"), without_mnemonic(tr("&Simulate a message…")))
    yield Until("the simulator is open", lambda: hands.find(QDialog, tr("Simulate a message")) is not None)
    yield from hands.type_into(without_mnemonic(tr("&From (in the envelope)")), "office@st-anne.example")
    yield from hands.type_into(without_mnemonic(tr("Server's &address")), "192.0.2.77")
    yield from hands.type_into(without_mnemonic(tr("&Message")), _MESSAGE)
    yield from hands.click(without_mnemonic(tr("&Simulate")))
    yield from hands.until_seen(tr("Lines put on top"))
    yield from tour.step(
        "What would happen",
        "Which alias takes it, where it goes, from whom it is sent on, what is put on top, who the sender really is; "
        "nothing is sent.",
    )
    yield from hands.click(tr("Close"))
    yield from hands.until_gone(QDialog, tr("Simulate a message"))


def _send_a_test(tour: Tour) -> Walk:
    hands = tour.hands
    yield Until("a forwarder runs", lambda: _forwards(tour))
    yield from _send(tour)
    yield from _until_state(tour, MessageStatus.DELIVERED)
    _check_received(tour, 1)
    yield from tour.step(
        "A test message", "It went the way of all mail; the time line shows every step, and the target's own answer."
    )
    yield from hands.click(tr("Close"))
    yield from hands.until_gone(QDialog, tr("Send a test message"))


def _look_into_the_inbox(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Sandbox mail"))
    yield Until("the message is in the inbox", lambda: any(TARGET in row for row in _inbox(tour)))
    yield Until("its source is shown", lambda: "Received: " in _source(tour))
    yield from tour.step(
        "What the target has received",
        "In the sandbox one mail server stands for all targets; nothing leaves the machine.",
    )


def _let_the_target_fail(tour: Tour) -> Walk:
    hands, faults = tour.hands, tour.world.post.sink.faults
    yield from hands.choose(tr("For: {who}", who=tr("everybody")), _HOST)
    yield Until("it concerns one domain", lambda: faults.only_for == _HOST)
    yield from hands.choose(tr("Where: {where}", where=verb_words(SinkVerb.CONTENT)), verb_words(SinkVerb.RCPT))
    yield from hands.choose(tr("Mail: {what}", what=fault_words(SinkFault.NONE)), fault_words(SinkFault.TEMPORARY))
    yield Until("recipients are refused", lambda: faults.verbs == {SinkVerb.RCPT: SinkFault.TEMPORARY})
    yield from tour.step(
        "The target fails", "From now on it refuses this recipient for a while, as a full mailbox would."
    )


def _send_in_vain(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Aliases"))
    yield from _send(tour)
    yield from hands.until_seen(_REFUSAL)
    yield from _until_state(tour, MessageStatus.PENDING)
    yield from tour.step("Put off", "The target's answer in its own words, what it means, and when it is tried again.")
    yield from hands.click(tr("Open the message"))
    yield from hands.until_gone(QDialog, tr("Send a test message"))
    yield from hands.until_seen(tr("Time line"))


def _look_at_the_queue(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Forwarder"))
    yield from hands.click_row(tr("Queue by destination"), _HOST)
    yield from tour.step("What waits", "The queue by destination: how much, since when, and what the target said last.")


def _mend_and_retry(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.click(tr("Sandbox mail"))
    yield from hands.click(without_mnemonic(tr("Everything wor&ks again")))
    yield Until("everything works again", lambda: tour.world.post.sink.faults == SinkFaults())
    yield from hands.click(tr("Forwarder"))
    yield from hands.click_row(tr("Queue by destination"), _HOST)
    yield from hands.click(without_mnemonic(tr("Retry &now")))
    yield Until(f"nothing waits for {_HOST}", lambda: not _waits(tour))
    yield from tour.step(
        "Mended and retried", "One click instead of waiting: nothing waits for this destination any more."
    )
    yield from hands.click(tr("Messages"))
    yield from hands.type_into(tr("Search messages"), f"to:{ALIAS}")
    yield from hands.press(Qt.Key.Key_Return)
    word = message_status_word(MessageStatus.DELIVERED)
    yield Until(f"the message on top is “{word}”", lambda: word in _newest(tour) and ALIAS in _newest(tour))
    _check_received(tour, 2)
    yield from tour.step("Delivered", "The target has it, and only once; the list says so by itself.")


def _send(tour: Tour) -> Walk:
    hands = tour.hands
    yield from hands.choose(tr("Try…"), without_mnemonic(tr("Send a &test message…")))
    yield Until("the dialog is open", lambda: hands.find(QDialog, tr("Send a test message")) is not None)
    yield from hands.click(without_mnemonic(tr("&Send")))


def _until_state(tour: Tour, status: MessageStatus) -> Walk:
    word = message_status_word(status)

    def says() -> bool:
        pill = tour.hands.find(Pill, word)
        return pill is not None

    yield Until(f"the message is “{word}”", says)


def _check_received(tour: Tour, count: int) -> None:
    """Raise ValueError unless the target has received exactly so many messages."""
    received = tour.world.post.sink.mail_for(TARGET)
    if len(received) != count:
        raise ValueError(f"{TARGET} has received {len(received)} messages, and should have {count}")


def _forwards(tour: Tour) -> bool:
    return tour.world.mail is not None and bool(tour.world.mail.forwarder_port)


def _waits(tour: Tour) -> bool:
    """Say whether the queue has something for the destination that is not being sent already."""
    return any(_HOST in row and row[1] != "0" for row in tour.hands.cells(tr("Queue by destination")))


def _newest(tour: Tour) -> list[str]:
    """Return what the top row of the messages says."""
    table = tour.hands.find(QTableView, tr("Messages"))
    if table is None or not table.model().rowCount():
        return []
    model = table.model()
    return [str(model.data(model.index(0, column)) or "") for column in range(model.columnCount())]


def _inbox(tour: Tour) -> list[list[str]]:
    return tour.hands.cells(tr("Inbox of the sandbox"))


def _source(tour: Tour) -> str:
    editor = tour.hands.find(QPlainTextEdit, tr("Source of the message"))
    return "" if editor is None else editor.toPlainText()
