"""How Stripe is set up: its key, webhook secrets, the listener's port, and where people are sent back to."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.controllers import stripe_settings_controller
from smtpy_desktop.core.setting_keys import LISTENER_PORT_KEY, SETTINGS
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.stripe_settings import StripeSettingsReport
from smtpy_desktop.views.billing_mode_badge import ModeBadge
from smtpy_desktop.views.settings_billing_key import StripeKeyPanel
from smtpy_desktop.views.settings_billing_webhooks import WebhookSecretsPanel
from smtpy_desktop.views.settings_billing_words import address_source_words
from smtpy_desktop.views.settings_form import SettingsForm
from smtpy_desktop.views.settings_forms import NUMBER_WIDTH
from smtpy_desktop.views.settings_section import SettingsSection
from smtpy_desktop.views.theme_tokens import Space, Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.card import Notice, separator
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.number_box import NumberBox
from smtpy_desktop.views.widgets.texts import tr, translated


class BillingSection(SettingsSection):
    """Reads the set-up each time that it is shown or asked to, because a keyring may be unlocked meanwhile.

    ``port_form`` is saved with the page; keys and secrets are kept at once, each by its own button.
    """

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        keywords = "stripe secret key webhook listener port return address test live mode restricted rights tunnel"
        super().__init__(
            "billing", tr("Billing"), tr("the way to Stripe and back"), "credit-card", parent, keywords=keywords
        )
        self._context = context
        self.body.setSpacing(Space.M)
        self.badge = ModeBadge(parent=self)
        self.add_action(self.badge)
        self.failure = Notice("", "", Tone.BAD, self)
        self.failure.hide()
        self.key = StripeKeyPanel(context, self)
        self.webhooks = WebhookSecretsPanel(context, self)
        for panel in (self.key, self.webhooks):
            panel.reported.connect(self.show_report)
        self.port_form = _port_form(self)
        self.addresses = KeyValueList(self)
        self.command = CodeBlock(tr("Stripe's own program brings events here"), "", self)
        self.body.addWidget(self.failure)
        self.body.addWidget(self.key)
        self.body.addWidget(separator(self))
        self.body.addWidget(self.webhooks)
        self.body.addWidget(separator(self))
        self.add_form(self.port_form)
        self.body.addWidget(self.command)
        tunnel = tr(
            "For an endpoint in the dashboard, a tunnel or reverse proxy has to lead from an https address to this "
            "one, under the listener's own host name; the path is /webhooks/stripe. Without either, events are read "
            "from Stripe every few minutes."
        )
        self.body.addWidget(PlainLabel(tunnel, self, tone=Tone.MUTED, size="small", wrap=True))
        self.body.addWidget(separator(self))
        self.body.addWidget(PlainLabel(tr("Where Stripe's pages lead back to"), self, size="label"))
        self.body.addWidget(self.addresses)

    def take_focus(self) -> None:
        """Give the keyboard to the key, where it can be entered here."""
        self.key.editor.setFocus()

    def refresh(self) -> None:
        """Read how Stripe is set up."""
        services = self._context.services
        self._context.runner.run(
            stripe_settings_controller.read_stripe_settings(services.sessions, services.stripe_setup),
            owner=self,
            on_success=self.show_report,
            on_error=self._on_failed,
            replaces="settings/stripe",
        )

    def show_report(self, report: StripeSettingsReport) -> None:
        """Show how Stripe is set up."""
        self.failure.hide()
        self.badge.show_mode(report.mode)
        self.key.show_report(report)
        self.webhooks.show_report(report)
        port = report.listener_port.shown
        self.command.set_value(f"stripe listen --forward-to http://127.0.0.1:{port}/webhooks/stripe")
        self.addresses.clear()
        named = (
            (tr("After a checkout"), report.success_url),
            (tr("After giving up"), report.cancel_url),
            (tr("From the customer portal"), report.portal_return_url),
        )
        for name, address in named:
            words = f"{address.shown}  ({address_source_words(address)})"
            self.addresses.add(name, words, copied=address.shown)
        if report.api_base is not None:
            words = tr("{address} is asked instead of Stripe (STRIPE_API_BASE)", address=report.api_base.shown)
            self.addresses.add(tr("Server"), words, tone=Tone.WARN, copied=report.api_base.shown)

    def _on_failed(self, error: UserFacingError) -> bool:
        rest = " ".join(translated(part) for part in (error.detail, error.hint) if part is not None)
        self.failure.show_words(translated(error.message), rest, Tone.BAD)
        self.failure.show()
        return True


def _port_form(parent: QWidget) -> SettingsForm:
    form = SettingsForm(parent)
    box = NumberBox(1, 65535, int(SETTINGS[LISTENER_PORT_KEY].default), form)
    box.setMaximumWidth(NUMBER_WIDTH)
    box.setGroupSeparatorShown(False)
    form.add_setting(
        LISTENER_PORT_KEY, tr("&Listener's port"), box, translated(SETTINGS[LISTENER_PORT_KEY].explanation)
    )
    return form
