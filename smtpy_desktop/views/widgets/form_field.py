"""One field of a form with its label, its explanation and its error."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QSpinBox, QVBoxLayout, QWidget

from smtpy_desktop.core.visible_text import visible_line, with_line_breaks
from smtpy_desktop.errors import FieldError
from smtpy_desktop.views.theme_tokens import Metric, Space, Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.compound_editor import CompoundEditor
from smtpy_desktop.views.widgets.icon_label import IconLabel
from smtpy_desktop.views.widgets.label import PlainLabel, menu_text, without_mnemonic
from smtpy_desktop.views.widgets.style_property import set_style_property
from smtpy_desktop.views.widgets.texts import tr, translated

_LONGEST_SHOWN = 40
"""Letters of a suggestion on its button; all of it is used."""


class FormField(QWidget):
    """Label above, editor, explanation below, and below that the error with *Use …* when a value suggests itself.

    ``label`` may mark its mnemonic by ``&``. ``edited`` fires when the user changes the value; the error goes then.
    """

    edited = Signal()

    def __init__(self, label: str, editor: QWidget, explanation: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self._explanation_text = explanation
        self._suggestion: str | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        self.label = _FieldLabel(label, editor, self)
        self._head = QHBoxLayout()
        self._head.setSpacing(Space.S)
        self._head.addWidget(self.label, 1)
        column.addLayout(self._head)
        column.addWidget(editor)
        self.explanation = PlainLabel(explanation, self, tone=Tone.MUTED, size="small", wrap=True)
        self.explanation.setVisible(bool(explanation))
        column.addWidget(self.explanation)
        self._error_row = self._build_error_row()
        column.addWidget(self._error_row)
        editor.setAccessibleName(without_mnemonic(label))
        editor.setAccessibleDescription(explanation)
        self._watch(editor)

    @property
    def error_text(self) -> str:
        """The error shown now, or an empty string."""
        return "" if self._error_row.isHidden() else self._error.text()

    @property
    def use_suggestion_button(self) -> Button:
        """The button that takes over the suggested value."""
        return self._use

    def add_action(self, widget: QWidget) -> None:
        """Put a button at the end of the label's line."""
        self._head.addWidget(widget)

    def show_error(self, error: FieldError) -> None:
        """Show what is wrong below the field; what was typed stays."""
        parts = (error.message, error.detail, error.hint)
        words = " ".join(translated(part) for part in parts if part is not None)
        self._error.setText(words)
        self._suggestion = error.suggestion
        if error.suggestion is not None:
            shown = menu_text(visible_line(error.suggestion, _LONGEST_SHOWN))
            self._use.set_text(tr("Use {value}", value=shown))
        self._use.setVisible(error.suggestion is not None)
        self._error_row.show()
        self._mark(invalid=True)
        self.editor.setAccessibleDescription(f"{words} {self._explanation_text}".strip())
        announce(self.editor, words, urgent=True)

    def clear_error(self) -> None:
        """Take the error away."""
        if self._error_row.isHidden():
            return
        self._error_row.hide()
        self._suggestion = None
        self._mark(invalid=False)
        self.editor.setAccessibleDescription(self._explanation_text)

    def text(self) -> str:
        """Return what is in the editor as text."""
        editor = self.editor
        if isinstance(editor, QPlainTextEdit):
            return editor.toPlainText()
        if isinstance(editor, QComboBox):
            return editor.currentText()
        if isinstance(editor, QSpinBox):
            return str(editor.value())  # its text may be a word that stands for a number
        return editor.text() if isinstance(editor, QLineEdit | CompoundEditor) else ""

    def set_text(self, value: str) -> None:
        """Put a text into the editor."""
        editor = self.editor
        if isinstance(editor, QPlainTextEdit):
            editor.setPlainText(value)
        elif isinstance(editor, QComboBox):
            editor.setCurrentText(value)
        elif isinstance(editor, QLineEdit):
            editor.setText(value)
        elif isinstance(editor, CompoundEditor):
            editor.set_text(value)
        elif isinstance(editor, QSpinBox) and value.isdigit():
            editor.setValue(int(value))

    def _build_error_row(self) -> QWidget:
        row_widget = QWidget(self)
        row = QHBoxLayout(row_widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.XS + 2)
        row.addWidget(IconLabel("alert-triangle", Tone.BAD, size=Metric.SMALL_ICON), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        self._error = PlainLabel("", row_widget, tone=Tone.BAD, size="small", wrap=True, selectable=True)
        self._use = Button(tr("Use the suggestion"), row_widget, kind="link", action=self._on_use_suggestion)
        column.addWidget(self._error)
        column.addWidget(self._use, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(column, 1)
        row_widget.hide()
        return row_widget

    def _watch(self, editor: QWidget) -> None:
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(self._on_edited)
        elif isinstance(editor, QPlainTextEdit):
            editor.textChanged.connect(self._on_edited)
        elif isinstance(editor, QComboBox):
            editor.currentTextChanged.connect(self._on_edited)
        elif isinstance(editor, QSpinBox):
            editor.valueChanged.connect(self._on_edited)
        elif isinstance(editor, CompoundEditor):
            editor.edited.connect(self._on_edited)

    def _on_edited(self) -> None:
        self.clear_error()
        self.edited.emit()

    def _on_use_suggestion(self) -> None:
        if self._suggestion is not None:
            self.set_text(self._suggestion)
            self.editor.setFocus()
            self._on_edited()

    def _mark(self, *, invalid: bool) -> None:
        if isinstance(self.editor, CompoundEditor):
            self.editor.mark_invalid(invalid=invalid)
            return
        set_style_property(self.editor, "invalid", invalid)


class _FieldLabel(PlainLabel):
    """A label whose mnemonic moves the focus to its field."""

    def __init__(self, text: str, editor: QWidget, parent: QWidget) -> None:
        super().__init__(without_mnemonic(text), parent, size="label", wrap=True)
        mnemonic = QKeySequence.mnemonic(text)
        if not mnemonic.isEmpty():
            # QLabel takes the mnemonic from its own text, which PlainLabel keeps literal otherwise.
            QLabel.setText(self, with_line_breaks(text))
        self.setBuddy(editor)
