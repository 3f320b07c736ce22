"""What the sandbox's Stripe knows and how it changes: customers, prices, checkouts, subscriptions, invoices, events.

Every change is an event as Stripe would send it; whoever follows the book delivers them.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from smtpy_desktop.sandbox import stripe_shapes
from smtpy_desktop.sandbox.stripe_shapes import Object

DAY = 86_400
OVER = ("canceled", "incomplete_expired")
_KINDS = (
    "customers",
    "products",
    "prices",
    "payment_methods",
    "subscriptions",
    "invoices",
    "checkouts",
    "portals",
)


class StripeBookError(Exception):
    """A refusal in Stripe's terms."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


class StripeBook:
    """All objects of one account, in order of creation; amounts in minor units, times in whole seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.ahead = 0
        self.base = "http://127.0.0.1"
        self.objects: dict[str, dict[str, Object]] = {kind: {} for kind in _KINDS}
        self.events: list[Object] = []
        self.followers: list[Callable[[Object], None]] = []
        self.request_key: str | None = None

    @property
    def now(self) -> int:
        """The book's time, which can be put ahead."""
        return int(self._clock()) + self.ahead

    def find(self, kind: str, object_id: str) -> Object:
        """Return an object; raise StripeBookError when there is none."""
        found = self.objects[kind].get(object_id)
        if found is None:
            name = kind.removesuffix("s")
            raise StripeBookError(f"No such {name}: '{object_id}'", status=404, code="resource_missing", param="id")
        return found

    def emit(self, event_type: str, about: Object, previous: Object | None = None) -> Object:
        """Write an event with a snapshot of its object and tell those who follow the book."""
        made = stripe_shapes.event(
            event_type, copy.deepcopy(about), self.now, request_key=self.request_key, previous=previous
        )
        self.events.append(made)
        for follower in self.followers:
            follower(made)
        return made

    # Customers and prices

    def add_price(
        self, name: str, amount: int, *, currency: str = "usd", interval: str = "month", nickname: str | None = None
    ) -> Object:
        """Add a product with one price."""
        known = [item for item in self.objects["products"].values() if item["name"] == name]
        product = known[0] if known else self._keep("products", stripe_shapes.product(name, self.now))
        made = stripe_shapes.price(
            product["id"], self.now, amount=amount, currency=currency, interval=interval, nickname=nickname
        )
        return self._keep("prices", made)

    def add_customer(self, name: str | None, email: str | None, metadata: dict[str, str] | None = None) -> Object:
        """Add a customer."""
        made = self._keep(
            "customers", stripe_shapes.customer(self.now, name=name, email=email, metadata=metadata or {})
        )
        self.emit("customer.created", made)
        return made

    def change_customer(self, customer_id: str, values: dict[str, Any]) -> Object:
        """Change a customer's fields."""
        found = self.living_customer(customer_id)
        previous = {key: found.get(key) for key in values}
        found.update(values)
        self.emit("customer.updated", found, previous)
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

    def living_customer(self, customer_id: str) -> Object:
        """Return a customer that was not deleted; raise StripeBookError otherwise."""
        found = self.find("customers", customer_id)
        if found.get("deleted"):
            raise StripeBookError(f"No such customer: '{customer_id}'", code="resource_missing", param="customer")
        return found

    def subscriptions_of(self, customer_id: str) -> list[Object]:
        """Return a customer's subscriptions, newest first."""
        found = [item for item in self.objects["subscriptions"].values() if item["customer"] == customer_id]
        return found[::-1]

    # Checkout

    def begin_checkout(self, given: Object) -> Object:
        """Open a checkout session; raise StripeBookError for a price or customer that does not exist."""
        if given.get("mode") != "subscription":
            raise StripeBookError("The sandbox sells subscriptions alone.", param="mode")
        items = given.get("line_items")
        price_id = items[0].get("price") if isinstance(items, list) and items else None
        price = self.objects["prices"].get(str(price_id))
        if price is None:
            raise StripeBookError(f"No such price: '{price_id}'", code="resource_missing", param="line_items[0][price]")
        if given.get("customer"):
            self.living_customer(str(given["customer"]))
        made = self._keep("checkouts", stripe_shapes.checkout_session(self.now, self.base, given))
        made["amount_total"] = made["amount_subtotal"] = price["unit_amount"]
        made["currency"] = price["currency"]
        made["_price"] = price["id"]
        return made

    def complete_checkout(self, session_id: str, *, brand: str = "visa", last4: str = "4242") -> Object:
        """Pay an open checkout: the subscription begins; raise StripeBookError when it is not open any more."""
        session = self.find("checkouts", session_id)
        if session["status"] != "open" or session["expires_at"] <= self.now:
            raise StripeBookError("This checkout session is not open any more.", code="checkout_not_open")
        customer = self._customer_of(session)
        method = self._keep(
            "payment_methods", stripe_shapes.payment_method(customer["id"], self.now, brand=brand, last4=last4)
        )
        customer["invoice_settings"]["default_payment_method"] = method["id"]
        price = self.find("prices", session["_price"])
        subscription = self.subscribe(customer["id"], price["id"], metadata=session["metadata"], method=method["id"])
        session.update(
            status="complete",
            payment_status="paid",
            url=None,
            customer=customer["id"],
            subscription=subscription["id"],
            invoice=subscription["latest_invoice"],
        )
        self.emit("checkout.session.completed", session)
        return session

    def expire_checkout(self, session_id: str) -> Object:
        """End an open checkout without payment."""
        session = self.find("checkouts", session_id)
        if session["status"] != "open":
            raise StripeBookError('Only Checkout Sessions with a status in ["open"] can be expired.')
        session.update(status="expired", url=None)
        self.emit("checkout.session.expired", session)
        return session

    def subscribe(
        self, customer_id: str, price_id: str, *, metadata: dict[str, str] | None = None, method: str | None = None
    ) -> Object:
        """Begin a subscription whose first invoice is paid."""
        price = self.find("prices", price_id)
        end = period_after(self.now, price)
        made = stripe_shapes.subscription(customer_id, price, self.now, end, metadata=metadata or {})
        made["default_payment_method"] = method
        self._keep("subscriptions", made)
        self.emit("customer.subscription.created", made)
        self.bill(made, is_paid=True, reason="subscription_create")
        return made

    # Subscriptions

    def change_subscription(self, subscription_id: str, values: dict[str, Any]) -> Object:
        """Change fields of a subscription that is not over; raise StripeBookError when it is."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] in OVER:
            raise StripeBookError(
                "A canceled subscription can only update its cancellation_details and metadata.",
                code="subscription_canceled" if found["status"] == "canceled" else None,
            )
        previous = {key: found.get(key) for key in values if found.get(key) != values[key]}
        found.update(values)
        self.emit("customer.subscription.updated", found, previous)
        return found

    def set_cancel_at_period_end(self, subscription_id: str, *, wanted: bool) -> Object:
        """Let a subscription end with its period, or go on."""
        found = self.find("subscriptions", subscription_id)
        end = found["items"]["data"][0]["current_period_end"]
        return self.change_subscription(
            subscription_id,
            {
                "cancel_at_period_end": wanted,
                "cancel_at": end if wanted else None,
                "canceled_at": self.now if wanted else None,
            },
        )

    def cancel_now(self, subscription_id: str) -> Object:
        """End a subscription at once; raise StripeBookError when it has ended before."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] in OVER:
            raise StripeBookError(f"No such subscription: '{subscription_id}'", status=404, code="resource_missing")
        found.update(status="canceled", canceled_at=found["canceled_at"] or self.now, ended_at=self.now)
        self.emit("customer.subscription.deleted", found)
        return found

    def pause(self, subscription_id: str) -> Object:
        """Pause a subscription, as Stripe does when a trial ends without a payment method."""
        found = self.find("subscriptions", subscription_id)
        found["status"] = "paused"
        self.emit("customer.subscription.paused", found)
        return found

    def resume(self, subscription_id: str) -> Object:
        """Let a paused subscription go on with a new period; raise StripeBookError when it is not paused."""
        found = self.find("subscriptions", subscription_id)
        if found["status"] != "paused":
            raise StripeBookError("Only a paused subscription can be resumed.")
        self._next_period(found, self.now)
        found["status"] = "active"
        self.emit("customer.subscription.resumed", found)
        self.bill(found, is_paid=True, reason="subscription_update")
        return found

    def bill(self, subscription: Object, *, is_paid: bool, reason: str = "subscription_cycle") -> Object:
        """Write the present period's invoice, paid or with a payment that failed."""
        number = f"{subscription['customer'][-6:].upper()}-{len(self.objects['invoices']) + 1:04}"
        made = stripe_shapes.invoice(subscription, number, self.now, is_paid=is_paid, base=self.base, reason=reason)
        self._keep("invoices", made)
        subscription["latest_invoice"] = made["id"]
        self.emit("invoice.finalized", made)
        if is_paid:
            self.emit("invoice.paid", made)
            self.emit("invoice.payment_succeeded", made)
        else:
            self.emit("invoice.payment_failed", made)
        return made

    def pay(self, invoice_id: str) -> Object:
        """Pay an open invoice; a subscription that was past due is active again."""
        found = self.find("invoices", invoice_id)
        found.update(status="paid", amount_paid=found["amount_due"], amount_remaining=0, next_payment_attempt=None)
        self.emit("invoice.paid", found)
        self.emit("invoice.payment_succeeded", found)
        subscription = self.find("subscriptions", found["parent"]["subscription_details"]["subscription"])
        if subscription["status"] in ("past_due", "unpaid", "incomplete"):
            self.change_subscription(subscription["id"], {"status": "active"})
        return found

    def renew(self, subscription_id: str, *, is_paid: bool = True) -> Object:
        """End the present period: the next one begins, or the subscription ends where that was wanted."""
        found = self.find("subscriptions", subscription_id)
        if found["cancel_at_period_end"]:
            return self.cancel_now(subscription_id)
        previous = {"status": found["status"]}
        self._next_period(found, found["items"]["data"][0]["current_period_end"])
        self.bill(found, is_paid=is_paid)
        found["status"] = "active" if is_paid else "past_due"
        self.emit("customer.subscription.updated", found, previous)
        return found

    def pass_time(self, days: int) -> None:
        """Put the clock ahead and let happen what falls due: renewals, ends, checkouts that expire."""
        target = self.now + days * DAY
        while True:
            due = [
                (item["items"]["data"][0]["current_period_end"], item["id"])
                for item in self.objects["subscriptions"].values()
                if item["status"] in ("active", "trialing", "past_due")
            ]
            first = min(due, default=(target + 1, ""))
            if first[0] > target:
                break
            self.ahead += max(0, first[0] - self.now)
            self.renew(first[1])
        self.ahead += max(0, target - self.now)
        for session in list(self.objects["checkouts"].values()):
            if session["status"] == "open" and session["expires_at"] <= self.now:
                self.expire_checkout(session["id"])

    # Portal

    def begin_portal(self, customer_id: str, return_url: str | None) -> Object:
        """Open the customer portal; raise StripeBookError for a customer that does not exist."""
        self.living_customer(customer_id)
        return self._keep("portals", stripe_shapes.portal_session(self.now, self.base, customer_id, return_url))

    def _customer_of(self, session: Object) -> Object:
        if session["customer"]:
            return self.living_customer(session["customer"])
        return self.add_customer(None, session["customer_email"])

    def _keep(self, kind: str, made: Object) -> Object:
        self.objects[kind][made["id"]] = made
        return made

    @staticmethod
    def _next_period(subscription: Object, start: int) -> None:
        item = subscription["items"]["data"][0]
        item.update(current_period_start=start, current_period_end=period_after(start, item["price"]))


def period_after(start: int, price: Object) -> int:
    """Return when a period that begins at ``start`` ends; months end on the same day, or on their last."""
    recurring = price["recurring"]
    count: int = recurring["interval_count"]
    if recurring["interval"] in ("day", "week"):
        return start + count * DAY * (7 if recurring["interval"] == "week" else 1)
    months = count * (12 if recurring["interval"] == "year" else 1)
    begun = datetime.fromtimestamp(start, UTC)
    year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
    first_of_next = datetime(year + month // 11, (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last_day = (first_of_next - timedelta(days=1)).day
    return int(begun.replace(year=year, month=month + 1, day=min(begun.day, last_day)).timestamp())
