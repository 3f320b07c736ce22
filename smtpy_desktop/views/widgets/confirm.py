"""Questions before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.schemas.profiles import ProfileEntry, ProfileKind
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.bullets import bullet_line
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form_field import FormField
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.profile_mark import current_profile, is_production
from smtpy_desktop.views.widgets.texts import tr


class ConfirmDialog(Dialog):
    """Names the object and what goes with it; Cancel is the default. ``accepted`` fires when the user agrees.

    With ``type_name`` the action is possible only after that name was typed: for what is irreversible and wide.
    ``about`` is another profile than the window's, where it is done to that one.
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
        about: ProfileEntry | None = None,
    ) -> None:
        super().__init__(parent, title, text, Tone.BAD if dangerous else Tone.WARN)
        entry = about or current_profile()
        self.mark_profile(entry)
        if dangerous and entry is not None and entry.kind is ProfileKind.PRODUCTION:
            words = tr("This is done to {name}, an installation in production.", name=entry.name)
            self.content.addWidget(PlainLabel(words, self, tone=Tone.BAD, size="label", wrap=True))
        for consequence in consequences:
            self.content.addLayout(bullet_line(consequence, self))
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
    about: ProfileEntry | None = None,
) -> ConfirmDialog:
    """Ask, and call ``then`` when the user agrees; return at once with the open dialog."""
    dialog = ConfirmDialog(
        parent, title, text, action, consequences=consequences, type_name=type_name, dangerous=dangerous, about=about
    )
    dialog.accepted.connect(then)
    dialog.open()
    return dialog


def confirm_in_production(
    parent: QWidget | None, title: str, text: str, action: str, then: Callable[[], object]
) -> ConfirmDialog | None:
    """Ask before something that an undo takes back, where people rely on the installation; elsewhere do it at once."""
    if is_production():
        return confirm(parent, title, text, action, then)
    then()
    return None
