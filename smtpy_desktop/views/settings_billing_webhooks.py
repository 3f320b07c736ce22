"""The part of the billing settings that holds the webhook secrets: an old and a new one while one is rolled."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from smtpy_desktop.controllers import stripe_secrets_controller
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.stripe_settings import SourcedValue, StripeSettingsReport
from smtpy_desktop.views.settings_billing_words import secret_source_words
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import button_row, clear_layout
from smtpy_desktop.views.widgets.compound_editor import PasswordEditor
from smtpy_desktop.views.widgets.confirm import confirm
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

FIELD = "webhook_secrets"


class WebhookSecretsPanel(QWidget):
    """Each secret by its end, with a button that removes it; the field adds one beside them.

    ``reported(StripeSettingsReport)``: the set-up was changed here.
    """

    reported = Signal(object)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(PlainLabel(tr("Webhook secrets"), self, size="label"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(Space.XS)
        column.addLayout(self._rows)
        self.remove_buttons: list[Button] = []
        self.form = Form(self)
        self.editor = PasswordEditor(tr("Further webhook secret"), self.form)
        self.editor.line.setPlaceholderText("whsec_…")
        self.editor.line.returnPressed.connect(self.add)
        explanation = tr(
            "From the endpoint in the dashboard, or from stripe listen. While one is rolled at Stripe, keep the old "
            "one beside the new one; remove it afterwards."
        )
        self.form.add_field(FIELD, tr("Further &webhook secret"), self.editor, explanation)
        column.addWidget(self.form)
        self.add_button = Button(tr("Add the secret"), self, icon="plus", action=self.add)
        column.addLayout(button_row(self.add_button))

    def show_report(self, report: StripeSettingsReport) -> None:
        """Show which secrets are accepted."""
        clear_layout(self._rows)
        self.remove_buttons = []
        is_fixed = report.are_webhook_secrets_fixed
        for secret in report.webhook_secrets:
            self._rows.addWidget(self._row(secret, is_fixed=is_fixed))
        if not report.webhook_secrets:
            words = tr("None yet: events that come to the listener cannot be told to be Stripe's, and are refused.")
            self._rows.addWidget(PlainLabel(words, self, tone=Tone.MUTED, wrap=True))
        for widget in (self.form, self.add_button):
            widget.setVisible(not is_fixed and not report.mode.is_sandbox)

    def add(self) -> None:
        """Accept what was typed, too."""
        services = self._context.services
        self.form.clear_errors()
        self.add_button.setEnabled(False)
        self._context.runner.run(
            stripe_secrets_controller.add_webhook_secrets(
                services.sessions,
                services.stripe_setup,
                self.editor.text(),
                actor=services.actor,
                publish=services.publish,
            ),
            owner=self,
            on_success=self._on_added,
            on_error=self._on_refused,
            replaces="settings/webhook-secrets",
        )

    def _row(self, secret: SourcedValue, *, is_fixed: bool) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(PlainLabel(secret.shown, holder, mono=True, selectable=True))
        row.addWidget(PlainLabel(secret_source_words(secret), holder, tone=Tone.MUTED, size="small"), 1)
        if not is_fixed:
            remove = Button(tr("Remove"), holder, kind="link", action=partial(self._on_remove, secret.shown))
            remove.setAccessibleName(tr("Remove the webhook secret {secret}", secret=secret.shown))
            row.addWidget(remove)
            self.remove_buttons.append(remove)
        return holder

    def _on_added(self, report: StripeSettingsReport) -> None:
        self.add_button.setEnabled(True)
        self.editor.set_text("")
        self.reported.emit(report)

    def _on_refused(self, error: UserFacingError) -> bool:
        self.add_button.setEnabled(True)
        return self.form.show_error(error)

    def _on_remove(self, shown: str) -> None:
        confirm(
            self,
            tr("Remove the webhook secret {secret}?", secret=shown),
            tr("Events that Stripe signs with it are refused from then on."),
            tr("Remove the secret"),
            partial(self._remove, shown),
        )

    def _remove(self, shown: str) -> None:
        services = self._context.services
        self._context.runner.run(
            stripe_secrets_controller.remove_webhook_secret(
                services.sessions, services.stripe_setup, shown, actor=services.actor, publish=services.publish
            ),
            owner=self,
            on_success=self.reported.emit,
            on_error=self._on_refused,
            replaces="settings/webhook-secrets",
        )
