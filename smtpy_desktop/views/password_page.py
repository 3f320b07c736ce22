"""The start page that asks for the server's password because the keyring did not give it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.secrets import KeyringState
from smtpy_desktop.views.start_state_page import StatePage
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.compound_editor import PasswordEditor
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.texts import tr, translated


class PasswordPage(StatePage):
    """Says which of the four states the keyring is in, and takes the password.

    ``password_given(str)``; ``retry_wanted``: ask the keyring again; ``change_wanted``: another database.
    """

    password_given = Signal(str)
    retry_wanted = Signal()
    change_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("key", Tone.WARN, parent)
        self.form = Form(self)
        self.password = PasswordEditor(tr("Password"), self)
        self.password.line.returnPressed.connect(self._on_connect)
        self.form.add_field("password", tr("&Password"), self.password)
        self.body.addWidget(self.form)
        self.connect_button = Button(tr("&Connect"), self, kind="primary", action=self._on_connect)
        self.retry_button = Button(tr("&Ask the keyring again"), self, action=self.retry_wanted.emit)
        self.change_button = Button(tr("C&hange connection…"), self, kind="ghost", action=self.change_wanted.emit)
        self.set_buttons(self.connect_button, self.retry_button, self.change_button)
        self.setFocusProxy(self.password)

    def show_reason(self, reason: UserFacingError, address: ServerAddress) -> None:
        """Say why the password is asked for: the keyring is locked, missing, refuses, or holds none."""
        detail = translated(reason.detail) if reason.detail is not None else ""
        self.show_words(translated(reason.message), detail, _what_to_do(reason), str(address))
        self.retry_button.setVisible(_may_change(reason))
        self.form.clear_errors()

    def show_asked(self, address: ServerAddress) -> None:
        """Ask for a password because the user wants to give another one."""
        self.show_words(tr("Password of the server"), "", "", str(address))
        self.retry_button.hide()
        self.form.clear_errors()

    def show_error(self, error: UserFacingError) -> None:
        """Show why the server could not be opened with what was typed, which stays."""
        self.form.show_error(error)
        self.show_busy(busy=False)

    def show_busy(self, *, busy: bool) -> None:
        """Show that the typed password is being tried."""
        self.connect_button.setEnabled(not busy)
        self.connect_button.set_text(tr("Connecting…") if busy else tr("&Connect"))

    def _on_connect(self) -> None:
        if self.connect_button.isEnabled():
            self.form.clear_errors()
            self.password_given.emit(self.password.text())


def _what_to_do(reason: UserFacingError) -> str:
    if not isinstance(reason, KeyringUnavailable):
        return tr("Type it once; it is kept in the keyring from then on.")
    hint = translated(reason.hint) if reason.hint is not None else ""
    if reason.state is KeyringState.MISSING:
        return hint
    return f"{hint} {tr('Or type the password here for this run.')}".strip()


def _may_change(reason: UserFacingError) -> bool:
    """Whether asking again may give another answer: a keyring that was never there seldom comes."""
    return isinstance(reason, KeyringUnavailable)
