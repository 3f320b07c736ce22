"""Questions before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr


class ConfirmDialog(Dialog):
    """Names the object and what goes with it; Cancel is the default. ``accepted`` fires when the user agrees.

    With ``type_name`` the action is possible only after that name was typed: for what is irreversible and wide.
    """

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        text: str,
        action: str,
        *,
        consequences: Sequence[str] = (),
        type_name: str | None = None,
        dangerous: bool = True,
    ) -> None:
        super().__init__(parent, title, text, Tone.BAD if dangerous else Tone.WARN)
        for consequence in consequences:
            self.content.addWidget(PlainLabel(f"•  {consequence}", self, wrap=True))
        self.action_button = Button(action, self, kind="danger" if dangerous else "primary", action=self.accept)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.cancel_button.setDefault(True)
        self._type_name = type_name
        self.name_edit = self._add_name_field(type_name) if type_name is not None else None
        self.set_buttons(self.cancel_button, self.action_button)
        (self.name_edit or self.cancel_button).setFocus()

    def _add_name_field(self, name: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.textChanged.connect(self._on_name_typed)
        field = FormField(tr("Type {name} to go on", name=name.replace("&", "&&")), edit, parent=self)
        self.content.addWidget(field)
        self.action_button.setEnabled(False)
        return edit

    def _on_name_typed(self, typed: str) -> None:
        matches = self._type_name is not None and typed.strip().casefold() == self._type_name.casefold()
        self.action_button.setEnabled(matches)
        self.action_button.setDefault(matches)


def confirm(
    parent: QWidget | None,
    title: str,
    text: str,
    action: str,
    then: Callable[[], object],
    *,
    consequences: Sequence[str] = (),
    type_name: str | None = None,
    dangerous: bool = True,
) -> ConfirmDialog:
    """Ask, and call ``then`` when the user agrees; return at once with the open dialog."""
    dialog = ConfirmDialog(
        parent, title, text, action, consequences=consequences, type_name=type_name, dangerous=dangerous
    )
    dialog.accepted.connect(then)
    dialog.open()
    return dialog
