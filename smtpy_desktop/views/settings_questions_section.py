"""The questions that are not asked any more, and the way to have them asked again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.kept_answers import KeptAnswers, Question, questions
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr


class QuestionsSection(SettingsSection):
    """One line for each question; what is kept can be taken back one by one or all at once."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        keywords = "confirmation do not ask again reset dialog warning"
        subtitle = tr("what is asked before it is done")
        super().__init__("questions", tr("Confirmations"), subtitle, "help-circle", parent, keywords=keywords)
        self._answers = KeptAnswers(store)
        self.lines = {question.id: _QuestionLine(question, self._ask_again, self) for question in questions()}
        for line in self.lines.values():
            self.body.addWidget(line)
            self.add_item(line, line.words, title=line.name)
        self.all_button = Button(tr("Ask e&verything again"), self, icon="refresh", action=self._ask_all_again)
        self.add_action(self.all_button)
        self.refresh()

    def refresh(self) -> None:
        """Show what is kept now."""
        kept = {question: self._answers.answer(question) for question in self.lines}
        for question, line in self.lines.items():
            line.show_answer(kept[question])
        self.all_button.setVisible(any(kept.values()))

    def _ask_again(self, question: str) -> None:
        self._answers.forget(question)
        self.refresh()

    def _ask_all_again(self) -> None:
        for question in self.lines:
            self._answers.forget(question)
        self.refresh()


class _QuestionLine(QWidget):
    def __init__(self, question: Question, ask_again: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._question = question
        self.name = question.words
        self.words = " ".join(question.answers.values())
        column = QVBoxLayout()
        column.setSpacing(Space.XS)
        column.addWidget(PlainLabel(question.words, self, size="label", wrap=True))
        self.state = PlainLabel("", self, tone=Tone.MUTED, size="small")
        column.addWidget(self.state)
        ask = partial(ask_again, question.id)
        self.reset_button = Button(tr("Ask again"), self, kind="link", action=ask)
        self.reset_button.setAccessibleName(f"{question.words}: {tr('Ask again')}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(column, 1)
        row.addWidget(self.reset_button)

    def show_answer(self, answer: str) -> None:
        """Show what is kept; an answer of an older version counts as none."""
        words = self._question.answers.get(answer, "")
        self.state.setText(tr("Not asked: {what}", what=words) if words else tr("Asked each time"))
        self.reset_button.setVisible(bool(words))
