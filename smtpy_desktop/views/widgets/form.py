"""Forms: fields under each other, each failure beside the field that caused it, nothing lost."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from smtpy_desktop.errors import FieldError, UserFacingError
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.texts import translated


class Form(QWidget):
    """Named fields under each other. ``edited`` fires when the user changes any, ``submitted`` at Return in a line."""

    edited = Signal()
    submitted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: dict[str, FormField] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.L)
        self._notice = Notice("", "", Tone.BAD, self)
        self._notice.hide()
        self._column.addWidget(self._notice)

    def add_field(
        self, name: str, label: str, editor: QWidget, explanation: str = "", *, row: QHBoxLayout | None = None
    ) -> FormField:
        """Add a field under the name that a ``FieldError`` will use for it; in a ``row`` of ``add_row``, or below."""
        field = FormField(label, editor, explanation, self)
        field.edited.connect(self.edited)
        if isinstance(editor, QLineEdit):
            editor.returnPressed.connect(self.submitted)
        self._fields[name] = field
        if row is None:
            self._column.addWidget(field)
        else:
            row.addWidget(field, 0, Qt.AlignmentFlag.AlignTop)
        return field

    def add_row(self) -> QHBoxLayout:
        """Add a row for fields that stand side by side; set the stretches when they are in it."""
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self._column.addLayout(row)
        return row

    def add_widget(self, widget: QWidget) -> None:
        """Add something that is no field."""
        self._column.addWidget(widget)

    def field(self, name: str) -> FormField:
        """Return a field by its name."""
        return self._fields[name]

    def show_error(self, error: UserFacingError) -> bool:
        """Show a failure beside its field, or above the form when it belongs to none; move the focus there.

        Return True, so that it can be handed to the task runner as ``on_error``.
        """
        field = self._fields.get(error.field) if isinstance(error, FieldError) else None
        if field is not None and isinstance(error, FieldError):
            field.show_error(error)
            field.editor.setFocus()
            return True
        self._notice.heading.setText(translated(error.message))
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        self._notice.heading.show()
        self._notice.text.setText(rest)
        self._notice.text.setVisible(bool(rest))
        self._notice.setAccessibleName(translated(error.message))
        self._notice.show()
        return True

    def clear_errors(self) -> None:
        """Take every error away (before the form is sent again)."""
        self._notice.hide()
        for field in self._fields.values():
            field.clear_error()

    @property
    def errors(self) -> dict[str, str]:
        """The errors shown now, by field; the form's own under an empty name."""
        shown = {name: field.error_text for name, field in self._fields.items() if field.error_text}
        return shown if self._notice.isHidden() else {"": self._notice.heading.text(), **shown}

    def texts(self) -> dict[str, str]:
        """Return what is typed, by field: to be sent, or kept for after a crash."""
        return {name: field.text() for name, field in self._fields.items()}

    def restore(self, texts: Mapping[str, str]) -> None:
        """Put texts back that were kept."""
        for name, value in texts.items():
            if name in self._fields:
                self._fields[name].set_text(value)
