"""What is seen while a payment in the browser is waited for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from smtpy_desktop.core.stripe_pages import may_be_opened
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.views.billing_money import plan_name, price_words
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.card import Notice
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.texts import tr


class BillingWaitingCard(Notice):
    """``open_wanted(str)``: the address is to be opened again. ``copy_wanted(str)``. ``give_up_wanted``."""

    open_wanted = Signal(str)
    copy_wanted = Signal(str)
    give_up_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Waiting for the payment in the browser"), " ", Tone.ACCENT, parent)
        self.icon.set_icon("loader-2", Tone.ACCENT)
        self._address = ""
        self.address = CodeBlock(tr("Address of the payment page"), "", self, copy=False)
        self.body.addWidget(self.address)
        self.open_button = Button(tr("Open again"), self, icon="external-link", action=self._on_open)
        self.copy_button = Button(tr("Copy address"), self, icon="copy", action=self._on_copy)
        self.give_up_button = Button(tr("Give up"), self, action=self.give_up_wanted.emit)
        self.add_actions(self.open_button, self.copy_button, self.give_up_button)
        self.hide()

    @property
    def shown_address(self) -> str:
        """The address that is waited for, empty when nothing is."""
        return self._address

    def show_picture(self, picture: BillingPicture) -> None:
        """Show what is waited for; hide when nothing is."""
        self._address = picture.open_checkout_url or ""
        self.setVisible(bool(self._address))
        if not self._address:
            return
        self.open_button.setVisible(may_be_opened(self._address, is_sandbox=picture.mode.is_sandbox))
        self.address.set_value(self._address)
        self.text.setText(_words(picture))

    def set_enabled(self, *, enabled: bool) -> None:
        """Allow or forbid what asks Stripe."""
        self.give_up_button.setEnabled(enabled)

    def _on_open(self) -> None:
        self.open_wanted.emit(self._address)

    def _on_copy(self) -> None:
        self.copy_wanted.emit(self._address)


def _words(picture: BillingPicture) -> str:
    price = next((one for one in picture.prices if one.id == picture.open_checkout_price), None)
    if price is None:
        return tr("This page shows by itself when it is paid. Nothing is charged until then.")
    return tr(
        "{plan}, {price}. This page shows by itself when it is paid. Nothing is charged until then.",
        plan=plan_name(price),
        price=price_words(price),
    )
