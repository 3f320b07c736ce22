"""The details of one line of the audit log: who, when, by which way, and what was before."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.schemas.audit import AuditRow
from smtpy_desktop.views.activity_words import change_lines, object_words, type_words, via_words, what_words
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.widgets.card import Card, clear_layout
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.relative_time import exact_time
from smtpy_desktop.views.widgets.texts import tr


class ActivityDetails(QWidget):
    """Shows nothing but a hint while no line is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Details"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.M)
        self.show_row(None)

    def show_row(self, row: AuditRow | None) -> None:
        """Show one line, or the hint."""
        clear_layout(self._column)
        if row is None:
            hint = tr("Select a line to see what changed.")
            self._column.addWidget(EmptyState("history", tr("Nothing selected"), hint, parent=self))
        else:
            self._show(row)
            self._column.addStretch(1)

    def _show(self, row: AuditRow) -> None:
        self._column.addWidget(PlainLabel(what_words(row), self, size="heading", wrap=True))
        facts = KeyValueList(self)
        facts.add(type_words(row.object_type), object_words(row))
        if object_words(row) != row.object_name:
            facts.add(tr("Name in the DNS"), row.object_name)
        facts.add(tr("When"), exact_time(row.at))
        facts.add(tr("Who"), row.actor)
        facts.add(tr("By"), via_words(row.via), copy=False)
        self._column.addWidget(facts)
        for field, before, after in change_lines(row):
            card = Card(field, parent=self)
            if before is not None:
                card.body.addWidget(CodeBlock(tr("Before"), before, card))
            card.body.addWidget(CodeBlock(tr("After") if before is not None else tr("What"), after, card))
            self._column.addWidget(card)
