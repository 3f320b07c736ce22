"""Linking a customer that exists at Stripe: who it is is shown before anything is changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from smtpy_desktop.controllers import billing_controller
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.billing import Customer
from smtpy_desktop.schemas.billing_account import BillingPicture
from smtpy_desktop.views.billing_mode_badge import add_badge
from smtpy_desktop.views.theme_tokens import Space
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.key_value import KeyValueList
from smtpy_desktop.views.widgets.texts import tr


class BillingLinkDialog(Dialog):
    """``linked(BillingPicture)``: the customer is the organization's now."""

    linked = Signal(object)

    def __init__(self, context: ViewContext, picture: BillingPicture, parent: QWidget | None = None) -> None:
        name = visible_line(picture.account.organization_name, 60)
        super().__init__(
            parent,
            tr("Link a customer to {name}", name=name),
            tr(
                "For a customer that was made in the Stripe dashboard or by another program. Nothing changes at Stripe."
            ),
        )
        self._context, self._account = context, picture.account
        self._found: Customer | None = None
        self.badge = add_badge(self, picture.mode)
        self.form = Form(self)
        self.customer = QLineEdit(self)
        self.customer.setPlaceholderText("cus_…")
        self.form.add_field(
            "customer",
            tr("&Customer id"),
            self.customer,
            tr("It stands on the customer's page in the Stripe dashboard."),
        )
        self.form.edited.connect(self._forget)
        self.form.submitted.connect(self._go_on)
        self.content.addWidget(self.form)
        self.content.addSpacing(Space.S)
        self.facts = KeyValueList(self)
        self.facts.hide()
        self.content.addWidget(self.facts)
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.go_button = Button(tr("&Look up"), self, kind="primary", action=self._go_on)
        self.go_button.setDefault(True)
        self.set_buttons(self.cancel_button, self.go_button)
        self.customer.setFocus()

    @property
    def found(self) -> Customer | None:
        """Whom the id belongs to, once that was looked up."""
        return self._found

    def _go_on(self) -> None:
        """Look the customer up, and link it when it was."""
        if not self.go_button.isEnabled():
            return
        self.form.clear_errors()
        self.go_button.setEnabled(False)
        if self._found is None:
            work = billing_controller.look_up_customer(self._context.services.stripe, self.customer.text())
            self._context.runner.run(work, owner=self, on_success=self._show, on_error=self._on_refused)
        else:
            self._link(self._found)

    def _link(self, customer: Customer) -> None:
        services = self._context.services
        work = billing_controller.link_customer(
            services.sessions,
            services.stripe,
            self._account.organization_id,
            customer.id,
            actor=services.actor,
            publish=services.publish,
        )
        self._context.runner.run(work, owner=self, on_success=self._on_linked, on_error=self._on_refused)

    def _show(self, customer: Customer) -> None:
        self._found = customer
        self.facts.clear()
        self.facts.add(tr("Name"), visible_line(customer.name) or tr("none"), copy=False)
        self.facts.add(tr("E-mail"), visible_line(customer.email) or tr("none"), copy=False)
        self.facts.show()
        self.go_button.set_text(tr("&Link this customer"))
        self.go_button.setEnabled(True)
        self.fit_height()

    def _forget(self) -> None:
        """Another id was typed: what was looked up belongs to none of it."""
        self._found = None
        self.facts.hide()
        self.go_button.set_text(tr("&Look up"))
        self.go_button.setEnabled(True)

    def _on_linked(self, picture: BillingPicture) -> None:
        self.linked.emit(picture)
        self.accept()

    def _on_refused(self, error: UserFacingError) -> bool:
        self.go_button.setEnabled(True)
        self.form.show_error(error)
        self.fit_height()
        return True
