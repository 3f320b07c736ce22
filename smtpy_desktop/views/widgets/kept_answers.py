"""Questions that are asked until their answer is kept: what they are, and the answers, which can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QWidget

from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr

YES = "yes"
TRAY, QUIT = "tray", "quit"
"""The answers to the question whether the program goes on in the tray."""

CLOSING = "closing"
QUITTING = "quitting"
VERIFY_MANY = "verify-many"
RETRY_MANY = "retry-many"


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose answer may be kept: ``answers`` says in words what is done by each of them."""

    id: str
    words: str
    answers: Mapping[str, str]


def questions() -> tuple[Question, ...]:
    """Return every question whose answer may be kept."""
    at_once = {YES: tr("done without asking")}
    return (
        Question(
            CLOSING,
            tr("When the window is closed while the listener or a forwarder runs in it"),
            {TRAY: tr("it stays in the tray"), QUIT: tr("the program ends")},
        ),
        Question(QUITTING, tr("Before the program ends while the listener or a forwarder runs in it"), at_once),
        Question(VERIFY_MANY, tr("Before many domains are verified"), at_once),
        Question(RETRY_MANY, tr("Before many messages are tried again"), at_once),
    )


class KeptAnswers:
    """The answers of this profile, in what the window remembers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, question: str) -> str:
        """Return the kept answer, empty where the question is to be asked."""
        return str(self._store.value(_key(question), ""))

    def keep(self, question: str, answer: str) -> None:
        """Keep an answer, so that the question is not asked again."""
        self._store.setValue(_key(question), answer)

    def forget(self, question: str) -> None:
        """Ask the question again the next time."""
        self._store.setValue(_key(question), "")


def dont_ask_again(dialog: ConfirmDialog) -> QCheckBox:
    """Add the box to tick to a question and return it."""
    box = QCheckBox(tr("Do not ask a&gain"), dialog)
    dialog.content.addSpacing(Space.S)
    dialog.content.addWidget(box)
    return box


def confirm_until_kept(
    parent: QWidget | None,
    store: Store,
    question: str,
    words: tuple[str, str, str],
    then: Callable[[], object],
    *,
    consequences: tuple[str, ...] = (),
) -> ConfirmDialog | None:
    """Ask before something harmless and long, ``words`` being title, text and action; or do it where that is kept."""
    answers = KeptAnswers(store)
    if answers.answer(question) == YES:
        then()
        return None
    title, text, action = words
    dialog = ConfirmDialog(parent, title, text, action, consequences=consequences, dangerous=False)
    box = dont_ask_again(dialog)

    def go_on() -> None:
        if box.isChecked():
            answers.keep(question, YES)
        then()

    dialog.accepted.connect(go_on)
    dialog.open()
    return dialog


def _key(question: str) -> str:
    return f"answers/{question}"
