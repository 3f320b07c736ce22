"""What the billing page shows in place of accounts: what is missing, and what to do first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.empty_state import EmptyState
from smtpy_desktop.views.widgets.texts import tr, translated


class BillingEmptyStates(QWidget):
    """``settings_wanted``: the key is to be entered. ``retry_wanted``: everything is to be read again."""

    settings_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self.no_key = EmptyState(
            "credit-card",
            tr("Billing is not set up yet"),
            tr(
                "Subscriptions are kept at Stripe. Enter the secret key of your Stripe account first; a key of test "
                "mode (sk_test_…) moves no real money."
            ),
            Button(tr("Open Settings, Billing"), kind="primary", icon="settings", action=self.settings_wanted.emit),
            parent=self,
        )
        self.no_organization = EmptyState(
            "building",
            tr("No organization yet"),
            tr("Subscriptions belong to organizations. Add one in the chooser at the top left."),
            parent=self,
        )
        self._unreadable = EmptyState(
            "plug-connected-x",
            "",
            "",
            Button(tr("Try again"), icon="refresh", action=self.retry_wanted.emit),
            parent=self,
        )

    def unreadable(self, error: UserFacingError) -> EmptyState:
        """What is kept here could not be read."""
        self._unreadable.title.setText(translated(error.message))
        parts = (error.detail, error.hint)
        self._unreadable.text.setText(" ".join(translated(part) for part in parts if part is not None))
        return self._unreadable
