"""The subscriptions of the sandbox's Stripe through all their states (docs.stripe.com/billing/subscriptions/overview).

incomplete (the first payment failed) → active or incomplete_expired; trialing → active, past_due or paused;
active → past_due → unpaid; everything → canceled.
"""

from __future__ import annotations

import copy
from typing import Any

from smtpy_desktop.sandbox import stripe_subscription_shapes
from smtpy_desktop.sandbox.stripe_invoice_book import InvoiceBook, subscription_of
from smtpy_desktop.sandbox.stripe_ledger import DAY, StripeBookError
from smtpy_desktop.sandbox.stripe_periods import period_after
from smtpy_desktop.sandbox.stripe_shapes import Object

OVER = ("canceled", "incomplete_expired")


class SubscriptionBook(InvoiceBook):
    """Knows subscriptions."""

    def subscriptions_of(self, customer_id: str) -> list[Object]:
        """Return a customer's subscriptions, newest first."""
        return self.newest("subscriptions", customer=customer_id)

    def subscribe(
        self,
        customer_id: str,
        price_id: str,
        *,
        metadata: dict[str, str] | None = None,
        method: str | None = None,
        is_paid: bool = True,
        trial_days: int = 0,
    ) -> Object:
        """Begin a subscription; without the first payment it is incomplete, with days of trial nothing is paid yet."""
        price = self.find("prices", price_id)
        self.living_customer(customer_id)
        trial_end = self.now + trial_days * DAY if trial_days else None
        status = "trialing" if trial_end is not None else "active" if is_paid else "incomplete"
        made = stripe_subscription_shapes.subscription(
            customer_id,
            copy.deepcopy(price),
            self.now,
            trial_end or period_after(self.now, price),
            metadata=metadata or {},
            status=status,
            trial_end=trial_end,
        )
        made["default_payment_method"] = method
        self.keep("subscriptions", made)
        invoice = self.draft(made, reason="subscription_create", is_trial=trial_end is not None)
        self.emit("customer.subscription.created", made)
        self.collect(invoice, is_paid=is_paid)
        return made

    def change_subscription(self, subscription_id: str, values: dict[str, Any]) -> Object:
        """Change fields of a subscription that is not over; raise StripeBookError when it is."""
        found = self.living_subscription(subscription_id)
        previous = {key: found.get(key) for key in values if found.get(key) != values[key]}
        found.update(values)
        self.emit("customer.subscription.updated", found, copy.deepcopy(previous))
        return found

    def living_subscription(self, subscription_id: str) -> Object:
        """Return a subscription that is not over; raise StripeBookError otherwise."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] in OVER:
            raise StripeBookError(
                "A canceled subscription can only update its cancellation_details and metadata.",
                code="subscription_canceled" if found["status"] == "canceled" else None,
            )
        return found

    def set_cancel_at_period_end(self, subscription_id: str, *, wanted: bool) -> Object:
        """Let a subscription end with its period, or go on."""
        found = self.find("subscriptions", subscription_id)
        values = {
            "cancel_at_period_end": wanted,
            "cancel_at": found["items"]["data"][0]["current_period_end"] if wanted else None,
            "canceled_at": self.now if wanted else None,
        }
        return self.change_subscription(subscription_id, values)

    def set_end_date(self, subscription_id: str, moment: int | None) -> Object:
        """Let a subscription end at a date of its own, or (None) go on."""
        values = {"cancel_at": moment, "cancel_at_period_end": False, "canceled_at": self.now if moment else None}
        return self.change_subscription(subscription_id, values)

    def change_price(self, subscription_id: str, price_id: str) -> Object:
        """Switch to another price; where that is due at another interval, a new period begins at once."""
        found = self.living_subscription(subscription_id)
        price, item = self.find("prices", price_id), found["items"]["data"][0]
        if price["currency"] != found["currency"]:
            raise StripeBookError(
                "You cannot combine currencies on a single customer. "
                f"This customer has an active subscription with currency {found['currency']}.",
                param="items[0][price]",
            )
        previous = {"items": copy.deepcopy(found["items"])}
        is_new_period = found["status"] == "active" and price["recurring"] != item["price"]["recurring"]
        item["price"] = copy.deepcopy(price)
        if is_new_period:
            found["billing_cycle_anchor"] = self.now
            self._begin_period(found, self.now)
            if found["cancel_at_period_end"]:
                found["cancel_at"] = item["current_period_end"]
            is_paid = self.pays_well(found)
            self.bill(found, is_paid=is_paid, reason="subscription_update")
            found["status"] = "active" if is_paid else "past_due"
        self.emit("customer.subscription.updated", found, previous)
        return found

    def cancel_now(self, subscription_id: str) -> Object:
        """End a subscription at once; raise StripeBookError when it has ended before."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] in OVER:
            raise StripeBookError(f"No such subscription: '{subscription_id}'", status=404, code="resource_missing")
        if found["status"] == "incomplete":
            return self.expire_incomplete(subscription_id)
        found.update(status="canceled", canceled_at=found["canceled_at"] or self.now, ended_at=self.now)
        found["cancellation_details"] = found["cancellation_details"] | {"reason": "cancellation_requested"}
        self.emit("customer.subscription.deleted", found)
        self.close_invoices(subscription_id, is_void=False)
        return found

    def expire_incomplete(self, subscription_id: str) -> Object:
        """End a subscription whose first payment never came; nothing is owed."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] != "incomplete":
            raise StripeBookError("Only an incomplete subscription can expire.")
        found.update(status="incomplete_expired", ended_at=self.now)
        self.emit("customer.subscription.updated", found, {"status": "incomplete"})
        self.close_invoices(subscription_id, is_void=True)
        return found

    def pause(self, subscription_id: str) -> Object:
        """Pause a subscription, as Stripe does when a trial ends without a payment method."""
        found = self.living_subscription(subscription_id)
        found["status"] = "paused"
        self.emit("customer.subscription.paused", found)
        return found

    def resume(self, subscription_id: str) -> Object:
        """Let a paused subscription go on with a new period; raise StripeBookError when it is not paused."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] != "paused":
            raise StripeBookError(
                "Only a paused subscription can be resumed.", code="resource_unexpected_state", param="subscription"
            )
        if not self.pays_well(found):
            raise StripeBookError("Your card was declined.", status=402, code="card_declined", kind="card_error")
        found.update(status="active", billing_cycle_anchor=self.now)
        self._begin_period(found, self.now)
        invoice = self.draft(found, reason="subscription_update")
        self.emit("customer.subscription.resumed", found)
        self.collect(invoice, is_paid=True)
        return found

    def renew(self, subscription_id: str, *, is_paid: bool | None = None) -> Object:
        """End the present period: the next one begins, or the subscription ends or pauses where that was wanted.

        Without ``is_paid`` its card decides.
        """
        found = self.living_subscription(subscription_id)
        if found["status"] in ("paused", "incomplete"):
            raise StripeBookError(f"A subscription that is {found['status']} is not renewed.")
        if found["cancel_at_period_end"]:
            return self.cancel_now(subscription_id)
        if found["status"] == "trialing" and self.card_of(found) is None and is_paid is None:
            return self.pause(subscription_id)
        previous = {name: copy.deepcopy(found[name]) for name in ("items", "latest_invoice", "status")}
        self._begin_period(found, found["items"]["data"][0]["current_period_end"])
        if found["status"] == "unpaid":  # what it owes is written up, and nothing is charged any more
            self.emit("invoice.created", self.draft(found, reason="subscription_cycle"))
        else:
            is_paid = self.pays_well(found) if is_paid is None else is_paid
            self.bill(found, is_paid=is_paid)
            found["status"] = "active" if is_paid else "past_due"
        self.emit("customer.subscription.updated", found, previous)
        return found

    def pay(self, invoice_id: str) -> Object:
        """Pay an open invoice; a subscription that was late is active again when this was its latest."""
        found = self.find("invoices", invoice_id)
        self.mark_paid(found)
        subscription = self.find("subscriptions", subscription_of(found))
        is_late = subscription["status"] in ("past_due", "unpaid", "incomplete")
        if is_late and subscription["latest_invoice"] == invoice_id:
            self.change_subscription(subscription["id"], {"status": "active"})
        return found

    def try_again(self, invoice_id: str) -> Object:
        """Charge an open invoice once more; after the last attempt its subscription is unpaid."""
        found = self.find("invoices", invoice_id)
        subscription = self.find("subscriptions", subscription_of(found))
        if self.pays_well(subscription):
            return self.pay(invoice_id)
        self.mark_failed(found)
        if found["next_payment_attempt"] is None and subscription["status"] == "past_due":
            self.change_subscription(subscription["id"], {"status": "unpaid"})
        return found

    def delete_customer(self, customer_id: str) -> Object:
        """Delete a customer, which ends all subscriptions at once."""
        found = self.living_customer(customer_id)
        for subscription in self.subscriptions_of(customer_id):
            if subscription["status"] not in OVER:
                self.cancel_now(subscription["id"])
        snapshot = copy.deepcopy(found)
        found.clear()
        found.update({"id": customer_id, "object": "customer", "deleted": True})
        self.emit("customer.deleted", snapshot)
        return found

    @staticmethod
    def _begin_period(subscription: Object, start: int) -> None:
        item = subscription["items"]["data"][0]
        end = period_after(start, item["price"], subscription["billing_cycle_anchor"])
        item.update(current_period_start=start, current_period_end=end)
