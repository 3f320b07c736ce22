"""The part of the billing settings that holds Stripe's secret key: shown by its ends, checked before it is kept."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from smtpy_desktop.controllers import stripe_secrets_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.stripe_settings import KeyCheck, StripeSettingsReport, ValueSource
from smtpy_desktop.views.settings_billing_words import (
    account_words,
    consequences_of,
    rights_words,
    secret_source_words,
)
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice, button_row
from smtpy_desktop.views.widgets.compound_editor import PasswordEditor
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.texts import tr, translated

FIELD = "api_key"


class StripeKeyPanel(QWidget):
    """What is typed is asked of Stripe first, and shown never again once it is kept.

    ``reported(StripeSettingsReport)``: the set-up was changed here.
    """

    reported = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        self.facts = KeyValueList(self)
        column.addWidget(self.facts)
        self.notice = Notice("", "", Tone.MUTED, self)
        self.notice.hide()
        column.addWidget(self.notice)
        self.form = Form(self)
        self.editor = PasswordEditor(tr("Secret key"), self.form)
        self.editor.line.setPlaceholderText("sk_test_…")
        self.editor.line.returnPressed.connect(self.check)
        explanation = tr("A secret (sk_…) or restricted (rk_…) key of your account. Stripe is asked before it is kept.")
        self.form.add_field(FIELD, tr("New secret ke&y"), self.editor, explanation)
        column.addWidget(self.form)
        self.check_button = Button(tr("Ch&eck and save"), self, icon="shield-check", action=self.check)
        self.forget_button = Button(tr("&Forget the key…"), self, icon="trash", action=self._on_forget)
        self.rights_button = Button(tr("Ri&ghts of a restricted key"), self, kind="link", action=self._on_rights)
        column.addLayout(button_row(self.check_button, self.forget_button, self.rights_button))
        self.rights = Notice(tr("A restricted key"), rights_words(), Tone.ACCENT, self)
        self.rights.hide()
        column.addWidget(self.rights)

    def show_report(self, report: StripeSettingsReport) -> None:
        """Show which key is used and where it lies."""
        key = report.api_key
        self.facts.clear()
        self.facts.add(tr("Secret key"), key.shown if key is not None else tr("none"), copy=False, mono=key is not None)
        if key is not None:
            self.facts.add(tr("Source"), secret_source_words(key), copy=False)
        is_fixed = report.is_key_fixed
        for widget in (self.form, self.check_button, self.rights_button):
            widget.setVisible(not is_fixed)
        self.rights.setVisible(self.rights.isVisibleTo(self) and not is_fixed)
        self.forget_button.setVisible(not is_fixed and key is not None)
        self._show_notice(report)

    def check(self) -> None:
        """Ask Stripe with what was typed."""
        services, typed = self._context.services, self.editor.text()
        self.form.clear_errors()
        self._set_busy(busy=True)
        self._context.runner.run(
            stripe_secrets_controller.check_key(services.sessions, services.stripe_setup, typed),
            owner=self,
            on_success=partial(self._on_checked, typed),
            on_error=self._on_refused,
            replaces="settings/stripe-key",
        )

    def _on_checked(self, typed: str, check: KeyCheck) -> None:
        self._set_busy(busy=False)
        if not check.needs_consent:
            self._store(typed, check)
            return
        mode = tr("live mode") if check.account.livemode else tr("test mode")
        confirm(
            self,
            tr("Use this key?"),
            tr("It belongs to {account}, in {mode}.", account=account_words(check), mode=mode),
            tr("Use the key"),
            partial(self._store, typed, check),
            consequences=tuple(consequences_of(check)),
            dangerous=check.account.livemode and check.is_other_mode,
        )

    def _store(self, typed: str, check: KeyCheck) -> None:
        services = self._context.services
        self._set_busy(busy=True)
        self._context.runner.run(
            stripe_secrets_controller.store_key(
                services.sessions, services.stripe_setup, typed, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=partial(self._on_stored, check),
            on_error=self._on_refused,
            replaces="settings/stripe-key",
        )

    def _on_stored(self, check: KeyCheck, report: StripeSettingsReport) -> None:
        self._set_busy(busy=False)
        self.editor.set_text("")
        self.reported.emit(report)
        is_kept = report.api_key is not None and report.api_key.source is ValueSource.KEYRING
        words = (
            tr("The key of {account} works, and is kept in the keyring.", account=account_words(check))
            if is_kept
            else tr("The key of {account} works, and is kept for this run only.", account=account_words(check))
        )
        self._context.tell(Message(words, Tone.OK if is_kept else Tone.WARN, key="stripe-key"))

    def _on_refused(self, error: UserFacingError) -> bool:
        self._set_busy(busy=False)
        return self.form.show_error(error)

    def _on_forget(self) -> None:
        confirm(
            self,
            tr("Forget the Stripe key?"),
            tr("Stripe is not asked any more until another key is entered. At Stripe nothing changes."),
            tr("Forget the key"),
            self._forget,
            consequences=(tr("What is known of subscriptions stays as it is now."),),
        )

    def _forget(self) -> None:
        services = self._context.services
        self._context.runner.run(
            stripe_secrets_controller.forget_key(
                services.sessions, services.stripe_setup, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=self.reported.emit,
            on_error=self._on_refused,
            replaces="settings/stripe-key",
        )

    def _on_rights(self) -> None:
        self.rights.setVisible(self.rights.isHidden())

    def _show_notice(self, report: StripeSettingsReport) -> None:
        """Say what keeps the key from being kept, or changed here."""
        if report.mode.is_sandbox:
            words = tr("The sandbox has a Stripe of its own. Your account is not asked, and your keys are not used.")
            self.notice.show_words("", words, Tone.ACCENT)
        elif report.problem is not None:
            rest = translated(report.hint) if report.hint is not None else ""
            self.notice.show_words(translated(report.problem), rest, Tone.WARN)
        elif report.is_key_fixed:
            words = tr("The environment decides, so that the key cannot be changed here.")
            self.notice.show_words("", words, Tone.ACCENT)
        self.notice.setVisible(report.mode.is_sandbox or report.is_key_fixed or report.problem is not None)

    def _set_busy(self, *, busy: bool) -> None:
        self.check_button.setEnabled(not busy)
        self.forget_button.setEnabled(not busy)
        self.check_button.set_text(tr("Asking Stripe…") if busy else tr("Ch&eck and save"))
