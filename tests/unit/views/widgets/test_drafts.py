"""What was typed is there again after the program was killed, and gone once it was saved or given up."""

from __future__ import annotations

import json

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from smtpy_desktop.schemas.rules import RuleField
from smtpy_desktop.views.rule_condition_row import RuleConditions
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.drafts import DialogDraft, Draft
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.remembered import MemoryStore


class Typing(Dialog):
    """Two fields, the first filled already."""

    def __init__(self, parent: QWidget, store: MemoryStore, first: str) -> None:
        super().__init__(parent, "Typing")
        self.restored = 0
        self.form = Form(self)
        self.content.addWidget(self.form)
        self.line, self.text = QLineEdit(first, self), QPlainTextEdit(self)
        self.form.add_field("line", "Line", self.line)
        self.form.add_field("text", "Text", self.text)
        self.draft = DialogDraft(self, self.form, store, "typing", self.on_restored)

    def on_restored(self) -> None:
        self.restored += 1


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def typing(parent: QWidget, store: MemoryStore, first: str = "before") -> Typing:
    dialog = Typing(parent, store, first)
    dialog.open()
    return dialog


def kept(store: MemoryStore) -> dict[str, str]:
    return Draft(store, "typing").read()


def test_what_is_typed_is_kept_soon(parent: QWidget, qtbot: QtBot, store: MemoryStore) -> None:
    dialog = typing(parent, store)

    qtbot.keyClicks(dialog.text, "two words")

    qtbot.waitUntil(lambda: kept(store) == {"text": "two words"})


def test_it_is_there_again_after_the_program_was_killed(parent: QWidget, qtbot: QtBot, store: MemoryStore) -> None:
    Draft(store, "typing").keep({"text": "two\nlines"})

    dialog = typing(parent, store)

    assert (dialog.line.text(), dialog.text.toPlainText()) == ("before", "two\nlines")
    assert dialog.draft.notice is not None
    assert dialog.restored == 1


def test_it_can_be_discarded(parent: QWidget, qtbot: QtBot, store: MemoryStore) -> None:
    Draft(store, "typing").keep({"line": "after", "text": "more"})
    dialog = typing(parent, store)

    dialog.draft._discard()

    assert (dialog.line.text(), dialog.text.toPlainText()) == ("before", "")
    assert kept(store) == {}


@pytest.mark.parametrize("close", ["accept", "reject"])
def test_a_dialog_that_is_closed_leaves_nothing(parent: QWidget, qtbot: QtBot, store: MemoryStore, close: str) -> None:
    dialog = typing(parent, store)
    qtbot.keyClicks(dialog.text, "typed")
    qtbot.waitUntil(lambda: bool(kept(store)))

    getattr(dialog, close)()

    assert kept(store) == {}
    assert typing(parent, store).draft.notice is None


def test_what_is_closed_at_once_is_not_kept_afterwards(parent: QWidget, qtbot: QtBot, store: MemoryStore) -> None:
    dialog = typing(parent, store)
    qtbot.keyClicks(dialog.text, "typed")

    dialog.reject()

    assert not dialog.draft._keep_soon.isActive()
    assert kept(store) == {}


def test_what_stands_there_anyway_is_no_draft(parent: QWidget, qtbot: QtBot, store: MemoryStore) -> None:
    Draft(store, "typing").keep({"line": "before"})

    assert typing(parent, store).draft.notice is None


@pytest.mark.parametrize("damage", ["{", "[]", "5", '{"line": 5}', None, b"\x00", 7])
def test_a_damaged_draft_is_none(parent: QWidget, qtbot: QtBot, store: MemoryStore, damage: object) -> None:
    store.setValue("drafts/typing", damage)

    assert typing(parent, store).draft.notice is None


def test_very_long_texts_are_not_kept(store: MemoryStore) -> None:
    Draft(store, "typing").keep({"text": "x" * 300_000})

    assert kept(store) == {}


def test_a_field_that_is_not_there_any_more_is_passed_over(parent: QWidget, qtbot: QtBot, store: MemoryStore) -> None:
    store.setValue("drafts/typing", json.dumps({"gone": "x", "line": "after"}))

    assert typing(parent, store).line.text() == "after"


def test_the_conditions_of_a_rule_are_kept_as_they_were_typed(parent: QWidget, store: MemoryStore) -> None:
    first, again = RuleConditions(parent), RuleConditions(parent)
    first.add().show_typed(RuleField.SUBJECT_CONTAINS, "  half a wo")
    first.add().show_typed(RuleField.HAS_ATTACHMENT, "no")
    again.add()

    again.restore(first.texts())

    assert again.typed == first.typed == ((RuleField.SUBJECT_CONTAINS, "  half a wo"), (RuleField.HAS_ATTACHMENT, "no"))


@pytest.mark.parametrize("damage", ["{", "5", '[["nonsense", "x"]]', "[1]", '[["subject_contains"]]'])
def test_conditions_that_cannot_be_understood_open_the_dialog_all_the_same(
    parent: QWidget, store: MemoryStore, damage: str
) -> None:
    Draft(store, "rule").keep({"conditions": damage})
    dialog = Dialog(parent, "Rule")
    form, conditions = Form(dialog), RuleConditions(dialog)

    draft = DialogDraft(dialog, form, store, "rule", more=conditions)

    assert draft.notice is None
