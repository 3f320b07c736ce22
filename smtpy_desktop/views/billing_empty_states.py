"""What the billing page shows in place of accounts: what is missing, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Signal

from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.empty_states import EmptyStates
from smtpy_desktop.views.widgets.texts import tr


class BillingEmptyStates(EmptyStates):
    """``settings_wanted``: the key is to be entered."""

    settings_wanted = Signal()

    @property
    def no_key(self) -> EmptyState:
        """There is no key to ask Stripe with."""
        return self.state(
            "no-key",
            "credit-card",
            tr("Billing is not set up yet"),
            tr(
                "Subscriptions are kept at Stripe. Enter the secret key of your Stripe account first; a key of test "
                "mode (sk_test_…) moves no real money."
            ),
            lambda: Button(
                tr("Open Settings, Billing"), kind="primary", icon="settings", action=self.settings_wanted.emit
            ),
        )

    @property
    def no_organization(self) -> EmptyState:
        """There is nobody to bill."""
        return self.state(
            "no-organization",
            "building",
            tr("No organization yet"),
            tr("Subscriptions belong to organizations. Add one in the chooser at the top left."),
        )
