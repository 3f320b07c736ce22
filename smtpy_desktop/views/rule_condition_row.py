"""The conditions of a rule in its dialog: one line each, what is wrong with it below."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from smtpy_desktop.core.rule_words import readable_value
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.rules import RuleCondition, RuleField
from smtpy_desktop.views.rule_words import NO_ATTACHMENT, field_choices, field_example
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button, IconButton
from smtpy_desktop.views.widgets.label import PlainLabel, menu_text
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import number, tr, translated

TypedCondition = tuple[RuleField, str]
_KEPT = "conditions"
_WORDLESS = (RuleField.HAS_ATTACHMENT.value, NO_ATTACHMENT)


class RuleConditionRow(QWidget):
    """One condition. ``edited``: the user changed it; ``removed``: it is to go; ``submitted``: Return was pressed."""

    edited = Signal()
    removed = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggestion: str | None = None
        self.field_box = QComboBox(self)
        for key, words in field_choices():
            self.field_box.addItem(words, key)
        self.value_edit = QLineEdit(self)
        self.value_edit.setAccessibleName(tr("What it is compared with"))
        self.remove_button = IconButton("x", tr("Remove this condition"), self, action=self.removed.emit)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(self.field_box)
        line.addWidget(self.value_edit, 1)
        line.addStretch(0)
        line.addWidget(self.remove_button)
        self._error = PlainLabel("", self, tone=Tone.BAD, size="small", wrap=True, selectable=True)
        self.use_button = Button("", self, kind="link", action=self._use_suggestion)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(line)
        column.addWidget(self._error)
        column.addWidget(self.use_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.clear_error()
        self.field_box.currentIndexChanged.connect(self._on_field)
        self.value_edit.textEdited.connect(self._on_edited)
        self.value_edit.returnPressed.connect(self.submitted)
        self._show_kind()

    @property
    def typed(self) -> TypedCondition:
        """What the row says, as it is typed."""
        key = self._key
        if key in _WORDLESS:
            return RuleField.HAS_ATTACHMENT, "no" if key == NO_ATTACHMENT else "yes"
        return RuleField(key), self.value_edit.text()

    @property
    def is_filled(self) -> bool:
        """Whether there is something to judge yet."""
        return self._key in _WORDLESS or bool(self.value_edit.text().strip())

    @property
    def error_text(self) -> str:
        """What is said to be wrong."""
        return "" if self._error.isHidden() else self._error.text()

    def show_condition(self, condition: RuleCondition) -> None:
        """Show a stored condition."""
        is_without = condition == RuleCondition(RuleField.HAS_ATTACHMENT, "no")
        key = NO_ATTACHMENT if is_without else condition.field.value
        self.field_box.setCurrentIndex(self.field_box.findData(key))
        self.value_edit.setText("" if key in _WORDLESS else readable_value(condition))

    def show_typed(self, field: RuleField, value: str) -> None:
        """Show a condition as it was typed."""
        is_without = (field, value) == (RuleField.HAS_ATTACHMENT, "no")
        key = NO_ATTACHMENT if is_without else field.value
        self.field_box.setCurrentIndex(self.field_box.findData(key))
        self.value_edit.setText("" if key in _WORDLESS else value)

    def set_place(self, place: int) -> None:
        """Take a place, counted from 1, so that a screen reader can tell the rows apart."""
        name = tr("Condition {n}", n=number(place))
        self.field_box.setAccessibleName(name)
        self.value_edit.setAccessibleDescription(name)

    def show_error(self, error: FieldError) -> None:
        """Say below what is wrong."""
        parts = (error.message, error.detail, error.hint)
        words = " ".join(translated(part) for part in parts if part is not None)
        self._error.setText(words)
        self._error.show()
        self._suggestion = error.suggestion
        self.use_button.setVisible(error.suggestion is not None)
        if error.suggestion is not None:
            self.use_button.set_text(tr("Use {value}", value=menu_text(error.suggestion)))
        self._mark(invalid=True)
        announce(self.value_edit, words, urgent=True)

    def clear_error(self) -> None:
        """Take what was wrong away."""
        self._error.hide()
        self.use_button.hide()
        self._mark(invalid=False)

    @property
    def _key(self) -> str:
        return str(self.field_box.currentData())

    def _on_field(self) -> None:
        self._show_kind()
        self._on_edited()

    def _show_kind(self) -> None:
        self.value_edit.setVisible(self._key not in _WORDLESS)
        self.value_edit.setPlaceholderText(field_example(self._key))

    def _on_edited(self) -> None:
        self.clear_error()
        self.edited.emit()

    def _use_suggestion(self) -> None:
        if self._suggestion is not None:
            self.value_edit.setText(self._suggestion)
            self.value_edit.setFocus()
            self._on_edited()

    def _mark(self, *, invalid: bool) -> None:
        set_style_property(self.value_edit, "invalid", invalid)


class RuleConditions(QWidget):
    """All conditions of a rule. ``edited``: the user changed one; ``resized``: a row came or went."""

    edited = Signal()
    resized = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RuleConditionRow] = []
        self._none = PlainLabel(
            tr("No condition: the rule is met by all mail."), self, tone=Tone.MUTED, size="small", wrap=True
        )
        self.add_button = Button(tr("Add a &condition"), self, kind="link", icon="plus", action=self.add)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.S)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addWidget(PlainLabel(tr("When all of this is true"), self, size="label"))
        column.addLayout(self._lines)
        column.addWidget(self._none)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def typed(self) -> tuple[TypedCondition, ...]:
        """The conditions as they are typed."""
        return tuple(row.typed for row in self.rows)

    @property
    def is_filled(self) -> bool:
        """Whether no row is still to be filled in."""
        return all(row.is_filled for row in self.rows)

    def show_conditions(self, conditions: Sequence[RuleCondition]) -> None:
        """Show stored conditions."""
        for condition in conditions:
            self._add_row().show_condition(condition)

    def texts(self) -> dict[str, str]:
        """Return what is typed as a form does, to be kept for after a crash."""
        return {_KEPT: json.dumps([[field.value, value] for field, value in self.typed], ensure_ascii=False)}

    def restore(self, texts: Mapping[str, str]) -> None:
        """Put back what was kept; what cannot be understood is left out."""
        if _KEPT not in texts:
            return
        for row in tuple(self.rows):
            self._remove(row)
        for field, value in json.loads(texts[_KEPT]):
            self._add_row().show_typed(RuleField(field), str(value))
        self.resized.emit()

    def add(self) -> RuleConditionRow:
        """Add an empty condition and go to it."""
        row = self._add_row()
        row.value_edit.setFocus()
        self.edited.emit()
        self.resized.emit()
        return row

    def show_error(self, error: FieldError) -> bool:
        """Show a failure at its row and go there; False when it belongs to none."""
        prefix, _, place = error.field.partition("-")
        if prefix != "condition" or not place.isdigit() or int(place) >= len(self.rows):
            return False
        row = self.rows[int(place)]
        row.show_error(error)
        row.value_edit.setFocus()
        return True

    def clear_errors(self) -> None:
        """Take every error away."""
        for row in self.rows:
            row.clear_error()

    def _add_row(self) -> RuleConditionRow:
        row = RuleConditionRow(self)
        row.edited.connect(self.edited)
        row.submitted.connect(self.submitted)
        row.removed.connect(partial(self._remove, row))
        self.rows.append(row)
        self._lines.addWidget(row)
        self._number_rows()
        return row

    def _remove(self, row: RuleConditionRow) -> None:
        place = self.rows.index(row)
        self.rows.remove(row)
        self._lines.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._number_rows()
        neighbour = self.rows[min(place, len(self.rows) - 1)].remove_button if self.rows else self.add_button
        neighbour.setFocus()
        self.edited.emit()
        self.resized.emit()

    def _number_rows(self) -> None:
        for place, row in enumerate(self.rows, 1):
            row.set_place(place)
        self._none.setVisible(not self.rows)
