"""The invoices of the sandbox's Stripe: one for each period, paid at once, late or never.

A payment that fails is tried again as Stripe does it by default (docs.stripe.com/invoicing/automatic-collection).
"""

from __future__ import annotations

from typing import Any

from smtpy_desktop.sandbox import stripe_invoice_shapes
from smtpy_desktop.sandbox.stripe_customer_book import CustomerBook
from smtpy_desktop.sandbox.stripe_ledger import DAY, StripeBookError
from smtpy_desktop.sandbox.stripe_shapes import Object

RETRY_DAYS = (3, 5, 7)
"""The gaps between the attempts to charge an invoice; after the last one it is left unpaid."""


class InvoiceBook(CustomerBook):
    """Knows invoices and their payments."""

    def bill(
        self, subscription: Object, *, is_paid: bool, reason: str = "subscription_cycle", is_trial: bool = False
    ) -> Object:
        """Write the present period's invoice, paid or with a payment that failed."""
        return self.collect(self.draft(subscription, reason=reason, is_trial=is_trial), is_paid=is_paid)

    def draft(self, subscription: Object, *, reason: str, is_trial: bool = False) -> Object:
        """Begin the present period's invoice; nobody is told yet, and nothing is charged."""
        customer = self.objects["customers"][subscription["customer"]]
        number = f"{subscription['customer'][-6:].upper()}-{len(self.objects['invoices']) + 1:04}"
        made = stripe_invoice_shapes.invoice(
            subscription, customer, number, self.now, base=self.base, reason=reason, is_trial=is_trial
        )
        subscription["latest_invoice"] = made["id"]
        return self.keep("invoices", made)

    def collect(self, invoice: Object, *, is_paid: bool) -> Object:
        """Finalize an invoice and charge it."""
        self.emit("invoice.created", invoice)
        invoice.update(status="open", effective_at=self.now)
        invoice["status_transitions"]["finalized_at"] = self.now
        self.emit("invoice.finalized", invoice)
        if is_paid or not invoice["amount_due"]:
            self.mark_paid(invoice)
        else:
            self.mark_failed(invoice)
        return invoice

    def mark_paid(self, invoice: Object) -> None:
        """Note that an open invoice was paid; raise StripeBookError for one that is not open."""
        if invoice["status"] != "open":
            raise StripeBookError(f"Invoice is already {invoice['status']}", code="invoice_not_editable")
        invoice.update(
            status="paid",
            attempted=True,
            attempt_count=invoice["attempt_count"] + 1,
            amount_paid=invoice["amount_due"],
            amount_remaining=0,
            auto_advance=False,
            next_payment_attempt=None,
        )
        invoice["status_transitions"]["paid_at"] = self.now
        self.emit("invoice.paid", invoice)
        self.emit("invoice.payment_succeeded", invoice)
        self._set_delinquent(invoice["customer"], is_delinquent=False)

    def mark_failed(self, invoice: Object) -> None:
        """Note that an attempt to charge an open invoice failed."""
        count = invoice["attempt_count"] + 1
        next_at = self.now + RETRY_DAYS[count - 1] * DAY if count <= len(RETRY_DAYS) else None
        invoice.update(
            attempted=True, attempt_count=count, auto_advance=next_at is not None, next_payment_attempt=next_at
        )
        self.emit("invoice.payment_failed", invoice)
        self._set_delinquent(invoice["customer"], is_delinquent=True)

    def close_invoices(self, subscription_id: str, *, is_void: bool) -> None:
        """Stop to charge what a subscription left open; with ``is_void`` nothing is owed any more."""
        for invoice in self.invoices_of(subscription_id):
            if invoice["status"] != "open" or (invoice["next_payment_attempt"] is None and not is_void):
                continue
            changed: dict[str, Any] = {"auto_advance": False, "next_payment_attempt": None}
            invoice.update(changed | ({"status": "void"} if is_void else {}))
            if is_void:
                invoice["status_transitions"]["voided_at"] = self.now
            self.emit("invoice.voided" if is_void else "invoice.updated", invoice)

    def invoices_of(self, subscription_id: str) -> list[Object]:
        """Return a subscription's invoices, newest first."""
        return [item for item in self.newest("invoices") if subscription_of(item) == subscription_id]

    def _set_delinquent(self, customer_id: str, *, is_delinquent: bool) -> None:
        customer = self.objects["customers"][customer_id]
        if not customer.get("deleted") and customer["delinquent"] != is_delinquent:
            self.change_customer(customer_id, {"delinquent": is_delinquent})


def subscription_of(invoice: Object) -> str:
    """Return the id of the subscription that an invoice is for."""
    return str(invoice["parent"]["subscription_details"]["subscription"])
