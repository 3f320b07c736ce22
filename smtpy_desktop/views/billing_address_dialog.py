"""Shows an address that could not be opened in a browser here, to be copied."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.schemas.stripe_settings import StripeMode
from smtpy_desktop.views.billing_mode_badge import add_badge
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.texts import tr


class BillingAddressDialog(Dialog):
    """``is_known``: the address is Stripe's, so that only a browser is missing."""

    def __init__(self, title: str, address: str, mode: StripeMode, parent: QWidget | None, *, is_known: bool) -> None:
        words = (
            tr("No browser could be opened here. Copy the address and open it in a browser.")
            if is_known
            else tr("This address is not one of Stripe's pages, so it is not opened from here. Look at it before use.")
        )
        super().__init__(parent, title, words)
        add_badge(self, mode)
        self.address = CodeBlock(tr("Address"), address, self)
        self.content.addWidget(self.address)
        self.close_button = Button(tr("Close"), self, kind="primary", action=self.accept)
        self.close_button.setDefault(True)
        self.set_buttons(self.close_button)
