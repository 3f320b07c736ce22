"""Settings as fields of a form: what was changed, what is wrong, and the way back to the default."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from smtpy_desktop.core.setting_keys import SETTINGS, normalise_setting
from smtpy_desktop.errors import FieldError
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import set_tooltip, without_mnemonic
from smtpy_desktop.views.widgets.texts import tr


class SettingsForm(Form):
    """Fields named by their setting keys. What the user has changed stays when newer values are loaded."""

    def __init__(self, parent: QWidget | None = None, *, resettable: bool = True) -> None:
        super().__init__(parent)
        self._resettable = resettable
        self._stored: dict[str, str] = {}
        self._keys: list[str] = []
        self._resets: dict[str, Button] = {}
        self.edited.connect(self._show_resets)

    def add_setting(
        self, key: str, label: str, editor: QWidget, explanation: str, *, row: QHBoxLayout | None = None
    ) -> FormField:
        """Add the field of a setting, with a button that brings its default back; in a ``row``, or below."""
        field = self.add_field(key, label, editor, explanation, row=row)
        self._keys.append(key)
        if self._resettable:
            self._add_reset(key, without_mnemonic(label), field)
        return field

    @property
    def keys(self) -> tuple[str, ...]:
        """The settings that have a field here."""
        return tuple(self._keys)

    def reset_button(self, key: str) -> Button:
        """Return the button that brings a setting's default back."""
        return self._resets[key]

    def load(self, values: Mapping[str, str]) -> None:
        """Take the values that hold now; a field that the user has changed keeps what was typed."""
        changed = self.changes()
        for key in self.keys:
            stored = values.get(key, SETTINGS[key].default)
            self._stored[key] = stored
            if key not in changed:
                self._show_value(key, stored)
        self._show_resets()
        self._values_loaded()

    def take_stored(self, stored: Mapping[str, str]) -> None:
        """Take values that were just stored; they are shown as they were written down."""
        for key in self.keys:
            if key in stored:
                typed = _normal(key, self.field(key).text())
                self._stored[key] = stored[key] or SETTINGS[key].default
                # What was typed while it was being stored is a change of its own.
                if not typed or typed == stored[key]:
                    self._show_value(key, self._stored[key])
        self._show_resets()
        self._values_loaded()

    def discard(self) -> None:
        """Show what is stored again."""
        self.clear_errors()
        for key, stored in self._stored.items():
            self._show_value(key, stored)
        self._show_resets()
        self._values_loaded()

    def stored(self) -> dict[str, str]:
        """Return the values that hold now, as far as they were loaded."""
        return dict(self._stored)

    def values(self) -> dict[str, str]:
        """Return every value, as it is stored where it is right, and as it was typed where it is not."""
        return {key: _normal(key, self.field(key).text()) for key in self.keys}

    def changes(self) -> dict[str, str]:
        """Return the values that differ from what is stored."""
        default = {key: SETTINGS[key].default for key in self.keys}
        return {
            key: value
            for key, value in self.values().items()
            if (value or default[key]) != self._stored.get(key, default[key])
        }

    def to_store(self) -> dict[str, str]:
        """Return the changed values, with what follows from them."""
        return self.changes()

    def check(self) -> bool:
        """Mark every field that is wrong, move the focus to the first, and say whether none is."""
        self.clear_errors()
        errors = [error for key in self.keys if (error := _error_of(key, self.field(key).text())) is not None]
        for error in reversed(errors):
            self.show_error(error)
        return not errors

    def _values_loaded(self) -> None:
        """Other values are stored or shown again; for forms that tell more about them."""

    def _add_reset(self, key: str, name: str, field: FormField) -> None:
        default = SETTINGS[key].default
        reset = Button(tr("Reset") if default else tr("Clear"), self, kind="link", action=partial(self._reset, key))
        words = tr("Back to the default: {value}", value=default) if default else tr("Leave it empty")
        reset.setAccessibleName(f"{name}: {words}")
        set_tooltip(reset, words)
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(policy)
        reset.hide()
        field.add_action(reset)
        self._resets[key] = reset

    def _show_value(self, key: str, value: str) -> None:
        field = self.field(key)
        # A longer list is read line by line.
        field.set_text(value.replace(", ", "\n") if isinstance(field.editor, QPlainTextEdit) else value)

    def _reset(self, key: str) -> None:
        field = self.field(key)
        self._show_value(key, SETTINGS[key].default)
        field.clear_error()
        field.editor.setFocus()
        self.edited.emit()

    def _show_resets(self) -> None:
        for key, button in self._resets.items():
            button.setVisible((_normal(key, self.field(key).text()) or SETTINGS[key].default) != SETTINGS[key].default)


def _normal(key: str, typed: str) -> str:
    try:
        return normalise_setting(key, typed)
    except FieldError:
        return typed


def _error_of(key: str, typed: str) -> FieldError | None:
    try:
        normalise_setting(key, typed)
    except FieldError as error:
        return error
    return None
