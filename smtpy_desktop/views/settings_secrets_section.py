"""How passwords and keys are kept: the keyring's state in words, and where the master key lies."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.secrets import KeyringState, MasterKeySource, SecretsReport
from smtpy_desktop.schemas.text import Text
from smtpy_desktop.views.settings_actions import ReadSecrets, SettingsActions
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row
from smtpy_desktop.views.widgets.texts import tr, translated

_KEYRING_TONES = {
    KeyringState.AVAILABLE: Tone.OK,
    KeyringState.LOCKED: Tone.WARN,
    KeyringState.MISSING: Tone.WARN,
    KeyringState.DENIED: Tone.BAD,
}
_KEY_TONES = {
    MasterKeySource.KEYRING: Tone.OK,
    MasterKeySource.KEY_FILE: Tone.OK,
    MasterKeySource.PROFILE_FILE: Tone.WARN,
}


class SecretsSection(SettingsSection):
    """Reads the state each time that it is shown or asked to, because a keyring may be unlocked meanwhile."""

    def __init__(self, runner: TaskRunner, actions: SettingsActions, parent: QWidget | None = None) -> None:
        keywords = "keyring password master key dkim keychain wallet"
        super().__init__("secrets", tr("Secrets"), tr("passwords and keys"), "key", parent, keywords=keywords)
        self._runner, self._actions = runner, actions
        self.keyring = Notice(tr("Looking…"), "", Tone.MUTED, self)
        self.key = Notice("", "", Tone.MUTED, self)
        self.key.hide()
        self.body.addWidget(self.keyring)
        self.body.addWidget(self.key)
        self.move_button = Button(tr("&Move to the keyring"), self, kind="primary", icon="key", action=self._on_move)
        self.move_button.hide()
        self.check_button = Button(tr("Check &again"), self, icon="refresh", action=self.refresh)
        self.body.addLayout(button_row(self.move_button, self.check_button))

    def refresh(self) -> None:
        """Look again."""
        self._run(self._actions.read_secrets)

    def show_report(self, report: SecretsReport) -> None:
        """Show how the secrets are kept."""
        self._set_busy(busy=False)
        self.keyring.show_words(
            translated(report.keyring_text), _words(report.keyring_hint), _KEYRING_TONES[report.keyring]
        )
        tone = Tone.BAD if report.key_source is None else _KEY_TONES[report.key_source]
        self.key.show_words(translated(report.key_text), _words(report.key_hint), tone)
        self.key.show()
        self.move_button.setVisible(report.can_move_key)

    def _on_move(self) -> None:
        self._run(self._actions.move_master_key)

    def _run(self, read: ReadSecrets) -> None:
        self._set_busy(busy=True)
        self._runner.run(
            read(), owner=self, on_success=self.show_report, on_error=self._on_failed, replaces="settings/secrets"
        )

    def _on_failed(self, error: UserFacingError) -> bool:
        self._set_busy(busy=False)
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        self.key.show_words(translated(error.message), rest, Tone.BAD)
        self.key.show()
        return True

    def _set_busy(self, *, busy: bool) -> None:
        self.move_button.setEnabled(not busy)
        self.check_button.setEnabled(not busy)


def _words(text: Text | None) -> str:
    return translated(text) if text is not None else ""
